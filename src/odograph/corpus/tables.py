"""Passages in tables: JSON lines, comma- and tab-separated values, Parquet."""

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from odograph.corpus.passages import Word
from odograph.corpus.sources import PassageError, Source, decode, split_lines
from odograph.corpus.tag_column import tagged_words
from odograph.errors import TextError

DEFAULT_COLUMN = "text"
ID_COLUMN = "id"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its 1-based line, its text, its own id ("" where it has none), its tagged words."""

    line: int
    text: str
    id: str = ""
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read: that of the text ("text" or the only one if None), that of the tags."""

    text: str | None = None
    tags: str | None = None


def json_rows(source: Source, columns: Columns) -> Iterator[Row | PassageError]:
    """Rows of a .jsonl file: a JSON object or string on each line."""
    for number, line in enumerate(split_lines(decode(source)), start=1):
        if line.strip():
            yield _caught(_json_row, source.place(number), line, columns, number)


def _caught(read: Any, *arguments: Any) -> Row | PassageError:
    try:
        row: Row = read(*arguments)
    except PassageError as error:
        return error
    return row


def _json_row(place: str, line: str, columns: Columns, number: int) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PassageError(
            place,
            "malformed JSON",
            given=str(error),
            remedy='Each line is an object such as {"text": "..."}, or a string.',
        ) from None
    if isinstance(value, str) and columns.tags is None:
        return Row(number, _text(value, place, "the line"))
    if not isinstance(value, dict):
        raise PassageError(
            place,
            "not a passage",
            expected="a JSON object" + " or string" * (columns.tags is None),
            given=_kind(value),
            remedy='Each line is an object such as {"text": "..."}, or a string.',
        )
    column = columns.text or DEFAULT_COLUMN
    if column not in value:
        raise _no_column(place, column, list(value))
    return _row(place, value, column, columns.tags, number)


def _row(place: str, row: dict[str, Any], column: str, tags: str | None, number: int) -> Row:
    """The row of a table whose text column is known.

    Raises:
        PassageError: no text that can be read, or tags that do not fit it.
    """
    text = _text(row[column], place, f"column {column!r}")
    if tags is None or not text.strip():
        return Row(number, text, _id(row))
    if tags not in row:
        raise _no_column(place, tags, list(row), "the tags (--tags column:NAME)")
    return Row(number, text, _id(row), tagged_words(text, row[tags], tags, place))


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
    value = value.strip() if isinstance(value, str) else value
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _no_column(
    place: str, column: str, columns: Sequence[str], what: str = "the text (--text-column)"
) -> PassageError:
    return PassageError(
        place,
        f"no column {column!r}",
        given=", ".join(map(repr, columns)) or "no column at all",
        remedy=f"Name the one that holds {what}.",
    )


def _choose(names: Sequence[str], columns: Columns, place: str) -> str:
    """The text column: the one asked for, else "text", else the only one.

    Raises:
        PassageError: it is not there, or that of the tags is not.
    """
    if columns.tags is not None and columns.tags not in names:
        raise _no_column(place, columns.tags, names, "the tags (--tags column:NAME)")
    if columns.text is None and len(names) == 1:
        return names[0]
    column = columns.text or DEFAULT_COLUMN
    if column not in names:
        raise _no_column(place, column, names)
    return column


def separated_rows(source: Source, columns: Columns) -> Iterator[Row | PassageError]:
    """Rows of a .csv or .tsv file with a header."""
    table = _parsed(source)
    _, header = table[0]
    column = _choose(header, columns, source.name)
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
            yield _caught(_row, source.place(line), row, column, columns.tags, line)


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


def parquet_rows(source: Source, columns: Columns) -> Iterator[Row | PassageError]:
    """Rows of a .parquet file; the line of a row is its 1-based number."""
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(source.data))
        names = list(file.schema_arrow.names)
        column = _choose(names, columns, source.name)
        wanted = [n for n in dict.fromkeys((column, ID_COLUMN, columns.tags)) if n in names]
        table = file.read(columns=wanted).to_pylist()
    except pyarrow.ArrowException as error:
        raise TextError(
            f"{source.name} is no Parquet file that can be read",
            given=str(error).splitlines()[0],
            remedy="Write it again, or give another kind of file.",
        ) from None
    for number, row in enumerate(table, start=1):
        yield _caught(_row, f"{source.name}, row {number}", row, column, columns.tags, number)
