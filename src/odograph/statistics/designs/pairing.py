"""Units of two groups paired one to one, so that both are alike in what else may differ."""

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats

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
