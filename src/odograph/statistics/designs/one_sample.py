"""Means by layer and whether they differ from 0: over passages, or described inside one text."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from odograph.statistics.circular_blocks import BLOCK_INTERVAL, block_mean_intervals
from odograph.statistics.intervals import (
    BCA,
    FEWEST_UNITS,
    LEVEL,
    Floats,
    interval_of,
    mean_intervals,
    without_spread,
)
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.permutation import (
    ALPHA,
    FEWEST_PAIRS,
    MeanTest,
    by_units,
    mean_test,
    paired_t,
)
from odograph.statistics.values import Interval, IntervalMethod, PValue


@dataclass(frozen=True, eq=False)
class MeanProfile:
    """A mean at every layer: arrays [L].

    low, high are those of `interval` (NaN where there is none), `p_max_t` is the p of a mean of 0,
    corrected for the `family` of layers (NaN, and family 0, where nothing was tested; `test` says
    why). `tested` is what they come from; `n` counts the passages.
    """

    mean: Floats
    low: Floats
    high: Floats
    t: Floats
    p_max_t: Floats
    n: int
    interval: IntervalMethod | None
    test: SignificanceTest
    family: int
    tested: MeanTest

    def simultaneous(self, index: int) -> Interval | None:
        """The interval of a layer that was picked because of its value; None where there is none.

        It holds at all layers of the family together, and leaves 0 out where `p_max_t` < .05.
        """
        return self.tested.simultaneous_at(self.mean, index)

    @property
    def found(self) -> NDArray[np.bool_]:
        """The layers with p < .05 after correction."""
        return np.asarray(np.nan_to_num(self.p_max_t, nan=1.0) < ALPHA)

    @property
    def sides(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """In which layers the mean is shown above 0, and below: by the test, or by the intervals.

        By the intervals where nothing was tested: in one text.
        """
        if self.family:
            return self.found & (self.mean > 0), self.found & (self.mean < 0)
        return np.nan_to_num(self.low, nan=-1) > 0, np.nan_to_num(self.high, nan=1) < 0

    def interval_at(self, layer: int) -> Interval | None:
        """The interval of one layer, by its place; None where there is none."""
        return interval_of(self.low[layer], self.high[layer], self.interval)

    def p_at(self, index: int, members: str = "layers") -> PValue:
        """The test of one layer, corrected for all of the family, and alone."""
        if not math.isfinite(self.p_max_t[index]):
            return PValue(self.test, None, self.family, members)
        return self.tested.p_at(index, self.test, self.family, members)


def mean_profile(values: Floats, tokens: Floats | None, *, seed: int) -> MeanProfile:
    """Means over passages with intervals, and the test of a mean of 0: [passages, L].

    From 6 passages on: BCa interval over passages and max-T over layers. Two to five: means alone.
    One: a circular-block bootstrap inside it, if its `tokens` [n, L] are given (in the order of the
    text, rows with a NaN left out), which describes that text only; no test.
    """
    n = len(values)
    low, high = mean_intervals(values, seed=seed)
    interval, test = None, SignificanceTest.NONE_FEWER_THAN_SIX
    if n >= FEWEST_UNITS:
        interval, test = IntervalMethod(BCA, n), by_units(SignificanceTest.SIGN_FLIP_MAX_T, n)
    family = int((~without_spread(values)).sum()) if n >= FEWEST_PAIRS else 0
    if n >= FEWEST_PAIRS and not family:
        test = SignificanceTest.NONE_NO_SPREAD
    if n == 1 and tokens is not None:
        whole = tokens[np.isfinite(tokens).all(axis=1)]
        low, high, length = block_mean_intervals(whole, seed=seed)
        blocks = len(whole) // length if length else 0
        interval = IntervalMethod(BLOCK_INTERVAL, blocks, length) if length else None
        test = SignificanceTest.NONE_ONE_TEXT
    tested = mean_test(values, seed=seed)
    return MeanProfile(
        mean=values.mean(axis=0),
        low=low,
        high=high,
        t=tested.t,
        p_max_t=tested.p_max,
        n=n,
        interval=interval,
        test=test,
        family=family,
        tested=tested,
    )


D_Z_INTERVAL = IntervalKind.NONCENTRAL_T


def d_z_bounds(differences: Floats, t: Floats) -> tuple[Floats, Floats]:
    """Lower and upper 95 % bounds of d_z, from differences [n, L] and their t [L]: [L], [L].

    The noncentral t is exact for normal differences. For others d_z has the standard error
    sqrt((1 - skewness d_z + (kurtosis - 1) d_z^2 / 4) / n), and the bounds are moved away from d_z
    by how much larger that is than it is for normal ones, on the scale of arsinh(d_z / sqrt 2), on
    which a normal d_z has the same spread everywhere. They are never moved closer. NaN for n < 6
    and where all differences are equal.

    Source: Cumming & Finch 2001 (noncentral t); Kelley 2005 (differences that are not normal).
    """
    low, high = np.full((2, len(t)), np.nan)
    n = len(differences)
    known = ~without_spread(differences) & (n >= FEWEST_UNITS)
    if known.any():
        exact = noncentral_bounds(t[known], n)
        d_z = _stabilised(t[known] / np.sqrt(n))
        wider = _widening(differences[:, known])
        low[known], high[known] = (
            _unstabilised(d_z + wider * (_stabilised(bound) - d_z)) for bound in exact
        )
    return low, high


def noncentral_bounds(t: Floats, n: int) -> tuple[Floats, Floats]:
    """Bounds of d_z for n normal differences: t is the 97.5 and the 2.5 % point, over sqrt n.

    Source: Cumming & Finch 2001.
    """
    low, high = (
        np.asarray(special.nctdtrinc(n - 1, tail, t)) / np.sqrt(n)
        for tail in ((1 + LEVEL) / 2, (1 - LEVEL) / 2)
    )
    return low, high


def _widening(differences: Floats) -> Floats:
    """The standard error of d_z over that of normal differences, at least 1: [n, L] to [L].

    Skewness and kurtosis are the estimates that are unbiased for normal differences.
    """
    n = len(differences)
    z = (differences - differences.mean(axis=0)) / differences.std(axis=0)
    skewness = (z**3).mean(axis=0) * np.sqrt(n * (n - 1)) / (n - 2)
    excess = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * ((z**4).mean(axis=0) - 3) + 6)
    d_z = differences.mean(axis=0) / differences.std(axis=0, ddof=1)
    found = 1 - skewness * d_z + (excess + 2) * d_z**2 / 4
    return np.asarray(np.sqrt(np.maximum(1.0, found / (1 + d_z**2 / 2))))


def _stabilised(d_z: Floats) -> Floats:
    return np.asarray(np.arcsinh(d_z / np.sqrt(2)))


def _unstabilised(values: Floats) -> Floats:
    return np.asarray(np.sqrt(2) * np.sinh(values))


def largest_effect(values: Floats) -> int | None:
    """The column of [passages, L] whose mean is farthest from 0 in standard errors; None for none.

    Chosen on the exploration half.
    """
    if len(values) < 2 or without_spread(values).all():
        return None
    t = np.abs(paired_t(values))
    return int(np.nanargmax(t)) if np.isfinite(t).any() else None
