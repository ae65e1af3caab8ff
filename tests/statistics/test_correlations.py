"""Correlations: coefficients, blocks inside one passage, inference across passages, comparison."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.tools import add_constant

from odograph.errors import StudyError
from odograph.statistics.circular_blocks import (
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.correlations.coefficients import (
    complete,
    fisher,
    matrix,
    partial,
    ranked,
    residuals,
    variables,
)
from odograph.statistics.correlations.comparison import compare
from odograph.statistics.correlations.fisher_means import over_documents
from odograph.statistics.correlations.own_pairing import (
    MOST_PASSAGES,
    document_excess,
    drawn_passages,
    own_pairing,
    pair_excess,
)
from odograph.statistics.keys import SignificanceTest


def correlation(x, y, covariates=None, method="pearson"):
    """One coefficient, the way the grid and the comparison take many."""
    return float(partial(matrix(ranked(complete(variables(x, y, covariates)), method))))


def block_bounds(x, y, length, method="pearson"):
    draws = block_draws(len(x), length, seed=0)
    table = np.array([x, y])
    values = over_draws(table, draws, lambda drawn: partial(matrix(ranked(drawn, method))))
    return np.array(percentile_bounds(values, len(x) // length))


def own_pairing_test(xs, ys, seed=1):
    """Mean excess and p of one row."""
    found = own_pairing([pair_excess(xs, ys)], np.arange(len(xs)), seed=seed)
    return found.values.mean(), found.p_max[0]


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
    steps = np.diff(draws, axis=1) % 50
    inside = np.arange(1, 50) % 7 != 0
    assert draws.shape == (20, 50)
    assert (steps[:, inside] == 1).all()
    rng = np.random.default_rng(2)
    short = block_length(*rng.normal(size=(2, 400)))
    long = block_length(*autoregressive(rng, (2, 400), 0.95))
    assert short >= 8  # 400^(1/3) = 7.4
    assert short < long <= 100
    assert block_length(np.arange(8.0), np.arange(8.0)) == 2


def test_the_edges_of_a_text_are_drawn_as_often_as_its_middle():
    drawn = np.bincount(block_draws(60, 12, seed=1, draws=6000).ravel(), minlength=60) / 6000
    assert np.abs(drawn - 1).max() < 0.08


def test_a_transient_at_the_start_does_not_shift_the_interval():
    rng, misses = np.random.default_rng(9), np.zeros(2)
    start = 3 * 0.5 ** (np.arange(120) / 4)
    truth = (0.3 + start.var()) / (1 + start.var())
    for _ in range(60):
        x, y = rng.normal(size=(2, 120))
        x, y = x + start, 0.3 * x + np.sqrt(0.91) * y + start
        low, high = block_bounds(x, y, block_length(x, y))
        misses += low > truth, high < truth
    assert (misses / 60 <= 0.08).all()


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


def test_passages_closer_to_their_own_than_to_others_are_found():
    excess, p = own_pairing_test(*passages())
    assert excess == pytest.approx(np.arctanh(0.4 / np.sqrt(1.16)), abs=0.1)
    assert p < 0.001


def test_shared_drift_is_no_tie():
    xs, ys = passages(seed=3, slope=0.0, drift=1.0)
    assert np.mean([correlation(x, y) for x, y in zip(xs, ys, strict=True)]) > 0.4
    assert own_pairing_test(xs, ys)[1] > 0.05


def test_the_excess_of_a_pair_is_taken_on_the_tokens_that_both_have():
    xs, ys = passages(5)
    xs[1][3] = ys[1][3] = np.nan
    found = pair_excess(xs, ys)
    for i in range(5):
        for j in range(5):
            m = min(len(xs[i]), len(ys[j]))
            kept = np.isfinite(xs[i][:m] + xs[j][:m])

            def z(x, y, m=m, kept=kept):
                return np.arctanh(correlation(x[:m][kept], y[:m][kept]))

            across = (z(xs[i], ys[j]) + z(xs[j], ys[i])) / 2
            assert found[i, j] == pytest.approx(z(xs[i], ys[i]) - across, abs=1e-10)


def test_a_documents_excess_is_over_passages_of_other_documents():
    rng = np.random.default_rng(6)
    table = rng.normal(size=(4, 4))
    table[0, 3] = np.nan
    found = document_excess(table, np.array([0, 0, 1, 2]))
    first = np.mean([table[0, 2], np.mean([table[1, 2], table[1, 3]])])
    expected = [first, table[2, [0, 1, 3]].mean(), table[3, :3].mean()]
    assert found == pytest.approx(expected)


def test_passages_tied_in_different_degree_are_no_finding():
    """Ties that vary about 0: the mean excess is 0, and the level holds; permutations err here."""
    rng, found = np.random.default_rng(5), []
    for seed in range(60):
        r = np.clip(0.5 * rng.normal(size=24), -0.95, 0.95)
        xs = rng.normal(size=(24, 30))
        ys = r[:, None] * xs + np.sqrt(1 - r[:, None] ** 2) * rng.normal(size=(24, 30))
        found.append(own_pairing_test(list(xs), list(ys), seed)[1] < 0.05)
    assert np.mean(found) <= 0.13  # .05 and three standard errors of 60


def test_fewer_than_twenty_documents_have_no_p_and_no_row_takes_them_from_others():
    xs, ys = passages(21)
    table = pair_excess(xs, ys)
    few = table.copy()
    few[:2] = np.nan
    found = own_pairing([table, few], np.arange(21), seed=0)
    assert np.isfinite(found.p[0])
    assert np.isnan(found.p[1])
    assert found.family == 1
    assert np.isnan(own_pairing([table], np.arange(21) // 2, seed=0).p).all()


def test_of_very_many_passages_whole_documents_are_drawn():
    alone = np.arange(MOST_PASSAGES)
    assert np.array_equal(drawn_passages(alone, seed=1), alone)
    documents = np.repeat(np.arange(600), 5)
    some = drawn_passages(documents, seed=1)
    assert len(some) == MOST_PASSAGES
    assert (np.bincount(documents[some], minlength=600) % 5 == 0).all()
    assert np.array_equal(some, drawn_passages(documents, seed=1))
    assert not np.array_equal(some, drawn_passages(documents, seed=2))


def test_a_perfect_order_counts_as_one_with_two_neighbours_changed():
    swapped = np.array([1, 0, *range(2, 10)])
    worth = stats.spearmanr(np.arange(10), swapped).statistic
    assert fisher([1.0, -1.0], 10) == pytest.approx([np.arctanh(worth), -np.arctanh(worth)])
    assert fisher(0.999, 300) == pytest.approx(np.arctanh(0.999))
    assert fisher(1.0, 10) < 2.6


def test_short_passages_weigh_less_in_a_mean():
    z, n = np.array([[1.0], [0.0], [0.0]]), np.array([[11], [300], [300]])
    found = over_documents(z, n - 3.0, np.arange(3))
    assert found.r == pytest.approx(np.tanh(8 / 602))
    both = over_documents(z, n - 3.0, np.array([0, 0, 1]))
    assert both.z[:, 0] == pytest.approx([8 / 305, 0])
    assert both.documents == [2]


def test_the_interval_of_a_weighted_mean_is_that_of_scipy():
    rng = np.random.default_rng(3)
    z, worth = rng.normal(0.3, 0.4, 30), rng.integers(5, 60, 30).astype(float)
    low, high = over_documents(z[:, None], worth[:, None], np.arange(30)).bounds(seed=0)
    reference = stats.bootstrap(
        (z, worth),
        lambda a, w, axis=-1: (a * w).sum(axis) / w.sum(axis),
        paired=True,
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert (low[0], high[0]) == pytest.approx(np.tanh(reference), abs=0.01)


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


def test_models_are_compared_over_documents():
    first, second = two_models(12)
    documents = [0, 0, 0, *range(1, 10)]
    result = compare(first, second, method="pearson", seed=0, documents=documents)
    each = [
        correlation(x, a) - correlation(x, b)
        for x, a, b in zip(first[0], first[1], second[1], strict=True)
    ]
    assert result.n == 10
    assert result.each == pytest.approx([np.mean(each[:3]), *each[3:]])
    assert result.units == tuple(range(10))


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
