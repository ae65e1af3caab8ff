"""How often a true difference between two curves would be found, and how many pairs that takes.

Differences of pairs are simulated (normal, standard deviation 1, neighbouring layers correlated)
with a difference d in a run of layers, and go through the tests of `paired_profile`: the same
statistics and the same p, all draws as one array, since thousands of tests are made.
"""

import math
from dataclasses import dataclass, replace
from itertools import product
from time import perf_counter

import numpy as np
from scipy import optimize, stats

from odograph.errors import UsageError
from odograph.statistics.bootstrap_t import resampled_t
from odograph.statistics.intervals import Floats
from odograph.statistics.judge import clusters_of, largest_p
from odograph.statistics.permutation import (
    ALPHA,
    FEWEST_BOOTSTRAP_T,
    FEWEST_PAIRS,
    cluster_threshold,
    paired_t,
)

MAX_T, CLUSTER, SINGLE = TESTS = ("max-t", "cluster", "single")
WANTED = 0.8
MOST_PAIRS = 2_000
#: Smaller ones are none, larger ones are found in any two pairs.
_LEAST_EFFECT, _MOST_EFFECT = 1e-6, 100.0
RUNS, FLIPS = 1_000, 500
_SEARCH_RUNS, _MOST_ROUNDS, _LAST_ROUNDS = 250, 12, 2


@dataclass(frozen=True)
class Design:
    """What is planned.

    Attributes:
        effect: d_z, the mean difference in standard deviations of the differences between pairs.
        test: "max-t" (per layer), "cluster" (the curves) or "single" (one layer, one test).
        layers: the family, tested together; 1 for a single test.
        affected: neighbouring layers, in the middle, that differ by `effect`; the others do not.
        correlation: between the differences at neighbouring layers, 0 up to 1.
    """

    effect: float
    test: str = MAX_T
    layers: int = 12
    affected: int = 3
    correlation: float = 0.9

    @property
    def different(self) -> slice:
        """Where the affected layers are."""
        start = (self.layers - self.affected) // 2
        return slice(start, start + self.affected)


@dataclass(frozen=True)
class Power:
    """What n pairs would find: shares of simulated experiments, 0 to 1.

    Attributes:
        n: pairs.
        found: experiments in which a layer that differs is found, or a cluster with one.
        low, high: the 95 % Monte-Carlo interval of `found` (Wilson).
        layers_found: of the layers that differ, the mean share found; for "cluster", the share that
            lies in a cluster with p <= .05, though the test says nothing of single layers.
        runs: simulated experiments.
    """

    n: int
    found: float
    low: float
    high: float
    layers_found: float
    runs: int


def planned(design: Design) -> Design:
    """The design with a family of one layer where the test is a single one.

    Raises:
        UsageError: an unknown test, or numbers that make no design.
    """
    if design.test not in TESTS:
        raise UsageError("unknown test", expected=", ".join(TESTS), given=repr(design.test))
    if design.test == SINGLE:
        design = replace(design, layers=1, affected=1)
    wrong = not (1 <= design.affected <= design.layers and 0 <= design.correlation < 1)
    if wrong or not _LEAST_EFFECT <= abs(design.effect) <= _MOST_EFFECT:
        raise UsageError(
            "the power of this design cannot be simulated",
            expected=f"an effect of {_LEAST_EFFECT:g} to {_MOST_EFFECT:g} in size, "
            "1 <= affected <= layers, 0 <= correlation < 1",
            given=f"{design.effect:g}, {design.affected} of {design.layers} layers, correlation "
            f"{design.correlation:g}",
        )
    return design


def power(design: Design, n: int, *, seed: int, runs: int = RUNS) -> Power:
    """The power of n pairs, by simulation, two-sided at .05.

    Raises:
        UsageError: fewer than 6 or more than 2,000 pairs, or a design that is none.
    """
    design = planned(design)
    if not FEWEST_PAIRS <= n <= MOST_PAIRS:
        raise UsageError(
            "power needs a number of pairs",
            expected=f"{FEWEST_PAIRS} to {MOST_PAIRS}",
            given=str(n),
        )
    rng = np.random.default_rng([seed, n])
    each = np.array([_experiment(design, n, rng) for _ in range(runs)])
    hits = int((each > 0).sum())
    interval = stats.binomtest(hits, runs).proportion_ci(method="wilson")
    found = hits / runs
    return Power(n, found, float(interval.low), float(interval.high), float(each.mean()), runs)


def needed(design: Design, *, seed: int, wanted: float = WANTED, runs: int = RUNS) -> Power | None:
    """The least number of pairs with the power wanted, and its power; None above 2,000 pairs.

    A probit curve in the square root of n is fitted to simulated experiments near the answer; its
    error is about that of the Monte-Carlo interval, a few per cent of n.

    Raises:
        UsageError: a design that is none, or a power that is not between .05 and 1.
    """
    design = planned(design)
    if not ALPHA < wanted < 1:
        raise UsageError("the power wanted", expected="between .05 and 1", given=f"{wanted:g}")
    n = int(np.clip(8 / design.effect**2, FEWEST_PAIRS, MOST_PAIRS))
    seen: list[Power] = []
    for _ in range(_MOST_ROUNDS):
        seen.append(power(design, n, seed=seed + len(seen), runs=_SEARCH_RUNS))
        after = _next(seen, wanted)
        if n == after == MOST_PAIRS and seen[-1].high < wanted:
            return None
        if len(seen) > 3 and abs(after - n) <= max(1, 0.02 * n):
            break
        n = after
    for last in range(_LAST_ROUNDS):
        seen.append(power(design, _next(seen, wanted), seed=seed + _MOST_ROUNDS + last, runs=runs))
    return power(design, _next(seen, wanted), seed=seed, runs=runs)


