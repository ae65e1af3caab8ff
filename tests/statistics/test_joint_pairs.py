"""A mean over units against a mean over pairs of them: both errors are in the interval."""

import numpy as np
import pytest

from odograph.statistics.intervals import mean_interval
from odograph.statistics.joint_pairs import JointPairs, difference_interval


def drawn(rng, n, count, layers=2, spread=1.0):
    """Values of units, and of drawn pairs to which both units give their share."""
    values, own = rng.normal(size=n), spread * rng.normal(size=n)
    layer = np.repeat(np.arange(layers), count)
    first = rng.integers(n, size=len(layer))
    second = (first + rng.integers(1, n, size=len(layer))) % n
    noise = rng.normal(size=len(layer))
    return values, JointPairs(own[first] + own[second] + noise, layer, first, second)


def test_each_layer_counts_the_same_and_a_pair_as_often_as_both_its_units():
    values = np.array([1.0, 2.0, 4.0, 8.0])
    pairs = JointPairs(
        values, np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), np.array([1, 2, 2, 2])
    )
    assert pairs.means == pytest.approx([7 / 3, 8])
    counts = np.array([[1.0, 1, 1], [2, 1, 0], [0, 2, 1], [2, 0, 1]])
    found = pairs.resampled(counts)
    assert found[0] == pytest.approx((7 / 3 + 8) / 2)
    assert np.isnan(found[1]), "nothing is left of the second layer"
    assert found[2] == pytest.approx((4 + 8) / 2)


def test_the_interval_holds_the_truth_where_taking_the_pairs_as_exact_does_not():
    rng, both, exact = np.random.default_rng(3), [], []
    for seed in range(120):
        values, pairs = drawn(rng, 30, 60)
        interval = difference_interval(values, pairs, seed=seed)
        alone = mean_interval(values - pairs.means.mean(), seed=seed, resamples=999)
        both.append(interval.low <= 0 <= interval.high)
        exact.append(alone.low <= 0 <= alone.high)
    assert np.mean(both) >= 0.86  # .93, less three standard errors
    assert np.mean(exact) < 0.75


def test_a_planted_difference_is_outside_and_few_units_have_no_interval():
    values, pairs = drawn(np.random.default_rng(4), 30, 200, spread=0.1)
    assert difference_interval(values - 2, pairs, seed=0).high < -1
    few, pairs = drawn(np.random.default_rng(4), 5, 20)
    assert difference_interval(few, pairs, seed=0) is None
