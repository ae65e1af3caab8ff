"""While studies are done: how many questions are answered, of which study."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from made_runs import made_run

from odograph.cli.spinner import studying
from odograph.studies import attempt, find


def test_each_question_of_each_study_is_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    attempt(made_run(tmp_path / "run", 3), ["rotation", "path-length"], answered=told.append)
    assert list(dict.fromkeys(told)) == ["rotation", "path-length"]
    assert Counter(told) == {name: len(find(name).sections) for name in set(told)}


def test_a_terminal_shows_the_study_how_many_are_left_and_the_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    count = len(find("rotation").sections)
    with studying(["rotation"], show=True) as answered:
        assert answered is not None
        for _ in range(count):
            answered("rotation")
    shown = capsys.readouterr().err
    assert "rotation" in shown
    assert f"{count} of {count} questions" in shown


@pytest.mark.parametrize("show", [True, False])
def test_without_a_terminal_nothing_is_shown(
    show: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with studying(["rotation"], show=show) as answered:
        assert answered is None
    assert capsys.readouterr().err == ""
