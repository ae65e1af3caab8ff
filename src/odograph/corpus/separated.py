"""Tables of separated values: their separator found, their header told."""

import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from odograph.corpus.look_alikes import quoted
from odograph.corpus.rows import DEFAULT_COLUMN, Columns, Note, Row
from odograph.corpus.scripts import is_unspaced
from odograph.corpus.sources import PassageError, Source, decode
from odograph.corpus.tables import caught, choose_column, row_of
from odograph.errors import TextError

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_USUAL = {".csv": ",", ".tsv": "\t"}
#: So many rows decide what separates the columns.
_LOOKED_AT = 200
#: The first line of a spreadsheet's export that names the separator.
_SEPARATOR_LINE = re.compile(r'"?sep=([^\w\s"]|\t)"?(?:\r\n|\n|\r)')
_NAME = re.compile(r"[\w .()\[\]\-]+")
_MOST_WORDS = 3

_Record = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written: what separates, whether cells are quoted or padded on the left."""

    separator: str
    quoted: bool = True
    padded: bool = False


def separated_rows(source: Source, columns: Columns) -> Iterator[Row | PassageError | Note]:
    """Rows of a .csv or .tsv file; a note where its separator or its text column is a guess.

    Raises:
        TextError: malformed quotes, no row, or a separator that cannot be told.
        PassageError: a header without the columns asked for, with one of them twice, or that looks
            like a text.
    """
    text, line, separator = _without_separator_line(decode(source))
    dialect = _found(text, separator, source, columns)
    names, rows = _header(_records(text, dialect, source, line), columns)
    _check_header(names, columns, source)
    column = choose_column(names, columns, source.name)
    if not rows:
        raise TextError(
            f"{source.name} has a header and no row",
            given=quoted(column),
            remedy="If its first line is a text: --no-header.",
        )
    yield from _notes(dialect, column, names, columns, source)
    for number, cells in rows:
        if len(cells) != len(names):
            yield _wrong_width(source.place(number), len(names), len(cells), columns)
        else:
            row = dict(zip(names, cells, strict=True))
            yield caught(row_of, source.place(number), row, column, columns, number)


def _without_separator_line(text: str) -> tuple[str, int, str]:
    """The table, the number of its first line, and the separator that a line before it names."""
    match = _SEPARATOR_LINE.match(text)
    return (text[match.end() :], 2, match[1]) if match else (text, 1, "")


def _header(table: Sequence[_Record], columns: Columns) -> tuple[list[str], Sequence[_Record]]:
    """Names of the columns, and the rows; without a header they are called 1, 2, ..."""
    _, first = table[0]
    if columns.header:
        return first, table[1:]
    return [str(number) for number in range(1, len(first) + 1)], table


def _wrong_width(place: str, expected: int, given: int, columns: Columns) -> PassageError:
    return PassageError(
        place,
        f"not as many columns as the {'header' if columns.header else 'first row'}",
        expected=str(expected),
        given=str(given),
        remedy="Put quotes around a text that holds the separator.",
    )


def _found(text: str, named: str, source: Source, columns: Columns) -> Dialect:
    """The dialect of a table, from what its separators make of the first rows.

    It is the one of which the header names the columns asked for, else the one of which most rows
    are as wide as the first; the usual one of the kind of file where none divides them.

    Raises:
        TextError: two separators divide the table alike.
    """
    usual = _USUAL[source.suffix]
    if named:
        return _dialect(text, named) or Dialect(named)
    dialects = {s: d for s in SEPARATORS if (d := _dialect(text, s)) is not None}
    tables = {s: _sample(text, dialect) for s, dialect in dialects.items()}
    divided = {s: table for s, table in tables.items() if len(table[0]) > 1}
    asking = {s: table for s, table in divided.items() if _has_asked(table[0], columns)}
    shares = {s: _share_alike(table) for s, table in (asking or divided).items()}
    best = [s for s, share in shares.items() if share == max(shares.values())]
    if not best or usual in best:
        return dialects.get(usual) or Dialect(usual)
    if len(best) > 1:
        raise TextError(
            f"{source.name}: what separates its columns cannot be told",
            expected="one of " + ", ".join(SEPARATORS.values()),
            given=f"{' and '.join(SEPARATORS[s] for s in best)} that divide its rows alike",
            remedy="Name the column of the text (--text-column), or quote what is text.",
        )
    return dialects[best[0]]


def _dialect(text: str, separator: str) -> Dialect | None:
    """The dialect with this separator; None where the first rows are malformed in it.

    Tab-separated files come with and without quoting: read with quotes, one without them is
    torn (a quotation mark that opens a text swallows the following lines).
    """
    if separator not in text:
        return None
    tab = separator == "\t"
    ways = [Dialect(separator), Dialect(separator, quoted=False)] if tab else [Dialect(separator)]
    tables = {way: _sample(text, way, None if tab else _LOOKED_AT) for way in ways}
    shares = {way: _share_alike(table) for way, table in tables.items() if table}
    if not shares:
        return None
    best = max(shares, key=lambda way: shares[way])  # of two alike the first, with quotes
    first = tables[best][0]
    padded = len(first) > 1 and all(cell.startswith(" ") for cell in first[1:])
    return replace(best, padded=padded)


def _sample(text: str, dialect: Dialect, most: int | None = _LOOKED_AT) -> list[list[str]]:
    """The first rows, or all of them; none where they are malformed."""
    try:
        with _of_any_size():
            return [cells for cells in islice(_cells(text, dialect), most) if cells]
    except csv.Error:
        return []


@contextmanager
def _of_any_size() -> Iterator[None]:
    """Cells may be long here; the limit, which all of the process shares, comes back."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _share_alike(table: Sequence[Sequence[str]]) -> float:
    """The share of the rows that are as wide as the first."""
    return sum(len(cells) == len(table[0]) for cells in table) / len(table)


