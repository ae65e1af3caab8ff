"""Passages in tables: JSON lines, comma- and tab-separated values, Parquet."""

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from odograph.corpus.sources import PassageError, Source, decode, split_lines
from odograph.errors import TextError

DEFAULT_COLUMN = "text"
ID_COLUMN = "id"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its 1-based line, its text and its own id ("" where it has none)."""

    line: int
    text: str
    id: str = ""


def json_rows(source: Source, text_column: str | None) -> Iterator[Row | PassageError]:
    """Rows of a .jsonl file: a JSON object or string on each line."""
    column = text_column or DEFAULT_COLUMN
    for number, line in enumerate(split_lines(decode(source)), start=1):
        if line.strip():
            yield _caught(_json_row, source.place(number), line, column, number)


def _caught(read: Any, *arguments: Any) -> Row | PassageError:
    try:
        row: Row = read(*arguments)
    except PassageError as error:
        return error
    return row


def _json_row(place: str, line: str, column: str, number: int) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PassageError(
            place,
            "malformed JSON",
            given=str(error),
            remedy='Each line is an object such as {"text": "..."}, or a string.',
        ) from None
    if isinstance(value, str):
        return Row(number, _text(value, place, "the line"))
    if not isinstance(value, dict):
        raise PassageError(
            place,
            "not a passage",
            expected="a JSON object or string",
            given=_kind(value),
            remedy='Each line is an object such as {"text": "..."}, or a string.',
        )
    if column not in value:
        raise _no_column(place, column, list(value))
    return Row(number, _text(value[column], place, f"column {column!r}"), _id(value))


def _text(value: Any, place: str, what: str) -> str:
    """The value, which has to be a string that tokenizers can take."""
    if not isinstance(value, str):
        raise PassageError(
            place,
            what,
            expected="a string",
            given=_kind(value),
            remedy="Only strings can be read.",
        )
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise PassageError(
            place,
            what,
            expected="characters",
            given=f"half of a surrogate pair at character {error.start}",
            remedy="Write the character itself, or both halves.",
        ) from None
    return value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", type(None): "null", bool: "a truth value"}
    return names.get(type(value)) or f"the {type(value).__name__} {value!r}"


def _id(row: dict[str, Any]) -> str:
    value = row.get(ID_COLUMN)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _no_column(place: str, column: str, columns: Sequence[str]) -> PassageError:
    return PassageError(
        place,
        f"no column {column!r}",
        given=", ".join(map(repr, columns)) or "no column at all",
        remedy="Name the one that holds the text (--text-column).",
    )


def _choose(columns: Sequence[str], text_column: str | None, place: str) -> str:
    """The text column: the one asked for, else "text", else the only one."""
    if text_column is None and len(columns) == 1:
        return columns[0]
    column = text_column or DEFAULT_COLUMN
    if column not in columns:
        raise _no_column(place, column, columns)
    return column


def separated_rows(source: Source, text_column: str | None) -> Iterator[Row | PassageError]:
    """Rows of a .csv or .tsv file with a header."""
    table = _parsed(source)
    _, header = table[0]
    column = _choose(header, text_column, source.name)
    for line, cells in table[1:]:
        if len(cells) != len(header):
            yield PassageError(
                source.place(line),
                "not as many columns as the header",
                expected=str(len(header)),
                given=str(len(cells)),
                remedy="Put quotes around a text that holds the separator.",
            )
        else:
            row = dict(zip(header, cells, strict=True))
            yield Row(line, row[column], row.get(ID_COLUMN, "").strip())


_Table: TypeAlias = list[tuple[int, list[str]]]


def _parsed(source: Source) -> _Table:
    """Header and rows, each with the line it begins on.

    Tab-separated files come with and without quoting: read with quotes, one without them is
    torn (a quotation mark that opens a text swallows the following lines), and is read again.
    """
    text = decode(source)
    if source.suffix == ".csv":
        return _split(text, source, ",")
    try:
        quoted = _split(text, source, "\t")
        if _rectangular(quoted):
            return quoted
    except TextError:
        pass
    return _split(text, source, "\t", quoted=False)


def _rectangular(table: _Table) -> bool:
    return len({len(cells) for _, cells in table}) == 1


def _split(text: str, source: Source, separator: str, *, quoted: bool = True) -> _Table:
    limit = csv.field_size_limit(sys.maxsize)
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=True,
    )
    table: _Table = []
    line = 1
    try:
        for cells in reader:
            if cells:
                table.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TextError(
            f"{source.place(line)}: malformed row", given=str(error), remedy="Check its quotes."
        ) from None
    finally:
        csv.field_size_limit(limit)
    if not table:
        raise TextError(f"{source.name} holds blank lines only", remedy="Give a file with text.")
    return table


def parquet_rows(source: Source, text_column: str | None) -> Iterator[Row | PassageError]:
    """Rows of a .parquet file; the line of a row is its 1-based number."""
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(source.data))
        names = list(file.schema_arrow.names)
        column = _choose(names, text_column, source.name)
        wanted = [name for name in dict.fromkeys((column, ID_COLUMN)) if name in names]
        table = file.read(columns=wanted).to_pylist()
    except pyarrow.ArrowException as error:
        raise TextError(
            f"{source.name} is no Parquet file that can be read",
            given=str(error).splitlines()[0],
            remedy="Write it again, or give another kind of file.",
        ) from None
    for number, row in enumerate(table, start=1):
        yield _caught(_parquet_row, f"{source.name}, row {number}", row, column, number)


def _parquet_row(place: str, row: dict[str, Any], column: str, number: int) -> Row:
    return Row(number, _text(row[column], place, f"column {column!r}"), _id(row))
