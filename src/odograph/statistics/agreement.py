"""Whether two measures put the same few things (the blocks of a model) in the same order."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from odograph.errors import StudyError
from odograph.statistics.intervals import FEWEST_UNITS, LEVEL, Floats, floats
from odograph.statistics.results import Interval

#: Below it an order says next to nothing.
FEWEST_ITEMS = 4
RESAMPLES = 1999
METHOD = "percentile bootstrap over passages"


def rank_agreement(
    x: ArrayLike, y: ArrayLike, *, seed: int, resamples: int = RESAMPLES
) -> tuple[float, Interval | None]:
    """Spearman's correlation of the means of x and y over units, and its interval: -1..1.

    The items are the whole of what there is, no sample: the interval says how much the order
    depends on the units (passages) that were read. Units are drawn whole, x and y together.
    Resampled means carry more noise than the means themselves, so the interval lies rather low; it
    is widened to hold the correlation itself where that lies outside.

    Args:
        x: the first measure, [units, items].
        y: the second, [units, items].
        seed: of the draws.
        resamples: how many.

    Returns:
        NaN without an order (fewer than 4 items, or all equal); no interval for n < 6 units.

    Raises: StudyError if the two do not fit.
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
    found = _spearman(counts @ first, counts @ second)
    low, high = np.nanpercentile(found, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return value, Interval(min(float(low), value), max(float(high), value), LEVEL, METHOD)


def _spearman(x: Floats, y: Floats) -> Floats:
    """Correlations of the ranks of each row of x with those of the same row of y."""
    ranks = [stats.rankdata(values, axis=1) for values in (x, y)]
    centred = [r - r.mean(axis=1, keepdims=True) for r in ranks]
    lengths = [np.linalg.norm(c, axis=1) for c in centred]
    with np.errstate(invalid="ignore"):
        return np.asarray((centred[0] * centred[1]).sum(axis=1) / (lengths[0] * lengths[1]))
