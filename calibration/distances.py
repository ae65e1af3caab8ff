"""How often the interval of a distance between two groups of states holds the true distance."""

from collections.abc import Iterator

import numpy as np

from calibration.rows import COVERAGE, Row, counted
from calibration.simulated import Floats, Generator
from odograph.statistics.designs.distance_profile import distance_profile
from odograph.statistics.designs.distances import Redrawn, layer_distance, redraw

DISTANCE = "percentiles, distance of two groups"
SIZES = (8, 12, 20, 54)
#: How far the means stand apart, in units of a state's spread along its first directions.
SHIFTS = (0.0, 4.0, 16.0)
WIDTH, LAYERS, _DRAWS, _SEEDS, _MANY = 32, 3, 499, 5, 4000
#: Directions differ in spread, as those of a language model do; the first is shared by all states.
_SPREAD = np.sqrt(WIDTH / (1 / np.arange(1, WIDTH + 1)).sum() / np.arange(1, WIDTH + 1))
_ALL = 7.0


def rows(runs: int) -> Iterator[Row]:
    """Coverage of the mean distance over layers, paired and not, of groups more or less apart."""
    for paired in (True, False):
        for shift in SHIFTS:
            for n in SIZES:
                yield one(n, runs, shift, paired=paired)


def one(n: int, runs: int, shift: float, *, paired: bool) -> Row:
    """The truth is the distance of the true means over the mean length of a state."""
    rng = np.random.default_rng([12, n, int(shift), int(paired)])
    truth = _true(shift, paired)
    draws = [
        redraw(n, n, paired=paired, seed=seed, permutations=2, resamples=_DRAWS)
        for seed in range(_SEEDS)
    ]
    held = [_held(states(rng, n, shift, paired), draws[run % _SEEDS], truth) for run in range(runs)]
    apart = f"{truth:.2f}".removeprefix("0")
    setting = f"{'paired' if paired else 'not paired'}, {apart if truth else '0'} lengths apart"
    return counted(COVERAGE, DISTANCE, n, setting, held)


def _true(shift: float, paired: bool) -> float:
    first, second = states(np.random.default_rng(13), _MANY, shift, paired)
    lengths = [np.linalg.norm(group, axis=-1).mean() for group in (first, second)]
    return shift / float(np.mean(lengths))


def states(rng: Generator, n: int, shift: float, paired: bool) -> tuple[Floats, Floats]:
    """Two groups [n, LAYERS, WIDTH], whose means are `shift` apart; pairs share their sentence."""
    sentences = rng.normal(size=(2, n, 1, WIDTH))
    own = rng.normal(size=(2, n, LAYERS, WIDTH))
    both = (sentences[[0, 0 if paired else 1]] + own) * _SPREAD
    both[..., 0] += _ALL
    both[1, ..., :4] += shift / 2
    return both[0], both[1]


def _held(groups: tuple[Floats, Floats], drawn: Redrawn, truth: float) -> bool:
    first, second = groups
    layers = (layer_distance(first[:, k], second[:, k], drawn) for k in range(LAYERS))
    found = distance_profile(layers, drawn, (len(first), len(second)))
    return bool(found.mean_low <= truth <= found.mean_high)
