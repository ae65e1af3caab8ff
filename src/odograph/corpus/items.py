"""Items: passages that belong together because they differ in their condition alone.

Passages of one item are one document: minimal pairs, variants of one template.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, takewhile
from typing import Any

from odograph.corpus.passages import Passage
from odograph.corpus.stored_texts import layouts_of
from odograph.corpus.words import Target, clean_targets

_WORD = re.compile(r"\S+")
#: What stands around a word and is no part of it.
_EDGES = "\"'.,;:!?()[]{}"


def value_of(passage: Passage, column: str) -> str | None:
    """What the passage has in a column that was kept; None where it has nothing."""
    return dict(passage.columns).get(column)


def with_like_columns(passages: Sequence[Passage]) -> Sequence[Passage]:
    """The passages with the same columns in each, in the order in which they are first met."""
    layouts = layouts_of(passages)
    names = tuple(dict.fromkeys(chain.from_iterable(layouts)))
    if {*layouts} <= {names}:
        return passages
    return tuple(
        replace(p, columns=tuple((name, value_of(p, name)) for name in names)) for p in passages
    )


def in_items(passages: Sequence[Passage], column: str) -> tuple[Passage, ...]:
    """The passages, those of one item in one document, but where a source names documents."""
    return tuple(
        replace(passage, document=passage.document or value_of(passage, column) or "")
        for passage in passages
    )


def mark_differences(passages: Sequence[Passage], column: str) -> tuple[Passage, ...]:
    """The passages of each item with the words in which they differ as targets.

    From the first word that is not the same in all of the item to the last; where one of them has
    no word there (it was left out), that and the next word. An item of one passage, or of equal
    ones, has no target.
    """
    items: dict[str, list[int]] = {}
    for number, passage in enumerate(passages):
        item = value_of(passage, column)
        if item is not None:
            items.setdefault(item, []).append(number)
    marked = [replace(passage, targets=()) for passage in passages]
    for numbers in items.values():
        texts = [passages[number].text for number in numbers]
        for number, target in zip(numbers, _differences(texts), strict=True):
            marked[number] = replace(passages[number], targets=(target,) if target else ())
    return tuple(marked)


def _differences(texts: Sequence[str]) -> Iterator[Target | None]:
    """For each text the words in which it differs from the others; None where it does not."""
    spans = [[match.span() for match in _WORD.finditer(text)] for text in texts]
    words = [[text[a:b] for a, b in own] for text, own in zip(texts, spans, strict=True)]
    before = _common(words)
    after = _common([own[before:][::-1] for own in words])
    if len(set(texts)) < 2:
        yield from (None for _ in texts)
        return
    if any(len(own) == before + after for own in words):
        after = max(after - 1, 0)
    for text, own in zip(texts, spans, strict=True):
        yield _target(text, own[before : len(own) - after])


def _common(lists: Sequence[Sequence[Any]]) -> int:
    """How many of the first values are the same in all lists."""
    return sum(1 for _ in takewhile(lambda met: len(set(met)) == 1, zip(*lists, strict=False)))


def _target(text: str, spans: Sequence[tuple[int, int]]) -> Target | None:
    """The words without what stands around them; None where nothing is left."""
    if not spans:
        return None
    first, last = spans[0][0], spans[-1][1]
    word = text[first:last]
    bare = word.strip(_EDGES) or word
    start = first + word.index(bare)
    return Target(clean_targets([bare])[0], start, start + len(bare))


def levels_of(passages: Iterable[Passage], column: str) -> tuple[str, ...]:
    """The values of a column, in the order in which they are first met."""
    met = dict.fromkeys(value_of(passage, column) for passage in passages)
    return tuple(level for level in met if level is not None)
