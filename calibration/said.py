"""What the package says of its intervals: `odograph.statistics.simulated_coverage`."""

from pathlib import Path

import numpy as np
from scipy import stats
from scipy.optimize import isotonic_regression

from calibration import distances, effects, orders
from calibration.covering import BLOCKS, INVERTED, MEAN
from calibration.rows import Row

MODULE = Path(__file__).parents[1] / "src" / "odograph" / "statistics" / "simulated_coverage.py"
#: The kinds of `IntervalKind` before a dot, and the rows whose coverage is said of them.
KINDS = {
    "bca": MEAN,
    "inverted": INVERTED,
    "circular_blocks": BLOCKS,
    "noncentral_t": effects.D_Z,
    "same_resamples": effects.CHANGE,
    "expanded": distances.DISTANCE,
    "attenuated": orders.ORDER,
}
Table = dict[int, tuple[float, float]]

_HEAD = '''"""Coverage of 95 % intervals; `python -m calibration` writes it from its results.csv.

By the kind of interval: number of units, or of blocks, to the share that holds the truth,
over all settings simulated, and the upper end of its 95 % Monte-Carlo interval. Neighbours are
pooled where the share would fall as the number grows.
"""

SIMULATED: dict[str, dict[int, tuple[float, float]]] = {
'''


def tables(rows: list[Row]) -> dict[str, Table]:
    """All shares that may be said, by the kind of interval."""
    return {
        kind: rising([row for row in rows if row.method == method])
        for kind, method in KINDS.items()
    }


def rising(rows: list[Row]) -> Table:
    """Share and Monte-Carlo upper end at every n over all settings, neighbours pooled.

    Monotone least squares: pooled are those between which the share would fall as n grows.
    """
    sizes = sorted({row.n for row in rows})
    runs = np.array([sum(row.runs for row in rows if row.n == n) for n in sizes])
    hits = np.array([sum(row.estimate * row.runs for row in rows if row.n == n) for n in sizes])
    fitted = isotonic_regression(hits / runs, weights=runs)
    found = {}
    for first, end in zip(fitted.blocks[:-1], fitted.blocks[1:], strict=True):
        pooled, number = int(runs[first:end].sum()), round(float(hits[first:end].sum()))
        most = stats.binomtest(number, pooled).proportion_ci(method="wilson").high
        pair = round(number / pooled, 4), round(float(most), 4)
        found.update(dict.fromkeys(sizes[first:end], pair))
    return found


def module(rows: list[Row]) -> str:
    """The text of the module."""
    lines = []
    for kind, table in tables(rows).items():
        lines += [f'    "{kind}": {{', *(f"        {n}: {pair}," for n, pair in table.items())]
        lines.append("    },")
    return _HEAD + "\n".join([*lines, "}", ""])
