"""Rows of tables: which columns are read, and what a row says."""

import math
from dataclasses import dataclass
from typing import Any

from odograph.corpus.passages import Word
from odograph.corpus.places import NO_PLACES, Places
from odograph.corpus.words import Target

DEFAULT_COLUMN = "text"
ID_COLUMN = "id"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its 1-based line, its text, its own id ("" where it has none), its tagged words."""

    line: int
    text: str
    id: str = ""
    words: tuple[Word, ...] = ()
    document: str = ""
    targets: tuple[Target, ...] | None = None
    companions: tuple[Target, ...] = ()
    columns: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What was found out about a source that its user should know."""

    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read: of the text ("text" or the only one if None), the tags, the document.

    Without `header` the columns of separated values are called 1, 2, ... `places` are those that
    say where targets stand, `kept` those that go with the passage.
    """

    text: str | None = None
    tags: str | None = None
    document: str | None = None
    header: bool = True
    places: Places = NO_PLACES
    kept: tuple[str, ...] = ()

    @property
    def asked(self) -> set[str]:
        """The columns that have to be there."""
        return {self.text or DEFAULT_COLUMN, *self.beside}

    @property
    def beside(self) -> dict[str, str]:
        """The columns beside the text that have to be there, and what each holds."""
        found = dict.fromkeys(self.kept, "what is kept (--keep-columns, --contrast, --pair)")
        found |= dict.fromkeys(self.places.columns, "where words stand (--target-columns)")
        if self.document is not None:
            found[self.document] = "the document (--document-column)"
        if self.tags is not None:
            found[self.tags] = "the tags (--tags column:NAME)"
        return found


def kept_value(value: Any) -> str | None:
    """What is kept of a cell: its text; None where it is empty.

    >>> kept_value("yes "), kept_value(3), kept_value(2.0), kept_value("")
    ('yes', '3', '2', None)
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None
