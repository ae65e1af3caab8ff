"""Means by layer and whether they differ from 0: over passages, or described inside one text."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.designs.paired import MAX_T_TEST
from odograph.statistics.intervals import (
    BCA,
    FEWEST_UNITS,
    Floats,
    mean_intervals,
    without_spread,
)
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.moving_blocks import BLOCK_INTERVAL, block_mean_intervals
from odograph.statistics.permutation import ALPHA, FEWEST_PAIRS, max_t, paired_t
from odograph.statistics.values import IntervalMethod


@dataclass(frozen=True, eq=False)
class MeanProfile:
    """A mean at every layer: arrays [L].

    low, high are those of `interval` (NaN where there is none), `p_max_t` is the p of a mean of 0,
    corrected for the `family` of layers (NaN, and family 0, where nothing was tested; `test` says
    why). `n` counts the passages.
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

    @property
    def found(self) -> NDArray[np.bool_]:
        """The layers with p < .05 after correction."""
        return np.asarray(np.nan_to_num(self.p_max_t, nan=1.0) < ALPHA)


def mean_profile(values: Floats, tokens: Floats | None, *, seed: int) -> MeanProfile:
    """Means over passages with intervals, and the sign-flip test of a mean of 0: [passages, L].

    From 6 passages on: BCa interval over passages and max-T over layers. Two to five: means alone.
    One: a moving-block bootstrap inside it, if its `tokens` [n, L] are given (in the order of the
    text, rows with a NaN left out), which describes that text only; no test.
    """
    n = len(values)
    low, high = mean_intervals(values, seed=seed)
    interval, test = None, SignificanceTest.NONE_FEWER_THAN_SIX
    if n >= FEWEST_UNITS:
        interval, test = IntervalMethod(BCA, n), MAX_T_TEST
    family = int((~without_spread(values)).sum()) if n >= FEWEST_PAIRS else 0
    if n >= FEWEST_PAIRS and not family:
        test = SignificanceTest.NONE_NO_SPREAD
    if n == 1 and tokens is not None:
        whole = tokens[np.isfinite(tokens).all(axis=1)]
        low, high, length = block_mean_intervals(whole, seed=seed)
        blocks = len(whole) // length if length else 0
        interval = IntervalMethod(BLOCK_INTERVAL, blocks, length) if length else None
        test = SignificanceTest.NONE_ONE_TEXT
    return MeanProfile(
        mean=values.mean(axis=0),
        low=low,
        high=high,
        t=paired_t(values),
        p_max_t=max_t(values, seed=seed),
        n=n,
        interval=interval,
        test=test,
        family=family,
    )
