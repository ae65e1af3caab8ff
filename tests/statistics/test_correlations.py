"""Correlations: coefficients, blocks inside one passage, inference across passages, comparison."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.tools import add_constant

from odograph.errors import StudyError
from odograph.statistics.blocks import block_draws, block_length
from odograph.statistics.coefficients import (
    partial_pearson,
    partial_spearman,
    pearson,
    residuals,
    spearman,
)
from odograph.statistics.comparison import compare
from odograph.statistics.correlation import across_passages, block_interval
from odograph.statistics.sessions import (
    pairings,
    permuted_means,
    session_max_p,
    session_p,
    session_tables,
)


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
    assert pearson(x, y) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


@pytest.mark.parametrize("k", [1, 3])
def test_partial_coefficients_equal_correlated_residuals_of_statsmodels(k):
    x, y, covariates = series(k=k)

    def left(values, others):
        return OLS(values, add_constant(others)).fit().resid

    expected = stats.pearsonr(left(x, covariates), left(y, covariates)).statistic
    assert partial_pearson(x, y, covariates) == pytest.approx(expected, abs=1e-10)
    rank = stats.rankdata
    others = rank(covariates, axis=0)
    expected = stats.pearsonr(left(rank(x), others), left(rank(y), others)).statistic
    assert partial_spearman(x, y, covariates) == pytest.approx(expected, abs=1e-10)


def test_the_partial_of_three_variables_is_the_textbook_one():
    x, y, covariates = series(k=1)
    xy, xc, yc = pearson(x, y), pearson(x, covariates[:, 0]), pearson(y, covariates[:, 0])
    expected = (xy - xc * yc) / np.sqrt((1 - xc**2) * (1 - yc**2))
    assert partial_pearson(x, y, covariates) == pytest.approx(expected, abs=1e-12)


def test_residuals_correlate_as_the_partial_coefficient_does():
    x, y, covariates = series()
    x[4] = np.nan
    for method, partial in (("pearson", partial_pearson), ("spearman", partial_spearman)):
        left = residuals(np.array([x, y]), covariates.T, method)
        assert np.isnan(left[:, 4]).all()
        assert pearson(*left) == pytest.approx(partial(x, y, covariates), abs=1e-12)


def test_constant_series_have_no_correlation_and_constant_covariates_take_nothing():
    x, y, covariates = series()
    assert np.isnan(pearson(x, np.full(60, 0.1)))
    assert np.isnan(pearson([], []))
    assert np.isnan(partial_pearson(x, y, np.column_stack([x, covariates])))
    assert partial_pearson(x, y, np.ones((60, 1))) == pytest.approx(pearson(x, y))
    twice = np.column_stack([covariates, covariates[:, 0]])
    assert partial_spearman(x, y, twice) == pytest.approx(partial_spearman(x, y, covariates))


@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-100, 100))
@settings(max_examples=25, deadline=None)
def test_coefficients_do_not_depend_on_unit_origin_or_order(seed, scale, shift):
    x, y, covariates = series(n=20, seed=seed)
    order = np.random.default_rng(seed).permutation(20)
    for partial in (partial_pearson, partial_spearman):
        r = partial(x, y, covariates)
        assert partial(x * scale + shift, y, covariates) == pytest.approx(r, abs=1e-8)
        assert partial(-x, y, covariates) == pytest.approx(-r, abs=1e-8)
        assert partial(y[order], x[order], covariates[order]) == pytest.approx(r, abs=1e-8)


def test_series_of_other_lengths_and_unknown_methods_are_refused():
    with pytest.raises(StudyError, match="one length n"):
        pearson([1, 2, 3], [1, 2])
    with pytest.raises(StudyError, match="pearson or spearman, got 'kendall'"):
        block_interval([1, 2], [2, 1], method="kendall", seed=0)


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


def test_interval_inside_one_text_is_descriptive_and_names_its_blocks():
    x, y, covariates = series(n=200)
    x[:5] = np.nan
    result = block_interval(x, y, covariates, method="spearman", seed=3)
    assert (result.tokens, result.excluded, result.passages) == (195, 5, 1)
    assert (result.p, result.test) == (None, "none: descriptive, one text")
    assert result.method == "partial spearman"
    assert result.interval.low < result.r < result.interval.high
    assert f"blocks of {result.block_length} tokens (Politis-White" in result.note
    fixed = block_interval(x, y, covariates, method="spearman", seed=3, length=9)
    assert fixed.block_length == 9
    assert "chosen by the caller" in fixed.note


def test_interval_of_independent_tokens_is_about_that_of_fisher():
    rng = np.random.default_rng(4)
    x = rng.normal(size=600)
    y = 0.5 * x + rng.normal(size=600)
    result = block_interval(x, y, method="pearson", seed=3, length=1)
    low, high = np.tanh(np.arctanh(result.r) + np.array([-1, 1]) * 1.96 / np.sqrt(597))
    assert (result.interval.low, result.interval.high) == pytest.approx((low, high), abs=0.02)


def test_blocks_widen_the_interval_of_tokens_with_memory():
    x, y = autoregressive(np.random.default_rng(5), (2, 400), 0.9)
    torn = block_interval(x, y, method="pearson", seed=0, length=1).interval
    kept = block_interval(x, y, method="pearson", seed=0).interval
    assert kept.high - kept.low > 1.6 * (torn.high - torn.low)


def test_short_or_constant_passages_have_no_interval():
    x, y, _ = series(n=9)
    result = block_interval(x, y, method="pearson", seed=0)
    assert result.interval is None
    assert result.r == pytest.approx(pearson(x, y))
    assert result.note == "9 tokens: no interval with fewer than 10"
    flat = block_interval(np.ones(30), np.arange(30.0), method="pearson", seed=0)
    assert np.isnan(flat.r)
    assert flat.note.startswith("a series is constant")


def passages(n=25, seed=0, slope=0.4, drift=0.0):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(20, 50, size=n)
    xs = [rng.normal(size=m) + drift * np.linspace(-2, 2, m) for m in lengths]
    ys = [slope * x + rng.normal(size=len(x)) + drift * np.linspace(-2, 2, len(x)) for x in xs]
    return xs, ys


def test_the_mean_over_passages_is_fishers():
    xs, ys = passages()
    result = across_passages(xs, ys, method="pearson", seed=1, permutations=500)
    z = [np.arctanh(pearson(x, y)) for x, y in zip(xs, ys, strict=True)]
    assert result.r == pytest.approx(np.tanh(np.mean(z)), abs=1e-12)
    assert result.interval.low < result.r < result.interval.high
    assert result.p == pytest.approx(2 / 500)
    assert result.test == "session permutation over passages, two-sided"
    assert "Fisher" in result.note


def test_short_and_constant_passages_are_left_out_and_counted():
    xs, ys = passages()
    xs[0][: len(xs[0]) - 9] = np.nan
    ys[1][:] = 3.0
    result = across_passages(xs, ys, method="spearman", seed=1, permutations=50)
    assert (result.passages, result.excluded_passages) == (23, 2)
    assert result.excluded == len(xs[0]) + len(xs[1])
    assert result.tokens == sum(map(len, xs[2:]))


def test_below_twenty_passages_there_is_no_p_value_and_the_note_says_so():
    xs, ys = passages(19)
    result = across_passages(xs, ys, method="pearson", seed=1)
    assert result.p is None
    assert result.interval is not None
    assert "19 usable passages, session permutation needs 20" in result.note
    nothing = across_passages([], [], method="pearson", seed=1)
    assert np.isnan(nothing.r)
    assert nothing.interval is None


def test_session_permutation_is_not_deceived_by_shared_drift():
    xs, ys = passages(seed=3, slope=0.0, drift=1.0)
    result = across_passages(xs, ys, method="pearson", seed=1, permutations=500)
    assert result.r > 0.4
    assert result.p > 0.05
    positions = [np.linspace(0, 1, len(x))[:, None] for x in xs]
    adjusted = across_passages(xs, ys, positions, method="pearson", seed=1, permutations=500)
    assert abs(adjusted.r) < 0.15


def test_session_tables_hold_what_another_pairing_changes_on_shared_tokens():
    xs, ys = passages(5)
    xs[1][3] = ys[1][3] = np.nan
    own, changes = session_tables(xs, ys)
    assert np.diag(changes) == pytest.approx(np.zeros(5), abs=1e-10)
    for i in range(5):
        assert own[i] == pytest.approx(np.arctanh(pearson(xs[i], ys[i])), abs=1e-10)
        for j in range(5):
            m = min(len(xs[i]), len(ys[j]))
            gone = np.isnan(xs[i][:m] + xs[j][:m])

            def z(x, y, m=m, gone=gone):
                return np.arctanh(pearson(x[:m][~gone], y[:m][~gone]))

            expected = z(xs[i], ys[j]) - (z(xs[i], ys[i]) + z(xs[j], ys[j])) / 2
            assert changes[i, j] == pytest.approx(expected, abs=1e-10)


def test_of_passages_of_one_length_the_null_is_harris_own():
    rng = np.random.default_rng(6)
    xs, ys = list(rng.normal(size=(7, 30))), list(rng.normal(size=(7, 30)))
    own, changes = session_tables(xs, ys)
    observed, drawn = permuted_means(own[None], changes[None], seed=3, permutations=20)
    for order, value in zip(pairings(7, seed=3, draws=19), drawn[:, 0], strict=True):
        z = [np.arctanh(pearson(xs[i], ys[j])) for i, j in enumerate(order)]
        assert value == pytest.approx(np.mean(z), abs=1e-10)
    assert observed[0] == pytest.approx(own.mean())


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
    each = [pearson(x, y) for x, y in zip(*first, strict=True)]
    assert result.r_first == pytest.approx(np.mean(each))
    assert result.difference == pytest.approx(result.r_first - result.r_second)
    assert result.interval.low > 0
    assert result.p < 0.01
    assert result.passages == 12
    back = compare(second, first, method="pearson", seed=0)
    assert back.difference == pytest.approx(-result.difference)
    assert back.p == pytest.approx(result.p)


def test_in_one_passage_models_are_compared_by_paired_blocks():
    first, second = two_models(1)
    result = compare(first, second, method="spearman", seed=0)
    assert (result.p, result.test) == (None, "none: descriptive, one text")
    assert result.block_length >= 4
    assert result.interval.low < result.difference < result.interval.high
    alone = block_interval(first[0][0], first[1][0], method="spearman", seed=0).interval
    # The same tokens and almost the same values: pairing takes most of the variation out.
    assert result.interval.high - result.interval.low < 0.5 * (alone.high - alone.low)


def test_a_model_equal_to_itself_differs_by_nothing():
    first, _ = two_models(8)
    result = compare(first, first, method="pearson", seed=0)
    assert (result.difference, result.interval, result.p) == (0, None, 1.0)


def test_other_tokens_cannot_be_compared():
    first, second = two_models(3)
    second = [[a, b[:-1], c] for a, b, c in second]
    with pytest.raises(StudyError, match=r"\[60, 60, 60\], got \[60, 59, 60\]"):
        compare(first, second, method="pearson", seed=0)
    empty = compare(([], []), ([], []), method="pearson", seed=0)
    assert np.isnan(empty.difference)
