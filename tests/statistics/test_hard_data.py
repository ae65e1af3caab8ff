"""Skewed differences, unequal groups and picked layers: the level is kept, effects are found.

Family-wise error of 8 correlated layers, at .05; 300 experiments know a share of .05 to +- .025.
"""

import numpy as np
import pytest

from odograph.statistics.designs.distance_profile import distance_profile
from odograph.statistics.designs.distances import layer_distance, redraw
from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.designs.unpaired import IndependentGroups, unpaired_profile
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import (
    FEWEST_BOOTSTRAP_T,
    by_units,
    mean_test,
    sample_skewness,
)
from odograph.statistics.sign_flips import flipped_t

LAYERS, TRIALS, DRAWS = 8, 250, 300


def skewed(rng: np.random.Generator, n: int, layers: int = LAYERS) -> np.ndarray:
    """Gamma differences of mean 0 and skewness 2.8; neighbouring layers correlated."""
    shared, own = rng.gamma(0.25, size=(n, 1)), rng.gamma(0.25, size=(n, layers))
    return shared + own - 0.5


def rate(rejected: list[bool]) -> float:
    return float(np.mean(rejected))


@pytest.mark.parametrize("n", [20, 54])
def test_from_20_units_on_skewed_differences_keep_the_level(n: int) -> None:
    rng = np.random.default_rng(n)
    found = [
        mean_test(skewed(rng, n), seed=k, permutations=DRAWS).p_max.min() < 0.05
        for k in range(TRIALS)
    ]
    assert rate(found) < 0.075


def test_flipped_signs_would_not_keep_it() -> None:
    rng, found = np.random.default_rng(1), []
    for k in range(100):
        values = skewed(rng, 19)
        size = np.abs(flipped_t(values, seed=k, permutations=DRAWS)).max(axis=1)
        found.append(bool((size >= size[0]).mean() < 0.05))
    assert rate(found) > 0.1


def test_normal_differences_keep_the_level_and_a_planted_one_is_found() -> None:
    rng, null, planted = np.random.default_rng(2), [], []
    for k in range(TRIALS):
        values = rng.normal(size=(24, LAYERS)) + rng.normal(size=(24, 1))
        null.append(mean_test(values, seed=k, permutations=DRAWS).p_max.min() < 0.05)
        values[:, 3] += 1.5
        planted.append(mean_test(values, seed=k, permutations=DRAWS).p_max[3] < 0.05)
    assert 0.01 < rate(null) < 0.075
    assert rate(planted) > 0.9


def test_the_test_follows_from_the_number_of_units() -> None:
    key = SignificanceTest.SIGN_FLIP_MAX_T
    assert by_units(key, FEWEST_BOOTSTRAP_T - 1) == key
    assert by_units(key, FEWEST_BOOTSTRAP_T) == SignificanceTest.BOOTSTRAP_T_MAX_T


@pytest.mark.parametrize("n", [8, 14, 20, 40])
def test_p_and_simultaneous_interval_agree(n: int) -> None:
    rng = np.random.default_rng(n)
    for k in range(20):
        values = rng.normal(rng.uniform(0, 1, LAYERS), 1, size=(n, LAYERS))
        profile = paired_profile(values, 0 * values, range(LAYERS), seed=k, permutations=999)
        for layer in range(LAYERS):
            interval = profile.simultaneous(layer)
            assert interval is not None
            outside = not interval.low <= 0 <= interval.high
            assert outside == (profile.p_max_t[layer] < 0.05)


def test_the_interval_of_the_picked_layer_covers_it() -> None:
    rng, covered = np.random.default_rng(3), []
    for k in range(TRIALS):
        values = rng.normal(0.1, 1, size=(30, LAYERS))
        tested = mean_test(values, seed=k, permutations=DRAWS)
        low, high = tested.simultaneous(values.mean(axis=0))
        picked = int(np.argmax(np.abs(tested.t)))
        covered.append(bool(low[picked] <= 0.1 <= high[picked]))
    assert rate(covered) > 0.93


def test_a_draw_without_spread_counts_as_infinite() -> None:
    values = np.zeros((20, 1))
    values[:2] = 1.0
    tested = mean_test(values, seed=0)
    # Both ones are missing in 12 % of the draws: that many have no spread.
    assert tested.p[0] > 0.1
    assert not np.isfinite(tested.critical)
    assert np.isnan(tested.simultaneous(values.mean(axis=0))[0]).all()


def test_few_skewed_units_have_the_bootstrap_t_beside() -> None:
    rng = np.random.default_rng(4)
    even, uneven = rng.normal(1, 1, size=(12, 3)), rng.normal(1, 1, size=(12, 3))
    uneven[0] += 9
    assert (np.abs(sample_skewness(even)) < 1).all()
    assert mean_test(even, seed=0).p_bootstrap is None
    beside = mean_test(uneven, seed=0).p_bootstrap
    assert beside is not None
    assert np.isfinite(beside).all()


def unequal(rng: np.random.Generator, layers: int = LAYERS) -> tuple[np.ndarray, np.ndarray]:
    """15 units with twice the spread, 45 with the usual: [60, layers], and who is first."""
    first = np.arange(60) < 15
    values = rng.normal(size=(60, layers)) + rng.normal(size=(60, 1))
    return values * np.where(first, 2.0, 1.0)[:, None], first


@pytest.mark.parametrize("covariates", [0, 1])
def test_unequal_groups_keep_the_level(covariates: int) -> None:
    rng, found = np.random.default_rng(5), []
    for k in range(TRIALS):
        values, first = unequal(rng)
        sample = IndependentGroups(values, first, rng.normal(size=(60, covariates)))
        profile = unpaired_profile(
            sample, np.arange(LAYERS), seed=k, permutations=DRAWS, counts=np.ones((9, 60))
        )
        found.append(bool(profile.p_max_t.min() < 0.05))
    assert rate(found) < 0.12  # 27 to 32 % with the pooled t


def test_distances_of_unequal_groups_keep_the_level_and_a_planted_one_is_found() -> None:
    rng, null, planted = np.random.default_rng(6), [], []
    for k in range(150):
        drawn = redraw(15, 45, paired=False, seed=k, permutations=200, resamples=9)
        first, second = 2 * rng.normal(size=(15, 4, 12)), rng.normal(size=(45, 4, 12))
        for shift, into in ((0.0, null), (2.5, planted)):
            moved = first + shift * np.eye(12)[0]
            layers = [layer_distance(moved[:, k], second[:, k], drawn) for k in range(4)]
            into.append(bool(distance_profile(layers, drawn, (15, 45)).p_max.min() < 0.05))
    assert rate(null) < 0.1
    assert rate(planted) > 0.6
