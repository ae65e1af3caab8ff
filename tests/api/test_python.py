"""Python has what the command line has, and a run shows itself."""

import inspect
import re
import shutil
import typing

import numpy as np
import pytest

import odograph as og
from odograph.cli import run as command
from odograph.cli.app import app
from odograph.run.config import RunConfig
from odograph.run.typed_options import RunOptions


def test_every_option_of_the_command_line_is_a_typed_option():
    typed = typing.get_type_hints(RunOptions)
    assert set(typed) == set(RunConfig.model_fields) - {"model", "texts"}
    (taken,) = typing.get_args(inspect.signature(og.measure).parameters["options"].annotation)
    assert set(typing.get_type_hints(taken)) == {*typed, "tokenizer", "progress"}


def test_a_run_for_a_study_is_what_the_command_would_measure(tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr("odograph.run.measure.measure", lambda *_, **given: seen.update(given))
    monkeypatch.setattr("odograph.api.run.Run.of", lambda run: run)
    og.measure("bundled", ["A text."], out=tmp_path, for_study="rotation")
    assert seen["untrained"] == 8
    og.measure("bundled", ["A text."], out=tmp_path, for_study=["pruning"], untrained=1)
    assert (seen["untrained"], seen["skip_blocks"]) == (1, True)
    assert "block_distance" in seen["measures"]


def test_every_command_that_finds_something_has_a_function_or_method_of_its_name():
    names = {command.name or command.callback.__name__ for command in app.registered_commands}
    python = {*og.__all__, *(name for name in dir(og.Run) if not name.startswith("_"))}
    only_for_a_terminal = {"analyse", "demo", "explore", "look", "show", "verify"}
    only_for_a_terminal |= {"merge", "progress", "slurm"}
    assert names - python == only_for_a_terminal


def test_functions_give_runs_that_show_themselves(analysed, other, tmp_path):
    compared = og.compare([analysed, other.folder], tmp_path / "both", study="rotation")
    assert [type(run) for run in (analysed, og.open(analysed.folder), compared)] == [og.Run] * 3
    assert type(analysed.again()) is og.Run
    assert compared.findings
    assert compared.figure(compared.figure_names[0]).axes


def test_a_run_in_a_notebook_shows_headlines_picture_and_page(analysed):
    html = analysed._repr_html_()
    first = max(analysed.findings, key=lambda finding: finding["weight"])
    assert first["headline"].replace("'", "&#x27;") in html
    assert html.count("data:image/png;base64,") == 1
    assert "run.report()" in html
    assert "<script" not in html


def test_what_a_run_shows_is_escaped(analysed, monkeypatch):
    hostile = [{"headline": "<script>alert(1)</script>", "weight": 9}]
    monkeypatch.setattr(type(analysed), "findings", hostile)
    assert "<script>" not in analysed._repr_html_()


def test_the_report_is_written_into_the_folder_or_elsewhere(analysed, tmp_path):
    assert analysed.report(tmp_path / "page.html") == tmp_path / "page.html"
    assert "<!doctype html>" in (tmp_path / "page.html").read_text(encoding="utf-8")[:20].lower()


def test_a_figure_is_drawn_anew_with_a_card_or_without(analysed):
    plain = analysed.figure("rotation_profile")
    carded = analysed.figure("rotation_profile", card=True)
    assert plain.get_supxlabel() == ""
    assert "gpt2-tiny" in carded.get_supxlabel()
    table = analysed.table("rotation_profile").fetchnumpy()
    lines = [line.get_ydata() for line in plain.axes[0].lines]
    assert any(
        len(y) == len(table["mean_target"]) and np.allclose(y, table["mean_target"]) for y in lines
    )


def test_what_is_not_there_is_named_with_what_is(analysed):
    with pytest.raises(og.OdographError, match="expected rotation_profile"):
        analysed.figure("profile")
    with pytest.raises(og.OdographError, match="expected layers, tokens"):
        analysed.table("profile")
    with pytest.raises(og.OdographError, match="expected norm, rotation"):
        analysed.plot("entropy")
    with pytest.raises(og.OdographError, match="'zebra' is not in the texts"):
        analysed.plot("path", words=["zebra"])
    with pytest.raises(og.OdographError, match="'zebra's' is not in the texts"):
        analysed.plot("path", words=["zebra's"])


def test_words_are_whole_and_have_the_path_of_their_last_token(analysed):
    rows = analysed.words().fetchall()
    texts = [row[2] for row in rows if row[0] == 0]
    assert " ".join(texts).startswith("The old man turned round and followed her across the field")
    passage, _, _, position, pieces, *_, path, _ = max(rows, key=lambda row: row[4])
    assert pieces > 1
    [[last]] = analysed.sql(
        f"select path from layers where passage = {passage} and position = {position} "
        f"and layer = {analysed.blocks}"
    ).fetchall()
    assert path == last


def test_a_plot_shows_the_mean_over_passages_of_each_word(analysed):
    [line, *_] = analysed.plot("path", words="her").axes[0].lines
    wanted = analysed.sql("""
        select avg(v) from (
            select passage, layer, avg(path) as v from layers join tokens using (passage, position)
            where "group" = 'her' and role = 'target' and layer > 0 group by all)
        group by layer order by layer""").fetchnumpy()
    np.testing.assert_allclose(line.get_ydata(), next(iter(wanted.values())), rtol=1e-6)
    assert [text.get_text() for text in analysed.plot("norm").axes[0].texts] == ["her"]


def test_a_model_is_checked_by_name_and_as_an_object(gpt2_folder):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    checked = og.check(gpt2_folder)
    assert checked.passed
    assert checked.logits
    assert checked.anatomy["blocks"] == "4"
    assert "closure" in str(checked)
    assert "<td>gpt2</td>" in checked._repr_html_()
    model = AutoModelForCausalLM.from_pretrained(gpt2_folder)
    given = og.check(model, tokenizer=AutoTokenizer.from_pretrained(gpt2_folder))
    assert [c.passed for c in given.checks] == [c.passed for c in checked.checks]


def test_the_power_of_a_design_is_that_of_the_command(odograph_json):
    [row] = odograph_json("power", "--effect", "0.8", "--n", "20", "--layers", "2")
    power = og.power(0.8, 20, layers=2)
    assert (power.n, power.found) == (row["n"], row["found"])


def test_texts_are_read_before_they_are_measured(tmp_path):
    (tmp_path / "a.csv").write_text("id,text\nx,Rain.\ny,Snow.\n", encoding="utf-8")
    assert [p.text for p in og.texts(tmp_path / "a.csv")] == ["Rain.", "Snow."]
    assert len(og.texts("bundled:her")) == len(og.texts(["bundled:her", tmp_path / "a.csv"])) - 2


def test_an_error_in_a_notebook_is_its_message(monkeypatch):
    monkeypatch.delenv("ODOGRAPH_DEBUG", raising=False)
    with pytest.raises(og.OdographError) as caught:
        og.open("nowhere")
    [line] = caught.value._render_traceback_()
    assert re.match(r"RunError: .*nowhere", line)
    monkeypatch.setenv("ODOGRAPH_DEBUG", "1")
    assert any("open_run" in line for line in caught.value._render_traceback_())


def test_the_methods_paragraph_says_what_the_card_says(analysed, capsys):
    card = analysed.sections["rotation"]["card"]
    paragraph = analysed.methods()
    wanted = [*(card[k] for k in ("model", "precision", "convention", "test")), "1 randomly"]
    assert [words for words in wanted if words not in paragraph] == []
    assert "Nichols & Holmes 2002" in paragraph
    assert "Harris 2020" not in paragraph
    assert command(["report", str(analysed.folder), "--methods"]) == 0
    assert capsys.readouterr().out == f"{paragraph}\n"


def test_a_run_without_a_study_has_no_methods_to_tell(analysed, tmp_path):
    shutil.copytree(analysed.folder, tmp_path / "bare")
    (tmp_path / "bare" / "studies.json").unlink()
    with pytest.raises(og.OdographError, match="no methods to tell"):
        og.open(tmp_path / "bare").methods()


def test_a_figure_for_a_paper_is_written_with_other_words(analysed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    given = ["figure", str(analysed.folder), "rotation_profile", "--labels", "block=Layer"]
    assert command([*given, "--format", "svg"]) == 0
    assert capsys.readouterr().out == "rotation_profile.svg\n"
    assert ">Layer<" in (tmp_path / "rotation_profile.svg").read_text(encoding="utf-8")
    assert command([*given, "--out", "a.pdf", "--width", "3.3"]) == 0
    assert (tmp_path / "a.pdf").read_bytes()[:5] == b"%PDF-"


def test_a_label_that_the_figure_does_not_say_is_refused_with_those_that_it_says(analysed):
    with pytest.raises(og.OdographError, match=r"expected .*block.*, got 'lair'"):
        analysed.figure("rotation_profile", labels={"lair": "layer"})
    assert command(["figure", str(analysed.folder), "rotation_profile", "--labels", "block"]) == 2
    assert command(["figure", str(analysed.folder), "rotation_profile", "--out", "a.doc"]) == 2


def test_a_style_goes_before_that_of_odograph_in_one_figure_alone(analysed):
    serif = analysed.figure("rotation_profile", style={"font.family": "serif"})
    assert serif.axes[0].xaxis.label.get_fontfamily() == ["serif"]
    usual = analysed.figure("rotation_profile")
    assert usual.axes[0].xaxis.label.get_fontfamily()[0] == "sans-serif"
    dark = analysed.figure("rotation_profile", style="dark_background")
    assert dark.get_facecolor()[:3] == (0.0, 0.0, 0.0)


def test_a_style_that_matplotlib_does_not_have_is_named(analysed):
    with pytest.raises(og.OdographError, match="no such style"):
        analysed.figure("rotation_profile", style="papery")
    with pytest.raises(og.OdographError, match=r"no such setting of matplotlib"):
        analysed.figure("rotation_profile", style={"font.fam": "serif"})
