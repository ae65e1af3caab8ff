"""Targets by place: columns of a table say which word of a text it is, or marks stand around it.

A companion is a marked word of a second role, beside the target.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from odograph.corpus.folding import fold
from odograph.corpus.look_alikes import quoted
from odograph.corpus.passages import Passage
from odograph.corpus.sources import PassageError
from odograph.corpus.words import Target, clean_targets
from odograph.errors import UsageError

_TARGET, _COMPANION = range(2)
_EMPTY = (None, "")


@dataclass(frozen=True, slots=True)
class PlaceColumns:
    """Two columns of a table: the word that is meant, and its first character in the text."""

    word: str
    offset: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where the words to follow stand in their texts.

    Args:
        targets: columns of targets.
        companions: columns of words of the second role, which is named after their first.
        marks: signs around a word in the text: those of targets, then those of companions; the
            first half of each opens, the second closes.
        words: the targets that are followed; all that are marked where there are none.
        ignore_case: "Her" is the target "her" too.
    """

    targets: tuple[PlaceColumns, ...] = ()
    companions: tuple[PlaceColumns, ...] = ()
    marks: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    ignore_case: bool = False

    def __post_init__(self) -> None:
        if self.marks and self.columns:
            raise UsageError(
                "marks in the texts and columns of places",
                expected="one of them: characters are counted with the marks or without",
                given=" ".join(map(quoted, (*self.marks, *self.columns))),
            )

    @property
    def fixed(self) -> bool:
        """Whether targets are marked, and not searched for."""
        return bool(self.targets or self.marks)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that say where words stand."""
        return tuple(n for c in (*self.targets, *self.companions) for n in (c.word, c.offset))

    def followed(self, given: str) -> str:
        """The target that a marked word is; "" where it is none of those that are followed."""
        name, *_ = clean_targets([given])
        if not self.words:
            return name.lower() if self.ignore_case else name
        same = fold(name, ignore_case=self.ignore_case).text
        words = clean_targets(self.words)
        return next((w for w in words if fold(w, ignore_case=self.ignore_case).text == same), "")


NO_PLACES = Places()


def place_columns(given: Iterable[str], option: str) -> tuple[PlaceColumns, ...]:
    """The pairs of columns, each given as WORD,OFFSET.

    Raises:
        UsageError: not two names with a comma between them.
    """
    found = [tuple(name.strip() for name in pair.split(",")) for pair in given]
    for names, pair in zip(found, given, strict=True):
        if len(names) != 2 or not all(names):
            raise UsageError(
                option,
                expected="two columns, WORD,OFFSET",
                given=quoted(pair),
                remedy="For example Pronoun,Pronoun-offset.",
            )
    return tuple(PlaceColumns(*names) for names in found)


def check_marks(marks: Sequence[str]) -> tuple[str, ...]:
    """The marks, if each has a half that opens and one that closes, and no more than two roles.

    Raises:
        UsageError: they have not, or one sign stands in both.
    """
    signs = [half for pair in marks for half in set(_halves(pair))]
    even = all(pair and len(pair) % 2 == 0 for pair in marks)
    spaced = any(sign.isalnum() or sign.isspace() for pair in marks for sign in pair)
    if not even or spaced or len(marks) > 2 or len(signs) != len(set(signs)):
        raise UsageError(
            "marks",
            expected="signs that open and signs that close, such as [] or <<>>: those of targets, "
            "then maybe others of companions",
            given=" ".join(map(quoted, marks)),
        )
    return tuple(marks)


def _halves(pair: str) -> tuple[str, str]:
    middle = len(pair) // 2
    return pair[:middle], pair[middle:]


def words_at(
    text: str, row: dict[str, Any], places: Places, place: str
) -> tuple[tuple[Target, ...] | None, tuple[Target, ...]]:
    """The targets and the companions of a row by its columns; no targets where none are named.

    Raises:
        PassageError: another word stands there, or the offset is no number.
    """
    if not (places.targets or places.companions):
        return (() if places.fixed else None), ()
    targets, companions = (
        [_word_at(text, row, columns, place) for columns in of]
        for of in (places.targets, places.companions)
    )
    named = [(places.followed(text[s:e]), s, e) for s, e in filter(None, targets)]
    kept = tuple(Target(*each) for each in sorted(set(named), key=lambda e: e[1:]) if each[0])
    beside = zip(places.companions, companions, strict=True)
    others = [Target(columns.word, *span) for columns, span in beside if span]
    return (kept if places.fixed else None), tuple(sorted(others, key=lambda each: each.start))


def _word_at(
    text: str, row: dict[str, Any], columns: PlaceColumns, place: str
) -> tuple[int, int] | None:
    """The characters of the word; None where the row names none."""
    word, offset = row[columns.word], row[columns.offset]
    if word in _EMPTY and offset in _EMPTY:
        return None
    start = _whole(offset)
    if not isinstance(word, str) or not word.strip() or start is None:
        raise PassageError(
            place,
            f"columns {quoted(columns.word)} and {quoted(columns.offset)}",
            expected="a word and the number of its first character",
            given=f"{word!r} and {offset!r}",
        )
    end = start + len(word)
    if text[start:end] != word:
        raise PassageError(
            place,
            f"column {quoted(columns.offset)}",
            expected=f"{quoted(word)} at character {start} of the text",
            given=quoted(text[start:end]),
            remedy="Count the characters before it, not bytes, tokens or words.",
        )
    return start, end


def _whole(value: Any) -> int | None:
    """The number, from 0; None where it is none."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value >= 0 and value == int(value) else None


