"""Words and targets found by characters, whatever the tokenizer makes of them."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from odograph.corpus.folding import Folded, fold
from odograph.errors import TextError, UsageError

APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Target:
    """One occurrence of a target: characters `start` to `end`."""

    target: str
    start: int
    end: int


def is_mark(character: str) -> bool:
    """Whether the character is a combining mark, part of the character before it."""
    return unicodedata.category(character).startswith("M")


def is_word_character(character: str) -> bool:
    """Whether the character is a letter, a digit or a combining mark."""
    return character.isalnum() or is_mark(character)


def find_words(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of the words: runs of letters, digits and marks, with inner apostrophes.

    >>> [text[a:b] for text in ["Don't stop, 2 o'clock!"] for a, b in find_words(text)]
    ["Don't", 'stop', '2', "o'clock"]
    """
    marks = "" if text.isascii() else "".join(sorted(filter(is_mark, set(text))))
    spans = tuple(match.span() for match in _word_pattern(marks).finditer(text))
    if not marks:
        return spans
    # A variation selector after an emoji is a mark too: a run needs one letter or digit.
    return tuple((start, end) for start, end in spans if any(c.isalnum() for c in text[start:end]))


@lru_cache(maxsize=256)
def _word_pattern(marks: str) -> re.Pattern[str]:
    run = rf"(?:[^\W_]|[{re.escape(marks)}])+" if marks else r"[^\W_]+"
    return re.compile(rf"{run}(?:[{APOSTROPHES}]{run})*")


def find_targets(
    text: str, targets: Sequence[str], *, ignore_case: bool = False
) -> tuple[Target, ...]:
    """Every occurrence of the targets as whole words, sorted by position.

    The characters on both sides of an occurrence are no letters, digits or marks: "her" is
    not found in "other", but "he" is found in "he's". Composed and decomposed forms of a
    character are the same. Of overlapping occurrences the longest stays.

    Raises:
        UsageError: a target without a letter, digit or sign.

    >>> find_targets("Her mother saw her.", ["her"])
    (Target(target='her', start=15, end=18),)
    """
    names = clean_targets(targets)
    folded = fold(text, ignore_case=ignore_case)
    found = [
        Target(name, start, end)
        for name in names
        for start, end in _occurrences(text, folded, fold(name, ignore_case=ignore_case).text)
    ]
    return _longest(found)


def clean_targets(targets: Iterable[str]) -> tuple[str, ...]:
    """The targets without white space around them, each once.

    Raises:
        UsageError: a target that is blank.
    """
    names = dict.fromkeys(target.strip() for target in targets)
    if "" in names:
        raise UsageError(
            "a target is blank", expected="a word such as 'her'", remedy="Leave it out."
        )
    return tuple(names)


def _occurrences(text: str, folded: Folded, name: str) -> Iterable[tuple[int, int]]:
    at = folded.text.find(name)
    while at >= 0:
        span = folded.span(at, at + len(name))
        if span is not None and _stands_alone(text, *span):
            yield span
        at = folded.text.find(name, at + 1)


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    # A mark at the start would belong to the character before it.
    return not (
        (before and is_word_character(before))
        or (after and is_word_character(after))
        or (before and is_mark(text[start]))
    )


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


def suggest_words(texts: str | Iterable[str], target: str) -> list[str]:
    """Up to five words that do occur and are near the target, the nearest first.

    First the target in another case, then words that hold it, then words spelled alike.
    """
    texts = [texts] if isinstance(texts, str) else list(texts)
    other_case = Counter(
        text[hit.start : hit.end]
        for text in texts
        for hit in find_targets(text, [target], ignore_case=True)
    )
    words = Counter(text[start:end] for text in texts for start, end in find_words(text))
    name = fold(target.strip(), ignore_case=True).text
    holding = Counter(
        {word: n for word, n in words.items() if name in fold(word, ignore_case=True).text}
    )
    alike = difflib.get_close_matches(target, words, n=_SUGGESTIONS)
    ranked = [*_by_frequency(other_case), *_by_frequency(holding), *alike]
    return [word for word in dict.fromkeys(ranked) if word != target][:_SUGGESTIONS]


def _by_frequency(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda word: (-counts[word], word))


def no_occurrence(texts: Sequence[str], targets: Sequence[str]) -> TextError:
    """The error that no target occurs in the texts, with words near them that do."""
    names = clean_targets(targets)
    near = list(dict.fromkeys(word for name in names for word in suggest_words(texts, name)))
    plural = "s" if len(names) > 1 else ""
    remedy = "Targets are whole words, in the case they are given in"
    return TextError(
        f"no occurrence of the target{plural} {', '.join(map(repr, names))}"
        f" in {len(texts)} passage{'' if len(texts) == 1 else 's'}",
        remedy=f"{remedy}; near words that occur: {', '.join(map(repr, near))}."
        if near
        else f"{remedy}.",
    )