def seconds_for(design: Design, sizes: list[int]) -> float:
    """About how long `power` takes for these numbers of pairs, or `needed` where there are none.

    One experiment is timed and multiplied; the search is taken to end after half of its rounds.
    """
    rounds = [(n, RUNS) for n in sizes]
    if not rounds:
        near = int(np.clip(8 / design.effect**2, FEWEST_PAIRS, MOST_PAIRS))
        rounds = [(near, _MOST_ROUNDS // 2 * _SEARCH_RUNS + (_LAST_ROUNDS + 1) * RUNS)]
    return sum(_seconds(design, n) * runs for n, runs in rounds)


def _seconds(design: Design, n: int) -> float:
    """Of one experiment, after one that does not count."""
    for seed in range(2):
        started = perf_counter()
        power(design, max(n, FEWEST_PAIRS), seed=seed, runs=1)
    return perf_counter() - started


def _next(seen: list[Power], wanted: float) -> int:
    """Where the curve through what was seen has the power wanted, at most three times as far."""
    low, high = seen[-1].n / 3, seen[-1].n * 3
    reached = _fitted(seen, wanted) if len({each.n for each in seen}) > 1 else math.nan
    if not math.isfinite(reached):
        # Half a hit more and less, so that none or all of them leave a number.
        share = np.clip(seen[-1].found, 0.5 / _SEARCH_RUNS, 1 - 0.5 / _SEARCH_RUNS)
        gap = stats.norm.ppf(wanted) - stats.norm.ppf(share)
        reached = seen[-1].n * max(0.4, 1 + gap / 3) ** 2
    return int(np.clip(math.ceil(np.clip(reached, low, high)), FEWEST_PAIRS, MOST_PAIRS))


def _fitted(seen: list[Power], wanted: float) -> float:
    """Where a probit in sqrt n, fitted by maximum likelihood, is `wanted`; NaN if it falls."""
    root = np.sqrt([each.n for each in seen])
    hits = np.array([each.found * each.runs for each in seen])
    runs = np.array([each.runs for each in seen])

    def unlikely(line: Floats) -> float:
        z = line[0] + line[1] * root
        return -float((hits * stats.norm.logcdf(z) + (runs - hits) * stats.norm.logsf(z)).sum())

    line = optimize.minimize(unlikely, [-2.0, 3.0 / root.mean()], method="Nelder-Mead").x
    if line[1] <= 0:
        return math.nan
    return float(max(0.0, (stats.norm.ppf(wanted) - line[0]) / line[1]) ** 2)


def _experiment(design: Design, n: int, rng: np.random.Generator) -> float:
    """The share of affected layers found in one simulated experiment."""
    values = rng.normal(size=(n, design.layers))
    own = math.sqrt(1 - design.correlation**2)
    for layer in range(1, design.layers):
        values[:, layer] = design.correlation * values[:, layer - 1] + own * values[:, layer]
    values[:, design.different] += design.effect
    p = layer_p(_drawn(values, rng), design.test, n)
    return float((p[design.different] <= ALPHA).mean())


def signs_of(n: int, flips: int, rng: np.random.Generator) -> Floats:
    """Signs of n pairs, [flips, n], the first all +1; all 2^(n-1) where these are fewer."""
    if 2 ** (n - 1) <= flips:
        return np.array([(1.0, *rest) for rest in product((1.0, -1.0), repeat=n - 1)])
    signs = np.where(rng.random((flips, n)) < 0.5, 1.0, -1.0)
    signs[0] = 1
    return signs


def _drawn(differences: Floats, rng: np.random.Generator) -> Floats:
    """The t of each layer under the null, the first row as observed: by the number of pairs."""
    n = len(differences)
    if n < FEWEST_BOOTSTRAP_T:
        return flipped(differences, signs_of(n, FLIPS, rng))
    counts = rng.multinomial(n, np.full(n, 1 / n), size=FLIPS - 1).astype(np.float64)
    centred = differences - differences.mean(axis=0)
    return np.concatenate([paired_t(differences)[None], resampled_t(centred, counts)])


def flipped(differences: Floats, signs: Floats) -> Floats:
    """The t of each layer under these signs, [n, L], [flips, n] to [flips, L]."""
    n = len(differences)
    means = signs @ differences / n
    variance = ((differences**2).sum(axis=0) - n * means**2) / (n - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(means / np.sqrt(np.maximum(variance, 0) / n))


def layer_p(t: Floats, test: str, n: int) -> Floats:
    """The p of every layer of n pairs, from t's [draws, L], the first row as observed: [L].

    "max-t" and "single" as `max_t` gives it; "cluster" the p of the cluster that the layer is in as
    `cluster_mass` gives it, 1 outside of all.
    """
    if test != CLUSTER:
        return largest_p(np.abs(t))
    p, threshold = np.ones(t.shape[1]), cluster_threshold(n)
    for run in clusters_of(np.where(np.abs(t) > threshold, t, 0.0)):
        p[run.first_layer : run.last_layer + 1] = run.p
    return p
