"""Against other programs: scipy, mne, arch, statsmodels, and results of R with their source.

R's numbers are those that its own help pages and manuals print; each is computed by scipy, too.
"""

import numpy as np
import pytest
from arch.bootstrap import CircularBlockBootstrap, optimal_block_length
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW, ttest_ind

from odograph.statistics.circular_blocks import (
    automatic_length,
    block_draws,
    block_length,
    over_draws,
)
from odograph.statistics.correlations.coefficients import fisher, matrix, partial, ranked
from odograph.statistics.correlations.comparison import compare
from odograph.statistics.designs.contrasts import contrast
from odograph.statistics.designs.paired import benjamini_hochberg, paired_profile
from odograph.statistics.intervals import expanded_tail, mean_intervals
from odograph.statistics.permutation import max_t, paired_t
from odograph.statistics.student import holm

#: R's `sleep` (Student 1908): extra hours of sleep of ten patients with either drug.
SLEEP_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
SLEEP_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
#: R's example(cor.test), from Hollander & Wolfe 1973, p. 187: lightness of tuna, and its quality.
LIGHTNESS = np.array([44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1])
QUALITY = np.array([2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8])
#: R's `women`: heights in inches and weights in pounds of 15 women.
HEIGHT = np.arange(58.0, 73.0)
WEIGHT = np.array(
    [115, 117, 120, 123, 126, 129, 132, 135, 139, 142, 146, 150, 154, 159, 164], dtype=float
)
#: Benjamini & Hochberg 1995, table 1: the 15 p-values of their worked example.
BH_1995 = np.array(
    [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
     0.5719, 0.6528, 0.7590, 1.0000]
)  # fmt: skip


def sleep_profile():
    """Both drugs as target and control at one layer."""
    return paired_profile(SLEEP_1[:, None], SLEEP_2[:, None], [1], seed=0)


def test_paired_t_is_that_of_r_on_sleep():
    # t.test(extra ~ group, data = sleep, paired = TRUE): t = -4.0621, df = 9, p-value = 0.002833,
    # mean difference -1.58.
    profile = sleep_profile()
    assert profile.t[0] == pytest.approx(-4.0621, abs=5e-5)
    assert profile.p_paired[0] == pytest.approx(0.002833, abs=5e-7)
    assert profile.difference[0] == pytest.approx(-1.58, abs=1e-12)
    reference = stats.ttest_rel(SLEEP_1, SLEEP_2)
    assert profile.t[0] == pytest.approx(reference.statistic, abs=1e-12)
    assert profile.p_paired[0] == pytest.approx(reference.pvalue, abs=1e-12)
    assert DescrStatsW(SLEEP_1 - SLEEP_2).ttest_mean(0)[0] == pytest.approx(profile.t[0])


def test_welch_and_student_are_those_of_r_on_sleep():
    # t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p-value = 0.07939;
    # with var.equal = TRUE: t = -1.8608, df = 18, p-value = 0.07919.
    profile = sleep_profile()
    assert profile.t_welch[0] == pytest.approx(-1.8608, abs=5e-5)
    assert profile.p_welch[0] == pytest.approx(0.07939, abs=5e-6)
    assert profile.t_student[0] == pytest.approx(-1.8608, abs=5e-5)
    assert profile.p_student[0] == pytest.approx(0.07919, abs=5e-6)
    for usevar, p in (("unequal", profile.p_welch[0]), ("pooled", profile.p_student[0])):
        assert ttest_ind(SLEEP_1, SLEEP_2, usevar=usevar)[1] == pytest.approx(p, abs=1e-12)


def test_sign_flips_of_sleep_are_all_1024():
    # Nine differences of one sign and one of 0: only the flips with all nine alike reach |t|.
    assert max_t((SLEEP_1 - SLEEP_2)[:, None], seed=0)[0] == pytest.approx(4 / 1024, abs=1e-12)


def test_correlations_are_those_of_r_on_tuna():
    # cor.test(x, y): t = 1.8411, df = 7, p-value = 0.1082, cor 0.5711816, 95 percent confidence
    # interval -0.1497426 0.8955795; method = "spearman": rho 0.6.
    table = np.stack([LIGHTNESS, QUALITY])
    pearson, spearman = (float(partial(matrix(ranked(table, m)))) for m in ("pearson", "spearman"))
    assert pearson == pytest.approx(0.5711816, abs=5e-8)
    assert spearman == pytest.approx(0.6, abs=1e-12)
    assert stats.spearmanr(LIGHTNESS, QUALITY).statistic == pytest.approx(spearman, abs=1e-12)
    half = stats.norm.ppf(0.975) / np.sqrt(len(LIGHTNESS) - 3)
    interval = np.tanh(fisher(pearson, len(LIGHTNESS)) + np.array([-half, half]))
    assert interval == pytest.approx([-0.1497426, 0.8955795], abs=5e-8)
    reference = stats.pearsonr(LIGHTNESS, QUALITY)
    assert reference.pvalue == pytest.approx(0.1082, abs=5e-5)
    assert pearson == pytest.approx(reference.statistic, abs=1e-12)


def test_correlation_is_that_of_r_on_women():
    # cor(women): 0.9954948; summary(lm(weight ~ height, women)): R-squared 0.991.
    r = float(partial(matrix(np.stack([HEIGHT, WEIGHT]))))
    assert r == pytest.approx(0.9954948, abs=5e-8)
    assert r**2 == pytest.approx(0.991, abs=5e-5)


