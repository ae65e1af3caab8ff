"""Words and targets found by characters, whatever the tokenizer makes of them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from odograph.corpus.folding import Folded, fold
from odograph.corpus.scripts import (
    cuts_a_character,
    has_unspaced,
    is_mark,
    is_unspaced,
    stretches,
)
from odograph.errors import UsageError

#: How a target is found: as a whole word where words have spaces between them and by characters
#: in scripts without; as a whole word everywhere; by characters everywhere.
Match = Literal["auto", "words", "characters"]

APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"


@dataclass(frozen=True, slots=True)
class Target:
    """One occurrence of a target: characters `start` to `end`."""

    target: str
    start: int
    end: int


def is_word_character(character: str) -> bool:
    """Whether the character is a letter, a digit or a combining mark."""
    return character.isalnum() or is_mark(character)


def find_words(text: str, targets: Sequence["Target"] = ()) -> tuple[tuple[int, int], ...]:
    """Spans of the words: runs of letters, digits and marks, with inner apostrophes.

    A word ends where a script without spaces begins or ends. What is written in such a script is
    divided at the edges of `targets`, and nowhere else: its words are not known.

    >>> [text[a:b] for text in ["Don't stop, 2 o'clock!"] for a, b in find_words(text)]
    ["Don't", 'stop', '2', "o'clock"]
    """
    marks = "" if text.isascii() else "".join(sorted(filter(is_mark, set(text))))
    spans = tuple(match.span() for match in _word_pattern(marks).finditer(text))
    if marks:
        # A variation selector after an emoji is a mark too: a run needs one letter or digit.
        spans = tuple(s for s in spans if any(c.isalnum() for c in text[slice(*s)]))
    if not has_unspaced(text):
        return spans
    edges = sorted({edge for target in targets for edge in (target.start, target.end)})
    return tuple(part for span in spans for part in _by_script(text, *span, edges))


def _by_script(text: str, start: int, end: int, edges: Sequence[int]) -> Iterable[tuple[int, int]]:
    """A run of letters, divided by script; where words have no spaces also at the edges."""
    for first, last in stretches(text, start, end):
        if is_unspaced(text[first]):
            places = [first, *(edge for edge in edges if first < edge < last), last]
            yield from pairwise(places)
            continue
        while first < last and text[first] in APOSTROPHES:
            first += 1
        while first < last and text[last - 1] in APOSTROPHES:
            last -= 1
        yield first, last


@lru_cache(maxsize=256)
def _word_pattern(marks: str) -> re.Pattern[str]:
    run = rf"(?:[^\W_]|[{re.escape(marks)}])+" if marks else r"[^\W_]+"
    return re.compile(rf"{run}(?:[{APOSTROPHES}]{run})*")


def find_targets(
    text: str, targets: Sequence[str], *, ignore_case: bool = False, match: Match = "auto"
) -> tuple[Target, ...]:
    """Every occurrence of the targets, sorted by position.

    As a whole word, the characters on both sides of an occurrence are no letters, digits or marks:
    "her" is not found in "other", but "he" is found in "he's". By characters it may stand
    anywhere, but never cuts a character off its marks. Composed and decomposed forms of a character
    are the same, and so is white space of any kind and length. Of overlapping occurrences the
    longest stays.

    Args:
        text: what is searched.
        targets: what is searched for.
        ignore_case: "Her" is the target "her" too.
        match: "auto" is by characters beside those of a script without spaces, else by words.

    Raises:
        UsageError: a target that is blank.

    >>> find_targets("Her mother saw her.", ["her"])
    (Target(target='her', start=15, end=18),)
    """
    names = clean_targets(targets)
    folded = fold(text, ignore_case=ignore_case)
    found = [
        Target(name, start, end)
        for name in names
        for start, end in _occurrences(folded, fold(name, ignore_case=ignore_case).text)
        if _stands_alone(text, start, end, match)
    ]
    return _longest(found)


def clean_targets(targets: Iterable[str]) -> tuple[str, ...]:
    """The targets, each once, one space for white space inside them and none around them.

    Raises:
        UsageError: a target that is blank.
    """
    names = dict.fromkeys(" ".join(target.split()) for target in targets)
    if "" in names:
        raise UsageError(
            "a target is blank", expected="a word such as 'her'", remedy="Leave it out."
        )
    return tuple(names)


def _occurrences(folded: Folded, name: str) -> Iterable[tuple[int, int]]:
    for at, end in _matches(folded.text, name):
        span = folded.span(at, end)
        if span is not None:
            yield span


def _matches(text: str, name: str) -> Iterable[tuple[int, int]]:
    """Every place of the name in the text, those that overlap too."""
    if " " in name:
        pattern = re.compile(r"(?=(" + r"\s+".join(map(re.escape, name.split())) + "))")
        yield from (match.span(1) for match in pattern.finditer(text))
        return
    at = text.find(name)
    while at >= 0:
        yield at, at + len(name)
        at = text.find(name, at + 1)


def _stands_alone(text: str, start: int, end: int, match: Match) -> bool:
    if cuts_a_character(text, start, end):
        return False
    if match == "characters":
        return True
    bare = text[start:end].rstrip("".join(filter(is_mark, set(text[start:end]))))
    first, last = text[start], bare[-1:] or text[end - 1]
    return not (
        _goes_on(text[max(start - 1, 0) : start], first, match)
        or _goes_on(text[end : end + 1], last, match)
    )


def _goes_on(beside: str, edge: str, match: Match) -> bool:
    """Whether the character beside an occurrence is of one word with that at its edge."""
    if not beside or not is_word_character(beside):
        return False
    return match == "words" or not (is_unspaced(beside) or is_unspaced(edge))


def _longest(found: list[Target]) -> tuple[Target, ...]:
    """The targets that remain when of overlapping ones the longest, then the first, wins."""
    kept: list[Target] = []
    taken: set[int] = set()
    # The sort is stable: of the same span under two names the one that was given first stays.
    for target in sorted(found, key=lambda target: (target.start - target.end, target.start)):
        span = range(target.start, target.end)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(target)
    return tuple(sorted(kept, key=lambda target: target.start))
