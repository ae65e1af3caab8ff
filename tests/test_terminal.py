"""No control character of a stranger's reaches a terminal: everything is printed in one place."""

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import odograph
from odograph.terminal import json_text, put, show, show_coloured, tell, visible

SOURCE = Path(odograph.__file__).parent
HOSTILE = "a\x1b[31mred\x1b]0;title\x07\x9b2J\x7f\u202edrow\x00\r\ud800"


def test_nothing_is_printed_but_in_one_place() -> None:
    written = re.compile(r"(?<![\w.])print\(|\.print\(|sys\.std(out|err)\.write")
    for module in SOURCE.rglob("*.py"):
        if module.name in ("terminal.py", "reference.py"):
            continue
        code = re.sub(r'"""(?:.|\n)*?"""', "", module.read_text("utf-8"))
        assert not written.search(code), f"{module} prints by itself"


@settings(deadline=None)
@given(st.text(st.characters()))
def test_visible_text_holds_no_control_character(text: str) -> None:
    shown = visible(text)
    assert all(unicodedata.category(c) not in ("Cc", "Cs") or c in "\t\n" for c in shown)
    assert visible(shown) == shown
    shown.encode("utf-8")


def test_what_is_said_shows_escapes_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    show(HOSTILE)
    tell(f"two\nlines {HOSTILE}")
    said = capsys.readouterr()
    wanted = r"a\x1b[31mred\x1b]0;title\x07\x9b2J\x7f\u202edrow\x00\r\ud800"
    assert said.out == f"{wanted}\n"
    assert said.err == f"odograph: two lines {wanted}\n"


@settings(deadline=None)
@given(st.text(st.characters()))
def test_json_keeps_the_data_and_holds_no_control_character(text: str) -> None:
    written = json_text({"a": text})
    assert json.loads(written) == {"a": text}
    assert visible(written) == written


def test_data_are_left_as_they_are_where_nobody_looks_at_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a\x1b[31m")
    assert capsys.readouterr().out == "a\x1b[31m"
    monkeypatch.setattr("odograph.terminal.is_terminal", lambda _: True)
    put("a\x1b[31m")
    assert capsys.readouterr().out == r"a\x1b[31m"


def test_of_coloured_text_only_the_colours_go_through(capsys: pytest.CaptureFixture[str]) -> None:
    show_coloured("\x1b[38;5;12mher\x1b[0m\x1b]0;title\x07\x1b[2J")
    wanted = "\x1b[38;5;12mher\x1b[0m" + r"\x1b]0;title\x07\x1b[2J"
    assert capsys.readouterr().out == f"{wanted}\n"
