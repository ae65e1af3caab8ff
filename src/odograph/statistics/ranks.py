"""Ranks, ties sharing their mean, without scipy.stats, whose import is slow."""

import numpy as np

from odograph.statistics.intervals import Floats


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
