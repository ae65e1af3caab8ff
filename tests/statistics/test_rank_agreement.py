"""Whether two measures put a few things in the same order."""

import numpy as np
import pytest
from scipy import stats

from odograph.errors import StudyError
from odograph.statistics.agreement import METHOD, rank_agreement


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
    assert interval.method == METHOD


def test_the_interval_is_that_of_passages_drawn_again():
    x, y = drawn(1)
    _, interval = rank_agreement(x, y, seed=3, resamples=500)
    again = np.random.default_rng(3).integers(30, size=(500, 30))
    values = [stats.spearmanr(x[rows].mean(0), y[rows].mean(0)).statistic for rows in again]
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(tuple(np.percentile(values, [2.5, 97.5])))


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
