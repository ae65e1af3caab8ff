"""Texts that wait in a temporary file until they are tokens."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from odograph.corpus import Passage, Word, fingerprint, parquet_tables, records, sources, tables
from odograph.corpus.items import with_like_columns
from odograph.corpus.passages import PlainPassages, identity
from odograph.corpus.readers import read_sources
from odograph.corpus.rows import Columns
from odograph.corpus.stored_texts import StoredTexts, layouts_of, stored_texts
from odograph.corpus.words import Target

quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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
#: Their fingerprint in release 0: what folders say that were written before.
RELEASED = "34e6bf3e16cb0228f256bdb3088f3ad5ce05a13882e4f7a20c5d16fe020dae18"


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


def test_the_fingerprint_of_texts_is_that_of_earlier_releases() -> None:
    assert fingerprint(PASSAGES) == stored_texts(iter(PASSAGES)).fingerprint == RELEASED
    assert layouts_of(stored_texts(PASSAGES)) == layouts_of(PASSAGES)


TEXT = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\0\n["), max_size=8)
MANY = st.lists(st.tuples(TEXT, TEXT), max_size=4)


@quick
@given(blocks=st.lists(st.tuples(st.sampled_from("ab"), MANY), max_size=4), place=st.integers(0, 4))
def test_passages_that_come_many_at_a_time_are_those_that_come_one_by_one(
    blocks: list[tuple[str, list[tuple[str, str]]]], place: int
) -> None:
    many: list[Passage | PlainPassages] = [
        PlainPassages(source, [name for name, _ in rows], [text for _, text in rows])
        for source, rows in blocks
    ]
    many.insert(place, PASSAGES[2])
    alone = [p for one in many for p in ([one] if isinstance(one, Passage) else one)]
    kept = stored_texts(many)
    assert list(kept) == alone == list(stored_texts(alone))
    assert kept.fingerprint == stored_texts(alone).fingerprint == fingerprint(alone)
    assert kept.sizes.tolist() == stored_texts(alone).sizes.tolist()
    for one in many:
        if isinstance(one, PlainPassages):
            assert one.identities() == list(map(identity, one))


LINES = st.lists(st.text("a\x0b\x85\u2028 \ufeff\u732b", min_size=1, max_size=3), max_size=12)
ENDS = st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=12, max_size=12)


@quick
@given(lines=LINES, ends=ENDS, block=st.integers(1, 9), mark=st.sampled_from(["", "\ufeff"]))
def test_lines_are_told_by_their_ends_however_a_file_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lines: list[str],
    ends: list[str],
    block: int,
    mark: str,
) -> None:
    monkeypatch.setattr(sources, "_BLOCK", block)
    monkeypatch.setattr(sources, "_BEGINNING", 4)
    lines = ["first", *lines, "last"]
    written = mark + "".join(
        f"{line}{end}" for line, end in zip(lines, ["\n", *ends, ""], strict=False)
    )
    file = tmp_path / "lines.txt"
    file.write_bytes(written.encode())
    kept = read_sources([str(file)], Columns(), keep=stored_texts).passages
    assert list(kept) == [
        Passage(f"lines.txt:{number}", line, str(file))
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def test_what_is_asked_of_all_texts_reads_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("one\n\ntwo\n", "utf-8")
    reading = read_sources([str(tmp_path / "a.txt")], Columns(), keep=stored_texts)
    monkeypatch.setattr(StoredTexts, "__iter__", None)
    assert with_like_columns(reading.passages) is reading.passages
    assert len(reading.origin.fingerprint) == 64
    assert len(reading.passages.sizes) == 2


TOLD = st.sampled_from(["one", " two ", "", " ", "\ud800", "\u732b", None, 3, "a\n"])
ROWS = st.fixed_dictionaries({}, optional={"text": TOLD, "id": TOLD, "more": TOLD}) | TOLD
LINES_OF_JSON = ROWS.map(json.dumps) | st.sampled_from(["{", "[]", '{"text": "", "text": ""}', ""])


@quick
@given(lines=st.lists(LINES_OF_JSON, max_size=6), column=st.sampled_from([None, "more"]))
def test_json_lines_read_many_at_a_time_are_those_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], column: str | None
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(['{"text": "first", "more": "first"}', *lines]), "utf-8")
    assert_same_one_by_one([str(file)], Columns(column), monkeypatch)


CELLS = st.sampled_from(["one", " two ", "", " ", None])


@quick
@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=6), ids=st.booleans())
def test_parquet_rows_read_many_at_a_time_are_those_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[Any, Any]], ids: bool
) -> None:
    monkeypatch.setattr(parquet_tables, "_ROWS", 2)
    file, rows = tmp_path / "rows.parquet", [("first", "1"), *rows]
    columns = {"text": [text for text, _ in rows], "id": [own for _, own in rows]}
    parquet.write_table(pyarrow.table(columns if ids else {"text": columns["text"]}), file)
    assert_same_one_by_one([str(file)], Columns(), monkeypatch)


def assert_same_one_by_one(
    files: list[str], columns: Columns, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = read_sources(files, columns, keep=stored_texts)
    with monkeypatch.context() as patched:
        for module in (tables, parquet_tables):
            patched.setattr(module, "plain_passages", lambda *_: None)
        alone = read_sources(files, columns)
    assert tuple(many.passages) == alone.passages
    assert (many.skipped, many.fingerprint) == (alone.skipped, alone.fingerprint)
