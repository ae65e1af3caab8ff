"""False alarms: skew, heavy tails, documents, unequal groups; and of the test over seeds."""

from collections.abc import Iterator

import numpy as np

from calibration.rows import FALSE_ALARMS, Row, averaged, counted
from calibration.simulated import Floats, Generator, draws, remembering
from odograph.folder.documents import by_document
from odograph.statistics.designs.contrasts import stratified_counts
from odograph.statistics.designs.distance_profile import distance_profile
from odograph.statistics.designs.distances import layer_distance, redraw
from odograph.statistics.designs.seeds import seed_test
from odograph.statistics.designs.unpaired import IndependentGroups, unpaired_profile
from odograph.statistics.judge import largest_p
from odograph.statistics.permutation import mean_test
from odograph.statistics.student import independent_t

BY_NUMBER, FLIPS = "test of means, by the number of units", "flipped signs"
GROUPS = "two groups, by the number of units"
WELCH, POOLED = "labels, Welch's t", "labels, pooled t"
DISTANCE, SEEDS = "labels, studentised distance", "t over seeds, Holm"
DOCUMENTS, PASSAGES = "test of means, documents as units", "test of means, passages as units"
METHODS = (BY_NUMBER, FLIPS, DOCUMENTS, PASSAGES, GROUPS, WELCH, POOLED, DISTANCE, SEEDS)
_LAYERS, _DRAWS, _WIDTH = 30, 200, 16
#: A gamma distribution has the skewness 2 / sqrt(shape).
_SKEWED = {"skewness 1.4": 2.0, "skewness 2.8": 0.51}
_GROUPS = ((15, 45, 1.0), (15, 45, 2.0), (15, 45, 4.0), (30, 30, 2.0))
#: Fewer units, and 20 or more in the smaller group.
_MORE_GROUPS = ((8, 24, 4.0), (20, 60, 4.0), (30, 90, 1.0), (30, 90, 4.0))


