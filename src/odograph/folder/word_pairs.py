"""Targets minus the tokens before them, word by word: several target words are a second factor."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.documents import document_means, exact_mean
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, chosen_values, numbers, usable


@dataclass(frozen=True)
class WordPairs:
    """One row a target word and document that has it: arrays [cells].

    Attributes:
        words: the target.
        documents: the document.
        differences: target minus the token before it, [cells, L].
    """

    words: NDArray[Any]
    documents: Ints
    differences: Floats


def word_pairs(run: Run, expression: str, from_layer: int = 1) -> WordPairs:
    """The differences of each target word in each document; as `selection.pairs` for one word."""
    run = run.chosen
    roles = "role in ('target', 'non-target')"
    occurrences = f"""
        select document, passage, occurrence, role, layer, "group" as word,
               {exact_mean("value")} as value
        from ({chosen_values(run, expression, roles, from_layer)})
        join (select passage, occurrence from tokens where {roles} and {usable(run)}
              group by all having count(distinct role) = 2) using (passage, occurrence)
        group by all"""
    means = document_means(occurrences, ["value"], "word", "role", "layer")
    found = numbers(run.sql(f"{means} order by role, word, document, layer"))
    layers = run.blocks + 1 - from_layer
    first = found["role"] == "target"
    target, control = (found["value"][mask].reshape(-1, layers) for mask in (first, ~first))
    whole = np.isfinite(target - control).all(axis=1)
    words, documents = (found[name][first][::layers][whole] for name in ("word", "document"))
    return WordPairs(words, documents.astype(np.int64), (target - control)[whole])
