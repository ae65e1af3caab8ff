"""Two conditions word by word: several target words are a factor of their own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers, values_where
from odograph.folder.views import quoted_name, quoted_text

_Cells = dict[tuple[str, int], Floats]


@dataclass(frozen=True, eq=False)
class WordCells:
    """Two conditions at the targets, a row for each word and document that has both.

    Attributes:
        words: the target; where the conditions have other words, both of them.
        documents: their numbers.
        first, second: the values in both conditions, [cells, layers].
    """

    words: NDArray[Any]
    documents: Ints
    first: Floats
    second: Floats


def word_cells(
    run: Run, expression: str, column: str, from_layer: int, levels: tuple[str, str]
) -> WordCells:
    """The targets of two conditions word by word, as `condition_means` has them document by it.

    A word that stands in both conditions of a document is compared with itself there; where none
    does, the one target of the one condition with the one of the other.
    """
    found = [_by_word(run, expression, column, from_layer, level) for level in levels]
    cells = [(w, d, w, w) for w, d in sorted(set(found[0]) & set(found[1]))] or _exchanged(found)
    shape = (-1, run.blocks + 1 - from_layer)
    first = np.array([found[0][own, d] for _, d, own, _ in cells], dtype=np.float64).reshape(shape)
    second = np.array([found[1][own, d] for _, d, _, own in cells], dtype=np.float64).reshape(shape)
    whole = np.isfinite(first + second).all(axis=1)
    words = np.array([c[0] for c in cells], dtype=object)[whole]
    documents = np.array([c[1] for c in cells], dtype=np.int64)[whole]
    return WordCells(words, documents, first[whole], second[whole])


def _exchanged(found: Sequence[_Cells]) -> list[tuple[str, int, str, str]]:
    """The documents that have one word in each condition: both words, document, and each word."""
    sides: list[dict[int, list[str]]] = [{}, {}]
    for side, cells in zip(sides, found, strict=True):
        for word, document in cells:
            side.setdefault(document, []).append(word)
    shared = sorted(set(sides[0]) & set(sides[1]))
    pairs = [(d, sides[0][d], sides[1][d]) for d in shared]
    return [
        (f"{one[0]} / {two[0]}", d, one[0], two[0])
        for d, one, two in pairs
        if len(one) == len(two) == 1
    ]


def _by_word(run: Run, expression: str, column: str, from_layer: int, level: str) -> _Cells:
    """The profile of each target word in each document of one condition."""
    values = values_where(run, expression, "role = 'target'", from_layer)
    own = f"select passage from passages where {quoted_name(column)} = {quoted_text(level)}"
    # Named one by one: the tokens have a column `word` of their own.
    rows = f"""
        select document, passage, layer, value, "group" as word
        from ({values.rows}) join ({own}) using (passage)"""
    means = replace(values, rows=rows).means(["value"], "document", "word", "layer")
    found = numbers(values.run.sql(f"{means} order by word, document, layer"))
    layers = run.blocks + 1 - from_layer
    profiles = found["value"].reshape(-1, layers)
    keys = zip(found["word"][::layers], found["document"][::layers].astype(int), strict=True)
    return {(str(w), int(d)): profile for (w, d), profile in zip(keys, profiles, strict=True)}
