"""The bootstrap-t: the t of means of drawn units about the mean that was seen.

Where sign flips ask for differences that are symmetric about 0, it takes their distribution as it
is: skewed ones keep their skewness. All layers of a unit are drawn together.
"""

import numpy as np

from odograph.statistics.intervals import Floats, fewer_resamples, resampled_counts

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