def test_adjusted_p_values_are_those_of_the_paper_of_statsmodels_and_of_scipy():
    # Benjamini & Hochberg 1995, section 3.2: at .05 the first four are rejected by their procedure,
    # the first three by Bonferroni's.
    assert (BH_1995 <= 0.05 / 15).sum() == 3
    adjusted = benjamini_hochberg(BH_1995)
    assert (adjusted <= 0.05).sum() == 4
    assert adjusted[:4] == pytest.approx(BH_1995[:4] * 15 / np.arange(1, 5), abs=1e-12)
    reference = multipletests(BH_1995, method="fdr_bh")[1]
    assert adjusted == pytest.approx(reference, abs=1e-12)
    assert holm(BH_1995) == pytest.approx(multipletests(BH_1995, method="holm")[1], abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values_of_any_family_are_those_of_statsmodels(seed):
    p = np.random.default_rng(seed).uniform(size=48) ** 3
    assert benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=1e-12)
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-12)


def test_d_z_interval_turns_back_into_its_t():
    # At each bound of d_z, a t as large (as small) as the one seen has probability .025.
    profile = sleep_profile()
    t, df = profile.t[0], 9
    assert stats.nct.sf(t, df, profile.d_z_low[0] * np.sqrt(10)) == pytest.approx(0.025, abs=1e-6)
    assert stats.nct.cdf(t, df, profile.d_z_high[0] * np.sqrt(10)) == pytest.approx(0.025, abs=1e-6)


def test_intervals_are_those_of_scipy_within_the_error_of_the_draws():
    values = np.random.default_rng(1).gamma(2, size=(30, 4))
    low, high = mean_intervals(values, seed=1)
    reference = stats.bootstrap(
        (values,), np.mean, axis=0, n_resamples=9999, method="BCa", rng=np.random.default_rng(2)
    ).confidence_interval
    error = values.std(axis=0) / np.sqrt(30)
    assert (np.abs(low - reference.low) < 0.12 * error).all()
    assert (np.abs(high - reference.high) < 0.12 * error).all()


def autoregressive(rows, n, memory, seed=3):
    values = np.random.default_rng(seed).normal(size=(rows, n))
    for i in range(1, n):
        values[:, i] += memory * values[:, i - 1]
    return values


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_automatic_block_lengths_are_those_of_arch_in_200_random_series():
    rng = np.random.default_rng(0)
    for _ in range(200):
        n, memory = int(rng.integers(20, 1200)), float(rng.uniform(-0.9, 0.95))
        series = autoregressive(1, n, memory, seed=int(rng.integers(2**31)))[0]
        expected = float(optimal_block_length(series)["circular"].iloc[0])
        assert automatic_length(series) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("n", "length"), [(150, 7), (20, 3), (21, 21), (64, 8), (31, 1)])
def test_circular_blocks_are_drawn_as_arch_draws_them(n, length):
    reference = CircularBlockBootstrap(length, np.arange(n), seed=np.random.default_rng(5))
    expected = np.stack([reference.update_indices() for _ in range(50)])
    np.testing.assert_array_equal(block_draws(n, length, seed=5, draws=50), expected)


def test_block_bootstrap_is_that_of_arch_draw_by_draw():
    x, y = autoregressive(2, 150, 0.6)
    length = block_length(x, y)
    product = (x - x.mean()) * (y - y.mean())
    optimal = optimal_block_length(product / product.std())["circular"].iloc[0]
    assert length == max(int(np.ceil(150 ** (1 / 3))), int(np.ceil(optimal)))
    ours = over_draws(
        np.stack([x, y]),
        block_draws(150, length, seed=5, draws=200),
        lambda drawn: partial(matrix(drawn)),
    )
    reference = CircularBlockBootstrap(length, x, y, seed=np.random.default_rng(5))
    arch = reference.apply(lambda a, b: np.corrcoef(a, b)[0, 1], 200).ravel()
    assert ours == pytest.approx(arch, abs=1e-12)


def test_difference_of_models_is_the_interval_of_arch():
    x, y, z = autoregressive(3, 200, 0.4)
    first, second = x + y, x + 2 * z
    result = compare(([x], [first]), ([x], [second]), method="pearson", seed=7)
    reference = CircularBlockBootstrap(
        result.block_length, x, first, second, seed=np.random.default_rng(7)
    )
    low, high = reference.conf_int(
        lambda a, b, c: np.corrcoef(a, b)[0, 1] - np.corrcoef(a, c)[0, 1],
        reps=1999,
        method="percentile",
        size=1 - 2 * expanded_tail(200 // result.block_length),
    ).ravel()
    assert (result.interval.low, result.interval.high) == pytest.approx((low, high), abs=1e-9)


def test_contrast_of_two_groups_is_the_coefficient_of_least_squares():
    from statsmodels.api import OLS, add_constant

    rng = np.random.default_rng(4)
    first, covariates = rng.uniform(size=60) < 0.4, rng.normal(size=(60, 2))
    values = rng.normal(size=(60, 3)) + first[:, None] + covariates[:, :1]
    design = add_constant(np.column_stack([first, covariates]))
    expected = [OLS(values[:, layer], design).fit().params[1] for layer in range(3)]
    assert contrast(values, first, covariates) == pytest.approx(expected, abs=1e-10)


def test_paired_t_by_layer_is_that_of_scipy():
    values = np.random.default_rng(5).normal(0.3, 2, size=(40, 25))
    assert paired_t(values) == pytest.approx(stats.ttest_1samp(values, 0).statistic, abs=1e-10)
