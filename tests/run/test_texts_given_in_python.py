"""Texts that are given in Python: what looks like the name of a file is not measured as a text."""

from pathlib import Path

import pytest

from odograph.errors import UsageError
from odograph.run.inputs import read_given
from odograph.run.options import make_config

CONFIG = make_config({})


def test_a_text_that_is_the_name_of_a_file_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one\ntwo\n", "utf-8")
    with pytest.raises(UsageError) as caught:
        read_given(["a text", str(path)], CONFIG)
    message = str(caught.value)
    assert message.startswith("text 2 is the name of a file: expected the text itself, or a Path")
    assert message.endswith("Put Path(...) around the name to read it.")
    assert [p.text for p in read_given([path], CONFIG).passages] == ["one", "two"]


def test_the_name_of_a_bundled_text_is_refused_with_the_remedy() -> None:
    with pytest.raises(UsageError) as caught:
        read_given(["bundled:her"], CONFIG)
    assert str(caught.value) == (
        "text 1 is the name of a bundled text: expected the text itself, or a Path, got"
        " 'bundled:her'. Put Path(...) around the name to read it."
    )
    assert len(read_given([Path("bundled:her")], CONFIG).passages) == 54


@pytest.mark.parametrize("text", ["a text", "x" * 5000, "a\nb", "a\0b", "", "."])
def test_other_texts_are_texts(text: str) -> None:
    assert [p.text for p in read_given([text], CONFIG).passages] == [text]
