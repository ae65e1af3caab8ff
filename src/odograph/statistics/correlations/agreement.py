"""Whether two measures put the same few things (the blocks of a model) in the same order."""

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import StudyError
from odograph.statistics.correlations.coefficients import ranked_values
from odograph.statistics.intervals import FEWEST_UNITS, LEVEL, Floats, floats
from odograph.statistics.keys import IntervalKind
from odograph.statistics.values import Interval, IntervalMethod

#: Below it an order says next to nothing.
FEWEST_ITEMS = 4
RESAMPLES = 1999
METHOD = IntervalKind.ATTENUATED

# Below so much of a correlation left by twice the noise, no order is known at all.
_LEAST_LEFT = 0.05


def rank_agreement(
    x: ArrayLike, y: ArrayLike, *, seed: int, resamples: int = RESAMPLES
) -> tuple[float, Interval | None]:
    """Spearman's correlation of the means of x and y over units, and its interval: -1..1.

    The items are the whole of what there is, no sample: the interval says how much the order
    depends on the units (passages) that were read, and where the correlation of the means over all
    such units may lie. Units are drawn whole, x and y together. Noise makes two orders look less
    alike than they are, and resampled means carry it twice: the percentiles are divided by what
    that leaves of a correlation (as two resampled orders of one measure show), and the interval
    holds them before and after, and the correlation itself.

    Args:
        x: the first measure, [units, items].
        y: the second, [units, items].
        seed: of the draws.
        resamples: how many.

    Returns:
        NaN without an order (fewer than 4 items, or all equal); no interval for n < 6 units.

    Raises: StudyError if the two do not fit.
    Source: Spearman 1904 (correction for attenuation).
    """
    first, second = floats(x), floats(y)
    if first.ndim != 2 or first.shape != second.shape:
        raise StudyError(
            "two orders cannot be compared",
            expected="x and y of one shape [units, items]",
            given=f"{first.shape} and {second.shape}",
        )
    units, items = first.shape
    if items < FEWEST_ITEMS or not units:
        return float("nan"), None
    value = float(_spearman(first.mean(axis=0)[None], second.mean(axis=0)[None])[0])
    if units < FEWEST_UNITS or not np.isfinite(value):
        return value, None
    drawn = np.random.default_rng(seed).integers(units, size=(resamples, units))
    counts = np.array([np.bincount(row, minlength=units) for row in drawn], dtype=np.float64)
    again = counts @ first, counts @ second
    plain = np.nanpercentile(_spearman(*again), [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    left = np.sqrt(_left(again[0], first.mean(axis=0)) * _left(again[1], second.mean(axis=0)))
    held = [*plain, *np.clip(plain / left, -1, 1), value]
    method = IntervalMethod(METHOD, units)
    return value, Interval(float(min(held)), float(max(held)), LEVEL, method)


def _left(resampled: Floats, mean: Floats) -> float:
    """What the noise of resampled means leaves of the correlation with another measure: 0.05..1.

    With q the variance of the noise of a mean over that between items, the mean and a resampled one
    are correlated by k = sqrt((1 + q) / (1 + 2 q)), the true values and a resampled mean by
    sqrt(1 / (1 + 2 q)), which is sqrt(2 k^2 - 1). Given is its square.
    """
    k = float(np.nanmean(_spearman(resampled, np.broadcast_to(mean, resampled.shape))))
    return max(2 * k**2 - 1, _LEAST_LEFT)


def _spearman(x: Floats, y: Floats) -> Floats:
    """Correlations of the ranks of each row of x with those of the same row of y."""
    ranks = [ranked_values(values) for values in (x, y)]
    centred = [r - r.mean(axis=1, keepdims=True) for r in ranks]
    lengths = [np.linalg.norm(c, axis=1) for c in centred]
    with np.errstate(invalid="ignore"):
        return np.asarray((centred[0] * centred[1]).sum(axis=1) / (lengths[0] * lengths[1]))
