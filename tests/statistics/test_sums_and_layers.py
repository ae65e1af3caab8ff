"""Means by layer, correlations by layer, and what of a part's tie with its sum is arithmetic."""

import numpy as np
import pytest
from made_ties import arithmetic_correlation
from scipy import stats

from odograph.statistics.circular_blocks import block_mean_intervals, mean_block_length
from odograph.statistics.correlations.coefficients import fisher
from odograph.statistics.correlations.layers import (
    coefficients_in,
    correlate_rows,
    layer_correlations,
)
from odograph.statistics.correlations.sums import (
    COSINES,
    PAIRS,
    shuffled_sums,
    shuffled_ties,
    sum_length,
)
from odograph.statistics.designs.one_sample import mean_profile
from odograph.statistics.keys import SignificanceTest


def parts(rng: np.random.Generator, rows: int = 2, n: int = 60):
    """Lengths that go together, and cosines that do not go with them: [rows, n] each."""
    shared = rng.normal(0, 0.3, (rows, n))
    a = np.exp(shared + rng.normal(0, 0.3, (rows, n)))
    m = np.exp(0.5 * shared + rng.normal(0, 0.4, (rows, n)))
    return a, m, rng.uniform(-0.5, 0.7, (rows, n))


def test_the_length_of_a_sum_is_that_of_the_vectors() -> None:
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=(2, 50, 7))
    a, m = np.linalg.norm(u, axis=1), np.linalg.norm(v, axis=1)
    np.testing.assert_allclose(
        sum_length(a, m, (u * v).sum(1) / (a * m)), np.linalg.norm(u + v, axis=1)
    )
    assert sum_length(np.ones(1), np.ones(1), np.full(1, -1 - 1e-12)) == 0


def test_rows_are_correlated_as_scipy_does_it() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 3, 40))
    y[0] += x[0]
    expected = [[stats.pearsonr(*p)[0] for p in zip(x, y, strict=True)]]
    expected += [[stats.spearmanr(*p)[0] for p in zip(x, y, strict=True)]]
    np.testing.assert_allclose(coefficients_in(x, y), expected, atol=1e-12)
    y[1] = 3
    assert np.isnan(correlate_rows(x, y, "pearson")[1])
    assert np.isnan(coefficients_in(x[:, :9], y[:, :9])).all()


def test_what_is_arithmetic_of_squares_has_a_closed_form() -> None:
    """Independent A, M and C: the formula, a huge sample, and permuted cosines agree."""
    rng = np.random.default_rng(2)
    a, m, cosine = (v[0] for v in parts(rng, 1, 200_000))
    squares = m**2, sum_length(a, m, cosine) ** 2
    assert arithmetic_correlation(a, m, cosine) == pytest.approx(
        stats.pearsonr(*squares)[0], abs=0.01
    )
    a, m, cosine = (v[:1] for v in parts(rng, 1, 400))
    _, total = shuffled_sums(a, m, cosine, COSINES, draws=400, rng=rng)
    drawn = [stats.pearsonr(m[0] ** 2, one**2)[0] for one in total[0]]
    assert np.mean(drawn) == pytest.approx(arithmetic_correlation(a[0], m[0], cosine[0]), abs=0.005)


def test_equal_independent_lengths_at_right_angles_have_a_known_arithmetic() -> None:
    """|a + m|^2 = |a|^2 + |m|^2 with equal variances: r = 1/sqrt 2 although nothing is tied."""
    rng = np.random.default_rng(3)
    a, m = rng.uniform(1, 2, (2, 500_000))
    assert arithmetic_correlation(a, m, np.zeros_like(a)) == pytest.approx(1 / np.sqrt(2), abs=2e-3)


def test_dealing_out_keeps_what_it_should() -> None:
    rng = np.random.default_rng(4)
    a, m, cosine = parts(rng)
    whose, total = shuffled_sums(a, m, cosine, COSINES, draws=5, rng=rng)
    assert (whose == np.arange(60)).all()
    back = (total**2 - a[:, None] ** 2 - m[:, None] ** 2) / (2 * a * m)[:, None]
    np.testing.assert_allclose(
        np.sort(back, axis=-1), np.tile(np.sort(cosine)[:, None], (1, 5, 1)), atol=1e-9
    )
    whose, _ = shuffled_sums(a, m, cosine, PAIRS, draws=5, rng=rng)
    assert (np.sort(whose, axis=1) == np.arange(60)).all()
    assert (whose != np.arange(60)).any()


def test_nothing_is_beyond_arithmetic_where_cosines_are_unrelated() -> None:
    rng = np.random.default_rng(5)
    passages = [parts(rng) for _ in range(40)]
    r = np.array(
        [
            coefficients_in(np.concatenate([a, m]), np.tile(sum_length(a, m, c), (2, 1)))
            for a, m, c in passages
        ]
    )
    shuffled = shuffled_ties(passages, COSINES, seed=0)
    beyond = mean_profile((r - shuffled.each).reshape(40, -1), None, seed=0)
    assert not beyond.found.any()
    assert np.abs(beyond.mean).max() < 0.03
    assert (shuffled.low <= shuffled.mean).all()
    assert (shuffled.mean <= shuffled.high).all()
    # Lengths that go together make more of it than lengths that are paired anew.
    assert (shuffled.mean[:, :2] > shuffled_ties(passages, PAIRS, seed=0).mean[:, :2]).all()


