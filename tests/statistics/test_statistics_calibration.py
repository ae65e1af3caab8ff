"""Small calibrations: false alarms stay at their level, intervals cover, where naive tests fail.

Bounds are the nominal level +- about three standard errors of the number of simulations.
"""

import numpy as np
import pytest
from scipy import stats

from odograph.statistics.circular_blocks import (
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.correlations.coefficients import matrix, partial
from odograph.statistics.correlations.own_pairing import own_pairing, pair_excess
from odograph.statistics.intervals import mean_intervals
from odograph.statistics.permutation import cluster_mass, max_t

SIMULATIONS = 400
PERMUTATIONS = 200


def autocorrelated(rng, n, layers, memory=0.9):
    """Differences of n pairs at layers that remember their neighbour, standard deviation 1."""
    values = rng.standard_t(5, size=(n, layers))
    for layer in range(1, layers):
        values[:, layer] = memory * values[:, layer - 1] + np.sqrt(1 - memory**2) * values[:, layer]
    return values


@pytest.fixture(scope="module")
def null_layers():
    rng = np.random.default_rng(20)
    return [autocorrelated(rng, 54, 48) for _ in range(SIMULATIONS)]


def test_max_t_keeps_the_family_wise_error_on_autocorrelated_layers(null_layers):
    alarms = [
        max_t(d, seed=i, permutations=PERMUTATIONS).min() <= 0.05 for i, d in enumerate(null_layers)
    ]
    assert 0.02 <= np.mean(alarms) <= 0.085


def test_cluster_mass_keeps_the_family_wise_error_on_autocorrelated_layers(null_layers):
    alarms = [
        min((r.p for r in cluster_mass(d, seed=i, permutations=PERMUTATIONS)), default=1) <= 0.05
        for i, d in enumerate(null_layers)
    ]
    assert 0.02 <= np.mean(alarms) <= 0.085


def test_uncorrected_tests_would_not(null_layers):
    alarms = [stats.ttest_1samp(d, 0).pvalue.min() <= 0.05 for d in null_layers]
    assert np.mean(alarms) > 0.25


def test_a_planted_region_is_found_by_both():
    rng = np.random.default_rng(21)
    by_layer, by_region = [], []
    for i in range(40):
        differences = autocorrelated(rng, 54, 48)
        differences[:, 20:30] += 0.7
        p = max_t(differences, seed=i, permutations=PERMUTATIONS)
        by_layer.append((p[20:30] <= 0.05).any())
        runs = cluster_mass(differences, seed=i, permutations=PERMUTATIONS)
        by_region.append(
            any(r.p <= 0.05 and r.first_layer < 30 and r.last_layer >= 20 for r in runs)
        )
    assert np.mean(by_layer) >= 0.9
    assert np.mean(by_region) >= 0.9


@pytest.mark.parametrize(("n", "least"), [(20, 0.91), (54, 0.925)])
def test_bca_intervals_of_a_mean_difference_cover(n, least):
    rng = np.random.default_rng(22)
    normal = rng.normal(size=(n, 500))
    skewed = rng.gamma(4, size=(n, 500)) - rng.gamma(2, size=(n, 500))
    for values, truth in ((normal, 0.0), (skewed, 2.0)):
        low, high = mean_intervals(values, seed=0, resamples=999)
        assert least <= ((low <= truth) & (truth <= high)).mean() <= 0.98


def drifting(rng, n=20, tokens=40):
    """Two unrelated measures that both drift along every passage and remember the token before."""
    drift = np.linspace(-1, 1, tokens)
    pair = rng.normal(size=(2, n, tokens))
    for i in range(1, tokens):
        pair[..., i] += 0.7 * pair[..., i - 1]
    return pair + drift


def test_own_pairs_hold_where_the_token_wise_p_fails():
    rng = np.random.default_rng(23)
    own, naive = [], []
    for i in range(120):
        x, y = drifting(rng)
        found = own_pairing([pair_excess(list(x), list(y))], np.arange(len(x)), seed=i)
        own.append(found.p[0] <= 0.05)
        naive.append(stats.pearsonr(x.ravel(), y.ravel()).pvalue <= 0.05)
    assert np.mean(own) <= 0.11
    assert np.mean(naive) > 0.8


def test_block_intervals_cover_better_than_tearing_tokens_apart():
    rng = np.random.default_rng(24)
    kept, torn = [], []

    def r_of(drawn):
        return partial(matrix(drawn))

    for i in range(120):
        pair = rng.normal(size=(2, 300))
        for token in range(1, 300):
            pair[:, token] += 0.7 * pair[:, token - 1]
        for lengths, covered in ((block_length(*pair), kept), (1, torn)):
            draws = block_draws(300, lengths, seed=i, draws=400)
            low, high = percentile_bounds(over_draws(pair, draws, r_of), 300 // lengths)
            covered.append(low <= 0 <= high)
    assert np.mean(kept) >= 0.83
    assert np.mean(kept) > np.mean(torn) + 0.05
