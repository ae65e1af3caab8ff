"""What is missing is said; what is broken or hostile does no harm."""

import doctest
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from example_run import manifest, write_json
from pages import page_of

from odograph.errors import RunError
from odograph.folder.run import open_unfinished
from odograph.report import write_report
from odograph.report.tables import read_table

FOUND = {"study": "rotation", "statement": "It turns."}


def bare(folder: Path, **changes: Any) -> Path:
    write_json(folder, "manifest.json", {**manifest("gpt2"), **changes})
    return folder


def refused(folders: list[Path], out: Path) -> str:
    with pytest.raises(RunError) as caught:
        write_report(folders, out, command="odograph report R")
    assert not out.exists()
    return str(caught.value)


@pytest.mark.parametrize("name", ["numbers"])
def test_docstring_examples_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"odograph.report.{name}"))
    assert result.attempted
    assert not result.failed


def test_a_run_without_studies_has_none(tmp_path: Path) -> None:
    run = page_of(bare(tmp_path / "run")).run
    assert (run["findings"], run["studies"]) == ([], [])


def test_an_incomplete_run_says_so(tmp_path: Path) -> None:
    run = page_of(bare(tmp_path / "run", complete=False)).run
    assert (run["complete"], run["problem"]) == (False, "the run is not complete")
    assert page_of(bare(tmp_path / "run")).run["complete"]


def test_a_run_whose_files_are_lost_is_shown_without_them(tmp_path: Path) -> None:
    shard = {"index": 0, "tokens": 1, "files": {"tokens/part-00000.parquet": "0" * 64}}
    changes = {"shards": [shard], "untrained": []}
    run = page_of(bare(tmp_path / "run", **changes)).run
    assert run["data"] is None
    assert "has lost 1 of its 1 files" in run["problem"]


def test_a_manifest_with_nothing_but_its_format_is_refused_with_the_key(tmp_path: Path) -> None:
    write_json(tmp_path / "run", "manifest.json", {"format": 1})
    told = refused([tmp_path / "run"], tmp_path / "report.html")
    assert "damaged at kind: expected run or comparison or difference, got nothing" in told


def test_a_comparison_names_its_runs(tmp_path: Path) -> None:
    write_json(
        tmp_path / "both",
        "manifest.json",
        {
            "format": 1,
            "kind": "comparison",
            "odograph": "0.1.0",
            "runs": ["gpt2", "gpt2-medium"],
            "models": ["gpt2", "gpt2-medium"],
            "command": "compare",
        },
    )
    run = page_of(tmp_path / "both").run
    assert (run["kind"], run["name"]) == ("comparison", "both")
    assert ["runs compared", "gpt2, gpt2-medium"] in run["card"]
    assert run["checks"] == []


def test_a_study_without_figures_tables_and_findings_is_shown(tmp_path: Path) -> None:
    folder = bare(tmp_path / "run")
    write_json(folder, "studies.json", {"rotation": {"question": "How far?"}, "pruning": {}})
    studies = page_of(folder).run["studies"]
    assert [(s["name"], s["question"]) for s in studies] == [
        ("rotation", "How far?"),
        ("pruning", ""),
    ]
    assert all(s["figures"] == s["tables"] == [] for s in studies)


def test_missing_and_broken_figures_and_tables_are_named(tmp_path: Path) -> None:
    folder = bare(tmp_path / "run")
    entries = [{"name": name} for name in ("gone", "broken", "page", "../manifest", "")]
    write_json(folder, "studies.json", {"rotation": {"figures": entries, "tables": entries}})
    for kind, ending in (("figures", "svg"), ("tables", "parquet")):
        (folder / kind).mkdir()
        (folder / kind / f"broken.{ending}").write_text("<svg", encoding="utf-8")
        (folder / kind / f"page.{ending}").write_text("<html/>", encoding="utf-8")
    (study,) = page_of(folder).run["studies"]
    assert [figure["problem"] for figure in study["figures"]] == [
        "figures/gone.svg is missing",
        "figures/broken.svg is not a readable SVG",
        "figures/page.svg is not an SVG",
        "'../manifest' is not the name of a figure",
        "'' is not the name of a figure",
    ]
    problems = [table["problem"] for table in study["tables"]]
    assert problems[0] == "tables/gone.parquet is missing"
    assert "tables/broken.parquet cannot be read" in problems[1]
    assert problems[3] == "'../manifest' is not the name of a table"


def test_tables_may_be_empty_or_csv_only(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    run = open_unfinished(bare(tmp_path))
    write_json(tmp_path, "studies.json", {"rotation": {"tables": [{"name": "a"}, {"name": "b"}]}})
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "a.csv").write_text("layer,rotation\n1,20.5\n2,\n", encoding="utf-8")
    table = read_table(run, "a")
    assert (table.columns, table.total) == (("layer", "rotation"), 2)
    assert table.rows == (("1", "20.50"), ("2", "–"))
    pq.write_table(pa.table({"layer": pa.array([], pa.int16())}), tmp_path / "tables" / "b.parquet")
    empty = read_table(run, "b")
    assert (empty.columns, empty.rows, empty.total) == (("layer",), (), 0)


def test_odd_findings_do_not_stop_the_report(tmp_path: Path) -> None:
    folder = bare(tmp_path / "run")
    write_json(folder, "findings.json", [{"study": "rotation", "statement": "a\ud800b"}])
    shown = page_of(folder)
    assert [finding["statement"] for finding in shown.run["findings"]] == ["a?b"]


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    remedy = "Measure one with `odograph measure --model M --texts FILE --out RUN`."
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    empty = "a folder without manifest.json"
    for name, given in (("empty", empty), ("file", "a file"), ("no", "no such folder")):
        assert refused([tmp_path / name], out) == (
            f"'{tmp_path / name}' is not a run folder: expected a folder that odograph has "
            f"written, got {given}. {remedy}"
        )


def test_no_folder_at_all_is_refused(tmp_path: Path) -> None:
    assert refused([], tmp_path / "report.html") == (
        "a report needs something to report: expected at least one run folder, got none. "
        "Name the folders: `odograph report RUN`."
    )


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"format": 99}), json.dumps({})])
def test_a_broken_or_foreign_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    assert str(tmp_path) in refused([tmp_path], tmp_path / "report.html")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("findings.json", {}, ": expected a valid list, got {}"),
        ("findings.json", ["a"], " at 0: expected a valid dictionary"),
        ("findings.json", [{}], " at 0.study: expected a value, got nothing"),
        ("findings.json", [FOUND | {"interval": 3}], " at 0.interval: expected a valid list"),
        ("findings.json", [FOUND | {"weight": "3"}], " at 0.weight: expected a valid number"),
        ("studies.json", [], ": expected a valid dictionary"),
        ("studies.json", {"a": 1}, " at a: expected a valid dictionary"),
        ("studies.json", {"a": {"notes": 5}}, " at a.notes: expected a valid list, got 5"),
        (
            "studies.json",
            {"a": {"files": {"../x": "0" * 64}}},
            ": expected String should match pattern",
        ),
    ],
)
def test_broken_study_files_are_refused_with_their_place(
    tmp_path: Path, name: str, value: object, said: str
) -> None:
    folder = bare(tmp_path / "run")
    write_json(folder, name, value)
    told = refused([folder], tmp_path / "report.html")
    assert f"'{folder / name}' is damaged" in told
    assert said in told
