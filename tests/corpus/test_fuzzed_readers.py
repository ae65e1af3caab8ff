"""Readers under arbitrary bytes and structures: what was written comes back, or one clear error.

Any exception but `OdographError` fails a test, and so does a text that nobody wrote.
"""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from odograph.corpus import read_passages
from odograph.corpus.frequencies import read_frequencies
from odograph.corpus.sources import SUFFIXES
from odograph.errors import OdographError, UsageError
from odograph.run.config import RunConfig
from odograph.run.options import make_config, read_yaml

#: So many examples a test that all together take some ten seconds.
quick = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
SIGNS = st.sampled_from(",;\t|\"'\\ \n\r{}[]:#=_-é猫\u2028\ufeff")
CELLS = st.text(st.one_of(CHARACTERS, SIGNS), max_size=12)
TEXTS = CELLS.filter(str.strip)
PIECES = {
    ".txt": [
        b"her",
        b"\n",
        b"\r",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xe7\x8c\xab",
        b"\0",
        b"\x1f\x8b",
    ],
    ".csv": [b"text", b",", b";", b'"', b"\n", b"id", b"sep=", b"\t", b"|", b"\r\n", b"\xff"],
    ".tsv": [b"text", b"\t", b'"', b"\n", b"id", b" ", b"\xc3"],
    ".jsonl": [
        b'{"text": ',
        b'"her"',
        b"}",
        b"\n",
        b"[",
        b"]",
        b"null",
        b"1e999",
        b"\\ud800",
        b",",
    ],
    ".json": [b'{"text": ', b'"her"', b"}", b"[", b"]", b", ", b"NaN", b'"', b"\n"],
    ".parquet": [b"PAR1", b"\x15\x04", b"\0", b"\xff" * 4, b"text"],
    ".conllu": [
        b"1\t",
        b"her\t",
        b"_\t" * 8,
        b"_\n",
        b"# text = her",
        b"# newdoc",
        b"\n",
        b"1-2\t",
    ],
}


def file_of(folder: Path, suffix: str, data: bytes) -> str:
    path = folder / f"fuzzed{suffix}"
    path.write_bytes(data)
    return str(path)


