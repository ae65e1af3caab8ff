"""Intervals of means over units of inference, and the 5-95 % band of a null."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from odograph.errors import StudyError
from odograph.statistics.keys import IntervalKind
from odograph.statistics.simulated_coverage import SIMULATED
from odograph.statistics.values import Interval, IntervalMethod

LEVEL = 0.95
#: Below it a bootstrap has too few different resamples for its level to hold.
FEWEST_UNITS = 6
RESAMPLES = 9999
BCA = IntervalKind.BCA

# Below one part in ten million the spread of a float32 measurement is rounding, not variation.
_ROUNDING = 1e-7
# Units drawn in all resamples together: a second of work for 25 layers.
_MOST_DRAWN = 100_000_000
_FEWEST_RESAMPLES = 1999
# Counts of drawn units held at once: 16 MB.
_COUNTS = 2_000_000
# Up to so many units the usual resamples are drawn at once, and no count is beyond a byte.
_FEW = 200

Floats = NDArray[np.float64]


def interval_of(
    low: float, high: float, method: IntervalMethod | IntervalKind | None
) -> Interval | None:
    """An interval of the usual level out of arrays of bounds; None where a bound is no number."""
    if method is None or not (np.isfinite(low) and np.isfinite(high)):
        return None
    if isinstance(method, IntervalKind):
        method = IntervalMethod(method)
    return Interval(float(low), float(high), LEVEL, method)


def floats(values: ArrayLike) -> Floats:
    """`values` as a float64 array; masked entries, as DuckDB gives them for null, are NaN."""
    if isinstance(values, np.ma.MaskedArray):
        return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
    return np.asarray(values, dtype=np.float64)


def without_spread(values: Floats) -> NDArray[np.bool_]:
    """Whether all units agree: [n, ...] to [...]; True for n < 2, False where a value is NaN.

    Equal means a standard deviation <= 1e-7 of the largest absolute value.
    """
    if len(values) < 2:
        return np.ones(values.shape[1:], dtype=bool)
    with np.errstate(invalid="ignore"):
        same = values.std(axis=0) <= _ROUNDING * np.abs(values).max(axis=0)
    return np.asarray(same, dtype=bool)


def mean_interval(values: ArrayLike, *, seed: int, resamples: int = RESAMPLES) -> Interval | None:
    """The bootstrap interval of the mean over units, in the unit of the values.

    Bias-corrected and accelerated (BCa), one value a unit: values [n]. None where no interval can
    be had: n < 6, all values equal, or a value that is not finite (leave out and count first).

    Raises: StudyError if the values are not one-dimensional.
    Source: Efron 1987.
    """
    column = floats(values)
    if column.ndim != 1:
        raise StudyError(
            "one interval needs one value a unit",
            expected="an array of one dimension",
            given=f"the shape {column.shape}",
            remedy="Use mean_intervals for one interval a layer.",
        )
    low, high = mean_intervals(column[:, None], seed=seed, resamples=resamples)
    return interval_of(low[0], high[0], IntervalMethod(BCA, len(column)))


def mean_intervals(
    values: ArrayLike, *, seed: int, level: float = LEVEL, resamples: int = RESAMPLES
) -> tuple[Floats, Floats]:
    """Lower and upper BCa bounds of the mean over units, one pair a layer: [n, L] to [L], [L].

    Units are drawn whole: all layers of a unit stay together. NaN for a layer without an interval
    (n < 6, all equal, or a value that is not finite). Above 10,000 units there are 100 million /
    n resamples, at least 1999: bounds are then known to 0.07 standard errors of the mean, not 0.03.

    Raises: StudyError if the values are not [units, layers] or the level is not between 0 and 1.
    Source: Efron 1987.
    """
    table = floats(values)
    if table.ndim != 2 or not 0 < level < 1:
        raise StudyError(
            "intervals by layer cannot be had",
            expected="values of the shape [units, layers] and a level between 0 and 1",
            given=f"the shape {table.shape} and the level {level:g}",
        )
    low, high = np.full((2, table.shape[1]), np.nan)
    usable = np.isfinite(table).all(axis=0) & ~without_spread(table)
    if len(table) >= FEWEST_UNITS and usable.any():
        low[usable], high[usable] = _bca(table[:, usable], seed, level, resamples)
    return low, high


def _bca(table: Floats, seed: int, level: float, resamples: int) -> tuple[Floats, Floats]:
    """BCa bounds of the mean of `table` [n, L]: [L], [L].

    Bias from the share of resampled means below the mean; acceleration sum d^3 / 6 (sum d^2)^1.5, d
    the deviations from the mean: what the jackknife gives for a mean, in time n instead of n^2. The
    same bounds as scipy.stats.bootstrap on the same draws. NaN where all resampled means lie on one
    side.
    """
    n, mean = len(table), table.mean(axis=0)
    deviations = table - mean
    drawn = _resampled_means(deviations, seed, fewer_resamples(n, resamples))
    return bca_bounds(mean, drawn, deviations, level)


def bca_bounds(
    estimate: Floats, moved: Floats, influence: Floats, level: float
) -> tuple[Floats, Floats]:
    """BCa bounds of any estimate: [L], [L]; NaN where all resampled ones lie on one side.

    Args:
        estimate: [L].
        moved: resampled estimates minus the estimate, [resamples, L].
        influence: of each unit on the estimate, up to a factor, [n, L].
        level: of the interval.

    Source: Efron 1987.
    """
    tie = 1e-12 * influence.std(axis=0)
    bias = special.ndtri(((moved < -tie).mean(axis=0) + (moved <= tie).mean(axis=0)) / 2)
    acceleration = (influence**3).sum(axis=0) / (6 * (influence**2).sum(axis=0) ** 1.5)
    bounds = np.full((2, len(estimate)), np.nan)
    for row, tail in enumerate(((1 - level) / 2, (1 + level) / 2)):
        shifted = bias + special.ndtri(tail)
        with np.errstate(invalid="ignore"):
            share = special.ndtr(bias + shifted / (1 - acceleration * shifted))
        for layer in np.flatnonzero(np.isfinite(share)):
            bounds[row, layer] = estimate[layer] + np.quantile(moved[:, layer], share[layer])
    return bounds[0], bounds[1]


def fewer_resamples(n: int, resamples: int) -> int:
    """The resamples of n units, fewer where they would take long."""
    return min(resamples, max(_FEWEST_RESAMPLES, _MOST_DRAWN // n))


def _resampled_means(table: Floats, seed: int, resamples: int) -> Floats:
    """Means of resampled units, [resamples, L]: how often each unit is drawn times its values."""
    n = len(table)
    counted = resampled_counts(n, seed, resamples)
    return np.concatenate([counts.astype(np.float64) @ table / n for counts in counted])


def resampled_counts(n: int, seed: int, resamples: int) -> Iterable[NDArray[np.integer]]:
    """How often each of n units is drawn in each resample, some resamples at a time: [some, n]."""
    if n <= _FEW:
        return [_kept_counts(n, seed, resamples)]
    return _chunked_counts(n, seed, resamples)


def _chunked_counts(n: int, seed: int, resamples: int) -> Iterator[NDArray[np.integer]]:
    """How often each of n units is drawn, some resamples at a time: [some, n]."""
    rng, chunk = np.random.default_rng(seed), max(1, _COUNTS // n)
    for start in range(0, resamples, chunk):
        units = rng.integers(n, size=(min(chunk, resamples - start), n))
        yield np.array([np.bincount(row, minlength=n) for row in units])


@lru_cache(maxsize=8)
def _kept_counts(n: int, seed: int, resamples: int) -> NDArray[np.uint8]:
    """The counts of all resamples of a few units, 2 MB at most, kept for the next interval."""
    chunks = _chunked_counts(n, seed, resamples)
    return np.concatenate([counts.astype(np.uint8) for counts in chunks])


def ratio_interval(
    above: Floats, below: Floats, *, seed: int, resamples: int = RESAMPLES
) -> Interval | None:
    """The BCa interval of a ratio of two means over the same units [n]: mean above / mean below.

    None where no interval can be had: n < 6, or the same ratio in all units.

    Source: Efron 1987, influence of a unit by linearisation (Davison & Hinkley 1997, 2.7).
    """
    n = len(above)
    if n < FEWEST_UNITS:
        return None
    ratio = float(above.mean() / below.mean())
    influence = (above - ratio * below)[:, None]
    means = _resampled_means(np.column_stack([above, below]), seed, fewer_resamples(n, resamples))
    if np.abs(influence).max() <= _ROUNDING * np.abs(above).max():
        return None
    moved = (means[:, 0] / means[:, 1] - ratio)[:, None]
    low, high = bca_bounds(np.array([ratio]), moved, influence, LEVEL)
    return interval_of(low[0], high[0], IntervalMethod(BCA, n))


def expanded_tail(n: int, level: float = LEVEL) -> float:
    """The share of draws below an interval of percentiles over n units: 0.006 for n = 8, not .025.

    Plain percentiles are too narrow for few units: their spread lacks a factor sqrt(n / (n - 1)),
    and their tails are those of a normal distribution instead of Student's t. 0 for n < 2.

    Source: Hesterberg 2015 (expanded percentile interval).
    """
    if n < 2:
        return 0.0
    return float(special.ndtr(special.stdtrit(n - 1, (1 - level) / 2) * np.sqrt(n / (n - 1))))


def band(
    values: ArrayLike, axis: int = 0, low: float = 5, high: float = 95
) -> tuple[Floats, Floats]:
    """The band between two percentiles along `axis`, in the unit of the values: a null is drawn so.

    NaN values are left out; where nothing is left the band is NaN. It is no interval of a mean and
    nothing is tested against it: how many draws a null has is arbitrary.

    Raises: StudyError unless 0 <= low < high <= 100.
    """
    if not 0 <= low < high <= 100:
        raise StudyError(
            "a band needs two percentiles",
            expected="0 <= low < high <= 100",
            given=f"{low:g} and {high:g}",
        )
    table = np.moveaxis(floats(values), axis, 0)
    bounds = np.full((2, *table.shape[1:]), np.nan)
    filled = np.isfinite(table).any(axis=0)
    if filled.any():
        bounds[:, filled] = np.nanpercentile(table[:, filled], [low, high], axis=0)
    return bounds[0], bounds[1]


#: Below it a 95 % interval falls short.
LEAST = 0.93


def falls_short(most: float) -> bool:
    """Whether intervals hold the truth too seldom: `most` is the upper end of their share."""
    return most < LEAST


def coverage(kind: str, n: int) -> tuple[float, float] | None:
    """The share of 95 % intervals that hold the truth, and the upper Monte-Carlo end of that share.

    None if not simulated. Between the simulated numbers both are linear in 1/n, beyond them those
    of the nearest.

    Args:
        kind: an `IntervalKind`; all that begin alike share what was simulated.
        n: units, or blocks for a block bootstrap (tokens divided by the block length).
    """
    simulated = SIMULATED.get(kind.partition(".")[0])
    if simulated is None or n < 1:
        return None
    sizes = sorted(simulated, reverse=True)
    columns = np.array([simulated[size] for size in sizes]).T
    share, most = (float(np.interp(1 / n, 1 / np.array(sizes), column)) for column in columns)
    return share, most
