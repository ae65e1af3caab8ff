"""A mean over units against a mean over pairs of units, both resampled.

A pair of two units is in a resample as often as both are: how often the one times how often the
other. So the error of the pairs, which are as many as were drawn and no more, is in the interval.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import (
    FEWEST_UNITS,
    LEVEL,
    Floats,
    bca_bounds,
    interval_of,
    resampled_counts,
)
from odograph.statistics.keys import IntervalKind
from odograph.statistics.values import Interval, IntervalMethod

RESAMPLES = 1999
# Counts of pairs held at once: 16 MB.
_COUNTS = 2_000_000

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class JointPairs:
    """Values of pairs of units in several layers: arrays [pairs].

    Attributes:
        values: of each pair.
        layer: its layer, numbered from 0; each has a pair.
        first, second: the places of its two units, which differ.
    """

    values: Floats
    layer: Ints
    first: Ints
    second: Ints

    @property
    def means(self) -> Floats:
        """The mean of each layer: [layers]."""
        return np.asarray(
            np.bincount(self.layer, self.values) / np.bincount(self.layer), dtype=np.float64
        )

    def resampled(self, counts: Floats) -> Floats:
        """The mean over layers where units are in so often, [draws, units] to [draws].

        NaN where a layer has no pair left.
        """
        layers = int(self.layer.max()) + 1
        each = np.zeros((len(counts), layers))
        for layer in range(layers):
            here = self.layer == layer
            weights = counts[:, self.first[here]] * counts[:, self.second[here]]
            with np.errstate(invalid="ignore"):
                each[:, layer] = weights @ self.values[here] / weights.sum(axis=1)
        return np.asarray(each.mean(axis=1))

    def influence(self, units: int) -> Floats:
        """What a unit more would add to the mean over layers, up to a factor: [units]."""
        away = (self.values - self.means[self.layer]) / np.bincount(self.layer)[self.layer]
        total = np.bincount(self.first, away, units) + np.bincount(self.second, away, units)
        return np.asarray(total / (int(self.layer.max()) + 1))


def difference_interval(values: Floats, pairs: JointPairs, *, seed: int) -> Interval | None:
    """The BCa interval of the mean of values [n] minus the mean over layers of the pairs.

    None for fewer than 6 units.

    Source: Efron 1987; influence of a unit by linearisation (Davison & Hinkley 1997, 2.7).
    """
    n = len(values)
    if n < FEWEST_UNITS:
        return None
    estimate = float(values.mean() - pairs.means.mean())
    influence = (values - values.mean()) / n - pairs.influence(n)
    chunk = max(1, _COUNTS // max(len(pairs.values), n))
    moved = []
    for counts in resampled_counts(n, seed, RESAMPLES):
        for start in range(0, len(counts), chunk):
            some = counts[start : start + chunk].astype(np.float64)
            moved.append(some @ values / n - pairs.resampled(some) - estimate)
    found = np.concatenate(moved)
    low, high = bca_bounds(
        np.array([estimate]), found[np.isfinite(found)][:, None], influence[:, None], LEVEL
    )
    return interval_of(float(low[0]), float(high[0]), IntervalMethod(IntervalKind.BCA_PAIRS, n))
