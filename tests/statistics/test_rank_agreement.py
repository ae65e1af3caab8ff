"""Whether two measures put a few things in the same order."""

import numpy as np
import pytest
from scipy import stats

from odograph.errors import StudyError
from odograph.statistics.correlations.agreement import METHOD, rank_agreement


def drawn(seed: int, units: int = 30, items: int = 12) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    shared = generator.normal(size=items)
    x = shared + generator.normal(size=(units, items))
    return x, shared + 2 * generator.normal(size=(units, items))


@pytest.mark.parametrize("seed", range(4))
def test_the_value_is_the_spearman_correlation_of_the_means(seed):
    x, y = drawn(seed)
    value, interval = rank_agreement(x, y, seed=0, resamples=200)
    assert value == pytest.approx(stats.spearmanr(x.mean(0), y.mean(0)).statistic, abs=1e-12)
    assert interval is not None
    assert interval.low <= value <= interval.high
    assert interval.method.kind == METHOD


def test_the_interval_is_that_of_passages_drawn_again_before_and_after_correction():
    x, y = drawn(1)
    _, interval = rank_agreement(x, y, seed=3, resamples=500)
    again = np.random.default_rng(3).integers(30, size=(500, 30))
    values = [stats.spearmanr(x[rows].mean(0), y[rows].mean(0)).statistic for rows in again]
    low, high = np.percentile(values, [2.5, 97.5])
    kept = [
        np.mean([stats.spearmanr(each[rows].mean(0), each.mean(0)).statistic for rows in again])
        for each in (x, y)
    ]
    corrected = high / np.sqrt(np.prod([2 * k**2 - 1 for k in kept]))
    assert interval is not None
    assert 0 < low < high < corrected
    assert (interval.low, interval.high) == pytest.approx((low, min(1, corrected)))


def test_without_noise_there_is_nothing_to_correct():
    items = np.random.default_rng(5).normal(size=(2, 1, 10))
    x, y = items + 1e-9 * np.random.default_rng(6).normal(size=(2, 20, 10))
    value, interval = rank_agreement(x, y, seed=0, resamples=200)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((value, value))


def test_orders_that_are_nearly_noise_leave_every_agreement_open():
    x, y = np.random.default_rng(7).normal(size=(2, 8, 30))
    _, interval = rank_agreement(x, y, seed=0, resamples=400)
    assert interval is not None
    assert interval.low < -0.8
    assert interval.high > 0.8


def test_the_interval_holds_the_agreement_of_the_true_orders_in_spite_of_noise():
    held = []
    for seed in range(60):
        generator = np.random.default_rng([8, seed])
        true = generator.normal(size=(2, 1, 32))
        true[1] = 0.8 * true[0] + 0.6 * true[1]
        x, y = true + 2 * generator.normal(size=(2, 12, 32))
        value, interval = rank_agreement(x, y, seed=0, resamples=199)
        assert interval is not None
        truth = stats.spearmanr(true[0, 0], true[1, 0]).statistic
        held.append((interval.low <= truth <= interval.high, value < truth))
    assert np.mean(held, axis=0)[0] >= 0.87
    assert np.mean(held, axis=0)[1] > 0.8


def test_ties_have_mean_ranks():
    x = np.tile([1.0, 1.0, 2.0, 3.0, 3.0], (8, 1))
    y = np.tile([1.0, 2.0, 2.0, 5.0, 4.0], (8, 1))
    value, _ = rank_agreement(x, y, seed=0)
    assert value == pytest.approx(stats.spearmanr(x[0], y[0]).statistic)


def test_more_passages_make_the_interval_narrower():
    widths = []
    for units in (10, 1000):
        _, interval = rank_agreement(*drawn(2, units), seed=0, resamples=300)
        assert interval is not None
        widths.append(interval.high - interval.low)
    assert widths[1] < widths[0] / 2


def test_few_items_have_no_order_and_few_passages_no_interval():
    x, y = drawn(0)
    value, interval = rank_agreement(x[:, :3], y[:, :3], seed=0)
    assert np.isnan(value)
    assert interval is None
    value, interval = rank_agreement(x[:5], y[:5], seed=0)
    assert np.isfinite(value)
    assert interval is None
    assert np.isnan(rank_agreement(x[:0], y[:0], seed=0)[0])


def test_equal_items_have_no_order():
    x, _ = drawn(0)
    assert np.isnan(rank_agreement(x, np.ones_like(x), seed=0)[0])


def test_measures_that_do_not_fit_are_refused():
    x, y = drawn(0)
    with pytest.raises(StudyError, match=r"two orders cannot be compared: expected x and y of one"):
        rank_agreement(x, y[:, 1:], seed=0)
