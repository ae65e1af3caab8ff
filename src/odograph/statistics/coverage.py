"""How often a nominal 95 % interval holds the truth, where simulations say that it is too seldom.

The shares are those of calibration/results.csv, by the number of units, for block intervals by the
number of blocks that a text was cut into. The rule: an interval falls short where all of the
simulated share's 95 % Monte-Carlo interval lies below 93 %. Nothing is rounded before.
"""

import numpy as np

from odograph.statistics.simulated_coverage import SIMULATED

#: Below it a 95 % interval falls short.
LEAST = 0.93

_BY_BLOCKS = "moving-block bootstrap"
_SAID = "nominal 95 %, covers about"


def falls_short(most: float) -> bool:
    """Whether intervals hold the truth too seldom: `most` is the upper end of their share."""
    return most < LEAST


def coverage(method: str, n: int) -> tuple[float, float] | None:
    """The share of 95 % intervals that hold the truth, and the upper Monte-Carlo end of that share.

    None if not simulated. Between the simulated numbers both are linear in 1/n, beyond them those
    of the nearest.

    Args:
        method: as `Interval.method` names it.
        n: units, or blocks for a block bootstrap (tokens divided by the block length).
    """
    kind = next((kind for kind in SIMULATED if method.startswith(kind)), None)
    if kind is None or n < 1:
        return None
    sizes = sorted(SIMULATED[kind], reverse=True)
    columns = np.array([SIMULATED[kind][size] for size in sizes]).T
    share, most = (float(np.interp(1 / n, 1 / np.array(sizes), column)) for column in columns)
    return share, most


def shortfall(method: str, n: int) -> str:
    """What is said beside an interval: "nominal 95 %, covers about 88.1 % at n = 8".

    Empty where it does not fall short, or was not simulated.
    """
    found = coverage(method, n)
    if found is None or not falls_short(found[1]):
        return ""
    place = f"with {n} blocks" if method.startswith(_BY_BLOCKS) else f"at n = {n}"
    return f"{_SAID} {100 * found[0]:.1f} % {place}"


def with_shortfall(method: str, n: int) -> str:
    """The method with its shortfall after a colon, if there is one and it is not said already."""
    said = shortfall(method, n)
    return f"{method}: {said}" if said and _SAID not in method else method
