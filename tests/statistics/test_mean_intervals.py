"""Bootstrap intervals of means and percentile bands."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from odograph.errors import StudyError
from odograph.statistics.intervals import (
    band,
    expanded_tail,
    floats,
    mean_interval,
    mean_intervals,
    ratio_interval,
)
from odograph.statistics.keys import IntervalKind
from odograph.statistics.values import IntervalMethod


def test_interval_equals_scipy_bca_on_the_same_draws():
    values = np.random.default_rng(3).lognormal(size=40)
    reference = stats.bootstrap(
        (values[:, None],),
        np.mean,
        axis=0,
        vectorized=True,
        n_resamples=2000,
        batch=100,
        rng=np.random.default_rng(7),
        method="BCa",
    ).confidence_interval
    ours = mean_interval(values, seed=7, resamples=2000)
    assert (ours.low, ours.high) == pytest.approx((reference.low[0], reference.high[0]), abs=1e-12)
    assert ours.method == IntervalMethod(IntervalKind.BCA, len(values))
    assert ours.level == 0.95


def test_interval_of_many_normal_units_is_that_of_the_normal_mean():
    values = np.random.default_rng(0).normal(5, 2, size=4000)
    half = 1.959964 * values.std(ddof=1) / np.sqrt(4000)
    ours = mean_interval(values, seed=1)
    assert (ours.low, ours.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=half * 0.06
    )


def test_intervals_of_more_units_agree_with_scipy_within_the_error_of_the_draws():
    values = np.random.default_rng(6).lognormal(size=(3000, 3))
    reference = stats.bootstrap(
        (values,), np.mean, axis=0, batch=100, rng=np.random.default_rng(8), method="BCa"
    ).confidence_interval
    ours = mean_intervals(values, seed=7)
    # Each bound is known to 0.03 to 0.05 standard errors, in either of the two.
    error = values.std(axis=0) / np.sqrt(3000)
    assert (np.abs(np.array(ours) - [reference.low, reference.high]) < 0.2 * error).all()


def test_intervals_of_twenty_thousand_units_take_seconds_not_minutes():
    values = np.random.default_rng(6).gamma(2, size=(20_000, 25))
    before = time.process_time()
    low, high = mean_intervals(values, seed=7)
    assert time.process_time() - before < 3
    half = 1.96 * values.std(axis=0) / np.sqrt(20_000)
    assert (high - low) / 2 == pytest.approx(half, rel=0.08)


def test_units_that_agree_in_all_but_one_are_no_obstacle():
    low, high = mean_intervals(np.eye(600)[:, :1], seed=0)
    assert low[0] == pytest.approx(0, abs=1e-12)
    assert 1 / 600 < high[0] < 10 / 600


@pytest.mark.parametrize("values", [[], [2.0], [3.0, 3.0, 3.0], [1.0, np.nan, 2.0], [0.1] * 7])
def test_no_interval_where_none_can_be_had(values):
    assert mean_interval(values, seed=0) is None


def test_resamples_on_one_side_of_the_mean_give_no_interval():
    assert mean_interval([1.0, 2.0, 4.0], seed=0, resamples=1) is None


def test_layers_are_resampled_together_and_degenerate_ones_are_nan():
    rng = np.random.default_rng(5)
    table = rng.normal(size=(20, 4))
    table[:, 1] = 7.0
    table[3, 2] = np.nan
    low, high = mean_intervals(table, seed=9)
    assert np.isnan([low[1], high[1], low[2], high[2]]).all()
    alone = mean_interval(table[:, 3], seed=9)
    assert (low[3], high[3]) == pytest.approx((alone.low, alone.high), abs=1e-12)


def test_the_seed_decides_the_draws():
    values = np.random.default_rng(5).normal(size=30)
    assert mean_interval(values, seed=1) == mean_interval(values, seed=1)
    assert mean_interval(values, seed=1) != mean_interval(values, seed=2)


@given(
    st.integers(0, 10_000),
    st.floats(-100, 100),
    st.floats(0.01, 100),
)
@settings(max_examples=20, deadline=None)
def test_interval_moves_and_stretches_with_the_values(seed, shift, scale):
    values = np.random.default_rng(seed).normal(size=12)
    plain = mean_interval(values, seed=4, resamples=300)
    moved = mean_interval(values * scale + shift, seed=4, resamples=300)
    assert moved.low == pytest.approx(plain.low * scale + shift, abs=1e-6 * (scale + 1))
    assert moved.high == pytest.approx(plain.high * scale + shift, abs=1e-6 * (scale + 1))


def test_shape_and_level_are_checked():
    with pytest.raises(StudyError, match="an array of one dimension, got the shape"):
        mean_interval(np.zeros((3, 2)), seed=0)
    with pytest.raises(StudyError, match="the level 95"):
        mean_intervals(np.zeros((3, 2)), seed=0, level=95)


def test_the_interval_of_a_ratio_equals_scipy_bca_up_to_the_jackknife():
    rng = np.random.default_rng(3)
    below = rng.lognormal(size=60)
    above = 5 * below**0.5 * rng.lognormal(sigma=0.4, size=60)
    reference = stats.bootstrap(
        (above, below),
        lambda a, b, axis: a.mean(axis=axis) / b.mean(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=9999,
        batch=1000,
        rng=np.random.default_rng(7),
        method="BCa",
    ).confidence_interval
    ours = ratio_interval(above, below, seed=7)
    error = (reference.high - reference.low) / 4
    assert ours.method == mean_interval(above, seed=7).method
    assert (ours.low, ours.high) == pytest.approx((reference.low, reference.high), abs=0.1 * error)


def test_a_ratio_that_is_the_same_everywhere_or_of_few_units_has_no_interval():
    below = np.random.default_rng(4).lognormal(size=20)
    assert ratio_interval(3 * below, below, seed=0) is None
    assert ratio_interval(below[:5] + 1, below[:5], seed=0) is None


def test_the_tails_of_few_units_are_those_of_student():
    assert expanded_tail(10**6) == pytest.approx(0.025, abs=1e-5)
    for n in (4, 8, 30):
        moved = stats.norm.ppf(expanded_tail(n)) * np.sqrt((n - 1) / n)
        assert moved == pytest.approx(stats.t.ppf(0.025, n - 1))
    assert expanded_tail(1) == 0.0


def test_band_is_percentiles_without_the_nan():
    values = np.arange(101.0).reshape(101, 1).repeat(3, axis=1)
    values[:, 2] = np.nan
    values[50, 1] = np.nan
    low, high = band(values)
    assert low[0], high[0] == (5, 95)
    assert low[1] == pytest.approx(4.95)
    assert np.isnan([low[2], high[2]]).all()
    along, _ = band(values.T, axis=1)
    assert np.array_equal(along, low, equal_nan=True)
    with pytest.raises(StudyError, match="two percentiles"):
        band(values, low=95, high=5)


def test_masked_values_are_nan_not_their_fill():
    masked = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    assert np.array_equal(floats(masked), [1.0, np.nan], equal_nan=True)
