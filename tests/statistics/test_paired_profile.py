"""Target against control: agreement with references, invariances, edge cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests

from odograph.errors import StudyError
from odograph.sentences.differences import cluster_method, profile_note
from odograph.statistics.designs.paired import COLUMNS, paired_profile


def groups(n=30, layers=6, seed=0, effect=0.0):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n, 1))
    target = rng.normal(size=(n, layers)).cumsum(axis=1) + shared + effect
    return target, rng.normal(size=(n, layers)).cumsum(axis=1) + shared


def profile_of(target, control, **options):
    layers = range(1, target.shape[1] + 1)
    return paired_profile(target, control, layers, **({"seed": 1, "permutations": 200} | options))


def test_table_has_the_stable_columns_one_row_a_layer():
    table = profile_of(*groups()).table()
    assert tuple(table) == COLUMNS
    assert COLUMNS == (
        "layer", "mean_target", "mean_control", "difference", "low", "high", "d_z", "d_z_low",
        "d_z_high", "n", "t", "p_paired", "p_max_t", "p_bh", "cluster", "p_cluster", "t_student",
        "p_student", "t_welch", "p_welch",
    )  # fmt: skip
    assert {len(column) for column in table.values()} == {6}
    assert table["cluster"].dtype.kind == "i"


def test_t_tests_equal_scipy_and_bh_equals_statsmodels():
    target, control = groups(effect=0.8)
    profile = profile_of(target, control)
    paired = stats.ttest_rel(target, control)
    student = stats.ttest_ind(target, control)
    welch = stats.ttest_ind(target, control, equal_var=False)
    assert profile.t == pytest.approx(paired.statistic, abs=1e-9)
    assert profile.p_paired == pytest.approx(paired.pvalue, abs=1e-9)
    assert profile.t_student == pytest.approx(student.statistic, abs=1e-9)
    assert profile.p_student == pytest.approx(student.pvalue, abs=1e-9)
    assert profile.t_welch == pytest.approx(welch.statistic, abs=1e-9)
    assert profile.p_welch == pytest.approx(welch.pvalue, abs=1e-9)
    expected = multipletests(paired.pvalue, method="fdr_bh")[1]
    assert profile.p_bh == pytest.approx(expected, abs=1e-9)
    assert profile.family == 6


def test_effect_size_has_an_interval_no_narrower_than_that_of_the_noncentral_t():
    target, control = groups(n=25, effect=0.5)
    profile = profile_of(target, control)
    difference = target - control
    assert profile.d_z == pytest.approx(difference.mean(axis=0) / difference.std(axis=0, ddof=1))
    for t, low, high in zip(profile.t, profile.d_z_low, profile.d_z_high, strict=True):
        for bound, tail in ((low, 0.975), (high, 0.025)):
            exact = optimize.brentq(lambda c, t=t, q=tail: stats.nct.cdf(t, 24, c) - q, -20, 20)
            assert (exact / 5 - bound) * np.sign(tail - 0.5) >= -1e-6


def test_a_planted_region_is_found_and_the_rest_is_not():
    rng = np.random.default_rng(8)
    target, control = rng.normal(size=(2, 40, 10))
    target[:, 3:7] += 1.2
    profile = profile_of(target, control, permutations=1000)
    assert (profile.p_max_t < 0.05).tolist() == [False] * 3 + [True] * 4 + [False] * 3
    (cluster,) = [c for c in profile.clusters if c.p < 0.05]
    assert (cluster.first_layer, cluster.last_layer) == (4, 7)
    assert profile.table()["cluster"].tolist().count(profile.clusters.index(cluster)) == 4
    assert (profile.low < profile.difference).all()
    assert (profile.difference < profile.high).all()
    assert "|t| > 2.02, one-layer p < 0.05" in cluster_method(profile)


def test_rows_with_nan_are_left_out_and_counted():
    target, control = groups(n=12)
    target[2, 3] = control[5, 0] = np.nan
    profile = profile_of(target, control, excluded=4)
    kept = np.delete(np.arange(12), [2, 5])
    assert (profile.n, profile.excluded) == (10, 6)
    assert profile.mean_target == pytest.approx(target[kept].mean(axis=0))
    assert profile_note(profile) == ""


def test_a_layer_without_any_value_is_named():
    target, control = groups(n=12)
    target[:, 0] = np.nan
    profile = profile_of(target, control)
    assert profile.n == 0
    assert profile_note(profile).startswith("no value at all at layer 1; 0 complete pairs")


@pytest.mark.parametrize("n", [0, 1])
def test_without_two_pairs_nothing_is_estimated_and_nothing_is_raised(n):
    profile = profile_of(*groups(n=n))
    table = profile.table()
    for name in set(COLUMNS) - {"layer", "n", "cluster", "mean_target", "mean_control"}:
        if name != "difference" or n == 0:
            assert np.isnan(table[name]).all(), name
    assert "no spread, no interval, no test" in profile_note(profile)
    assert profile.family == 0


@pytest.mark.parametrize("n", [2, 5])
def test_below_six_pairs_there_are_intervals_but_no_p_values(n):
    profile = profile_of(*groups(n=n))
    for name in ("p_paired", "p_max_t", "p_bh", "p_cluster", "p_student", "p_welch"):
        assert np.isnan(profile.table()[name]).all(), name
    assert np.isfinite(profile.difference).all()
    assert np.isfinite(profile.t).all()
    assert profile_note(profile) == f"{n} pairs: no p-values with fewer than 6"


def test_identical_groups_differ_by_nothing():
    target, _ = groups()
    profile = profile_of(target, target)
    for name in ("p_paired", "p_max_t", "p_bh", "p_student", "p_welch"):
        assert (profile.table()[name] == 1).all(), name
    assert (profile.difference == 0).all()
    assert (profile.d_z == 0).all()
    assert profile.clusters == ()
    assert profile.family == 0
    assert np.isnan(profile.low).all()
    assert profile_note(profile) == "no difference in any pair at layers 1-6"


def test_constant_groups_are_no_accident():
    profile = profile_of(np.full((8, 2), 3.0), np.full((8, 2), 2.0))
    assert (profile.difference == 1).all()
    assert np.isnan(profile.p_max_t).all()
    assert profile_note(profile) == "the same difference in every pair at layers 1-2"


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_swapping_the_groups_turns_the_sign_and_nothing_else(seed):
    target, control = groups(n=14, layers=4, seed=seed, effect=0.4)
    one, other = profile_of(target, control), profile_of(control, target)
    for name in ("difference", "d_z", "t", "t_student", "t_welch"):
        assert getattr(one, name) == pytest.approx(-getattr(other, name), abs=1e-9)
    for name in ("p_paired", "p_max_t", "p_bh", "p_student", "p_welch"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-9)
    assert one.d_z_low == pytest.approx(-other.d_z_high, abs=1e-5)
    assert [c.p for c in one.clusters] == [c.p for c in other.clusters]


@given(st.integers(0, 1000), st.floats(-50, 50), st.floats(0.1, 50))
@settings(max_examples=10, deadline=None)
def test_tests_do_not_depend_on_unit_or_origin(seed, shift, scale):
    target, control = groups(n=14, layers=4, seed=seed, effect=0.4)
    one = profile_of(target, control)
    other = profile_of(target * scale + shift, control * scale + shift)
    assert other.difference == pytest.approx(one.difference * scale, abs=1e-8 * scale)
    assert other.d_z == pytest.approx(one.d_z, abs=1e-8)
    assert other.p_max_t == pytest.approx(one.p_max_t)


def test_the_seed_decides_everything():
    target, control = groups(n=30)
    first, second = profile_of(target, control).table(), profile_of(target, control).table()
    assert all(np.array_equal(first[c], second[c], equal_nan=True) for c in COLUMNS)


def test_wrong_shapes_and_gaps_between_layers_are_refused():
    target, control = groups(n=8, layers=3)
    with pytest.raises(StudyError, match="two arrays"):
        paired_profile(target, control[:, :2], [1, 2, 3], seed=0)
    with pytest.raises(StudyError, match=r"rise by one, got \[1, 2, 4\]"):
        paired_profile(target, control, [1, 2, 4], seed=0)
