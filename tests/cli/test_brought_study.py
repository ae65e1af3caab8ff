"""A study of another package: listed, done, reported and checked like one of odograph's own."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from odograph.errors import StudyError
from odograph.studies import check, registry
from odograph.studies.registry import BUILT_IN, find, study_names
from odograph.studies.study import Study

PACKAGE = Path(__file__).parent / "brought"
PAGE = Path(__file__).parents[2] / "docs" / "new-study.md"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package is there that brings the study `growth`, and `spin`, which cannot be loaded."""
    # Its helps name the studies that are there when it is imported: not these in other tests.
    import_module("odograph.cli.app")
    monkeypatch.syspath_prepend(str(PACKAGE))
    registry._entries.cache_clear()
    yield
    sys.modules.pop("growth_study", None)
    registry._entries.cache_clear()


def test_studies_of_packages_stand_behind_odographs_own(installed):
    assert study_names() == (*BUILT_IN, "growth", "spin")
    assert find("growth").name == "growth"


def bring(folder: Path, package: str, study: str) -> None:
    """Installs a package that brings a study, of which nothing but the name is there."""
    about = folder / f"{package}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[odograph.studies]\n{study} = nowhere:STUDY\n")


@pytest.mark.parametrize("study", ["rotation", "growth"])
def test_a_study_whose_name_is_taken_is_refused_by_name(
    study, installed, monkeypatch, tmp_path, capsys
):
    bring(tmp_path, "zealous", study)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("odograph.folder.told._told", set())
    registry._entries.cache_clear()
    assert study_names() == (*BUILT_IN, "growth", "spin"), "each name once"
    assert find(study).name == study
    assert capsys.readouterr().err == (
        f"odograph: the study {study} of the package 'zealous' is not taken: another has that "
        "name, and it must be renamed\n"
    )


def test_the_help_lists_it():
    code = (
        f"import sys; sys.path.insert(0, {str(PACKAGE)!r}); from odograph.cli import run;"
        "run(['study', '--help'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"{BUILT_IN[-1]}, growth, spin" in " ".join(re.sub(r"[│|]", " ", done.stdout).split())


def test_it_is_measured_done_and_reported_by_its_name(
    installed, odograph, tiny_model, texts, tmp_path
):
    out = tmp_path / "out"
    given = ("--model", tiny_model, "--texts", texts, "--target", "her", "--out", out)
    ended = odograph("study", "growth", *given, "--json", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    findings = json.loads(ended.out)
    assert {finding["study"] for finding in findings} == {"growth"}
    assert "the growth of 'her' is " in findings[0]["statement"]
    assert len(list((out / "untrained").iterdir())) == 2
    report = (out / "report.html").read_text("utf-8")
    assert find("growth").question in report
    assert (out / "figures" / "growth_profile.svg").is_file()


def test_one_that_cannot_be_loaded_is_named_and_left_out(
    installed, odograph, tiny_model, texts, tmp_path
):
    with pytest.raises(StudyError, match="the study spin of the package 'growth-study' cannot be"):
        find("spin")
    run = tmp_path / "run"
    odograph("measure", "--model", tiny_model, "--texts", texts, "--target", "her", "--out", run)
    ended = odograph("analyse", run, "--json")
    assert ended.code == 0
    assert "odograph: spin is left out: the study spin of the package 'growth-study'" in ended.err
    assert {"rotation", "growth"} <= {finding["study"] for finding in json.loads(ended.out)}


def test_it_is_sound(installed):
    assert check(find("growth")) == []


def test_the_question_of_ones_own_that_the_page_shows_is_sound():
    [shown] = re.findall(r"```python\n([^`]*def longest_state[^`]*)```", PAGE.read_text("utf-8"))
    names: dict[str, Any] = {}
    exec(shown, names)
    asked = "How long is the longest state of a passage?"
    assert check(Study(name="longest", question=asked, sections=(names["longest_state"],))) == []


def test_the_page_tells_every_field_of_a_study():
    table = PAGE.read_text("utf-8").split("| field of `Study` | holds |")[1].split("\n\n")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line]
    told = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}
    assert told == {field.name for field in fields(Study)}


def test_the_page_shows_it_whole():
    [shown] = re.findall(r"```python\n(\"\"\".*?)```", PAGE.read_text("utf-8"), re.S)
    program = (PACKAGE / "growth_study.py").read_text("utf-8")
    assert shown == program
    assert len(program.splitlines()) <= 20
