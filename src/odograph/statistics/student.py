"""Student's t: tails, quantiles and the independent two-sample tests, without scipy.stats.

The same formulas and the same special functions as scipy.stats, whose import alone takes longer
than all the tests of a run; a test holds the one against the other, number by number.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from odograph.statistics.intervals import Floats


def two_sided_p(t: Floats, freedom: float | Floats) -> Floats:
    """Two-sided p of t with so many degrees of freedom, any shape; NaN stays NaN."""
    return np.asarray(2 * special.stdtr(freedom, -np.abs(t)))


def critical_t(p: float, freedom: float) -> float:
    """The |t| that a single two-sided test at level p must exceed."""
    return -float(special.stdtrit(freedom, p / 2))


def independent_t(first: Floats, second: Floats, *, equal_var: bool) -> tuple[Floats, Floats]:
    """Independent two-sample t and two-sided p by column: [n, L], [m, L] to [L], [L].

    Student's test if `equal_var`, else Welch's. Without any spread t is infinite, or NaN where the
    means agree too. n and m must be at least 2.
    """
    n, m = len(first), len(second)
    spread, other = _variance(first), _variance(second)
    with np.errstate(divide="ignore", invalid="ignore"):
        if equal_var:
            freedom = np.full(first.shape[1], n + m - 2.0)
            pooled = ((n - 1) * spread + (m - 1) * other) / (n + m - 2.0)
            error = np.sqrt(pooled * (1.0 / n + 1.0 / m))
        else:
            a, b = spread / n, other / m
            freedom = (a + b) ** 2 / (a**2 / (n - 1) + b**2 / (m - 1))
            error = np.sqrt(a + b)
        t = (first.mean(axis=0) - second.mean(axis=0)) / error
    return t, two_sided_p(t, freedom)


def _variance(values: Floats) -> Floats:
    deviations = values - values.mean(axis=0)
    # scipy's order of operations, so that not even the last digit differs.
    return np.asarray((deviations**2).mean(axis=0) * (len(values) / (len(values) - 1)))


def benjamini_hochberg(p: Floats) -> Floats:
    """False-discovery-rate p of a family of tests [n], NaN left out (Benjamini & Hochberg 1995)."""
    adjusted = np.full(len(p), np.nan)
    tested = np.flatnonzero(np.isfinite(p))
    order = tested[np.argsort(p[tested])]
    scaled = p[order] * (len(order) / np.arange(1, len(order) + 1))
    adjusted[order] = np.clip(np.minimum.accumulate(scaled[::-1])[::-1], 0, 1)
    return adjusted


def holm(p: ArrayLike) -> Floats:
    """Holm's p of a family of tests, under any dependence; NaN is left out (Holm 1979)."""
    given = np.asarray(p, dtype=np.float64)
    order = np.argsort(given)[: int(np.isfinite(given).sum())]
    adjusted = np.full(given.shape, np.nan)
    steps = given[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(order) else steps
    return adjusted
