"""A mean over words and documents, both drawn from many: words crossed with documents."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import LEVEL, Floats
from odograph.statistics.student import critical_t, two_sided_p

#: With fewer words nothing is said of words in general.
FEWEST_WORDS = 6


@dataclass(frozen=True)
class CrossedTest:
    """The test of a mean over cells, each of a word and a document.

    Attributes:
        mean: over the cells.
        error: its standard error, with words and documents as random factors.
        freedom: the smaller of the two numbers, minus 1.
        words, documents: how many there are.
    """

    mean: float
    error: float
    freedom: int
    words: int
    documents: int

    @property
    def p(self) -> float:
        """Two-sided, of a mean of 0; NaN without an error."""
        if not self.error > 0:
            return float("nan")
        return float(two_sided_p(np.array([self.mean / self.error]), self.freedom)[0])

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95 % interval of the mean."""
        reach = critical_t(1 - LEVEL, self.freedom) * self.error
        return self.mean - reach, self.mean + reach


def is_nested(words: NDArray[Any], documents: NDArray[Any]) -> bool:
    """Whether each document has one word only: then the word is the unit."""
    return len(np.unique(documents)) == len(documents) > len(np.unique(words))


def means_of_words(values: Floats, words: NDArray[Any]) -> Floats:
    """The mean of each word, in their order: [cells] to [words]."""
    _, place = np.unique(words, return_inverse=True)
    return np.asarray(np.bincount(place, weights=values) / np.bincount(place))


def crossed_test(values: Floats, words: NDArray[Any], documents: NDArray[Any]) -> CrossedTest:
    """The mean of cells with the variance words + documents - cells: all arrays [cells].

    A word's cells go together, and a document's; what a cell has of its own is in both, and is
    taken off once. Where that leaves less than one factor alone, the larger one counts.

    Source: Cameron, Gelbach & Miller 2011 (two-way clustering).
    """
    apart = values - values.mean()
    kinds = [np.unique(own, return_inverse=True)[1] for own in (words, documents)]
    factors = [_variance(apart, place) for place in kinds]
    cells = _variance(apart, np.arange(len(apart)))
    counts = [int(place.max()) + 1 for place in kinds]
    error = float(np.sqrt(max(sum(factors) - cells, *factors)))
    return CrossedTest(float(values.mean()), error, min(counts) - 1, *counts)


def _variance(apart: Floats, place: NDArray[np.int64]) -> float:
    """Of a mean whose deviations go together where their places are equal."""
    sums = np.bincount(place, weights=apart)
    return float((sums**2).sum() / len(apart) ** 2 * len(sums) / max(1, len(sums) - 1))
