"""The difference between two independent groups of units, adjusted for covariates or not.

Least squares of the values on group, covariates and a constant; without covariates the coefficient
of the group is the difference of the means. All layers are fitted at once.
"""

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import (
    FEWEST_UNITS,
    LEVEL,
    Floats,
    bca_bounds,
    without_spread,
)
from odograph.statistics.leave_one_out import Without
from odograph.statistics.student import two_sided_p

RESAMPLES = 4_999
#: Of what is adjusted, below this share of a column's spread the others already say all of it.
_COLLINEAR = 1e-7
# Entries of one chunk of resampled sums: 16 MB.
_CHUNK = 2_000_000

Mask = NDArray[np.bool_]


def independent_columns(covariates: Floats) -> Mask:
    """Which columns say something that a constant and the columns before them do not: [k].

    A covariate that has one value only, or that follows from others, cannot be adjusted for.
    """
    kept = np.zeros(covariates.shape[1], dtype=bool)
    basis = np.ones((len(covariates), 1)) / np.sqrt(max(1, len(covariates)))
    for index, column in enumerate(covariates.T):
        left = column - basis @ (basis.T @ column)
        left -= basis @ (basis.T @ left)
        spread = np.linalg.norm(column - column.mean()) if len(column) else 0.0
        if spread > 0 and np.linalg.norm(left) > _COLLINEAR * max(spread, np.abs(column).max()):
            kept[index] = True
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
    return kept


def contrast(values: Floats, first: Mask, covariates: Floats) -> Floats:
    """How much higher the first group is, [n, L] to [L]; NaN where the group follows from the rest.

    Args:
        values: a row a unit.
        first: whether a unit is of the first group, [n].
        covariates: [n, k], k = 0 for the difference of the means.
    """
    return _Fit(first, covariates).coefficient(values)


def stratified_counts(first: Mask, *, seed: int, resamples: int = RESAMPLES) -> Floats:
    """How often each unit is drawn, each group drawn with its own size: [resamples, n]."""
    generator = np.random.default_rng(seed)
    counts = np.zeros((resamples, len(first)))
    for group in (np.flatnonzero(first), np.flatnonzero(~first)):
        drawn = generator.integers(max(1, len(group)), size=(resamples, len(group)))
        for row, places in enumerate(drawn):
            counts[row, group] = np.bincount(places, minlength=len(group))
    return counts