def test_a_cosine_that_goes_with_a_length_is_beyond_arithmetic() -> None:
    rng = np.random.default_rng(6)
    passages = []
    for _ in range(24):
        a, m, _ = parts(rng)
        passages.append((a, m, np.tanh(2 * np.log(m))))
    r = np.array(
        [
            coefficients_in(np.concatenate([a, m]), np.tile(sum_length(a, m, c), (2, 1)))
            for a, m, c in passages
        ]
    )
    shuffled = shuffled_ties(passages, COSINES, seed=0)
    beyond = mean_profile((r - shuffled.each)[:, :, 2:].reshape(24, -1), None, seed=0)
    assert beyond.found.all()
    assert (beyond.mean > 0.03).all()


def test_correlations_by_layer_are_means_by_fisher_and_tested_as_one_family() -> None:
    rng = np.random.default_rng(7)
    passages = []
    for _ in range(24):
        x = rng.normal(size=(3, 30))
        passages.append((x, np.stack([x[0] + rng.normal(size=30), *rng.normal(size=(2, 30))])))
    passages.append((x[:, :9], x[:, :9]))
    found = layer_correlations(passages, seed=0)
    each = np.array([coefficients_in(*p) for p in passages[:-1]])
    np.testing.assert_allclose(found.r, np.tanh(fisher(each, 30).mean(axis=0)))
    assert (found.n, found.excluded_documents, found.family) == (24, 1, 6)
    assert (found.p_max_t[:, 0] < 0.05).all()
    assert (found.p_max_t[:, 1:] > 0.05).all()
    assert (found.p <= found.p_max_t).all()
    assert ((found.low < found.r) & (found.r < found.high)).all()


def test_passages_of_one_document_are_averaged_first_by_what_they_are_worth() -> None:
    rng = np.random.default_rng(7)
    passages = [tuple(rng.normal(size=(2, 1, n))) for n in (12, 40, 30, 30, 25, 18, 60)]
    found = layer_correlations(passages, [5, 5, 1, 2, 3, 4, 6], seed=0)
    z = fisher([coefficients_in(*p)[0, 0] for p in passages], [p[0].shape[1] for p in passages])
    assert found.documents == (1, 2, 3, 4, 5, 6)
    np.testing.assert_allclose(found.each[4, 0, 0], (9 * z[0] + 37 * z[1]) / 46)
    worth = np.array([9, 37, 27, 27, 22, 15, 57])
    np.testing.assert_allclose(found.r[0, 0], np.tanh(worth @ z / worth.sum()))
    values = np.arange(7.0)
    np.testing.assert_allclose(found.over_documents(values)[4], 37 / 46)


def test_passages_of_a_single_document_are_one_text() -> None:
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(2, 2, 90))
    whole = layer_correlations([(x, y)], seed=0)
    parts = layer_correlations([(x[:, :40], y[:, :40]), (x[:, 40:], y[:, 40:])], [3, 3], seed=0)
    np.testing.assert_array_equal(whole.r, parts.r)
    assert parts.test == SignificanceTest.NONE_ONE_TEXT
    assert parts.documents == (3,)


def test_one_passage_is_described_by_blocks() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(2, 200))
    found = layer_correlations([(x, x + rng.normal(size=(2, 200)))], seed=0)
    assert found.test == SignificanceTest.NONE_ONE_TEXT
    assert np.isnan(found.p).all()
    assert ((found.low < found.r) & (found.r < found.high)).all()


def test_few_passages_have_neither_interval_nor_test() -> None:
    rng = np.random.default_rng(9)
    found = layer_correlations([tuple(rng.normal(size=(2, 1, 30))) for _ in range(5)], seed=0)
    assert np.isnan(found.low).all()
    assert found.interval is None
    assert found.family == 0


def test_the_interval_of_a_mean_inside_one_text_minds_its_memory() -> None:
    """A series with memory has a wider interval than the same values in any order."""
    rng = np.random.default_rng(10)
    noise = rng.normal(size=600)
    series = np.zeros(600)
    for i in range(1, 600):
        series[i] = 0.9 * series[i - 1] + noise[i]
    both = np.stack([series, rng.permutation(series)], axis=1)
    widths = []
    for column in both.T:
        low, high, length = block_mean_intervals(column[:, None], seed=0)
        widths.append(float(high[0] - low[0]))
        assert length == mean_block_length(column)
    assert widths[0] > 2 * widths[1]
    low, high, length = block_mean_intervals(both[:10], seed=0)
    assert np.isnan([*low, *high]).all()
    assert length == 0


def test_a_mean_profile_says_what_it_could_not_do() -> None:
    rng = np.random.default_rng(11)
    values = 0.4 + 0.1 * rng.normal(size=(12, 3))
    found = mean_profile(values, None, seed=0)
    assert found.found.all()
    assert found.family == 3
    assert (found.low < 0.4 + 0.1).all()
    few = mean_profile(values[:4], None, seed=0)
    assert few.test == SignificanceTest.NONE_FEWER_THAN_SIX
    assert not few.found.any()
    same = mean_profile(np.full((12, 2), 0.5), None, seed=0)
    assert (same.test, same.family) == (SignificanceTest.NONE_NO_SPREAD, 0)
    one = mean_profile(values[:1], 0.4 + 0.1 * rng.normal(size=(50, 3)), seed=0)
    assert one.test == SignificanceTest.NONE_ONE_TEXT
    assert np.isfinite(one.low).all()
    assert np.isnan(mean_profile(values[:1], None, seed=0).low).all()


def test_the_test_of_a_mean_holds_its_level_over_layers() -> None:
    """Correlated layers without an effect: at most about one family in twenty is wrong."""
    rng = np.random.default_rng(12)
    wrong = 0
    for trial in range(120):
        values = rng.normal(size=(10, 1)) * 0.5 + rng.normal(size=(10, 6))
        wrong += mean_profile(values, None, seed=trial).found.any()
    assert wrong <= 13  # .05 +- 2.5 standard errors of 120 trials
