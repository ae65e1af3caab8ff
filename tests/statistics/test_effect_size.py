"""The interval of d_z: the noncentral t, and wider where differences are not normal."""

import numpy as np
import pytest
from scipy import stats

from odograph.statistics.designs.one_sample import d_z_bounds, noncentral_bounds
from odograph.statistics.permutation import paired_t


def bounds(values):
    low, high = d_z_bounds(values, paired_t(values))
    return low, high


@pytest.mark.parametrize("t", [-3.0, 0.0, 0.7, 12.0])
def test_at_each_bound_a_t_as_far_out_has_probability_of_2_5_percent(t):
    low, high = noncentral_bounds(np.array([t]), 12)
    assert stats.nct.sf(t, 11, low[0] * np.sqrt(12)) == pytest.approx(0.025, abs=1e-6)
    assert stats.nct.cdf(t, 11, high[0] * np.sqrt(12)) == pytest.approx(0.025, abs=1e-6)


def test_light_tails_change_nothing_and_heavy_ones_make_it_wider():
    rng = np.random.default_rng(0)
    light = np.column_stack([rng.uniform(size=40), rng.uniform(1, 2, size=40)])
    assert np.array(bounds(light)) == pytest.approx(
        np.array(noncentral_bounds(paired_t(light), 40)), rel=1e-9
    )
    heavy = rng.standard_t(3, size=(40, 1)) + 3
    low, high = bounds(heavy)
    plain_low, plain_high = noncentral_bounds(paired_t(heavy), 40)
    assert low < plain_low - 0.05
    assert high > plain_high + 0.05


def test_the_widening_is_that_of_the_standard_error_of_d_z():
    # A large sample: bounds +- 1.96 standard errors, the error from its own resamples.
    rng = np.random.default_rng(1)
    values = rng.standard_t(8, size=(2000, 1)) + 2
    low, high = bounds(values)
    again = values[rng.integers(2000, size=(3000, 2000)), 0]
    error = (again.mean(axis=1) / again.std(axis=1, ddof=1)).std()
    assert high[0] - low[0] == pytest.approx(2 * 1.96 * error, rel=0.08)


def test_the_scale_and_the_sign_of_the_values_do_not_matter():
    values = np.random.default_rng(2).gamma(2, size=(15, 3))
    low, high = bounds(values)
    assert np.array(bounds(40 * values)) == pytest.approx(np.array([low, high]), rel=1e-6)
    assert np.array(bounds(-values)) == pytest.approx(np.array([-high, -low]), rel=1e-5)


def test_few_or_equal_differences_have_no_interval():
    values = np.random.default_rng(3).normal(size=(12, 2))
    assert np.isnan(bounds(values[:5])).all()
    values[:, 1] = 3.0
    low, high = bounds(values)
    assert np.isfinite([low[0], high[0]]).all()
    assert np.isnan([low[1], high[1]]).all()
