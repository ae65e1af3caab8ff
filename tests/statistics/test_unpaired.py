"""Two independent groups: closed forms, calibration, and what adjusting and matching take away."""

import numpy as np
import pytest
from scipy import stats

from odograph.errors import StudyError
from odograph.statistics.bootstrap_t import welch_t
from odograph.statistics.designs.contrasts import (
    contrast,
    independent_columns,
    pair_off,
    resampled_contrasts,
    stratified_counts,
)
from odograph.statistics.designs.unpaired import (
    FLIPS,
    RESAMPLES,
    RESIDUALS,
    IndependentGroups,
    group_t,
    random_signs,
    unpaired_profile,
)

LAYERS = np.arange(1, 9)
NONE = np.empty((60, 0))
HALF = np.arange(60) < 30


def drawn(rng, n=60, layers=8, memory=0.8):
    """Values of units at layers that remember their neighbour, with heavy tails."""
    values = rng.standard_t(5, size=(n, layers))
    for layer in range(1, layers):
        values[:, layer] = memory * values[:, layer - 1] + np.sqrt(1 - memory**2) * values[:, layer]
    return values


def profile(values, first=HALF, covariates=None, permutations=500, seed=0):
    given = np.empty((len(values), 0)) if covariates is None else covariates
    sample = IndependentGroups(values, first, given)
    return unpaired_profile(sample, LAYERS, seed=seed, permutations=permutations)


def best(found):
    return min((cluster.p for cluster in found.clusters), default=1.0)


def test_without_covariates_t_is_welch_s_and_the_difference_that_of_the_means():
    values = drawn(np.random.default_rng(1), 50)
    first = np.arange(50) < 20
    found = profile(values, first)
    welch = stats.ttest_ind(values[first], values[~first], equal_var=False)
    np.testing.assert_allclose(found.t, welch.statistic)
    np.testing.assert_allclose(
        found.difference, values[first].mean(axis=0) - values[~first].mean(axis=0)
    )
    assert (found.n_first, found.n_second, found.freedom, found.test) == (20, 30, 48, RESAMPLES)


def test_with_covariates_the_coefficient_is_that_of_least_squares_and_t_its_hc2():
    rng = np.random.default_rng(2)
    covariates = rng.normal(size=(60, 3))
    covariates[:, 0] += HALF
    values = drawn(rng) + covariates[:, :1]
    found = profile(values, covariates=covariates)
    design = np.column_stack([HALF, covariates, np.ones(60)])
    solved = np.linalg.lstsq(design, values)[0]
    inverse = np.linalg.inv(design.T @ design)
    leverage = np.einsum("nk,kj,nj->n", design, inverse, design)
    weights = (inverse @ design.T)[0]
    squares = (values - design @ solved) ** 2 / (1 - leverage)[:, None]
    error = np.sqrt(weights**2 @ squares)
    np.testing.assert_allclose(found.difference, solved[0])
    np.testing.assert_allclose(found.t, solved[0] / error)
    assert (found.test, found.freedom) == (RESIDUALS, 55)


def test_flipped_t_are_those_of_residuals_with_other_signs():
    rng = np.random.default_rng(3)
    covariates, values = rng.normal(size=(60, 2)), drawn(rng)
    signs = random_signs(60, 3, seed=5)
    t = group_t(IndependentGroups(values, HALF, covariates), np.ones(8, bool), signs)
    design = np.column_stack([HALF, covariates, np.ones(60)])
    residual = values - design @ np.linalg.lstsq(design, values)[0]
    for row, own in zip(t, signs, strict=True):
        wanted = profile(residual * own[:, None], covariates=covariates, permutations=1).t
        np.testing.assert_allclose(row, wanted, rtol=1e-8)


def test_resampled_contrasts_are_fits_of_the_drawn_units():
    rng = np.random.default_rng(4)
    covariates, values = rng.normal(size=(60, 2)), drawn(rng)
    counts = stratified_counts(HALF, seed=0, resamples=5)
    assert (counts[:, HALF].sum(axis=1) == 30).all()
    assert (counts[:, ~HALF].sum(axis=1) == 30).all()
    found = resampled_contrasts(values, HALF, covariates, counts)
    for row, times in zip(found, counts.astype(int), strict=True):
        rows = np.repeat(np.arange(60), times)
        np.testing.assert_allclose(row, contrast(values[rows], HALF[rows], covariates[rows]))


