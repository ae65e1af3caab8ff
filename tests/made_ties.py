"""What of a part's tie with the sum is arithmetic, in closed form, for squared lengths."""

import numpy as np

from odograph.statistics.intervals import Floats


def arithmetic_correlation(a: Floats, m: Floats, cosine: Floats) -> float:
    """Pearson correlation of |m|^2 with |a + m|^2 expected if the cosine were unrelated to lengths.

    With A = |a|, M = |m|, C the cosine, all [n], and C independent of A and M:

        cov = Var(M^2) + Cov(A^2, M^2) + 2 E[C] Cov(M^2, A M)
        var = Var(A^2 + M^2 + 2 E[C] A M) + 4 Var(C) E[A^2 M^2]
        r = cov / sqrt(Var(M^2) var)

    The closed form of what permuting the cosines gives for squared lengths; NaN where a variance is
    0. For attention, swap a and m.
    """
    square_a, square_m, product = a**2, m**2, a * m
    mean = cosine.mean()
    kept = square_a + square_m + 2 * mean * product
    variance = kept.var() + 4 * cosine.var() * (square_a * square_m).mean()
    covariance = ((square_m - square_m.mean()) * (kept - kept.mean())).mean()
    bottom = np.sqrt(square_m.var() * variance)
    return float(covariance / bottom) if bottom > 0 else float("nan")
