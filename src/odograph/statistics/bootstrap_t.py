"""The bootstrap-t: the t of means of drawn units about the mean that was seen, or of two groups.

Where sign flips ask for differences that are symmetric about 0, it takes their distribution as it
is: skewed ones keep their skewness. All layers of a unit are drawn together.
"""

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats, fewer_resamples, resampled_counts

Mask = NDArray[np.bool_]
# A variance may differ from 0 by so much of the largest square, by rounding alone.
_ROUNDING = 1e-12


def bootstrap_t(values: Floats, *, seed: int, resamples: int) -> Floats:
    """The t of each column in each resample of the units: [n, L] to [resamples, L].

    Every value must be finite. The draws are those of `intervals.mean_intervals` with the same
    seed and number. A draw in which a column has no spread has t = inf: it reaches whatever was
    observed.

    Source: Hall 1992, section 3.2 (percentile-t).
    """
    n = len(values)
    centred = values - values.mean(axis=0)
    drawn = resampled_counts(n, seed, fewer_resamples(n, resamples))
    return np.concatenate([resampled_t(centred, counts.astype(np.float64)) for counts in drawn])


def welch_t(values: Floats, first: Mask, counts: Floats) -> Floats:
    """Welch's t of each column in each resample of two groups, [n, L] to [draws, L].

    Each group is drawn about its own mean, so that both may have a spread of their own. inf where
    neither has any.

    Args:
        values: a row a unit, every value finite.
        first: whether a unit is of the first group, [n].
        counts: how often each unit is drawn, [draws, n].

    Source: Hall 1992; Davison & Hinkley 1997, section 4.4 (two groups).
    """
    (mean, error), (other, others) = (
        _drawn_mean(values[own] - values[own].mean(axis=0), counts[:, own])
        for own in (first, ~first)
    )
    variance = error + others
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (mean - other) / np.sqrt(variance)
    return np.where(variance > _ROUNDING * (values**2).max(axis=0), t, np.inf)


def _drawn_mean(centred: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Mean of drawn units and its squared standard error, [draws, L] each."""
    drawn = counts.sum(axis=1, keepdims=True)
    mean = counts @ centred / drawn
    return mean, (counts @ centred**2 / drawn - mean**2) / (drawn - 1)


def resampled_t(centred: Floats, counts: Floats) -> Floats:
    """The t of deviations from a mean in these draws: [n, L], [draws, n] to [draws, L].

    What is NaN is left out of its column.
    """
    known = np.isfinite(centred)
    values = np.where(known, centred, 0.0)
    drawn, squares = counts @ known, values**2
    with np.errstate(divide="ignore", invalid="ignore"):
        means = counts @ values / drawn
        variance = counts @ squares / drawn - means**2
        t = means / np.sqrt(variance / (drawn - 1))
    return np.where(variance > _ROUNDING * squares.max(axis=0), t, np.inf)
