"""What the commands do on a tiny model: data on stdout, the rest on stderr."""

import csv
import io
import json
import re

import pytest

from odograph.folder.run import open_run


def arguments(*parts):
    return [str(part) for part in parts]


def test_measure_prints_the_folder_and_keeps_the_command(odograph, tiny_model, texts, tmp_path):
    out = tmp_path / "run folder"
    ended = odograph("measure", "--model", tiny_model, "--texts", texts, "--out", out)
    assert (ended.code, ended.out, ended.err) == (0, f"{out}\n", "")
    assert open_run(out).manifest["command"] == (
        f"odograph measure --model {tiny_model} --texts {texts} --out '{out}'"
    )


@pytest.fixture(scope="module")
def studied(tiny_model, texts, tmp_path_factory):
    """The folder of a study of rotation, done once."""
    from odograph.cli import run

    out = tmp_path_factory.mktemp("studied") / "her"
    given = ["--model", tiny_model, "--texts", texts, "--target", "her", "--untrained", 2]
    assert run(arguments("study", "rotation", *given, "--out", out, "--quiet")) == 0
    return out


def test_study_writes_findings_figures_tables_and_report(studied):
    assert {f["study"] for f in open_run(studied).findings} == {"rotation"}
    for kind in ("figures/*.svg", "tables/*.csv", "report.html"):
        assert list(studied.glob(kind)), kind


def test_a_flag_wins_over_what_a_study_needs(studied):
    assert len(open_run(studied).untrained) == 2


def test_study_prints_headlines_and_says_where_the_report_is(odograph, tiny_model, texts, tmp_path):
    out = tmp_path / "run"
    given = ["--model", tiny_model, "--texts", texts, "--target", "her", "--untrained", 0]
    ended = odograph("study", "rotation", *given, "--out", out)
    assert ended.code == 0
    assert ended.out.startswith(f"rotation, {tiny_model.name} (")
    assert f"report     {out / 'report.html'}" in ended.out
    assert ended.err == ""