def test_intervals_without_covariates_are_scipy_s():
    values = drawn(np.random.default_rng(5))[:, :1] ** 2
    found = profile(np.repeat(values, 8, axis=1))
    other = stats.bootstrap(
        (values[HALF, 0], values[~HALF, 0]),
        lambda a, b, axis=-1: a.mean(axis=axis) - b.mean(axis=axis),
        n_resamples=4999,
        rng=np.random.default_rng(0),
    ).confidence_interval
    width = other.high - other.low
    assert found.low[0] == pytest.approx(other.low, abs=0.04 * width)
    assert found.high[0] == pytest.approx(other.high, abs=0.04 * width)


def test_a_covariate_that_says_nothing_of_its_own_changes_nothing():
    rng = np.random.default_rng(6)
    one = rng.normal(size=(60, 1))
    more = np.column_stack([np.full(60, 3.0), one, 2 * one - 7])
    assert independent_columns(more).tolist() == [False, True, False]
    values = drawn(rng)
    alone, beside = profile(values, covariates=one), profile(values, covariates=more)
    np.testing.assert_allclose(alone.difference, beside.difference)
    np.testing.assert_allclose(alone.t, beside.t)
    assert alone.freedom == beside.freedom == 57


def test_too_few_units_give_a_difference_and_nothing_else():
    found = profile(drawn(np.random.default_rng(7), 10), np.arange(10) < 5)
    assert np.isfinite(found.difference).all()
    assert np.isnan([*found.low, *found.t, *found.p, *found.p_max_t]).all()
    assert (found.clusters, found.family) == ((), 0)


def test_a_layer_where_all_units_are_equal_is_not_tested():
    values = drawn(np.random.default_rng(8))
    values[:, 3] = 2.0
    found = profile(values)
    assert found.family == 7
    assert np.isnan([found.t[3], found.p[3], found.p_max_t[3], found.low[3]]).all()
    assert found.difference[3] == pytest.approx(0)


def test_an_empty_group_and_values_that_are_no_number_are_refused():
    values = drawn(np.random.default_rng(9))
    with pytest.raises(StudyError, match=r"two groups that are not empty, got 60 units \(60 and 0"):
        profile(values, np.ones(60, bool))
    values[3, 3] = np.nan
    with pytest.raises(StudyError, match="finite values"):
        profile(values)


@pytest.mark.slow
def test_family_wise_error_holds_with_and_without_covariates():
    rng = np.random.default_rng(10)
    alarms = []
    for seed in range(400):
        covariates = rng.normal(size=(60, 3))
        covariates[:, 0] += 1.0 * HALF
        values = drawn(rng)
        plain = profile(values, permutations=200, seed=seed)
        # The covariate moves the values, and the groups differ in it: the test must not see it.
        adjusted = profile(values + covariates[:, :1], covariates=covariates, permutations=200)
        alarms.append([plain.p_max_t.min(), best(plain), adjusted.p_max_t.min(), best(adjusted)])
    rates = (np.array(alarms) <= 0.05).mean(axis=0)
    # .05 +- 3 standard errors of 400 simulations.
    assert ((rates > 0.017) & (rates < 0.085)).all(), rates


def test_uncorrected_layers_and_an_unadjusted_covariate_would_not_hold():
    rng = np.random.default_rng(11)
    layers, confounded = [], []
    for _ in range(100):
        values = drawn(rng)
        layers.append(stats.ttest_ind(values[HALF], values[~HALF]).pvalue.min() < 0.05)
        covariate = rng.normal(size=(60, 1)) + HALF[:, None]
        moved = profile(values + covariate, permutations=100)
        confounded.append(moved.p_max_t.min() <= 0.05)
    assert np.mean(layers) > 0.1
    assert np.mean(confounded) > 0.5


def test_a_planted_difference_is_found_in_its_layers():
    rng = np.random.default_rng(12)
    found = []
    for seed in range(30):
        values = drawn(rng)
        values[HALF, 3:6] += 1.2
        covariates = rng.normal(size=(60, 2))
        for each in (profile(values, seed=seed), profile(values, covariates=covariates)):
            inside = each.p_max_t[3:6].min() <= 0.05
            region = any(c.p <= 0.05 and c.first_layer <= 6 <= c.last_layer for c in each.clusters)
            found.append([inside, region])
    assert np.mean(found, axis=0) == pytest.approx([0.95, 0.95], abs=0.06)


@pytest.mark.parametrize("adjusted", [False, True])
def test_intervals_cover(adjusted):
    rng = np.random.default_rng(13)
    covered = []
    for seed in range(60):
        covariates = rng.normal(size=(60, 2 if adjusted else 0))
        values = rng.gamma(4, size=(60, 8)) + 0.5 * HALF[:, None]
        if adjusted:
            covariates[:, 0] += HALF
            values += covariates[:, :1]
        found = profile(values, covariates=covariates, permutations=1, seed=seed)
        covered.append((found.low <= 0.5) & (found.high >= 0.5))
    assert 0.91 <= np.mean(covered) <= 0.975


