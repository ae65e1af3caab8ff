"""Two independent groups: closed forms, calibration, and what adjusting and matching take away."""

import numpy as np
import pytest
from scipy import stats

from odograph.errors import StudyError
from odograph.statistics.designs.contrasts import (
    contrast,
    independent_columns,
    pair_off,
    resampled_contrasts,
    stratified_counts,
)
from odograph.statistics.designs.unpaired import (
    LABELS,
    RESIDUALS,
    IndependentGroups,
    permuted_t,
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
    assert (found.n_first, found.n_second, found.freedom, found.test) == (20, 30, 48, LABELS)


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


def test_permuted_t_are_those_of_permuted_residuals():
    rng = np.random.default_rng(3)
    covariates, values = rng.normal(size=(60, 2)), drawn(rng)
    sample = IndependentGroups(values, HALF, covariates)
    t = permuted_t(sample, np.ones(8, bool), seed=5, permutations=4)
    orders = np.random.default_rng(5).permuted(np.tile(np.arange(60), (4, 1)), axis=1)
    reduced = np.column_stack([covariates, np.ones(60)])
    fitted = reduced @ np.linalg.lstsq(reduced, values)[0]
    for row in (1, 2, 3):
        # The basis is permuted, not the residuals: the inverse order.
        again = fitted + (values - fitted)[np.argsort(orders[row])]
        wanted = profile(again, covariates=covariates, permutations=1).t
        np.testing.assert_allclose(t[row], wanted, rtol=1e-8)


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