def test_analyse_needs_no_model_and_prints_json(odograph, studied):
    (studied / "report.html").unlink()
    ended = odograph("analyse", studied, "rotation", "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == open_run(studied).findings
    assert (studied / "report.html").is_file()


@pytest.fixture
def refusing(monkeypatch):
    """Path-length refuses every run."""
    from odograph import studies
    from odograph.errors import StudyError
    from odograph.studies.study import Study

    def refuse(_):
        raise StudyError("the run has no steps", remedy="Measure them.")

    find = studies.find
    refused = Study("path-length", "How long?", requires=refuse)
    monkeypatch.setattr(
        "odograph.studies.refusals.find", lambda n: refused if n == "path-length" else find(n)
    )


def test_analyse_goes_on_where_a_named_study_refuses(odograph, studied, refusing):
    (studied / "report.html").unlink()
    ended = odograph("analyse", studied, "path-length", "rotation", "--json", "--quiet")
    assert ended.code == 1
    assert {f["study"] for f in json.loads(ended.out)} == {"rotation"}
    assert ended.err == (
        "odograph: path-length is left out: the run has no steps. Measure them.\n"
        "odograph: 1 of 2 studies cannot be done (path-length).\n"
    )
    assert (studied / "report.html").is_file()


def test_analyse_of_one_study_that_refuses_says_why(odograph, studied, refusing):
    ended = odograph("analyse", studied, "path-length")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "odograph: the run has no steps. Measure them.\n"


def test_analyse_without_names_leaves_out_what_cannot_be_done(odograph, studied, refusing):
    ended = odograph("analyse", studied, "--json")
    assert ended.code == 0
    assert "odograph: path-length is left out: the run has no steps." in ended.err
    assert odograph("analyse", studied, "--json", "--quiet").err == ""


def test_a_study_takes_what_it_needs_beside_the_measures_given(
    odograph, tiny_model, texts, tmp_path, monkeypatch
):
    from dataclasses import replace

    from odograph import studies

    needing = replace(studies.find("rotation"), needs={"measures": ("bend",), "untrained": 0})
    monkeypatch.setattr(studies, "find", lambda _: needing)
    kept = []
    for number, more in enumerate([[], ["--measures", "growth"]]):
        out = tmp_path / str(number)
        given = ["--model", tiny_model, "--texts", texts, "--out", out, *more]
        assert odograph("study", "rotation", *given, "--quiet").code == 0
        kept.append(open_run(out).manifest["config"]["measures"])
    assert kept[0] == ["norm", "rotation", "step", "bend", "straightness"]
    assert kept[1] == ["norm", "rotation", "step", "growth", "bend"]


def test_report_prints_its_path(odograph, studied, tmp_path):
    ended = odograph("report", studied, "--out", tmp_path / "page.html")
    assert (ended.code, ended.out, ended.err) == (0, f"{tmp_path / 'page.html'}\n", "")
    assert (tmp_path / "page.html").is_file()


def test_yaml_lies_under_the_flags(odograph, tiny_model, texts, tmp_path):
    config = tmp_path / "run.yaml"
    config.write_text(
        f"model: {tiny_model}\ntexts: {texts}\ntargets: [her]\nconvention: hf\nlogits: none\n"
        "keep_first: true\n",
        encoding="utf-8",
    )
    given = ["--config", config, "--convention", "lens", "--no-keep-first"]
    assert odograph("measure", *given, "--out", tmp_path / "run").code == 0
    kept = open_run(tmp_path / "run").manifest["config"]
    assert (kept["convention"], kept["logits"], kept["keep_first"]) == ("lens", "none", False)
    assert kept["targets"] == ["her"]


def test_measures_are_separated_by_commas_or_repeated(odograph, tiny_model, texts, tmp_path):
    kept = []
    for number, given in enumerate(["--measures bend,growth", "--measures bend --measures growth"]):
        out = tmp_path / str(number)
        given = ["--model", tiny_model, "--texts", texts, "--out", out, *given.split()]
        assert odograph("measure", *given).code == 0
        kept.append(open_run(out).manifest["config"]["measures"])
    assert kept[0] == kept[1] == ["norm", "rotation", "step", "growth", "bend"]


def test_sql_gives_csv_where_stdout_is_no_terminal(odograph, finished):
    query = "select layer, avg(rotation) as mean, null as nothing from layers group by 1 order by 1"
    ended = odograph("sql", finished, query)
    assert (ended.code, ended.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert [row["layer"] for row in rows] == ["0", "1", "2"]
    assert rows[0] == {"layer": "0", "mean": "", "nothing": ""}
    assert 0 < float(rows[1]["mean"]) < 180


def test_sql_json_has_null_for_what_is_no_number(odograph, finished):
    ended = odograph("sql", finished, "select 'nan'::float as a, 'ü' as b", "--format", "json")
    assert json.loads(ended.out) == [{"a": None, "b": "ü"}]
    none = odograph("sql", finished, "select 1 as a where false", "--format", "json")
    assert json.loads(none.out) == []


def test_sql_table_says_that_it_shows_the_first_rows(odograph, finished, monkeypatch):
    query = "select range as number from range(100)"
    ended = odograph("sql", finished, query, "--format", "table")
    assert "number" in ended.out
    assert "59" in ended.out
    assert "60" not in ended.out
    assert ended.err == "odograph: the first 60 rows; --format csv gives all\n"


FORMULA = "=cmd|' /C calc'!A0"


def test_texts_that_a_spreadsheet_would_run_are_harmless_in_csv(odograph, finished):
    texts = [FORMULA, "+1", "-1", "@a", "\ta", "a=b", "1"]
    listed = ", ".join(f"($${text}$$, -1.5)" for text in texts)
    query = f"select * from (values {listed}) as t(a, b)"
    safe = list(csv.reader(io.StringIO(odograph("sql", finished, query).out)))[1:]
    assert [row[0] for row in safe] == [f"'{text}" for text in texts[:5]] + texts[5:]
    assert {row[1] for row in safe} == {"-1.5"}, "numbers are never touched"
    raw = odograph("sql", finished, query, "--no-csv-safe").out
    assert [row[0] for row in csv.reader(io.StringIO(raw))][1:] == texts


def test_decimals_and_lists_are_numbers_in_every_format(odograph, finished):
    query = "select 1.25 as a, [1.5, 2.5] as b, {'c': 'nan'::float} as d"
    assert odograph("sql", finished, query).out == 'a,b,d\n1.25,"[1.5, 2.5]","{""c"": null}"\n'
    row = json.loads(odograph("sql", finished, query, "--format", "json").out)[0]
    assert row == {"a": 1.25, "b": [1.5, 2.5], "d": {"c": None}}


def test_sql_on_a_narrow_terminal_names_the_columns_without_room(odograph, finished, monkeypatch):
    query = (
        "select passage, position, layer, norm, rotation, step, growth, path, turned from layers"
    )
    for columns in (60, 80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        ended = odograph("sql", finished, query, "--format", "table")
        assert max(map(len, ended.out.splitlines())) <= columns
        assert "…" not in ended.out
    monkeypatch.setenv("COLUMNS", "40")
    ended = odograph("sql", finished, query, "--format", "table")
    assert "of 9 columns find no room: " in ended.err
    assert "turned; --format csv gives all" in ended.err


def test_control_characters_of_a_table_are_shown_and_not_obeyed(odograph, finished):
    query = "select chr(27) || '[31m' as a, chr(155) || chr(127) as b"
    assert odograph("sql", finished, query, "--format", "table").out.splitlines()[2].split() == [
        r"\x1b[31m",
        r"\x9b\x7f",
    ]
    given = odograph("sql", finished, query, "--format", "json").out
    assert json.loads(given) == [{"a": "\x1b[31m", "b": "\x9b\x7f"}]
    assert not set(given) & {"\x1b", "\x9b", "\x7f"}


def test_errors_show_control_characters_of_what_was_given(odograph, finished, tmp_path):
    for arguments in (
        ("report", tmp_path / "a\x1b[31m"),
        ("sql", finished, "select \x1b[31m from layers"),
        ("check", "./a\x1b]0;owned\x07"),
    ):
        ended = odograph(*arguments)
        assert ended.code in (1, 2)
        assert "\x1b" not in ended.err
        assert r"\x1b" in ended.err


def test_check_shows_anatomy_and_checks(odograph, tiny_model):
    ended = odograph("check", tiny_model)
    assert (ended.code, ended.err) == (0, "")
    shown = dict(line.split(None, 1) for line in ended.out.splitlines() if " " in line)
    assert shown["blocks"] == "2"
    assert shown["width"] == "32"
    assert shown["layout"] == "sequential"
    assert shown["closure"].startswith("passed")
    assert ended.out.endswith("decomposition into attention and MLP: exact\n")


def test_check_json_is_the_five_checks(odograph, tiny_model):
    checks = json.loads(odograph("check", tiny_model, "--json").out)
    assert [c["name"] for c in checks] == ["closure", "final norm", "head", "batch", "repeat"]


def test_check_fails_where_a_model_cannot_be_measured(odograph, tiny_model, monkeypatch):
    from odograph.models import selfcheck

    def failed(name, *_):
        return selfcheck.Check(name, False, 1.0, 1e-4, "by the test")

    monkeypatch.setattr(selfcheck, "_same", failed)
    ended = odograph("check", tiny_model)
    assert ended.code == 1
    assert "batch        failed" in ended.out
    assert ended.err.startswith("odograph: the model did not pass its self-check: expected batch ")


def test_study_of_several_models_goes_on_where_one_fails(
    odograph, tiny_model, other_model, texts, tmp_path
):
    out = tmp_path / "both"
    models = ["--model", tiny_model, "--model", "./absent", "--model", other_model]
    given = [*models, "--texts", texts, "--target", "her", "--untrained", 0, "--out", out]
    ended = odograph("study", "rotation", *given, "--json")
    assert ended.code == 1
    assert {f["card"]["model"] for f in json.loads(ended.out)}
    assert "odograph: 1 of 3 models failed. ./absent: no model folder './absent'." in ended.err
    assert (out / "tiny" / "manifest.json").is_file()
    assert (out / "other" / "manifest.json").is_file()
    assert (out / "report.html").is_file()


def test_study_of_several_models_leaves_other_folders_alone(
    odograph, tiny_model, other_model, texts, studied
):
    models = ["--model", tiny_model, "--model", other_model, "--texts", texts]
    ended = odograph("study", "rotation", *models, "--out", studied, "--overwrite")
    assert ended.code == 1
    assert ended.err == (f"odograph: '{studied}' is the run of one model. Choose another --out.\n")


@pytest.fixture(scope="module")
def two_runs(tiny_model, other_model, texts, tmp_path_factory):
    """Folders of the runs of two models on the same texts, with all that a comparison needs."""
    from odograph.cli import run

    folder = tmp_path_factory.mktemp("two")
    for model in (tiny_model, other_model):
        given = ["--model", model, "--texts", texts, "--logits", "full", "--quiet"]
        given += ["--measures", "straightness,neighbour_angle"]
        assert run(arguments("measure", *given, "--out", folder / model.name)) == 0
    return [folder / tiny_model.name, folder / other_model.name]


def test_compare_writes_a_folder_that_report_shows_with_its_runs(odograph, two_runs, tmp_path):
    out = tmp_path / "both"
    ended = odograph("compare", *two_runs, "--out", out, "--json")
    assert ended.code == 0
    assert json.loads(ended.out) == open_run(out).findings
    assert ended.err == f"odograph: the report is {out / 'report.html'}\n"
    assert odograph("report", out).out == f"{out / 'report.html'}\n"
    assert odograph("compare", *two_runs, "--out", out).code == 0
    again = odograph("analyse", out)
    assert (again.code, again.err) == (
        1,
        f"odograph: '{out}' is a comparison: expected a run. "
        "Compare its runs again with `odograph compare`.\n",
    )


@pytest.mark.parametrize("flags", [(), ("--card",), ("--no-card",)])
def test_compare_draws_the_card_where_it_is_asked_for(flags, odograph, two_runs, tmp_path):
    out = tmp_path / "both"
    assert odograph("compare", *two_runs, "--study", "rotation", "--out", out, *flags).code == 0
    for figure in (out / "figures").glob("*.svg"):
        drawn = "".join(re.findall(r">([^<>]+)</text>", figure.read_text("utf-8")))
        assert ("model: " in drawn.replace("\u00a0", " ")) == ("--card" in flags)


def test_compare_does_not_write_over_a_run(odograph, two_runs):
    before = (two_runs[0] / "manifest.json").read_bytes()
    ended = odograph("compare", *two_runs, "--out", two_runs[0])
    assert ended.code == 1
    assert ended.err == (
        f"odograph: '{two_runs[0]}' is the run of one model. Choose another --out.\n"
    )
    assert (two_runs[0] / "manifest.json").read_bytes() == before


def test_compare_with_a_study_that_looks_at_one_run(odograph, two_runs, tmp_path):
    out = tmp_path / "both"
    ended = odograph("compare", *two_runs, "--out", out, "--study", "pruning")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("odograph: the study pruning looks at one run")
    assert not out.exists()