def test_pairs_are_within_the_calipers_and_as_many_as_can_be():
    rng = np.random.default_rng(14)
    first, second = rng.normal(0.5, 1, (40, 2)), rng.normal(0, 1, (30, 2))
    rows, columns = pair_off(first, second, np.array([0.2, np.inf]))
    assert len(set(rows)) == len(set(columns)) == len(rows)
    assert np.abs(first[rows, 0] - second[columns, 0]).max() <= 0.2
    greedy = []
    for place in range(40):
        free = [c for c in range(30) if c not in greedy]
        near = [c for c in free if abs(first[place, 0] - second[c, 0]) <= 0.2]
        greedy += near[:1]
    assert len(rows) >= len(greedy)


def test_the_pairs_most_alike_are_taken():
    first, second = np.array([[0.0, 0.0], [0.0, 5.0]]), np.array([[0.0, 5.0], [0.0, 0.0]])
    rows, columns = pair_off(first, second, np.array([0.5, np.inf]))
    assert dict(zip(rows.tolist(), columns.tolist(), strict=True)) == {0: 1, 1: 0}
    assert len(pair_off(first, second + 9, np.array([0.5, np.inf]))[0]) == 0


def apart(rng, n, spread, shift=0.0):
    """Two groups of 25 and 75, the first with more spread, and where it is."""
    first = np.arange(n) < n // 4
    values = (rng.gamma(2, size=(n, 8)) - 2) * np.where(first, spread, 1.0)[:, None]
    return values + shift * first[:, None], first


def test_from_twenty_units_a_group_on_groups_are_drawn_again_and_below_signs_flipped():
    rng = np.random.default_rng(20)
    for sizes, test in (((20, 20), RESAMPLES), ((19, 60), FLIPS), ((60, 19), FLIPS)):
        first = np.arange(sum(sizes)) < sizes[0]
        found = profile(drawn(rng, sum(sizes)), first)
        assert found.test == test
    beside = profile(drawn(rng, 60), HALF, covariates=rng.normal(size=(60, 1)))
    assert beside.test == RESIDUALS


def test_drawn_t_are_those_of_drawn_groups_about_their_own_means():
    values, first = apart(np.random.default_rng(21), 80, 3.0)
    counts = stratified_counts(first, seed=1, resamples=4)
    t = welch_t(values, first, counts)
    for row, times in zip(t, counts.astype(int), strict=True):
        centred = values - np.where(
            first[:, None], values[first].mean(axis=0), values[~first].mean(axis=0)
        )
        rows = np.repeat(np.arange(80), times)
        again, own = centred[rows], first[rows]
        welch = stats.ttest_ind(again[own], again[~own], equal_var=False)
        np.testing.assert_allclose(row, welch.statistic)


def test_a_draw_in_which_neither_group_has_a_spread_reaches_everything():
    values = np.zeros((40, 1))
    values[3] = 1.0
    first = np.arange(40) < 20
    without = np.ones((1, 40))
    without[0, [3, 4]] = 0, 2
    assert np.isinf(welch_t(values, first, without)).all()


def test_the_smaller_group_may_have_four_times_the_spread_and_a_long_tail():
    """Permuted labels err in 14 to 18 % there."""
    rng, alarms = np.random.default_rng(22), []
    for trial in range(150):
        values, first = apart(rng, 100, 4.0)
        sample = IndependentGroups(values, first, np.empty((100, 0)))
        counts = stratified_counts(first, seed=trial, resamples=300)
        found = unpaired_profile(sample, LAYERS, seed=trial, counts=counts)
        alarms.append(found.p_max_t.min() < 0.05)
    assert np.mean(alarms) < 0.1


def test_the_interval_of_a_single_difference_leaves_0_out_exactly_where_its_test_rejects():
    rng, rejected = np.random.default_rng(23), []
    for n in (36, 100):
        for trial in range(25):
            values, first = apart(rng, n, 2.0, 0.9)
            sample = IndependentGroups(values[:, :1], first, np.empty((n, 0)))
            found = unpaired_profile(sample, np.array([1]), seed=trial, permutations=400)
            interval = found.of_test()
            rejected.append(found.p[0] < 0.05)
            assert (interval.low > 0 or interval.high < 0) == rejected[-1]
    assert 0 < np.mean(rejected) < 1
