"""What scipy.stats and mne compute is computed here without importing them, to the last digit."""

import subprocess
import sys
import warnings

import mne
import numpy as np
import pytest
from mne.stats import permutation_cluster_1samp_test, permutation_t_test
from scipy import stats

from odograph.errors import StudyError
from odograph.statistics.correlations.coefficients import ranked_values
from odograph.statistics.permutation import cluster_mass, cluster_threshold, max_t
from odograph.statistics.student import (
    benjamini_hochberg,
    critical_t,
    independent_t,
    two_sided_p,
)


@pytest.mark.parametrize("equal_var", [True, False])
@pytest.mark.parametrize("sizes", [(2, 3), (54, 54), (7, 200)])
def test_independent_tests_are_those_of_scipy(sizes, equal_var):
    rng = np.random.default_rng(3)
    first, second = (rng.normal(1, 3, (n, 12)) * 10.0 ** np.arange(-6, 6) for n in sizes)
    t, p = independent_t(first, second, equal_var=equal_var)
    expected = stats.ttest_ind(first, second, equal_var=equal_var)
    np.testing.assert_array_equal(t, expected.statistic)
    np.testing.assert_array_equal(p, expected.pvalue)


def test_without_spread_t_is_infinite_or_nan():
    first, second = np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[2.0, 1.0], [2.0, 1.0]])
    t, p = independent_t(first, second, equal_var=True)
    np.testing.assert_array_equal(t, [-np.inf, np.nan])
    np.testing.assert_array_equal(p, [0, np.nan])


@pytest.mark.parametrize("freedom", [1, 5, 53, 1000])
def test_tails_and_quantiles_are_those_of_scipy(freedom):
    t = np.array([-60, -2.5, 0, 0.1, 8, np.nan])
    np.testing.assert_array_equal(two_sided_p(t, freedom), 2 * stats.t.sf(np.abs(t), freedom))
    for p in (0.5, 0.05, 1e-4):
        assert critical_t(p, freedom) == stats.t.isf(p / 2, freedom)


def test_false_discovery_rates_are_those_of_scipy_and_nan_is_left_out():
    rng = np.random.default_rng(0)
    for size in (1, 2, 40):
        p = np.round(rng.uniform(size=size) ** 3, 2)
        np.testing.assert_array_equal(benjamini_hochberg(p), stats.false_discovery_control(p))
        apart = benjamini_hochberg(np.insert(p, 1, np.nan))
        np.testing.assert_array_equal(np.delete(apart, 1), benjamini_hochberg(p))
        assert np.isnan(apart[1])
    assert benjamini_hochberg(np.array([])).size == 0


@pytest.mark.parametrize("shape", [(0,), (1,), (5, 0), (3, 1, 20), (4, 30)])
def test_ranks_are_those_of_scipy(shape):
    rng = np.random.default_rng(1)
    for table in (rng.normal(size=shape), rng.integers(0, 6, shape).astype(float)):
        np.testing.assert_array_equal(ranked_values(table), stats.rankdata(table, axis=-1))


def test_a_row_with_a_gap_has_no_ranks():
    table = np.array([[3.0, 1.0, 3.0], [1.0, np.nan, 2.0]])
    np.testing.assert_array_equal(ranked_values(table), [[2.5, 1, 2.5], [np.nan] * 3])


@pytest.mark.parametrize("n", [6, 12, 14, 19])
def test_sign_flips_are_those_of_mne_ties_included(n):
    rng = np.random.default_rng(n)
    differences = np.cumsum(rng.normal(0.1, 1, (n, 6)), axis=1) + rng.normal(0.2, 1, (n, 1))
    differences[:2] = 0.0  # pairs whose flip changes nothing
    with mne.use_log_level("ERROR"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = permutation_t_test(differences, n_permutations=2000, seed=7)[1]
        _, masks, masses, _ = permutation_cluster_1samp_test(
            differences, cluster_threshold(n), 500, seed=7, out_type="mask"
        )
    np.testing.assert_array_equal(max_t(differences, seed=7, permutations=2000), expected)
    found = cluster_mass(differences, seed=7, permutations=500)
    assert [run.p for run in found] == list(masses)
    assert [(r.first_layer, r.last_layer) for r in found] == [
        (m[0].start, m[0].stop - 1) for m in masks
    ]


@pytest.mark.parametrize("test", [max_t, cluster_mass])
def test_a_difference_that_is_no_number_is_refused(test):
    differences = np.random.default_rng(5).normal(size=(9, 3))
    differences[4, 1] = np.nan
    with pytest.raises(StudyError, match="means cannot be tested: expected values that are"):
        test(differences, seed=0)


def test_no_study_imports_the_slow_libraries():
    code = (
        "import sys\n"
        "from odograph.studies.registry import BUILT_IN, find\n"
        "import odograph.report\n"
        "for name in BUILT_IN: find(name)\n"
        "slow = {'mne', 'pandas', 'scipy.stats', 'scipy.optimize', 'arch', 'torch'}\n"
        "slow.add('statsmodels')\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
