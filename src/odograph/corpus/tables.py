"""Passages in tables: the rows of JSON and Parquet files, and what is read of any row."""

import gzip
import json
import math
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from typing import IO, Any

from odograph.corpus.look_alikes import quoted, quoted_apart
from odograph.corpus.passages import Word
from odograph.corpus.places import words_at
from odograph.corpus.rows import DEFAULT_COLUMN, ID_COLUMN, Columns, Row, kept_value
from odograph.corpus.sources import PassageError, Source, decode, lines_of, opened
from odograph.corpus.tag_column import tagged_words
from odograph.errors import TextError

#: Rows of a Parquet file that are read at a time.
_ROWS = 4096


class _TwiceError(ValueError):
    """A key that an object has twice."""


def json_rows(source: Source, columns: Columns) -> Iterator[Row | PassageError]:
    """Rows of a .jsonl file: a JSON object or string on each line; or those of one JSON list.

    The line of a row of a list is its 1-based number.
    """
    listed = _json_list(decode(source), source.name) if source.suffix == ".json" else None
    if listed is not None:
        for number, value in enumerate(listed, start=1):
            place = f"{source.name}, entry {number}"
            yield caught(_json_row, place, value, columns, number)
        return
    for number, line in enumerate(chain.from_iterable(lines_of(source)), start=1):
        if line.strip():
            yield caught(_json_line, source.place(number), line, columns, number)


def _json_list(text: str, name: str) -> list[Any] | None:
    """The entries of a list; None where the text is no JSON as a whole."""
    try:
        value = _json(text)
    except _TwiceError as error:
        raise _twice(name, str(error)) from None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else [value]


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; an error where it has a key twice, of which JSON would take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return found


def caught(read: Callable[..., Row], *arguments: Any) -> Row | PassageError:
    """The row, or what is wrong with it."""
    try:
        return read(*arguments)
    except PassageError as error:
        return error


def _json_line(place: str, line: str, columns: Columns, number: int) -> Row:
    try:
        value = _json(line)
    except _TwiceError as error:
        raise _twice(place, str(error)) from None
    except (ValueError, RecursionError) as error:
        raise PassageError(
            place,
            "malformed JSON",
            given=str(error),
            remedy='Each line is an object such as {"text": "..."}, or a string.',
        ) from None
    return _json_row(place, value, columns, number)


def _json_row(place: str, value: Any, columns: Columns, number: int) -> Row:
    plain = not columns.beside
    if isinstance(value, str) and plain:
        return Row(number, _text(value, place, "the line"))
    if not isinstance(value, dict):
        raise PassageError(
            place,
            "not a passage",
            expected="a JSON object" + " or string" * plain,
            given=_kind(value),
            remedy='Each line is an object such as {"text": "..."}, or a string.',
        )
    column = columns.text or DEFAULT_COLUMN
    if column not in value:
        raise _no_column(place, column, list(value))
    return row_of(place, value, column, columns, number)


def row_of(place: str, row: dict[str, Any], column: str, columns: Columns, number: int) -> Row:
    """The row of a table whose text column is known.

    Raises:
        PassageError: no text that can be read, no document, or tags or places that do not fit.
    """
    text = _text(row[column], place, f"column {column!r}")
    for name, what in columns.beside.items():
        if name not in row:
            raise _no_column(place, name, list(row), what)
    document = _document(row, columns.document, place)
    kept = tuple((name, kept_value(row[name])) for name in columns.kept)
    targets, companions = words_at(text, row, columns.places, place)
    words: tuple[Word, ...] = ()
    if columns.tags is not None and text.strip():
        words = tagged_words(text, row[columns.tags], columns.tags, place)
    return Row(number, text, _id(row), words, document, targets, companions, kept)


def _document(row: dict[str, Any], column: str | None, place: str) -> str:
    """The name of the document that a row belongs to; "" where no column holds one."""
    if column is None:
        return ""
    value = row[column]
    empty = isinstance(value, float) and math.isnan(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or empty:
        name = ""
    else:
        name = str(value).strip()
    if not name:
        raise PassageError(
            place,
            f"column {column!r}",
            expected="the name of a document",
            given=_kind(value) if value != "" else "nothing",
            remedy="Name the document of each text.",
        )
    return name


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
        given=", ".join(quoted_apart(name, column) for name in columns) or "no column at all",
        remedy=f"Name the one that holds {what}.",
    )


def _twice(place: str, column: str) -> PassageError:
    return PassageError(
        place,
        f"two columns are called {quoted(column)}",
        expected="each name once",
        remedy="Rename one of them, or leave it out.",
    )


def choose_column(names: Sequence[str], columns: Columns, place: str) -> str:
    """The text column: the one asked for, else "text", else the only one.

    Raises:
        PassageError: it is not there, or another that is asked for, or one is twice.
    """
    for name, what in columns.beside.items():
        if name not in names:
            raise _no_column(place, name, names, what)
    column = columns.text or DEFAULT_COLUMN
    if columns.text is None and len(names) == 1:
        column = names[0]
    elif column not in names:
        raise _no_column(place, column, names)
    for name in (column, ID_COLUMN, *columns.beside):
        if names.count(name) > 1:
            raise _twice(place, name)
    return column


def parquet_rows(source: Source, columns: Columns) -> Iterator[Row | PassageError]:
    """Rows of a .parquet file, some at a time; the line of a row is its 1-based number."""
    with opened(source) as file:
        for number, (column, row) in enumerate(_parquet_rows(file, source, columns), start=1):
            place = f"{source.name}, row {number}"
            yield caught(row_of, place, row, column, columns, number)


def _parquet_rows(
    file: IO[bytes], source: Source, columns: Columns
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The text column, and what is read of each row."""
    import pyarrow
    from pyarrow import parquet

    try:
        # What is packed once more cannot be jumped about in.
        packed = isinstance(file, gzip.GzipFile)
        found = parquet.ParquetFile(BytesIO(file.read()) if packed else file)
        names = list(found.schema_arrow.names)
        column = choose_column(names, columns, source.name)
        asked = dict.fromkeys((column, ID_COLUMN, *columns.beside))
        wanted = [name for name in asked if name in names]
        for batch in found.iter_batches(_ROWS, columns=wanted):
            yield from ((column, row) for row in batch.to_pylist())
    except (pyarrow.ArrowException, OSError, ValueError) as error:  # damage has many names
        raise TextError(
            f"{source.name} is no Parquet file that can be read",
            given=str(error).partition("\n")[0],
            remedy="Write it again, or give another kind of file.",
        ) from None
