"""d_z, the mean difference in standard deviations of the differences, and how well it is known."""

import numpy as np
from scipy import special

from odograph.statistics.intervals import FEWEST_UNITS, LEVEL, Floats, without_spread
from odograph.statistics.keys import IntervalKind

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
