"""How often a nominal 95 % interval holds the truth, where simulations say that it is too seldom.

The shares are those of calibration/results.csv: a bootstrap interval of a mean by the number of
units, a moving-block interval by the number of blocks that a text was cut into. Neighbours are
pooled where the share would fall as the number grows (calibration/said.py). A test compares.
"""

import numpy as np

#: Coverage by number of units: the mean over normal, heavy-tailed and skewed differences.
UNITS = {
    6: 0.852, 8: 0.878, 10: 0.889, 12: 0.901, 16: 0.914, 20: 0.916, 24: 0.926, 30: 0.926,
    40: 0.931, 54: 0.935, 150: 0.942,
}  # fmt: skip
#: Coverage by number of blocks, from so many on: the mean over texts of 60 to 1,000 tokens.
BLOCKS = {
    4: 0.739, 8: 0.769, 12: 0.871, 16: 0.879, 24: 0.879, 32: 0.914, 48: 0.922, 64: 0.922,
    100: 0.922,
}  # fmt: skip
#: Below so many percent, rounded, it is said.
LEAST_PERCENT = 93

_KINDS = {
    "BCa bootstrap": (UNITS, "at n = {}"),
    "moving-block bootstrap": (BLOCKS, "with {} blocks"),
}
_SAID = "nominal 95 %, covers about"


def coverage(method: str, n: int) -> float | None:
    """The share of 95 % intervals of this method that hold the truth; None if not simulated.

    Between the simulated numbers it is linear in 1/n, beyond them it is that of the nearest.

    Args:
        method: as `Interval.method` names it.
        n: units (BCa) or blocks (moving blocks: tokens divided by the block length).
    """
    kind = next((kind for kind in _KINDS if method.startswith(kind)), None)
    if kind is None or n < 1:
        return None
    table, _ = _KINDS[kind]
    sizes = sorted(table, reverse=True)
    return float(np.interp(1 / n, [1 / size for size in sizes], [table[size] for size in sizes]))


def shortfall(method: str, n: int) -> str:
    """What is said beside an interval: "nominal 95 %, covers about 88 % at n = 8".

    Empty where the coverage is 93 % or more, rounded, or was not simulated.
    """
    share = coverage(method, n)
    if share is None or round(100 * share) >= LEAST_PERCENT:
        return ""
    place = next(words for kind, (_, words) in _KINDS.items() if method.startswith(kind))
    return f"{_SAID} {100 * share:.0f} % {place.format(n)}"


def with_shortfall(method: str, n: int) -> str:
    """The method with its shortfall after a colon, if there is one and it is not said already."""
    said = shortfall(method, n)
    return f"{method}: {said}" if said and _SAID not in method else method