def resampled_contrasts(values: Floats, first: Mask, covariates: Floats, counts: Floats) -> Floats:
    """The contrast of drawn units, [draws, L]: `counts` says how often each unit is drawn."""
    design = _Fit(first, covariates).design
    n, width = design.shape
    squares = (design[:, :, None] * design[:, None, :]).reshape(n, -1)
    products = (design[:, :, None] * values[:, None, :]).reshape(n, -1)
    chunk = max(1, _CHUNK // max(1, products.shape[1]))
    found = []
    for start in range(0, len(counts), chunk):
        drawn = counts[start : start + chunk]
        inverse = np.linalg.pinv((drawn @ squares).reshape(-1, width, width), hermitian=True)
        sums = (drawn @ products).reshape(len(drawn), width, -1)
        found.append(np.einsum("dk,dkl->dl", inverse[:, 0], sums))
    return np.concatenate(found) if found else np.empty((0, values.shape[1]))


def contrast_intervals(
    values: Floats, first: Mask, covariates: Floats, resampled: Floats, level: float = LEVEL
) -> tuple[Floats, Floats]:
    """Lower and upper BCa bounds of the contrast, [L], [L], from its resampled values.

    Units are drawn whole and within their group. NaN with fewer than 6 units in a group, or where
    all units of both groups are equal.

    Source: Efron 1987; Davison & Hinkley 1997, sections 3.2 and 6.3 (resampling cases).
    """
    low, high = np.full((2, values.shape[1]), np.nan)
    known = ~without_spread(values)
    if min(first.sum(), (~first).sum()) < FEWEST_UNITS or not known.any():
        return low, high
    fit = _Fit(first, covariates)
    estimate = fit.coefficient(values)[known]
    moved = resampled[:, known] - estimate
    influence = fit.influence(values[:, known])
    low[known], high[known] = bca_bounds(estimate, moved, influence, level)
    return low, high


class _Fit:
    """Least squares on group (column 0), covariates of mean 0 and spread 1, and a constant."""

    def __init__(self, first: Mask, covariates: Floats) -> None:
        used = covariates[:, independent_columns(covariates)]
        scaled = (used - used.mean(axis=0)) / used.std(axis=0)
        self.design = np.column_stack([first.astype(float), scaled, np.ones(len(first))])
        others = self.design[:, 1:]
        apart = self.design[:, 0] - others @ np.linalg.lstsq(others, self.design[:, 0])[0]
        size = float(apart @ apart)
        #: The coefficient of the group is these weights times the values.
        self.weights = apart / size if size > _COLLINEAR else np.full(len(first), np.nan)

    def coefficient(self, values: Floats) -> Floats:
        return np.asarray(self.weights @ values)

    def influence(self, values: Floats) -> Floats:
        """Of each unit on the coefficient: its weight times its residual, [n, L]."""
        residual = values - self.design @ np.linalg.lstsq(self.design, values)[0]
        return np.asarray(self.weights[:, None] * residual)


Ints = NDArray[np.int64]


def pair_off(first: Floats, second: Floats, calipers: Floats) -> tuple[Ints, Ints]:
    """As many pairs as the calipers allow, and of these the ones that are most alike.

    A pair may differ by no more than the caliper in each column. Among all ways with the most pairs
    the one is taken whose sum of differences, each in standard deviations of its column, is least.

    Args:
        first: a row a unit, a column a covariate: [n, k].
        second: the same for the other group: [m, k].
        calipers: greatest difference in each column, infinite for none: [k].

    Returns:
        Rows of the first and of the second group, pair by pair; empty where no pair is allowed.

    Source: Rosenbaum 1989 (optimal matching).
    """
    from scipy.optimize import linear_sum_assignment  # slow to import, and not always needed

    apart = np.abs(first[:, None, :] - second[None, :, :])
    allowed = np.asarray((apart <= calipers + 1e-9).all(axis=2))
    spread = np.concatenate([first, second]).std(axis=0)
    used = spread > 0
    cost = (apart[:, :, used] / spread[used]).sum(axis=2)
    # Dearer than all allowed pairs together, so that none is given up for it.
    forbidden = 1.0 + min(cost.shape) * float(cost.max(initial=0.0))
    rows, columns = linear_sum_assignment(np.where(allowed, cost, forbidden))
    kept = allowed[rows, columns]
    return rows[kept].astype(np.int64), columns[kept].astype(np.int64)


def adjusted_without(values: Floats, first: Mask, covariates: Floats) -> Without:
    """The p of the group beside covariates, by a robust t, without each unit: values [n].

    The least-squares fit is made again without the unit. The wild bootstrap of residuals
    comes to the same p as the t-test (HC2) where residuals are near normal and in large samples
    anyway, at a thousandth of the time; whether p passes .05 is all that is asked here.
    """
    used = covariates[:, independent_columns(covariates)]
    design = np.column_stack([first.astype(float), used - used.mean(axis=0), np.ones(len(first))])
    p, estimate = np.full((2, len(first)), np.nan)
    for unit in range(len(first)):
        kept = np.arange(len(first)) != unit
        if min(first[kept].sum(), (~first[kept]).sum()) >= FEWEST_UNITS:
            p[unit], estimate[unit] = _fitted(values[kept], design[kept])
    return Without(p, estimate)


def _fitted(values: Floats, design: Floats) -> tuple[float, float]:
    """P and coefficient of the first column."""
    size = np.linalg.norm(design, axis=0)
    scaled = design / size
    found, _, rank, _ = np.linalg.lstsq(scaled, values)
    freedom = len(values) - int(rank)
    if rank < design.shape[1] or freedom < 1:
        return np.nan, np.nan
    residual = values - scaled @ found
    projected = np.linalg.inv(scaled.T @ scaled) @ scaled.T
    leverage = np.minimum(np.einsum("nk,kn->n", scaled, projected), 1 - _COLLINEAR)
    variance = float(projected[0] ** 2 @ (residual**2 / (1 - leverage)))
    p = float(two_sided_p(found[:1] / np.sqrt(variance), freedom)[0])
    return p, float(found[0] / size[0])
