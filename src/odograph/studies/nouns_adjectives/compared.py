"""One measure of two groups: as it is, adjusted, matched, and in the untrained twins."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.figures.profile import Band
from odograph.folder.selection import Floats, Ints
from odograph.sentences.english import several
from odograph.statistics.designs.contrasts import (
    contrast,
    pair_off,
    resampled_contrasts,
    stratified_counts,
)
from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.designs.unpaired import (
    IndependentGroups,
    UnpairedProfile,
    mean_profile_sample,
    unpaired_profile,
)
from odograph.statistics.intervals import BCA, FEWEST_UNITS, band, interval_of
from odograph.statistics.judge import Cluster
from odograph.statistics.keys import IntervalKind
from odograph.statistics.moving_blocks import percentile_bounds
from odograph.statistics.values import Interval, IntervalMethod
from odograph.studies.nouns_adjectives.lemmas import COVARIATES, Lemmas
from odograph.studies.split import single_test_of

#: A pair's counts (plus 1) may differ by this factor's logarithm, its pieces not at all.
FREQUENCY_CALIPER = 0.25
_PIECES_CALIPER = 0.5
CHANGE = IntervalKind.SAME_RESAMPLES


@dataclass(frozen=True, eq=False)
class Pairing:
    """Rows of the lemmas paired one to one: first group, second group."""

    first: Ints
    second: Ints

    @property
    def count(self) -> int:
        """How many pairs."""
        return len(self.first)

    def inside(self, n: int) -> NDArray[np.bool_]:
        """Which of n rows are in a pair."""
        return np.isin(np.arange(n), np.concatenate([self.first, self.second]))


@dataclass(frozen=True, eq=False)
class Change:
    """By how much an estimate in % differs from the plain one, in percentage points."""

    value: float
    interval: Interval | None


@dataclass(frozen=True, eq=False)
class Version:
    """The difference in one form, in logarithms: by layer [L], and as one number over all layers.

    Attributes:
        name: `unadjusted`, `adjusted` or `matched`.
        layer, difference, low, high, t, p_max_t: by layer; bounds are those of the 95 % interval.
        clusters: of neighbouring layers.
        family: layers tested together; 0 where nothing was tested.
        mean, interval: over all layers.
        p: of that mean, by the permutation that `test` names; NaN where nothing was tested.
        n: units: lemmas, or pairs.
        sizes: units of both groups.
        change: of the mean in % against the unadjusted one; None for that one itself.
    """

    name: str
    layer: Ints
    difference: Floats
    low: Floats
    high: Floats
    t: Floats
    p_max_t: Floats
    clusters: tuple[Cluster, ...]
    family: int
    mean: float
    interval: Interval | None
    p: float
    test: str
    n: int
    sizes: tuple[int, int]
    change: Change | None = None


@dataclass(frozen=True, eq=False)
class Twins:
    """The plain difference in the twins, or in random orders of the texts.

    By layer [twins, L], over layers [twins], and bands.

    The bands are 5 to 95 % of resampled lemmas, all seeds together.
    """

    differences: Floats
    means: Floats
    low: Floats
    high: Floats
    mean_low: float
    mean_high: float


@dataclass(frozen=True, eq=False)
class Compared:
    """A measure of two groups in three versions; `matched` is None below two pairs.

    `profile` is the plain version with all its tests; `shuffled` is the plain one in random order.
    """

    measure: str
    plain: Version
    profile: UnpairedProfile
    adjusted: Version
    matched: Version | None
    twins: Twins | None
    shuffled: Twins | None

    @property
    def versions(self) -> list[Version]:
        """All that there are, the unadjusted one first."""
        found = [self.plain, self.adjusted]
        return found if self.matched is None else [*found, self.matched]


def paired_off(lemmas: Lemmas) -> Pairing:
    """Lemmas of like frequency and as many pieces, otherwise as alike as can be."""
    names = list(COVARIATES)
    calipers = np.full(len(names), np.inf)
    calipers[names.index("log_frequency")] = FREQUENCY_CALIPER
    calipers[names.index("pieces")] = _PIECES_CALIPER
    first, second = (np.flatnonzero(mask) for mask in (lemmas.first, ~lemmas.first))
    rows, columns = pair_off(lemmas.covariates[first], lemmas.covariates[second], calipers)
    return Pairing(first[rows], second[columns])


def compared(
    lemmas: Lemmas,
    nulls: tuple[Sequence[Lemmas], Sequence[Lemmas]],
    pairing: Pairing,
    measure: str,
    seed: int,
) -> Compared:
    """All versions of one measure. Resamples of lemmas are the same in all of them.

    nulls: the lemmas in the untrained twins, and in random order.
    """
    values = lemmas.values[measure]
    counts = stratified_counts(lemmas.first, seed=seed)
    plain = _Unpaired(
        IndependentGroups(values, lemmas.first, np.empty((len(values), 0))), counts, seed
    )
    adjusted = _Unpaired(IndependentGroups(values, lemmas.first, lemmas.covariates), counts, seed)
    return Compared(
        measure=measure,
        plain=plain.version("unadjusted", None),
        profile=plain.profile,
        adjusted=adjusted.version("adjusted", _change_of(plain, adjusted.mean)),
        matched=_matched(values, pairing, plain, seed),
        twins=_twins([(one.values[measure], one.first) for one in nulls[0]], seed),
        shuffled=_twins([(one.values[measure], one.first) for one in nulls[1]], seed),
    )


class _Unpaired:
    """Both groups as they are, or adjusted: by layer, and the mean over layers."""

    def __init__(self, sample: IndependentGroups, counts: Floats, seed: int) -> None:
        layers = np.arange(1, sample.values.shape[1] + 1)
        self.sample, self.counts = sample, counts
        self.profile = unpaired_profile(sample, layers, seed=seed, counts=counts)
        self.mean = unpaired_profile(
            mean_profile_sample(sample), np.array([1]), seed=seed, counts=counts
        )

    def version(self, name: str, change: Change | None) -> Version:
        own, mean = self.profile, self.mean
        return Version(
            name=name,
            **{key: getattr(own, key) for key in _BY_LAYER},
            mean=float(mean.difference[0]),
            interval=bca_interval(mean.low[0], mean.high[0], min(own.n_first, own.n_second)),
            p=float(mean.p[0]),
            test=own.test,
            n=own.n_first + own.n_second,
            sizes=(own.n_first, own.n_second),
            change=change,
        )


_BY_LAYER = ("layer", "difference", "low", "high", "t", "p_max_t", "clusters", "family")


def _change_of(plain: _Unpaired, other: UnpairedProfile) -> Change:
    return _change(
        percent_of(other.difference[0]) - percent_of(plain.mean.difference[0]),
        percent(other.resampled) - percent(plain.mean.resampled),
        min(plain.sample.sizes),
    )


def _change(value: float, resampled: Floats, least: int) -> Change:
    if least < FEWEST_UNITS:
        return Change(value, None)
    low, high = percentile_bounds(resampled, least)
    return Change(value, interval_of(low[0], high[0], IntervalMethod(CHANGE, least)))


def bca_interval(low: float, high: float, units: int) -> Interval | None:
    """A BCa interval with its shortfall for so many units in the smaller group, if there is one."""
    return interval_of(low, high, IntervalMethod(BCA, units))


def _matched(values: Floats, pairing: Pairing, plain: _Unpaired, seed: int) -> Version | None:
    """The pairs; how the change would move with other lemmas, which are in a pair held fixed."""
    if pairing.count < 2:
        return None
    first, second = values[pairing.first], values[pairing.second]
    own = paired_profile(first, second, plain.profile.layer, seed=seed)
    means = [each.mean(axis=1, keepdims=True) for each in (first, second)]
    total = paired_profile(means[0], means[1], np.array([1]), seed=seed)
    return Version(
        name="matched",
        **{key: getattr(own, key) for key in _BY_LAYER},
        mean=float(total.difference[0]),
        interval=bca_interval(total.low[0], total.high[0], pairing.count),
        p=float(total.p_max_t[0]),
        test=single_test_of(pairing.count),
        n=pairing.count,
        sizes=(pairing.count, pairing.count),
        change=_change(
            percent_of(total.difference[0]) - percent_of(plain.mean.difference[0]),
            percent(_of_pairs(plain, pairing)) - percent(plain.mean.resampled),
            pairing.count,
        ),
    )


def _of_pairs(plain: _Unpaired, pairing: Pairing) -> Floats:
    """The plain difference of drawn lemmas, of these only those that are in a pair: [draws, 1]."""
    sample = mean_profile_sample(plain.sample)
    counts = plain.counts * pairing.inside(len(sample.first))
    return resampled_contrasts(sample.values, sample.first, sample.covariates, counts)


def _twins(twins: Sequence[tuple[Floats, NDArray[np.bool_]]], seed: int) -> Twins | None:
    if not twins:
        return None
    differences, draws = [], []
    for values, first in twins:
        nothing = np.empty((len(values), 0))
        both = np.column_stack([values, values.mean(axis=1)])
        counts = stratified_counts(first, seed=seed, resamples=1999)
        differences.append(contrast(both, first, nothing))
        draws.append(resampled_contrasts(both, first, nothing, counts))
    found = np.array(differences)
    low, high = band(np.concatenate(draws))
    return Twins(found[:, :-1], found[:, -1], low[:-1], high[:-1], float(low[-1]), float(high[-1]))


def null_bands(found: Compared) -> list[Band]:
    """Twins and random orders as a figure shows them, in %."""
    bands, layers = [], found.plain.layer
    if found.twins is not None:
        seeds = len(found.twins.means)
        label = "untrained twin (1 seed)" if seeds == 1 else f"untrained twins ({seeds} seeds)"
        bands.append(_band(found.twins, label, layers))
    if found.shuffled is not None:
        orders = several(len(found.shuffled.means), "order")
        bands.append(_band(found.shuffled, f"same words in random order ({orders})", layers))
    return bands


def _band(null: Twins, label: str, layers: Ints) -> Band:
    low, high, mean = (percent(v) for v in (null.low, null.high, null.differences.mean(axis=0)))
    return Band(label, layers, low, high, mean)


def percent(logarithm: Floats) -> Floats:
    """A difference of logarithms as % of the second group: 100 (e^d - 1)."""
    return np.asarray(100 * np.expm1(logarithm))


def percent_of(logarithm: float) -> float:
    """One difference of logarithms as %."""
    return 100 * math.expm1(logarithm)
