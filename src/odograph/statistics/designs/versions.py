"""The difference of two groups in three versions: as it is, adjusted for covariates, matched.

Values are logarithms: a difference is a ratio, in % of the second group. Draws of units are the
same in all versions, so that the change from one to another has an interval of its own.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.circular_blocks import percentile_bounds
from odograph.statistics.designs.contrasts import (
    Mask,
    contrast,
    contrast_intervals,
    resampled_contrasts,
    stratified_counts,
)
from odograph.statistics.designs.paired import PairedProfile, paired_profile
from odograph.statistics.designs.unpaired import (
    IndependentGroups,
    UnpairedProfile,
    mean_profile_sample,
    unpaired_profile,
)
from odograph.statistics.intervals import BCA, FEWEST_UNITS, Floats, band, interval_of
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.judge import Cluster
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.permutation import by_units
from odograph.statistics.values import Interval, IntervalMethod

CHANGE = IntervalKind.SAME_RESAMPLES
_NULL_DRAWS = 1999


@dataclass(frozen=True, eq=False)
class Pairing:
    """Rows of the units paired one to one: first group, second group."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many pairs."""
        return len(self.first)

    def inside(self, n: int) -> Mask:
        """Which of n rows are in a pair."""
        return np.isin(np.arange(n), np.concatenate([self.first, self.second]))


