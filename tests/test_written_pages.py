"""What pages show of the demonstration is written between marks."""

from pathlib import Path

import pytest

from docs import written as pages


def test_a_part_takes_the_place_of_what_stood_between_the_marks(monkeypatch):
    monkeypatch.setitem(pages.PARTS, "word", lambda demo, asked: f"{asked} of {demo}")
    page = "a <!-- written: word two -->old<!-- end --> b\n"
    new = "a <!-- written: word two -->two of demo<!-- end --> b\n"
    assert pages.written(page, Path("demo")) == new
    assert pages.written(new, Path("demo")) == new


def test_a_block_keeps_its_lines(monkeypatch):
    monkeypatch.setitem(pages.PARTS, "word", lambda *_: "1\n2")
    new = "<!-- written: word -->\n1\n2\n<!-- end -->\nafter\n"
    for old in ("old\nlines\n", ""):
        page = f"<!-- written: word -->\n{old}<!-- end -->\nafter\n"
        assert pages.written(page, Path()) == new


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_every_mark_asks_for_a_part_that_there_is_and_ends(page):
    text = page.read_text(encoding="utf-8")
    asked = [match[2] for match in pages.MARKED.finditer(text)]
    assert len(asked) == text.count("<!-- written: ")
    assert set(asked) <= set(pages.PARTS)