def rows(runs: int) -> Iterator[Row]:
    """At least one false alarm among the layers, and how often the seeds find what is there."""
    for setting in (*_SKEWED, "t with 3 degrees of freedom"):
        for n in (8, 16, 20, 54):
            yield from _means(setting, n, runs)
    for n in (12, 24, 54):
        yield from documents(n, runs)
    for first, second, spread in _GROUPS:
        yield from _labels(first, second, spread, runs // 2)
        yield _distances(first, second, spread, runs // 4)
    for first, second, spread in (*_GROUPS, *_MORE_GROUPS):
        for shape in ("normal", "skewed"):
            yield _two_groups(first, second, spread, runs, shape)
    yield _two_groups(15, 45, 4.0, runs, "normal", covariates=1)
    for seeds in (5, 8):
        yield _seeds(seeds, 4 * runs)
    for seeds in (5, 8):
        yield _found(seeds, runs)


def differences(rng: Generator, setting: str, n: int) -> Floats:
    """Differences of mean 0 [n, layers], independent layers."""
    shape_of = _SKEWED.get(setting)
    if shape_of is None:
        return np.asarray(rng.standard_t(3, size=(n, _LAYERS)))
    return (rng.gamma(shape_of, size=(n, _LAYERS)) - shape_of) / np.sqrt(shape_of)


def _means(setting: str, n: int, runs: int) -> Iterator[Row]:
    rng = np.random.default_rng([21, n, len(setting), int(setting[-1] == "8")])
    alarms: dict[str, list[bool]] = {BY_NUMBER: [], FLIPS: []}
    for run in range(runs):
        values = differences(rng, setting, n)
        tested = mean_test(values, seed=run, permutations=_DRAWS)
        alarms[BY_NUMBER].append(bool(np.min(tested.p_max) <= 0.05))
        if n in (20, 54):
            # Flips are numbered for fewer units only: these are drawn.
            signs = rng.choice([-1.0, 1.0], size=(_DRAWS, n))
            alarms[FLIPS].append(bool(largest_p(_flipped(values, signs)).min() <= 0.05))
    where = f"{_LAYERS} independent layers, {setting}"
    for method, hits in alarms.items():
        if hits:
            yield counted(FALSE_ALARMS, method, n, where, hits)


def _flipped(values: Floats, signs: Floats) -> Floats:
    signs[0] = 1.0
    n = len(values)
    means, squares = signs @ values / n, (values**2).mean(axis=0)
    return np.abs(means) / np.sqrt((squares - means**2) / (n - 1))


def documents(n: int, runs: int) -> Iterator[Row]:
    """Differences of passages that documents share: a value a document, or a passage.

    Without what is shared the same passages would be as many units.
    """
    rng = np.random.default_rng([27, n])
    alarms: dict[str, list[bool]] = {DOCUMENTS: [], PASSAGES: []}
    for run in range(runs):
        document = np.repeat(np.arange(n), rng.integers(2, 9, size=n))
        shared = np.sqrt(0.5) * draws(rng, (n, _LAYERS))[document]
        values = shared + draws(rng, (len(document), _LAYERS))
        units = by_document(values, np.arange(len(document)), document)
        for method, each in ((DOCUMENTS, units), (PASSAGES, values)):
            tested = mean_test(each, seed=run, permutations=_DRAWS)
            alarms[method].append(bool(np.min(tested.p_max) <= 0.05))
    where = f"documents of 2 to 8 passages, correlation .33 within, {_LAYERS} independent layers"
    for method, hits in alarms.items():
        yield counted(FALSE_ALARMS, method, n, where, hits)


def _two_groups(
    first: int, second: int, spread: float, runs: int, shape: str, covariates: int = 0
) -> Row:
    """The test as it is, of correlated layers; "skewed": skewness 1.4."""
    rng = np.random.default_rng([26, first, second, int(spread), len(shape), covariates])
    own, hits = np.arange(first + second) < first, []
    for run in range(runs):
        values = _groups(rng, first, second, spread, _LAYERS, shape)
        sample = IndependentGroups(values, own, rng.normal(size=(len(own), covariates)))
        counts = stratified_counts(own, seed=run, resamples=_DRAWS - 1)
        tested = unpaired_profile(
            sample, np.arange(_LAYERS), seed=run, permutations=_DRAWS, counts=counts
        )
        hits.append(bool(tested.p_max_t.min() <= 0.05))
    where = f"{first} units with {spread:g} times the spread against {second}, {shape}"
    beside = ", a covariate" if covariates else ""
    return counted(FALSE_ALARMS, GROUPS, first + second, f"{where}{beside}", hits)


def _groups(
    rng: Generator, first: int, second: int, spread: float, width: int, shape: str = "normal"
) -> Floats:
    n = first + second
    values = draws(rng, (n, width), shape) + draws(rng, (n, 1), shape)
    values[:first] *= spread
    return values


def _labels(first: int, second: int, spread: float, runs: int) -> Iterator[Row]:
    rng = np.random.default_rng([22, first, int(spread)])
    own, alarms = np.arange(first + second) < first, {WELCH: [], POOLED: []}
    for _ in range(runs):
        values = _groups(rng, first, second, spread, _LAYERS)
        labels = [own, *(rng.permutation(own) for _ in range(_DRAWS - 1))]
        for method, equal in ((WELCH, False), (POOLED, True)):
            t = [independent_t(values[one], values[~one], equal_var=equal)[0] for one in labels]
            alarms[method].append(bool(largest_p(np.abs(t)).min() <= 0.05))
    where = f"{first} units with {spread:g} times the spread against {second}"
    for method, hits in alarms.items():
        yield counted(FALSE_ALARMS, method, first + second, where, hits)


def _distances(first: int, second: int, spread: float, runs: int) -> Row:
    rng, hits = np.random.default_rng([23, first, int(spread)]), []
    for run in range(runs):
        drawn = redraw(first, second, paired=False, seed=run, permutations=_DRAWS, resamples=9)
        states = rng.normal(size=(3, first + second, _WIDTH))
        states[:, :first] *= spread
        layers = [layer_distance(own[:first], own[first:], drawn) for own in states]
        found = distance_profile(layers, drawn, (first, second))
        hits.append(bool(found.p_max.min() <= 0.05))
    where = f"{first} units with {spread:g} times the spread against {second}"
    return counted(FALSE_ALARMS, DISTANCE, first + second, where, hits)


def _networks(rng: Generator, seeds: int) -> Floats:
    """A number in each block of random networks, neighbouring blocks alike: [1 + seeds, 12]."""
    return remembering(rng.normal(size=(1 + seeds, 12)), 0.5)


def _seeds(seeds: int, runs: int) -> Row:
    rng, hits = np.random.default_rng([24, seeds]), []
    for _ in range(runs):
        drawn = _networks(rng, seeds)
        hits.append(bool((seed_test(drawn[0], drawn[1:]).p_adjusted < 0.05).any()))
    return counted(FALSE_ALARMS, SEEDS, seeds, "12 blocks, one more random network", hits)


def _found(seeds: int, runs: int) -> Row:
    rng, found = np.random.default_rng([25, seeds]), []
    for _ in range(runs):
        drawn = _networks(rng, seeds)
        drawn[0, 5] += 8
        found.append(float(seed_test(drawn[0], drawn[1:]).p_adjusted[5] < 0.05))
    return averaged(
        SEEDS, seeds, "a shift of 8 seed standard deviations in one of 12 blocks", found
    )
