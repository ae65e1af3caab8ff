"""The two tables of odograph.statistics.coverage, made from the results: a test compares them."""

import numpy as np
from scipy.optimize import isotonic_regression

from calibration.covering import BLOCKS, MEAN
from calibration.rows import Row


def units(rows: list[Row]) -> dict[int, float]:
    """Coverage of a mean by number of units, over all shapes; it never falls as n grows."""
    return _rising([row for row in rows if row.method == MEAN])


def blocks(rows: list[Row]) -> dict[int, float]:
    """Coverage of a correlation in one text by number of blocks; it never falls either."""
    return _rising([row for row in rows if row.method == BLOCKS])


def _rising(rows: list[Row]) -> dict[int, float]:
    """The mean over simulations at every n, neighbours pooled where it would fall."""
    sizes = sorted({row.n for row in rows})
    runs = np.array([sum(row.runs for row in rows if row.n == n) for n in sizes], dtype=float)
    hits = [sum(row.estimate * row.runs for row in rows if row.n == n) for n in sizes]
    fitted = isotonic_regression(np.array(hits) / runs, weights=runs).x
    return {n: round(float(share), 3) for n, share in zip(sizes, fitted, strict=True)}
