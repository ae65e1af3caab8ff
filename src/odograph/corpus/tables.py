"""Passages in tables: the rows of JSON files, and what is read of any row."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from odograph.corpus.look_alikes import quoted, quoted_apart
from odograph.corpus.passages import PlainPassages, Word
from odograph.corpus.places import words_at
from odograph.corpus.rows import DEFAULT_COLUMN, ID_COLUMN, Columns, Row, kept_value
from odograph.corpus.sources import PassageError, Source, decode, lines_of
from odograph.corpus.tag_column import tagged_words


class _TwiceError(ValueError):
    """A key that an object has twice."""


def json_rows(source: Source, columns: Columns) -> Iterator[Row | PlainPassages | PassageError]:
    """Rows of a .jsonl file: a JSON object or string on each line; or those of one JSON list.

    The line of a row of a list is its 1-based number.
    """
    listed = _json_list(decode(source), source.name) if source.suffix == ".json" else None
    if listed is not None:
        for number, value in enumerate(listed, start=1):
            place = f"{source.name}, entry {number}"
            yield caught(_json_row, place, value, columns, number)
        return
    before = 0
    for lines in lines_of(source):
        numbered = {n: line for n, line in enumerate(lines, start=before + 1) if line.strip()}
        before += len(lines)
        plain = _plain_lines(source, numbered, columns)
        if plain is not None:
            yield plain
            continue
        for number, line in numbered.items():
            yield caught(_json_line, source.place(number), line, columns, number)


def _plain_lines(
    source: Source, lines: Mapping[int, str], columns: Columns
) -> PlainPassages | None:
    """The passages of lines by their numbers, as `plain_passages`."""
    if columns.beside:
        return None
    column = columns.text or DEFAULT_COLUMN
    try:
        values = list(map(_json, lines.values()))
        texts = [value if isinstance(value, str) else value[column] for value in values]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    ids = (None if isinstance(value, str) else value.get(ID_COLUMN) for value in values)
    return plain_passages(source, lines, texts, ids)


def plain_passages(
    source: Source, lines: Iterable[int], texts: Sequence[Any], ids: Iterable[Any]
) -> PlainPassages | None:
    """The passages of rows of which text and id are all; None where one of them is none.

    They are read one by one then, and what is wrong is told.
    """
    try:
        "".join(texts).encode("utf-8")
    except (TypeError, UnicodeEncodeError):
        return None
    if not all(map(str.strip, texts)):
        return None
    names = [_id(own) or f"{source.name}:{line}" for line, own in zip(lines, ids, strict=True)]
    return PlainPassages(source.given, names, texts)


def _json_list(text: str, name: str) -> list[Any] | None:
    """The entries of a list; None where the text is no JSON as a whole."""
    try:
        value = _json(text)
    except _TwiceError as error:
        raise _twice(name, str(error)) from None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else [value]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; an error where it has a key twice, of which JSON would take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return found


_json = json.JSONDecoder(object_pairs_hook=_object).decode


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
        marked = line.startswith("\ufeff")  # files with marks, put together
        raise PassageError(
            place,
            "malformed JSON",
            given="a byte order mark before it" if marked else str(error),
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
    return Row(number, text, _id(row.get(ID_COLUMN)), words, document, targets, companions, kept)


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


def _id(value: Any) -> str:
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
