"""How often intervals of d_z, of a ratio of means, and of what adjusting changes hold the truth."""

from collections.abc import Iterator

import numpy as np

from calibration.rows import COVERAGE, Row, counted
from calibration.simulated import Generator, draws, tied
from odograph.statistics.circular_blocks import percentile_bounds
from odograph.statistics.designs.contrasts import resampled_contrasts, stratified_counts
from odograph.statistics.designs.one_sample import d_z_bounds, noncentral_bounds
from odograph.statistics.intervals import ratio_interval
from odograph.statistics.permutation import paired_t

D_Z = "noncentral t, widened, d_z"
EXACT = "noncentral t alone, d_z"
RATIO = "BCa, ratio of two means"
CHANGE = "percentiles, change by adjusting"

SIZES = (8, 12, 20, 54, 150)
EFFECTS = (0.0, 0.5, 1.0, 2.0)
#: Of the logarithm of a length: what the group, a covariate and the lemma itself say of it.
GROUP, COVARIATE, OWN = 0.05, 0.06, 0.15
_APART, _DRAWS = 0.5, 499


def rows(runs: int) -> Iterator[Row]:
    """Coverage of d_z from `runs` simulations, of the others from fewer."""
    for shape in ("normal", "heavy", "skewed"):
        for effect in EFFECTS:
            for n in SIZES:
                yield standardised(n, runs, shape, effect)
    for n in SIZES:
        yield standardised(n, runs, "heavy", EFFECTS[-1], alone=True)
    for n in SIZES[:4]:
        yield ratio(n, runs // 4)
        yield change(n, runs // 4)


def standardised(n: int, runs: int, shape: str, effect: float, *, alone: bool = False) -> Row:
    """The interval of d_z; "skewed": one of the two compared has its long tail beyond 0."""
    rng = np.random.default_rng([9, n, len(shape), int(10 * effect)])
    spread = draws(rng, (n, runs), shape)
    if shape == "skewed":
        spread = (spread + draws(rng, (n, runs), "normal")) / np.sqrt(2)
    values = effect - spread
    t = paired_t(values)
    low, high = noncentral_bounds(t, n) if alone else d_z_bounds(values, t)
    held = ((low <= effect) & (effect <= high)).tolist()
    method = EXACT if alone else D_Z
    return counted(COVERAGE, method, n, f"{shape} differences, d_z {effect:g}", held)


def ratio(n: int, runs: int) -> Row:
    """Two lengths a passage, lognormal, correlated: the ratio of their means."""
    rng, spread, truth = np.random.default_rng([10, n]), 0.4, 8.0
    held = []
    for run in range(runs):
        first, own = rng.normal(size=(2, n))
        below, above = np.exp(spread * first), truth * np.exp(spread * tied(first, own, 0.6))
        interval = ratio_interval(above, below, seed=run, resamples=999)
        held.append(interval is not None and interval.low <= truth <= interval.high)
    return counted(COVERAGE, RATIO, n, "lognormal lengths of spread 0.4, r .6", held)


def change(n: int, runs: int) -> Row:
    """By how many points a difference in % changes when a covariate of both groups is adjusted."""
    rng = np.random.default_rng([11, n])
    plain = GROUP + COVARIATE * _APART
    truth = 100 * float(np.exp(GROUP) - np.exp(plain))
    held = [_change_held(rng, n, run, truth) for run in range(runs)]
    return counted(COVERAGE, CHANGE, n, f"covariate {_APART:g} SD apart", held)


def _change_held(rng: Generator, n: int, seed: int, truth: float) -> bool:
    first = np.arange(2 * n) < n
    covariate = rng.normal(size=2 * n) + _APART * first
    values = (GROUP * first + COVARIATE * covariate + OWN * draws(rng, (2 * n,)))[:, None]
    counts = stratified_counts(first, seed=seed, resamples=_DRAWS)
    adjusted, plain = (
        100 * np.expm1(resampled_contrasts(values, first, given, counts))
        for given in (covariate[:, None], np.empty((2 * n, 0)))
    )
    low, high = percentile_bounds(adjusted - plain, n)
    return bool(low[0] <= truth <= high[0])
