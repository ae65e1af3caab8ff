"""Correlations: coefficients, blocks inside one passage, inference across passages, comparison."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.tools import add_constant

from odograph.errors import StudyError
from odograph.statistics.correlations.coefficients import (
    complete,
    matrix,
    partial,
    ranked,
    residuals,
    variables,
)
from odograph.statistics.correlations.comparison import compare
from odograph.statistics.correlations.sessions import (
    MOST_PASSAGES,
    drawn_passages,
    pairings,
    permuted_means,
    session_max_p,
    session_p,
    session_tables,
)
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.moving_blocks import (
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)


def correlation(x, y, covariates=None, method="pearson"):
    """One coefficient, the way the grid and the comparison take many."""
    return float(partial(matrix(ranked(complete(variables(x, y, covariates)), method))))


def block_bounds(x, y, length, method="pearson"):
    draws = block_draws(len(x), length, seed=0)
    table = np.array([x, y])
    values = over_draws(table, draws, lambda drawn: partial(matrix(ranked(drawn, method))))
    return np.array(percentile_bounds(values, len(x) // length))


def session_test(xs, ys, seed=1, permutations=500):
    """Mean Fisher z and p of one row."""
    own, changes = session_tables(xs, ys)
    drawn = permuted_means(own, changes, pairings(len(xs), seed=seed, draws=permutations - 1))
    return own.mean(), session_p(own.mean()[None], drawn[:, None])[0]


def series(n=60, seed=0, slope=0.6, k=2):
    rng = np.random.default_rng(seed)
    covariates = rng.normal(size=(n, k))
    x = rng.normal(size=n) + covariates.sum(axis=1)
    return x, slope * x + covariates[:, 0] + rng.normal(size=n), covariates


def autoregressive(rng, shape, memory):
    values = rng.normal(size=shape)
    for i in range(1, shape[-1]):
        values[..., i] += memory * values[..., i - 1]
    return values


def test_coefficients_equal_scipy_with_ties():
    x, y, _ = series()
    x = np.round(x)
    assert correlation(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)
    rho = correlation(x, y, method="spearman")
    assert rho == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("k", [1, 3])
def test_partial_coefficients_equal_correlated_residuals_of_statsmodels(k):
    x, y, covariates = series(k=k)

    def left(values, others):
        return OLS(values, add_constant(others)).fit().resid

    expected = stats.pearsonr(left(x, covariates), left(y, covariates)).statistic
    assert correlation(x, y, covariates) == pytest.approx(expected, abs=1e-10)
    rank = stats.rankdata
    others = rank(covariates, axis=0)
    expected = stats.pearsonr(left(rank(x), others), left(rank(y), others)).statistic
    assert correlation(x, y, covariates, "spearman") == pytest.approx(expected, abs=1e-10)


def test_the_partial_of_three_variables_is_the_textbook_one():
    x, y, covariates = series(k=1)
    xy, xc, yc = (
        correlation(x, y),
        correlation(x, covariates[:, 0]),
        correlation(y, covariates[:, 0]),
    )
    expected = (xy - xc * yc) / np.sqrt((1 - xc**2) * (1 - yc**2))
    assert correlation(x, y, covariates) == pytest.approx(expected, abs=1e-12)


def test_residuals_correlate_as_the_partial_coefficient_does():
    x, y, covariates = series()
    x[4] = np.nan
    for method in ("pearson", "spearman"):
        left = residuals(np.array([x, y]), covariates.T, method)
        assert np.isnan(left[:, 4]).all()
        r = correlation(x, y, covariates, method)
        assert correlation(*left) == pytest.approx(r, abs=1e-12)


def test_constant_series_have_no_correlation_and_constant_covariates_take_nothing():
    x, y, covariates = series()
    assert np.isnan(correlation(x, np.full(60, 0.1)))
    assert np.isnan(correlation([], []))
    assert np.isnan(correlation(x, y, np.column_stack([x, covariates])))
    assert correlation(x, y, np.ones((60, 1))) == pytest.approx(correlation(x, y))
    twice = np.column_stack([covariates, covariates[:, 0]])
    once = correlation(x, y, covariates, "spearman")
    assert correlation(x, y, twice, "spearman") == pytest.approx(once)


@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-100, 100))
@settings(max_examples=25, deadline=None)
def test_coefficients_do_not_depend_on_unit_origin_or_order(seed, scale, shift):
    x, y, covariates = series(n=20, seed=seed)
    order = np.random.default_rng(seed).permutation(20)
    for method in ("pearson", "spearman"):
        r = correlation(x, y, covariates, method)
        moved = correlation(x * scale + shift, y, covariates, method)
        assert moved == pytest.approx(r, abs=1e-8)
        assert correlation(-x, y, covariates, method) == pytest.approx(-r, abs=1e-8)
        mixed = correlation(y[order], x[order], covariates[order], method)
        assert mixed == pytest.approx(r, abs=1e-8)


def test_series_of_other_lengths_and_unknown_methods_are_refused():
    with pytest.raises(StudyError, match="one length n"):
        correlation([1, 2, 3], [1, 2])
    with pytest.raises(StudyError, match="pearson or spearman, got 'kendall'"):
        correlation([1, 2], [2, 1], method="kendall")


def test_blocks_are_runs_of_neighbours_and_grow_with_memory():
    draws = block_draws(50, 7, seed=1, draws=20)
    steps = np.diff(draws, axis=1)
    inside = np.arange(1, 50) % 7 != 0
    assert draws.shape == (20, 50)
    assert (steps[:, inside] == 1).all()
    rng = np.random.default_rng(2)
    short = block_length(*rng.normal(size=(2, 400)))
    long = block_length(*autoregressive(rng, (2, 400), 0.95))
    assert short >= 8  # 400^(1/3) = 7.4
    assert short < long <= 100
    assert block_length(np.arange(8.0), np.arange(8.0)) == 2


def test_interval_of_independent_tokens_is_about_that_of_fisher():
    rng = np.random.default_rng(4)
    x = rng.normal(size=600)
    y = 0.5 * x + rng.normal(size=600)
    expected = np.tanh(np.arctanh(correlation(x, y)) + np.array([-1, 1]) * 1.96 / np.sqrt(597))
    assert block_bounds(x, y, length=1) == pytest.approx(expected, abs=0.02)


def test_blocks_widen_the_interval_of_tokens_with_memory():
    x, y = autoregressive(np.random.default_rng(5), (2, 400), 0.9)
    torn = block_bounds(x, y, length=1)
    kept = block_bounds(x, y, length=block_length(x, y))
    assert np.ptp(kept) > 1.6 * np.ptp(torn)


def passages(n=25, seed=0, slope=0.4, drift=0.0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(20, 50, size=n)
    xs = [rng.normal(size=m) + drift * np.linspace(-2, 2, m) for m in lengths]
    ys = [slope * x + rng.normal(size=len(x)) + drift * np.linspace(-2, 2, len(x)) for x in xs]
    return xs, ys


def test_session_permutation_finds_a_tie():
    xs, ys = passages()
    z, p = session_test(xs, ys)
    assert z == pytest.approx(
        np.mean([np.arctanh(correlation(x, y)) for x, y in zip(xs, ys, strict=True)])
    )
    assert p == pytest.approx(2 / 500)


def test_session_permutation_is_not_deceived_by_shared_drift():
    z, p = session_test(*passages(seed=3, slope=0.0, drift=1.0))
    assert z > 0.4
    assert p > 0.05


def test_session_tables_hold_what_another_pairing_changes_on_shared_tokens():
    xs, ys = passages(5)
    xs[1][3] = ys[1][3] = np.nan
    own, changes = session_tables(xs, ys)
    assert np.diag(changes) == pytest.approx(np.zeros(5), abs=1e-10)
    for i in range(5):
        assert own[i] == pytest.approx(np.arctanh(correlation(xs[i], ys[i])), abs=1e-10)
        for j in range(5):
            m = min(len(xs[i]), len(ys[j]))
            gone = np.isnan(xs[i][:m] + xs[j][:m])

            def z(x, y, m=m, gone=gone):
                return np.arctanh(correlation(x[:m][~gone], y[:m][~gone]))

            expected = z(xs[i], ys[j]) - (z(xs[i], ys[i]) + z(xs[j], ys[j])) / 2
            assert changes[i, j] == pytest.approx(expected, abs=1e-10)


def test_of_passages_of_one_length_the_null_is_harris_own():
    rng = np.random.default_rng(6)
    xs, ys = list(rng.normal(size=(7, 30))), list(rng.normal(size=(7, 30)))
    own, changes = session_tables(xs, ys)
    orders = pairings(7, seed=3, draws=19)
    for order, value in zip(orders, permuted_means(own, changes, orders), strict=True):
        z = [np.arctanh(correlation(xs[i], ys[j])) for i, j in enumerate(order)]
        assert value == pytest.approx(np.mean(z), abs=1e-10)


def all_rows_at_once(own, changes, orders):
    """Permuted means the plain way: [rows, draws], all tables in memory."""
    known = np.isfinite(changes)
    places = np.arange(changes.shape[-1])
    total = np.where(known, changes, 0.0)[:, places, orders].sum(axis=-1)
    return own.mean(axis=-1)[:, None] + total / known[:, places, orders].sum(axis=-1)


def test_one_row_at_a_time_gives_what_all_rows_at_once_give():
    rng = np.random.default_rng(8)
    own, changes = rng.normal(size=(3, 9)), rng.normal(size=(3, 9, 9))
    changes[1, 2, 5] = changes[2, :, 4] = np.nan
    orders = pairings(9, seed=5, draws=50)
    each = [permuted_means(*tables, orders) for tables in zip(own, changes, strict=True)]
    assert np.array(each) == pytest.approx(all_rows_at_once(own, changes, orders), abs=1e-12)


def test_pairings_are_orders_and_the_seed_decides_them():
    orders = pairings(6, seed=2, draws=40)
    assert (np.sort(orders, axis=1) == np.arange(6)).all()
    assert np.array_equal(orders, pairings(6, seed=2, draws=40))
    assert not np.array_equal(orders, pairings(6, seed=3, draws=40))


def test_of_very_many_passages_a_seeded_part_is_permuted():
    assert np.array_equal(drawn_passages(MOST_PASSAGES, seed=1), np.arange(MOST_PASSAGES))
    some = drawn_passages(MOST_PASSAGES + 500, seed=1)
    assert (len(some), len(np.unique(some))) == (MOST_PASSAGES, MOST_PASSAGES)
    assert (np.diff(some) > 0).all()
    assert np.array_equal(some, drawn_passages(MOST_PASSAGES + 500, seed=1))
    assert not np.array_equal(some, drawn_passages(MOST_PASSAGES + 500, seed=2))


def test_session_p_values_count_pairings():
    observed = np.array([0.5, 0.0])
    drawn = np.column_stack([np.linspace(-1, 0.4, 99), np.linspace(-1, 1, 99)])
    assert session_p(observed, drawn) == pytest.approx([0.02, 1.0])
    assert (session_max_p(observed, drawn) >= session_p(observed, drawn) / 2).all()


def two_models(n, better=0.0, seed=0):
    rng = np.random.default_rng(seed)
    xs = [rng.normal(size=60) for _ in range(n)]
    noise = [rng.normal(size=60) for _ in range(n)]
    first = [(0.4 + better) * x + e for x, e in zip(xs, noise, strict=True)]
    second = [0.4 * x + e + 0.1 * rng.normal(size=60) for x, e in zip(xs, noise, strict=True)]
    return (xs, first), (xs, second)


def test_two_models_are_compared_by_the_difference_itself():
    first, second = two_models(12, better=0.8)
    result = compare(first, second, method="pearson", seed=0)
    each = [correlation(x, y) for x, y in zip(*first, strict=True)]
    assert result.of[0] == pytest.approx(np.mean(each))
    assert result.r == pytest.approx(result.of[0] - result.of[1])
    assert result.interval.low > 0
    assert result.tested.p < 0.01
    assert result.n == 12
    back = compare(second, first, method="pearson", seed=0)
    assert back.r == pytest.approx(-result.r)
    assert back.tested.p == pytest.approx(result.tested.p)


def test_in_one_passage_models_are_compared_by_paired_blocks():
    first, second = two_models(1)
    result = compare(first, second, method="spearman", seed=0)
    assert (result.tested.p, result.tested.test) == (None, SignificanceTest.NONE_ONE_TEXT)
    assert result.block_length >= 4
    assert result.interval.low < result.r < result.interval.high
    alone = block_bounds(first[0][0], first[1][0], result.block_length, "spearman")
    # The same tokens and almost the same values: pairing takes most of the variation out.
    assert result.interval.high - result.interval.low < 0.5 * np.ptp(alone)


def test_a_model_equal_to_itself_differs_by_nothing():
    first, _ = two_models(8)
    result = compare(first, first, method="pearson", seed=0)
    assert (result.r, result.interval, result.tested.p) == (0, None, None)
    assert result.tested.test == SignificanceTest.NONE_NO_DIFFERENCE


def test_other_tokens_cannot_be_compared():
    first, second = two_models(3)
    second = [[a, b[:-1], c] for a, b, c in second]
    with pytest.raises(StudyError, match=r"\[60, 60, 60\], got \[60, 59, 60\]"):
        compare(first, second, method="pearson", seed=0)
    empty = compare(([], []), ([], []), method="pearson", seed=0)
    assert np.isnan(empty.r)
