"""A run in a notebook is the page in a frame of its own, at the view that was asked for."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import odograph
from odograph.errors import UsageError


def test_the_frame_has_scripts_and_nothing_of_the_notebook(run: Any) -> None:
    shown = odograph.view(run, measure="turned", block=2)
    frame = shown._repr_html_()
    assert re.search(r'^<iframe sandbox="allow-scripts" srcdoc="', frame)
    assert frame.count("<") == 2
    assert unescape(frame).count("<!DOCTYPE html>") == 1
    assert len(frame) < 2_000_000


def test_the_frame_opens_where_it_was_asked_to(
    opened: Callable[..., Any], run: Any, tmp_path: Path
) -> None:
    shown = odograph.view(run, measure="turned", block=2, a="0.3")
    (tmp_path / "book.html").write_text(
        f"<!DOCTYPE html><html lang='en'>{shown._repr_html_()}<footer>end</footer></html>",
        encoding="utf-8",
    )
    with opened(tmp_path / "book.html") as page:
        frame = page.frames[1]
        frame.wait_for_selector(".words .token")
        assert "Block 2" in frame.text_content(".profile .reading")
        assert "turned so far" in frame.text_content(".text .reading")
        assert not [line for line in page.log if not line.startswith(("file:", "about:"))]


def test_a_view_of_something_unknown_is_refused(run: Any) -> None:
    with pytest.raises(UsageError, match="a view: expected measure, block"):
        odograph.view(run, colour="red")