@dataclass(frozen=True, eq=False)
class Change:
    """By how much an estimate in % differs from the plain one, in percentage points."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, eq=False)
class Version:
    """The difference in one form, in logarithms.

    Attributes:
        name: `unadjusted`, `adjusted` or `matched`.
        profile: by layer.
        mean, interval: over all layers.
        p: of that mean, by the permutation that `test` names; NaN where nothing was tested.
        n: units: lemmas, or pairs.
        sizes: units of both groups.
        change: of the mean in % against the unadjusted one; None for that one itself.
    """

    name: str
    profile: UnpairedProfile | PairedProfile
    mean: float
    interval: Interval | None
    p: float
    test: str
    n: int
    sizes: tuple[int, int]
    change: Change | None = None


@dataclass(frozen=True, eq=False)
class NullDifferences:
    """The plain difference in untrained twins, or in random orders of the texts.

    By layer [runs, L], over layers [runs], and bands: 5 to 95 % of resampled units, all runs
    together.
    """

    differences: Floats
    means: Floats
    low: Floats
    high: Floats
    mean_low: float
    mean_high: float


@dataclass(frozen=True, eq=False)
class OrderChange:
    """The plain difference as the text stands against that in so many random orders.

    `given` is the difference in random order, `apart` that of the text minus it, with its interval.
    """

    orders: int
    given: float
    apart: float
    interval: Interval | None


@dataclass(frozen=True, eq=False)
class Compared:
    """A measure of two groups in three versions; `matched` is None below two pairs.

    `profile` is the plain version with all its tests; `shuffled` is the plain one in random order,
    `order_change` how the text differs from that.
    """

    measure: str
    plain: Version
    profile: UnpairedProfile
    adjusted: Version
    matched: Version | None
    twins: NullDifferences | None
    shuffled: NullDifferences | None
    order_change: OrderChange | None

    @property
    def versions(self) -> list[Version]:
        """All that there are, the unadjusted one first."""
        found = [self.plain, self.adjusted]
        return found if self.matched is None else [*found, self.matched]

    @property
    def best(self) -> Cluster | None:
        """The cluster of the plain version with the smallest p, of these the heaviest."""
        return min(self.profile.clusters, key=lambda one: (one.p, -abs(one.mass)), default=None)


class Unpaired:
    """Both groups as they are, or adjusted: by layer, and the mean over layers."""

    def __init__(self, sample: IndependentGroups, counts: Floats, seed: int) -> None:
        layers = np.arange(1, sample.values.shape[1] + 1)
        self.sample, self.counts, self.seed = sample, counts, seed
        self.profile = unpaired_profile(sample, layers, seed=seed, counts=counts)
        self.mean = unpaired_profile(
            mean_profile_sample(sample), np.array([1]), seed=seed, counts=counts
        )

    def version(self, name: str, plain: "Unpaired | None" = None) -> Version:
        """As it is, or with its change from the plain one."""
        own, mean, sizes = self.profile, self.mean, self.sample.sizes
        change = None if plain is None else _change(plain, mean, mean.resampled, min(sizes))
        return Version(
            name=name,
            profile=own,
            mean=float(mean.difference[0]),
            interval=mean.of_test(),
            p=float(mean.p[0]),
            test=own.test,
            n=sum(sizes),
            sizes=sizes,
            change=change,
        )

    def matched(self, pairing: Pairing) -> Version | None:
        """The pairs; None below two.

        How the change would move with other units, which are in a pair held fixed.
        """
        if pairing.count < 2:
            return None
        values, one = self.sample.values, np.array([1])
        first, second = values[pairing.first], values[pairing.second]
        own = paired_profile(first, second, self.profile.layer, seed=self.seed)
        means = [each.mean(axis=1, keepdims=True) for each in (first, second)]
        total = paired_profile(means[0], means[1], one, seed=self.seed)
        return Version(
            name="matched",
            profile=own,
            mean=float(total.difference[0]),
            interval=inverted_interval((means[0] - means[1])[:, 0], seed=self.seed),
            p=float(total.p_max_t[0]),
            test=by_units(SignificanceTest.SIGN_FLIP_MEAN, pairing.count),
            n=pairing.count,
            sizes=(pairing.count, pairing.count),
            change=_change(self, total, self._of_pairs(pairing), pairing.count),
        )

    def _of_pairs(self, pairing: Pairing) -> Floats:
        """The difference of drawn units, of these only those that are in a pair: [draws, 1]."""
        sample = mean_profile_sample(self.sample)
        counts = self.counts * pairing.inside(len(sample.first))
        return resampled_contrasts(sample.values, sample.first, sample.covariates, counts)


def _change(
    plain: Unpaired, other: UnpairedProfile | PairedProfile, resampled: Floats, least: int
) -> Change:
    value = percent_of(other.difference[0]) - percent_of(plain.mean.difference[0])
    if least < FEWEST_UNITS:
        return Change(value, None)
    moved = percent(resampled) - percent(plain.mean.resampled)
    low, high = percentile_bounds(moved, least)
    return Change(value, interval_of(low[0], high[0], IntervalMethod(CHANGE, least)))


def null_differences(runs: Sequence[tuple[Floats, Mask]], seed: int) -> NullDifferences | None:
    """The plain difference in every run that is a null: values [n, L] and first group [n]."""
    if not runs:
        return None
    differences, draws = [], []
    for values, first in runs:
        nothing = np.empty((len(values), 0))
        both = np.column_stack([values, values.mean(axis=1)])
        counts = stratified_counts(first, seed=seed, resamples=_NULL_DRAWS)
        differences.append(contrast(both, first, nothing))
        draws.append(resampled_contrasts(both, first, nothing, counts))
    found = np.array(differences)
    low, high = band(np.concatenate(draws))
    return NullDifferences(
        found[:, :-1], found[:, -1], low[:-1], high[:-1], float(low[-1]), float(high[-1])
    )


def order_change(own: Floats, orders: Floats, first: Mask, seed: int) -> OrderChange | None:
    """The change from random order, unit by unit: own [n], orders [orders, n], first group [n].

    None below two units in a group.
    """
    if min(first.sum(), (~first).sum()) < 2:
        return None
    shuffled, nothing = orders.mean(axis=0), np.empty((len(first), 0))
    change = (own - shuffled)[:, None]
    counts = stratified_counts(first, seed=seed, resamples=_NULL_DRAWS)
    drawn = resampled_contrasts(change, first, nothing, counts)
    low, high = contrast_intervals(change, first, nothing, drawn)
    given, apart = (float(contrast(v, first, nothing)[0]) for v in (shuffled[:, None], change))
    return OrderChange(len(orders), given, apart, interval_of(low[0], high[0], BCA))


def percent(logarithm: Floats) -> Floats:
    """A difference of logarithms as % of the second group: 100 (e^d - 1)."""
    return np.asarray(100 * np.expm1(logarithm))


def percent_of(logarithm: float) -> float:
    """One difference of logarithms as %."""
    return 100 * math.expm1(logarithm)