def _has_asked(header: Sequence[str], columns: Columns) -> bool:
    """Whether a header names all columns that are asked for."""
    return columns.header and columns.asked <= {cell.strip() for cell in header}


def _cells(text: str, dialect: Dialect) -> Any:
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect.separator,
        quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
        skipinitialspace=dialect.padded,
        strict=True,
    )


def _records(text: str, dialect: Dialect, source: Source, line: int) -> list[_Record]:
    """Each row with the line it begins on, blank lines left out."""
    reader, before = _cells(text, dialect), line - 1
    table: list[_Record] = []
    try:
        with _of_any_size():
            for cells in reader:
                if cells:
                    table.append((line, cells))
                line = before + reader.line_num + 1
    except csv.Error as error:
        raise TextError(
            f"{source.place(line)}: malformed row", given=str(error), remedy="Check its quotes."
        ) from None
    if not table:
        raise TextError(f"{source.name} holds blank lines only", remedy="Give a file with text.")
    return table


def _check_header(names: Sequence[str], columns: Columns, source: Source) -> None:
    """Refuses a header that names no text column and in which a cell looks like no name of one."""
    sure = columns.text is not None or not columns.header or DEFAULT_COLUMN in names
    unlike = [name for name in names if not _looks_like_a_name(name)]
    if sure or not unlike:
        return
    known = ", ".join(SEPARATORS.values())
    apart = "" if len(names) > 1 else ", or like columns that something else separates"
    raise PassageError(
        source.name,
        f"its first line looks like a text{apart}",
        expected=f"a header, its columns separated by {known}",
        given=", ".join(map(quoted, names)),
        remedy="Without a header: --no-header. If it names the columns: --text-column.",
    )


def _looks_like_a_name(cell: str) -> bool:
    characters = sum(map(is_unspaced, cell))
    short = len(cell.split()) <= _MOST_WORDS and characters <= 2 * _MOST_WORDS
    return short and _NAME.fullmatch(cell) is not None and not cell.strip().endswith(".")


def _notes(
    dialect: Dialect, column: str, names: Sequence[str], columns: Columns, source: Source
) -> Iterator[Note]:
    """What was found out about a table and not asked for."""
    told: list[str] = []
    if dialect.separator != _USUAL[source.suffix]:
        told.append(f"columns separated by {SEPARATORS.get(dialect.separator, 'another sign')}")
    guessed = columns.text is None and columns.header and column != DEFAULT_COLUMN
    if told or guessed:
        told.append(f"the text is column {quoted(column)} of {len(names)}")
    if guessed:
        told.append("without a header: --no-header")
    if told:
        yield Note(f"{source.name}: {'; '.join(told)}")
