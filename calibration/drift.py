"""Correlations of measures that drift along a passage and have nothing to do with each other.

And of measures that are tied in every passage, but in as many one way as the other.
"""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from calibration.rows import FALSE_ALARMS, FOUND, Row, counted
from calibration.simulated import Floats, remembering, tied
from odograph.statistics.correlations.coefficients import fisher
from odograph.statistics.correlations.own_pairing import own_pairing, pair_excess

TOKENS, MEMORY = 40, 0.7
OWN = "own pairs against others"
POOLED = "Fisher z of all tokens"
BETWEEN = "Fisher z, t-test over passages"
PERMUTED = "permuted pairs"
SETTING = f"{TOKENS} tokens a passage, memory {MEMORY:g}"
PERMUTATIONS = 199


def rows(runs: int) -> Iterator[Row]:
    """False alarms with and without drift, and how often a true tie is found under drift."""
    for n in (20, 54, 150):
        yield from one(n, runs, drift=1.0, tie=0.0)
    yield from one(20, runs, drift=0.0, tie=0.0)
    yield from one(20, runs, drift=1.0, tie=0.2)
    for n in (20, 54):
        yield from varying(n, runs, 0.5)
        yield in_documents(n, runs)


def one(n: int, runs: int, *, drift: float, tie: float, seed: int = 2) -> Iterator[Row]:
    """The share of `runs` corpora of n passages in which each test gives p <= .05."""
    rng = np.random.default_rng([seed, n, int(10 * drift), int(10 * tie)])
    alarms: dict[str, list[bool]] = {OWN: [], POOLED: [], BETWEEN: []}
    for run in range(runs):
        x, y = corpus(rng, n, drift, tie)
        alarms[OWN].append(own_p(x, y, np.arange(n), run) <= 0.05)
        alarms[POOLED].append(fisher_p(x, y) <= 0.05)
        alarms[BETWEEN].append(float(stats.ttest_1samp(own_z(x, y), 0).pvalue) <= 0.05)
    what = FOUND if tie else FALSE_ALARMS
    setting = f"{'shared drift' if drift else 'no drift'}, {SETTING}"
    for method, hits in alarms.items():
        if not tie or method == OWN:
            yield counted(what, method, n, f"{setting}, r {tie:g}" if tie else setting, hits)


def varying(n: int, runs: int, spread: float) -> Iterator[Row]:
    """Passages tied by r that varies about 0: nothing is there on the whole."""
    rng = np.random.default_rng([3, n])
    alarms: dict[str, list[bool]] = {OWN: [], PERMUTED: []}
    for run in range(runs):
        r = np.clip(spread * rng.normal(size=(n, 1)), -0.95, 0.95)
        x, other = remembering(rng.normal(size=(2, n, TOKENS)), MEMORY)
        y = r * x + np.sqrt(1 - r**2) * other
        alarms[OWN].append(own_p(x, y, np.arange(n), run) <= 0.05)
        alarms[PERMUTED].append(permuted_p(x, y, run) <= 0.05)
    setting = f"r varies by {spread:g} between passages, {SETTING}"
    for method, hits in alarms.items():
        yield counted(FALSE_ALARMS, method, n, setting, hits)


def in_documents(n: int, runs: int) -> Row:
    """Three passages a document, whose r varies about 0 from document to document."""
    rng = np.random.default_rng([4, n])
    documents, alarms = np.repeat(np.arange(n), 3), []
    for run in range(runs):
        r = np.clip(0.5 * rng.normal(size=(n, 1)), -0.95, 0.95)[documents]
        x, other = remembering(rng.normal(size=(2, 3 * n, TOKENS)), MEMORY)
        alarms.append(own_p(x, r * x + np.sqrt(1 - r**2) * other, documents, run) <= 0.05)
    setting = f"documents of 3 passages, r varies by 0.5 between them, {SETTING}"
    return counted(FALSE_ALARMS, OWN, n, setting, alarms)


def corpus(rng: np.random.Generator, n: int, drift: float, tie: float) -> tuple[Floats, Floats]:
    """Two measures [n, tokens] that rise by 2 `drift` along each passage, and are tied by r."""
    first, second = remembering(rng.normal(size=(2, n, TOKENS)), MEMORY)
    rise = drift * np.linspace(-1, 1, TOKENS)
    return first + rise, tied(first, second, tie) + rise


def own_p(x: Floats, y: Floats, documents: np.ndarray, seed: int) -> float:
    """Odograph's own test."""
    return float(own_pairing([pair_excess(list(x), list(y))], documents, seed=seed).p[0])


def own_z(x: Floats, y: Floats) -> Floats:
    """Fisher's z of every passage."""
    return fisher([np.corrcoef(*both)[0, 1] for both in zip(x, y, strict=True)], x.shape[1])


def permuted_p(x: Floats, y: Floats, seed: int) -> float:
    """Which passage's y goes with which passage's x is permuted (Harris 2020), two-sided."""
    r = np.corrcoef(x, y)[: len(x), len(x) :]
    z, rng = fisher(r, x.shape[1]), np.random.default_rng(seed)
    places = np.arange(len(x))
    drawn = [z[places, rng.permutation(len(x))].mean() for _ in range(PERMUTATIONS)]
    observed = np.diag(z).mean()
    tails = [1 + np.sum(drawn >= observed), 1 + np.sum(drawn <= observed)]
    return float(min(1, 2 * min(tails) / (1 + PERMUTATIONS)))


def fisher_p(x: Floats, y: Floats) -> float:
    """Two-sided p of r over all tokens as if they were independent."""
    r = float(np.corrcoef(x.ravel(), y.ravel())[0, 1])
    return float(2 * stats.norm.sf(np.abs(fisher(r, x.size)) * np.sqrt(x.size - 3)))
