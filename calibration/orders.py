"""How often the interval of the agreement of two orders holds the true agreement."""

from collections.abc import Iterator

import numpy as np

from calibration.rows import COVERAGE, Row, counted
from calibration.simulated import tied
from odograph.statistics.correlations.agreement import rank_agreement
from odograph.statistics.correlations.coefficients import matrix, ranked

ORDER = "percentiles, agreement of two orders"
SIZES = (8, 12, 20, 54, 150)
ITEMS = (12, 36)
#: Standard deviation of a passage's noise, in those of the true values of the items.
NOISES = (0.3, 1.0, 3.0)
R, _DRAWS = 0.6, 499


def rows(runs: int) -> Iterator[Row]:
    """Coverage by number of passages, for few and many items, more or less noisy."""
    for items in ITEMS:
        for noise in NOISES:
            for n in SIZES:
                yield one(n, runs, items, noise)


def one(n: int, runs: int, items: int, noise: float) -> Row:
    """The truth is the Spearman correlation of the items' true values, drawn anew in each run."""
    rng = np.random.default_rng([14, n, items, int(10 * noise)])
    held = []
    for run in range(runs):
        first, second = rng.normal(size=(2, items))
        true = np.stack([first, tied(first, second, R)])
        x, y = true[:, None] + noise * rng.normal(size=(2, n, items))
        _, interval = rank_agreement(x, y, seed=run, resamples=_DRAWS)
        truth = float(matrix(ranked(true, "spearman"))[0, 1])
        held.append(interval is not None and interval.low <= truth <= interval.high)
    return counted(COVERAGE, ORDER, n, f"{items} items, noise {noise:g}", held)
