"""How often a nominal 95 % interval holds the truth, where simulations say that it is too seldom.

The shares are those of calibration/results.csv, by the number of units, for block intervals by the
number of blocks that a text was cut into. The rule: an interval falls short where all of the
simulated share's 95 % Monte-Carlo interval lies below 93 %. Nothing is rounded before.
"""

import numpy as np

from odograph.statistics.simulated_coverage import SIMULATED

#: Below it a 95 % interval falls short.
LEAST = 0.93


def falls_short(most: float) -> bool:
    """Whether intervals hold the truth too seldom: `most` is the upper end of their share."""
    return most < LEAST


def coverage(kind: str, n: int) -> tuple[float, float] | None:
    """The share of 95 % intervals that hold the truth, and the upper Monte-Carlo end of that share.

    None if not simulated. Between the simulated numbers both are linear in 1/n, beyond them those
    of the nearest.

    Args:
        kind: an `IntervalKind`; all that begin alike share what was simulated.
        n: units, or blocks for a block bootstrap (tokens divided by the block length).
    """
    simulated = SIMULATED.get(kind.partition(".")[0])
    if simulated is None or n < 1:
        return None
    sizes = sorted(simulated, reverse=True)
    columns = np.array([simulated[size] for size in sizes]).T
    share, most = (float(np.interp(1 / n, 1 / np.array(sizes), column)) for column in columns)
    return share, most