def without_marks(passage: Passage, places: Places) -> Passage:
    """The passage with the marks taken out of its text, and its targets where they stood.

    Raises:
        PassageError: a mark without its other half, or nothing between two.
        UsageError: its words are known by their characters, which would be moved.
    """
    if not places.marks or passage.ids is not None:
        return passage
    if passage.words:
        raise UsageError(
            "marks in texts whose words are tagged",
            expected="one of them",
            remedy="Leave out --marks, or the tags.",
        )
    text, found = _taken_out(passage.text, places.marks, passage.id)
    named = [(places.followed(text[s:e]), s, e) for role, s, e in found if role == _TARGET]
    others = [Target(places.marks[r], s, e) for r, s, e in found if r == _COMPANION]
    targets = tuple(Target(*each) for each in named if each[0])
    return replace(passage, text=text, targets=targets, companions=tuple(others))


def _taken_out(
    text: str, marks: Sequence[str], place: str
) -> tuple[str, list[tuple[int, int, int]]]:
    """The text without marks, and for each marked word whose mark it was, its start and end."""
    halves = [_halves(pair) for pair in marks]
    signs = sorted({half for pair in halves for half in pair}, key=len, reverse=True)
    kept, found, read, opened = "", [], 0, None
    for sign in re.finditer("|".join(map(re.escape, signs)), text):
        kept += text[read : sign.start()]
        read = sign.end()
        if opened is None:
            role = next((r for r, (first, _) in enumerate(halves) if first == sign[0]), None)
            if role is None:
                raise _unpaired(place, sign)
            opened = role, len(kept), sign
            continue
        role, start, begun = opened
        word = kept[start:]
        if sign[0] != halves[role][1] or not word.strip():
            raise _unpaired(place, begun)
        first = start + len(word) - len(word.lstrip())
        found.append((role, first, first + len(word.strip())))
        opened = None
    if opened is not None:
        raise _unpaired(place, opened[2])
    return kept + text[read:], found


def _unpaired(place: str, sign: re.Match[str]) -> PassageError:
    return PassageError(
        place,
        f"the mark {quoted(sign[0])} at character {sign.start()}",
        expected="a word between it and its other half",
        given=quoted(sign.string[sign.start() : sign.start() + 20]),
        remedy="Choose marks that stand nowhere else in the texts.",
    )
