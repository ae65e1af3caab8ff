"""Texts that Python gives as rows: dictionaries, or a frame of pandas, polars or pyarrow."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from odograph.corpus.passages import Passage
from odograph.corpus.readers import passage_of_row
from odograph.corpus.rows import Columns
from odograph.corpus.sources import PassageError
from odograph.corpus.tables import choose_column, row_of

#: How each kind of frame gives its rows; none of the libraries is imported for it.
_ROWS = {"to_pylist": (), "to_dicts": (), "to_dict": ("records",)}


class Frame(Protocol):
    """What a frame of pandas, polars or pyarrow has."""

    @property
    def columns(self) -> Any:
        """Names of the columns, or the columns themselves."""


def listed(texts: Any) -> Any:
    """The rows of a frame, as dictionaries; anything else as it is."""
    if isinstance(texts, Sequence | Mapping) or not hasattr(texts, "columns"):
        return texts
    for name, arguments in _ROWS.items():
        rows = getattr(texts, name, None)
        if rows is not None:
            return list(rows(*arguments))
    return texts


def passage_of_mapping(number: int, row: Mapping[str, Any], columns: Columns) -> Passage:
    """The passage of a row that Python gives; its columns are named as those of a file.

    Raises:
        PassageError: no column of the text, a blank text, or what `row_of` refuses.
    """
    place, plain = f"text {number}", dict(_plain(row))
    found = row_of(place, plain, choose_column(list(plain), columns, place), columns, number)
    if not found.text.strip():
        raise PassageError(place, "the text is blank", remedy="Fill it in.")
    return passage_of_row(found, found.id or f"text:{number}", "Python")


def _plain(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The cells as values of Python: a number of numpy is one of its own kind."""
    for name, value in row.items():
        item = getattr(value, "item", None)
        single = not getattr(value, "shape", ())
        yield str(name), item() if callable(item) and single else value
