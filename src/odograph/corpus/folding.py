"""Texts in a form where equal characters compare equal, with the way back to their places.

Source: The Unicode Standard, sections 3.11 (canonical ordering) and 3.13 (caseless matching).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Marks are never ASCII, so a run of marks to be put in order lies within one match.
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Folded:
    """A decomposed text; `places` names for each character the original one it comes from."""

    text: str
    places: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """The original span, or None where it would cut an original character in two."""
        if self.places is None:
            return start, end
        inside = self.places[start:end]
        first, last = min(inside), max(inside)
        outside = (*self.places[max(start - 1, 0) : start], *self.places[end : end + 1])
        if any(first <= place <= last for place in outside):
            return None
        return first, last + 1


def fold(text: str, *, ignore_case: bool) -> Folded:
    """The text in canonical decomposition, without case where it is ignored."""
    if text.isascii():
        return Folded(_plain(text, ignore_case), None)
    if not ignore_case and unicodedata.is_normalized("NFD", text):
        return Folded(text, None)
    folded: list[str] = []
    places: list[int] = []
    plain_from = 0
    for match in _NOT_ASCII.finditer(text):
        folded.append(_plain(text[plain_from : match.start()], ignore_case))
        places += range(plain_from, match.start())
        pieces = [
            (part, place)
            for place in range(*match.span())
            for part in _parts(text[place], ignore_case)
        ]
        ordered = _canonical_order(pieces)
        folded += [part for part, _ in ordered]
        places += [place for _, place in ordered]
        plain_from = match.end()
    folded.append(_plain(text[plain_from:], ignore_case))
    places += range(plain_from, len(text))
    return Folded("".join(folded), tuple(places))


def _plain(text: str, ignore_case: bool) -> str:
    return text.lower() if ignore_case else text


@lru_cache(maxsize=65536)
def _parts(character: str, ignore_case: bool) -> str:
    parts = unicodedata.normalize("NFD", character)
    return unicodedata.normalize("NFD", parts.casefold()) if ignore_case else parts


def _canonical_order(pieces: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Runs of marks sorted by combining class, as decomposition of the whole text has them."""
    ordered: list[tuple[str, int]] = []
    run: list[tuple[str, int]] = []
    for piece in pieces:
        if unicodedata.combining(piece[0]):
            run.append(piece)
            continue
        if run:
            ordered += sorted(run, key=lambda mark: unicodedata.combining(mark[0]))
            run = []
        ordered.append(piece)
    return ordered + sorted(run, key=lambda mark: unicodedata.combining(mark[0]))
