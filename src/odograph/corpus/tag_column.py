"""Tags that stand in a column beside the text: one for each white-space-separated word."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from odograph.corpus.passages import Word
from odograph.corpus.sources import PassageError

_SOLID = re.compile(r"\S+")
_NO_TAG = (None, "", "_")


def tagged_words(text: str, value: Any, column: str, place: str) -> tuple[Word, ...]:
    """The words of a text with their tags; the lemma is the lower-cased form.

    A word is a run of characters other than white space, the punctuation at its ends left out:
    the tag of "dog," is that of "dog". A word of punctuation alone keeps it.

    Args:
        text: the passage's text.
        value: what stands in the column: a list of tags, JSON of one, or tags with white space
            between them; null, "" or "_" for a word without tag.
        column: its name, for messages.
        place: where the row is, for messages.

    Raises:
        PassageError: no list of tags, or not as many tags as words.
    """
    tags = _tags(value, column, place)
    spans = [_bare(text, *match.span()) for match in _SOLID.finditer(text)]
    if len(tags) != len(spans):
        raise PassageError(
            place,
            f"column {column!r}",
            expected=f"{len(spans)} tags, one for each word between white space",
            given=str(len(tags)),
            remedy="Give each word its tag, and '_' to a word without one.",
        )
    return tuple(
        Word(text[start:end], start, end, tag, text[start:end].lower())
        for (start, end), tag in zip(spans, tags, strict=True)
    )


def _tags(value: Any, column: str, place: str) -> list[str]:
    listed = list(_listed(value))
    wrong = [tag for tag in listed if tag is not None and not isinstance(tag, str)]
    if not listed or wrong:
        raise PassageError(
            place,
            f"column {column!r}",
            expected='tags such as ["DET", "NOUN"] or DET NOUN',
            given=repr(wrong[0] if wrong else value)[:60],
            remedy="Give each word its tag, and '_' to a word without one.",
        )
    return ["" if tag in _NO_TAG else tag.strip() for tag in listed]


def _listed(value: Any) -> Iterator[Any]:
    """The tags of a list, or of a text that is one; nothing where it is neither."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, str):
        value = value.split()
    if isinstance(value, list):
        yield from value


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the punctuation at its ends; the span itself if that is all of it."""
    first, last = start, end
    while first < last and unicodedata.category(text[first]).startswith("P"):
        first += 1
    while first < last and unicodedata.category(text[last - 1]).startswith("P"):
        last -= 1
    return (first, last) if first < last else (start, end)
