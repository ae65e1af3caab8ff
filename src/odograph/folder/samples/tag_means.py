"""How far words turn and step: means over the lemmas of each tag, in the model and its nulls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import (
    DrawnDocuments,
    also_read_by,
    drawn_documents,
)
from odograph.folder.samples.tagged_words import (
    MEASURES,
    MeasuredWords,
    Order,
    by_lemma,
    measured_words,
    values_in_order,
    word_counts,
    word_values,
)
from odograph.folder.selection import Floats
from odograph.statistics.intervals import mean_interval
from odograph.statistics.values import Interval


@dataclass(frozen=True, eq=False)
class TagMean:
    """A measure of the words of one tag: mean over lemmas with its interval, and in each twin.

    `left_out` counts lemmas with a state of which no word may be used.
    """

    tag: str
    words: int
    lemmas: int
    mean: float
    interval: Interval | None
    twins: Floats
    left_out: int = 0


@dataclass(frozen=True, eq=False)
class TagMeans:
    """The means of every tag.

    Attributes:
        drawn: the documents that the words are of.
        of: for each of `MEASURES`, the tags with a measured word, the commonest first.
        sinks: measured words that statistics leave out.
        orders: each measure in random order; {} without.
        explored: the means of each tag in the exploration half, by measure; None of a whole run.
    """

    drawn: DrawnDocuments
    of: Mapping[str, Sequence[TagMean]]
    sinks: int
    orders: Mapping[str, Order]
    explored: Mapping[str, Mapping[str, float]] | None

    @property
    def lemmas(self) -> int:
        """Lemmas of all tags, each counted once a tag."""
        return sum(mean.lemmas for mean in self.of["turned"])


def tag_means(run: Run, tags: Sequence[str]) -> TagMeans:
    """The measured words of these tags in documents that twins have read, of a large run drawn."""
    drawn = also_read_by(run.untrained, drawn_documents(run))
    words = measured_words(run, drawn)
    values = word_values(run, words, drawn)
    twins = [word_values(twin, words, drawn) for twin in run.untrained]
    known = np.all([np.isfinite(each[name]) for each in [values, *twins] for name in each], axis=0)
    orders = [values_in_order(run, one, words, drawn) for one in run.shuffled]
    return TagMeans(
        drawn=drawn,
        of={
            name: _means(run, tags, words, known, [v[name] for v in [values, *twins]])
            for name in MEASURES
        },
        sinks=int((~known).sum()),
        orders=_orders(tags, words, values, orders),
        explored=None if run.exploration is None else _explored(run.exploration),
    )


def _orders(
    tags: Sequence[str],
    words: MeasuredWords,
    values: Mapping[str, Floats],
    orders: Sequence[Mapping[str, Floats]],
) -> dict[str, Order]:
    """Each measure as the texts stand, and in their random orders; {} without."""
    if not orders:
        return {}
    pair = (words.tag, words.lemma)
    found = {
        name: by_lemma(tags, pair, [values[name], *(order[name] for order in orders)])
        for name in MEASURES
    }
    return {name: order for name, order in found.items() if order is not None}


def _explored(half: Run) -> dict[str, dict[str, float]]:
    """The mean of every tag in the exploration half, measure by measure."""
    drawn = drawn_documents(half)
    tags, words = word_counts(half).tags, measured_words(half, drawn)
    values = word_values(half, words, drawn)
    known = np.all([np.isfinite(each) for each in values.values()], axis=0)
    return {
        name: {mean.tag: mean.mean for mean in _means(half, tags, words, known, [own])}
        for name, own in values.items()
    }


def _means(
    run: Run,
    tags: Sequence[str],
    words: MeasuredWords,
    known: NDArray[np.bool_],
    values: Sequence[Floats],
) -> list[TagMean]:
    """One entry for each tag with a usable word: first the model's values, then the twins'."""
    seed = run.seed
    found = []
    for tag in tags:
        own = known & (words.tag == tag)
        if not own.any():
            continue
        _, lemma = np.unique(words.lemma[own], return_inverse=True)
        model, *twins = (np.bincount(lemma, v[own]) / np.bincount(lemma) for v in values)
        found.append(
            TagMean(
                tag,
                int(own.sum()),
                len(model),
                float(model.mean()),
                mean_interval(model, seed=seed),
                np.array([float(twin.mean()) for twin in twins]),
                len(np.unique(words.lemma[words.tag == tag])) - len(model),
            )
        )
    return found
