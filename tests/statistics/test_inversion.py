"""The interval of a mean that is the inversion of its test: the two never contradict each other."""

from itertools import product

import numpy as np
import pytest

from odograph.statistics.intervals import mean_interval
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.keys import IntervalKind
from odograph.statistics.permutation import mean_p
from odograph.statistics.values import IntervalMethod

SIZES = (6, 7, 11, 18, 19, 20, 45)


def drawn(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng([seed, n]).gamma(2, size=n)


def bounds(values: np.ndarray) -> tuple[float, float]:
    found = inverted_interval(values, seed=4)
    assert found is not None
    assert found.method == IntervalMethod(IntervalKind.INVERTED, len(values))
    return found.low, found.high


def p_of(values: np.ndarray, mean: float) -> float:
    p = mean_p(values - mean, seed=4)
    assert p is not None
    return p


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_test_rejects_what_is_outside_and_nothing_inside(n, scale):
    values = drawn(n) * scale
    low, high = bounds(values)
    step = 1e-6 * values.std()
    assert p_of(values, low - step) < 0.05 <= p_of(values, low + step)
    assert p_of(values, high + step) < 0.05 <= p_of(values, high - step)
    assert low < values.mean() < high


@pytest.mark.parametrize("n", [6, 9])
def test_flips_are_inverted_as_counting_all_of_them_does(n):
    values = drawn(n, seed=1)
    signs = np.array(list(product((1, -1), repeat=n)))

    def p(mean: float) -> float:
        sums = np.abs(signs @ (values - mean))
        return float((sums >= sums[0] - 1e-12).mean())

    grid = np.linspace(values.min() - 1, values.max() + 1, 4001)
    kept = [mean for mean in grid if p(mean) >= 0.05]
    assert bounds(values) == pytest.approx((kept[0], kept[-1]), abs=2 * (grid[1] - grid[0]))


@pytest.mark.parametrize("n", SIZES)
def test_it_moves_with_the_values_and_turns_with_their_sign(n):
    values = drawn(n)
    low, high = bounds(values)
    assert bounds(values + 7) == pytest.approx((low + 7, high + 7))
    assert bounds(-values) == pytest.approx((-high, -low))
    assert bounds(3 * values) == pytest.approx((3 * low, 3 * high))


def test_values_that_are_whole_numbers_tie_and_still_agree_with_the_test():
    rng = np.random.default_rng(2)
    for n in (6, 10, 18):
        for _ in range(40):
            values = rng.integers(-2, 4, size=n).astype(float)
            if np.ptp(values):
                low, high = bounds(values)
                assert (low > 0 or high < 0) == (p_of(values, 0) < 0.05)


def test_at_eighteen_units_a_bca_interval_contradicts_the_test_and_this_one_does_not():
    contradicted = 0
    for seed in range(60):
        values = drawn(18, seed) - 1.2
        bca = mean_interval(values, seed=4)
        assert bca is not None
        rejected = p_of(values, 0) < 0.05
        low, high = bounds(values)
        assert (low > 0 or high < 0) == rejected
        contradicted += (bca.low > 0 or bca.high < 0) != rejected
    assert contradicted


@pytest.mark.parametrize(
    "values", [[1.0] * 5, [2.0] * 9, [1.0, 2, 3, 4, 5, np.nan], [0.0] * 30, np.arange(5)]
)
def test_what_cannot_be_tested_has_no_interval(values):
    assert inverted_interval(values, seed=0) is None


def test_a_mean_that_hangs_on_one_unit_of_many_has_none():
    """In more than one draw of twenty that unit is missing, and no mean is rejected."""
    values = np.zeros(30)
    values[3] = 1.0
    assert mean_p(values, seed=0) > 0.05
    assert inverted_interval(values, seed=0) is None