def tried(read: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[Any, str]:
    """What was read, or None and the message; any other error ends the test."""
    try:
        return read(*arguments, **options), ""
    except OdographError as error:
        return None, str(error)


def texts_of(path: str, **options: object) -> list[str]:
    return [passage.text for passage in read_passages([path], **options).passages]


def test_every_reader_is_tried() -> None:
    assert set(PIECES) == set(SUFFIXES)


@pytest.mark.parametrize("suffix", SUFFIXES)
@quick
@given(data=st.data())
def test_any_bytes_are_read_or_refused_by_name(tmp_path: Path, suffix: str, data: st.DataObject):
    pieces = st.lists(
        st.one_of(st.sampled_from(PIECES[suffix]), st.binary(max_size=4)), max_size=24
    )
    content = data.draw(st.one_of(pieces.map(b"".join), st.binary(max_size=64)))
    whole = suffix in (".txt", ".conllu") and data.draw(st.booleans())
    column = (
        data.draw(st.sampled_from([None, "text", "1"])) if suffix in PIECES and not whole else None
    )
    options = {"whole": whole} if suffix in (".txt", ".conllu") else {"text_column": column}
    if suffix in (".csv", ".tsv"):
        options["header"] = data.draw(st.booleans())
    path = file_of(tmp_path, suffix, content)
    reading, message = tried(read_passages, [path], **options)
    if reading is None:
        assert "fuzzed" in message
        assert "\n" not in message
        return
    assert reading.passages
    assert all(passage.text.strip() for passage in reading.passages)
    assert len({passage.id for passage in reading.passages}) == len(reading.passages)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@quick
@given(rows=st.lists(st.tuples(CELLS, TEXTS), min_size=1, max_size=6), ending=st.data())
def test_a_table_comes_back_whatever_separates_it(
    tmp_path: Path, separator: str, rows: list[tuple[str, str]], ending: st.DataObject
) -> None:
    written = io.StringIO(newline="")
    end = ending.draw(st.sampled_from(["\n", "\r\n"]))
    quoting = ending.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    if quoting == csv.QUOTE_MINIMAL:  # it leaves a lone \r without quotes
        rows = [(note.replace("\r", ""), f"x{text}".replace("\r", "")) for note, text in rows]
    writer = csv.writer(written, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(["note", "text"])
    writer.writerows(rows)
    suffix = ending.draw(st.sampled_from([".csv", ".tsv"]))
    encoding = ending.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    path = file_of(tmp_path, suffix, written.getvalue().encode(encoding))
    assert texts_of(path) == [text for _, text in rows]


@quick
@given(rows=st.lists(TEXTS, min_size=1, max_size=6))
def test_a_table_of_one_column_without_a_header_comes_back(tmp_path: Path, rows: list[str]) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([row] for row in rows)
    path = file_of(tmp_path, ".csv", written.getvalue().encode())
    assert texts_of(path, header=False) == rows


@quick
@given(
    rows=st.lists(st.dictionaries(CELLS, CELLS, max_size=3) | TEXTS, min_size=1, max_size=5),
    ascii_only=st.booleans(),
)
def test_json_lines_and_lists_come_back(
    tmp_path: Path, rows: list[dict[str, str] | str], ascii_only: bool
) -> None:
    rows = [row if isinstance(row, str) else {**row, "text": f"x{row}"} for row in rows]
    wanted = [row if isinstance(row, str) else row["text"] for row in rows]
    dumped = [json.dumps(row, ensure_ascii=ascii_only) for row in rows]
    lines = file_of(tmp_path, ".jsonl", "\n".join(dumped).encode())
    assert texts_of(lines) == wanted
    listed = file_of(tmp_path, ".json", json.dumps(rows, ensure_ascii=ascii_only).encode())
    assert texts_of(listed) == wanted


@quick
@given(rows=st.lists(st.tuples(CELLS, TEXTS), min_size=1, max_size=6))
def test_parquet_comes_back(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / "fuzzed.parquet"
    columns = {"note": [note for note, _ in rows], "text": [text for _, text in rows]}
    parquet.write_table(pyarrow.table(columns), path)
    assert texts_of(str(path)) == columns["text"]


@quick
@given(place=st.integers(0, 700), value=st.integers(0, 255))
def test_a_damaged_parquet_file_is_read_or_refused(tmp_path: Path, place: int, value: int) -> None:
    import pyarrow
    from pyarrow import parquet

    path = tmp_path / "fuzzed.parquet"
    parquet.write_table(pyarrow.table({"text": ["one", "two"]}), path)
    data = bytearray(path.read_bytes())
    data[place % len(data)] = value
    path.write_bytes(data)
    texts, message = tried(texts_of, str(path))
    assert texts or "fuzzed.parquet" in message


WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=6)


@quick
@given(
    documents=st.lists(
        st.lists(st.lists(st.tuples(WORDS, st.booleans()), min_size=1, max_size=4), min_size=1),
        min_size=1,
        max_size=3,
    )
)
def test_conllu_comes_back_with_words_and_documents(
    tmp_path: Path, documents: list[list[list[tuple[str, bool]]]]
) -> None:
    lines: list[str] = []
    wanted: list[tuple[str, list[str], str]] = []
    for number, sentences in enumerate(documents):
        lines.append(f"# newdoc id = d{number}")
        for words in sentences:
            text = "".join(word + " " * space for word, space in words).rstrip(" ")
            for index, (word, space) in enumerate(words, start=1):
                rest = "_\t" * 7 + ("_" if space else "SpaceAfter=No")
                lines.append(f"{index}\t{word}\t{rest}")
            lines.append("")
            wanted.append((text, [word for word, _ in words], f"d{number}"))
    path = file_of(tmp_path, ".conllu", "\n".join(lines).encode())
    found = read_passages([path]).passages
    assert [(p.text, [w.text for w in p.words], p.document) for p in found] == wanted


def config_of(path: Path) -> RunConfig:
    return make_config(read_yaml(path), place=str(path))


OPTIONS = st.dictionaries(
    st.sampled_from([*RunConfig.model_fields, "unknown", ""]) | st.integers(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | CELLS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=2),
        max_leaves=4,
    ),
    max_size=4,
)


@quick
@given(options=OPTIONS)
def test_a_config_is_taken_as_it_is_written_or_refused(
    tmp_path: Path, options: dict[object, object]
) -> None:
    path = Path(file_of(tmp_path, ".yaml", yaml.safe_dump(options, allow_unicode=True).encode()))
    config, message = tried(config_of, path)
    if config is None:
        assert "fuzzed.yaml" in message
        return
    dumped = config.model_dump(mode="json")
    for name, value in options.items():
        taken = dumped[str(name)]
        if isinstance(value, bool | int) and not isinstance(taken, list | str):
            assert (taken, type(taken)) == (value, type(value)), name
        elif isinstance(value, str) and isinstance(taken, str) and name != "axes":
            assert taken == value, name


@quick
@given(content=st.binary(max_size=60) | st.text("a: -[]{}'\"\n&*!|>#\t,%@", max_size=40))
def test_any_bytes_as_a_config_are_read_or_refused(tmp_path: Path, content: bytes | str) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    path = Path(file_of(tmp_path, ".yaml", data))
    config, message = tried(config_of, path)
    assert isinstance(config, RunConfig) or "fuzzed.yaml" in message


@quick
@given(content=st.binary(max_size=60) | st.text("her\t12\n ,", max_size=40))
def test_any_bytes_as_frequencies_are_read_or_refused(tmp_path: Path, content: bytes | str) -> None:
    data = content if isinstance(content, bytes) else content.encode()
    assume(data)
    counts, message = tried(read_frequencies, file_of(tmp_path, ".txt", data))
    assert "fuzzed.txt" in message if counts is None else all(n >= 0 for n in counts.values())


@pytest.mark.parametrize(
    ("written", "said"),
    [("[" * 5000, "too deep"), ("seed: 2026-13-45", "is not YAML"), ("seed: [1", "is not YAML")],
    ids=["a deep list", "a date that is none", "an open list"],
)
def test_yaml_that_cannot_be_read_is_called_so(written: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_yaml(path)
