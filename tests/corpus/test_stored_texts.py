"""Texts that wait in a temporary file until they are tokens."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from odograph.corpus import Passage, Word, records
from odograph.corpus.readers import read_sources
from odograph.corpus.rows import Columns
from odograph.corpus.stored_texts import StoredTexts, stored_texts
from odograph.corpus.words import Target

PASSAGES = (
    Passage("plain", "A text \N{SNOWMAN} with\na line", "a.txt"),
    Passage("half", "half of a pair \ud800", "b.json", base="plain", document="d"),
    Passage(
        "all",
        "her dog",
        "c.csv",
        words=(Word("her", 0, 3, "PRON", "she"), Word("dog", 4, 7)),
        targets=(Target("her", 0, 3),),
        companions=(Target("beside", 4, 7),),
        columns=(("condition", "one"), ("more", None)),
    ),
    Passage("ids", "ab", "", ids=(1, 2), spans=((0, 1), (1, 2)), targets=()),
    Passage("no spans", "", "", ids=tuple(np.arange(3))),
)


@pytest.mark.parametrize("most", [1, 2**22], ids=["on disk", "in memory"])
def test_what_is_kept_of_a_text_is_all_of_it(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "_IN_MEMORY", most)
    kept = stored_texts(iter(PASSAGES))
    assert tuple(kept) == PASSAGES == kept[:]
    assert (kept[-1], kept[1:3], len(kept)) == (PASSAGES[-1], PASSAGES[1:3], 5)
    assert kept.sizes.tolist() == kept.sizes[:].tolist()
    assert (kept.sizes > 0).all()
    assert stored_texts(kept) is kept
    with pytest.raises(IndexError):
        kept[5]


def test_texts_of_files_are_the_same_wherever_they_are_kept(tmp_path: Path) -> None:
    rows = '{"text": "one", "id": "a", "book": "x"}\n{"text": ""}\n{"text": "two", "id": "a"}\n'
    (tmp_path / "a.jsonl").write_text(rows + '{"text": "3", "id": "a#2", "book": "x"}\n', "utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "four", "id": "a", "book": "x"}\n', "utf-8")
    files = [str(tmp_path / name) for name in ("a.jsonl", "b.jsonl")]
    columns: Any = {"columns": Columns(document="book")}
    read, kept = read_sources(files, **columns), read_sources(files, **columns, keep=stored_texts)
    assert isinstance(kept.passages, StoredTexts)
    assert tuple(kept.passages) == read.passages
    assert [p.id for p in read.passages] == ["a", "a#2", "a#3"]
    assert (kept.skipped, kept.notes) == (read.skipped, read.notes)
    assert kept.fingerprint == read.fingerprint
    assert len(read.skipped) == 2
    assert "x" in read.notes[0]
