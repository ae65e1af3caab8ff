"""Correlations of measures that drift along a passage and have nothing to do with each other."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from calibration.rows import FALSE_ALARMS, FOUND, Row, counted
from calibration.simulated import Floats, remembering, tied
from odograph.statistics.correlations.coefficients import fisher
from odograph.statistics.correlations.sessions import (
    pairings,
    permuted_means,
    session_p,
    session_tables,
)

TOKENS, MEMORY, DRAWS = 40, 0.7, 199
SESSION = "session permutation"
POOLED = "Fisher z of all tokens"
BETWEEN = "Fisher z, t-test over passages"
SETTING = f"{TOKENS} tokens a passage, memory {MEMORY:g}"


def rows(runs: int) -> Iterator[Row]:
    """False alarms with and without drift, and how often a true tie is found under drift."""
    for n in (20, 54, 150):
        yield from one(n, runs, drift=1.0, tie=0.0)
    yield from one(20, runs, drift=0.0, tie=0.0)
    yield from one(20, runs, drift=1.0, tie=0.2)


def one(n: int, runs: int, *, drift: float, tie: float, seed: int = 2) -> Iterator[Row]:
    """The share of `runs` corpora of n passages in which each test gives p <= .05."""
    rng = np.random.default_rng([seed, n, int(10 * drift), int(10 * tie)])
    alarms: dict[str, list[bool]] = {SESSION: [], POOLED: [], BETWEEN: []}
    for run in range(runs):
        x, y = corpus(rng, n, drift, tie)
        own, changes = session_tables(list(x), list(y))
        drawn = permuted_means(own, changes, pairings(n, seed=run, draws=DRAWS))
        alarms[SESSION].append(bool(session_p(own.mean()[None], drawn[:, None])[0] <= 0.05))
        alarms[POOLED].append(fisher_p(x, y) <= 0.05)
        alarms[BETWEEN].append(float(stats.ttest_1samp(own, 0).pvalue) <= 0.05)
    what = FOUND if tie else FALSE_ALARMS
    setting = f"{'shared drift' if drift else 'no drift'}, {SETTING}"
    for method, hits in alarms.items():
        if not tie or method == SESSION:
            yield counted(what, method, n, f"{setting}, r {tie:g}" if tie else setting, hits)


def corpus(rng: np.random.Generator, n: int, drift: float, tie: float) -> tuple[Floats, Floats]:
    """Two measures [n, tokens] that rise by 2 `drift` along each passage, and are tied by r."""
    first, second = remembering(rng.normal(size=(2, n, TOKENS)), MEMORY)
    rise = drift * np.linspace(-1, 1, TOKENS)
    return first + rise, tied(first, second, tie) + rise


def fisher_p(x: Floats, y: Floats) -> float:
    """Two-sided p of r over all tokens as if they were independent."""
    r = float(np.corrcoef(x.ravel(), y.ravel())[0, 1])
    return float(2 * stats.norm.sf(np.abs(fisher(r)) * np.sqrt(x.size - 3)))
