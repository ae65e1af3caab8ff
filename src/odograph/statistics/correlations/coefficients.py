"""Pearson and Spearman correlations, raw and partial, one at a time or for many resamples at once.

A partial correlation is that of what is left of x and y after a linear fit on the covariates; the
Spearman versions do the same on ranks. A token with a NaN in any of its values is left out.
"""

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import StudyError
from odograph.statistics.intervals import Floats, floats

METHODS = ("pearson", "spearman")
FEWEST_TOKENS = 10

# What the covariates leave of x or y, as a share of its variance, below which nothing is left.
_NOTHING_LEFT = 1e-10


def variables(x: ArrayLike, y: ArrayLike, covariates: ArrayLike | None = None) -> Floats:
    """x, y [n] and covariates [n, k] as the rows of one table [2 + k, n].

    Raises: StudyError where lengths disagree.
    """
    first, second = floats(x), floats(y)
    others = np.empty((0, *first.shape)) if covariates is None else floats(covariates).T
    others = others[None] if others.ndim == 1 else others
    if first.ndim != 1 or second.shape != first.shape or others.shape[1:] != first.shape:
        raise StudyError(
            "series of tokens cannot be correlated",
            expected="x and y of one length n, covariates [n, k]",
            given=f"{first.shape}, {second.shape} and {others.T.shape}",
        )
    return np.vstack([first, second, others])


def complete(table: Floats) -> Floats:
    """The columns (tokens) of a table [rows, n] in which every value is finite."""
    return table[:, np.isfinite(table).all(axis=0)]


def ranked(table: Floats, method: str) -> Floats:
    """The values themselves for "pearson", their ranks along the last axis for "spearman".

    Raises: StudyError for another method.
    """
    if method not in METHODS:
        raise StudyError(
            "unknown kind of correlation", expected=" or ".join(METHODS), given=repr(method)
        )
    return table if method == "pearson" else ranked_values(table)


def matrix(table: Floats) -> Floats:
    """Pearson correlations between rows: [..., rows, n] to [..., rows, rows]; NaN if constant."""
    if not table.shape[-1]:
        return np.full((*table.shape[:-1], table.shape[-2]), np.nan)
    centred = table - table.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.einsum("...n,...n->...", centred, centred))
    rounding = 1e-12 * np.sqrt(table.shape[-1]) * np.abs(table).max(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = centred / np.where(spread > rounding, spread, np.nan)[..., None]
    product = unit @ np.swapaxes(unit, -1, -2)
    return np.asarray(np.clip(product, -1, 1))  # 1 + 2e-16 is rounding


def partial(matrices: Floats, x: int = 0, y: int = 1, given: list[int] | None = None) -> Floats:
    """Correlation of rows x and y given other rows, from correlation matrices [..., k, k] to [...].

    (R_xy - R_xc R_cc^+ R_cy) / sqrt(v_x v_y), v_x = 1 - R_xc R_cc^+ R_cx. `given` is all others
    unless named. A constant covariate explains nothing; nothing left of x or y gives NaN.
    """
    rows = matrices.shape[-1]
    others = [k for k in range(rows) if k not in (x, y)] if given is None else given
    pair = matrices[..., [[x], [y]], [x, y]]
    if others:
        across = np.nan_to_num(matrices[..., [[x], [y]], others])
        among = np.nan_to_num(matrices[..., np.array(others)[:, None], others])
        fit = across @ np.linalg.pinv(among, hermitian=True)
        pair = pair - fit @ np.swapaxes(across, -1, -2)
    left = pair[..., 0, 0] * pair[..., 1, 1]
    something = (pair[..., 0, 0] > _NOTHING_LEFT) & (pair[..., 1, 1] > _NOTHING_LEFT)
    with np.errstate(invalid="ignore"):
        r = pair[..., 0, 1] / np.sqrt(np.where(something, left, np.nan))
    return np.clip(r, -1, 1)


def residuals(table: Floats, covariates: Floats, method: str) -> Floats:
    """What a linear fit on covariates [k, n] leaves of each row [rows, n]; ranks for "spearman".

    Tokens with a NaN stay NaN, so places are kept; rows have mean 0 over the other tokens.
    """
    both = np.vstack([table, covariates])
    whole = np.isfinite(both).all(axis=0)
    values = ranked(both[:, whole], method)
    design = np.vstack([np.ones(values.shape[1]), values[len(table) :]]).T
    fit, *_ = np.linalg.lstsq(design, values[: len(table)].T, rcond=None)
    left = np.full(table.shape, np.nan)
    left[:, whole] = values[: len(table)] - (design @ fit).T
    return left


def fisher(r: ArrayLike, tokens: ArrayLike) -> Floats:
    """Fisher's z = artanh r of correlations over so many tokens (4 or more), kept in bounds.

    A perfect order counts as one in which two neighbours have changed places, r = 1 - 12 / (n (n^2
    - 1)): z is at most 2.6 for 10 tokens and 4.2 for 30. No r is infinitely sure.
    """
    n = floats(tokens)
    largest = 1 - 12 / (n * (n**2 - 1))
    return np.arctanh(np.clip(floats(r), -largest, largest))


def ranked_values(table: Floats) -> Floats:
    """Ranks from 1 along the last axis, equal values with the mean of theirs: the shape of `table`.

    A row with a NaN has no ranks: all of it is NaN. As scipy.stats.rankdata.

    >>> ranked_values(np.array([[0.0, 2.0, 3.0, 2.0], [1.0, np.nan, 0.0, 2.0]]))
    array([[1. , 2.5, 4. , 2.5],
           [nan, nan, nan, nan]])
    """
    ranks = np.empty(table.shape)
    if not table.size:
        return ranks
    order = np.argsort(table, axis=-1)
    ascending = np.take_along_axis(table, order, axis=-1)
    new = np.ones(table.shape, dtype=bool)
    new[..., 1:] = ascending[..., 1:] != ascending[..., :-1]
    # Rows one after the other: the first of a row is always new, so no tie crosses rows.
    starts = np.flatnonzero(new)
    ties = np.diff(starts, append=table.size)
    shared = starts % table.shape[-1] + (ties + 1) / 2
    np.put_along_axis(ranks, order, np.repeat(shared, ties).reshape(table.shape), axis=-1)
    ranks[np.isnan(table).any(axis=-1)] = np.nan
    return ranks


SPEARMAN = METHODS.index("spearman")
