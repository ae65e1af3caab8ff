"""Power by simulation: the tests are those of the studies, and the numbers those of theory."""

import numpy as np
import pytest
from statsmodels.stats.power import TTestPower

from odograph.errors import UsageError
from odograph.statistics import power as simulated
from odograph.statistics.permutation import cluster_mass, max_t
from odograph.statistics.power import (
    CLUSTER,
    MAX_T,
    SINGLE,
    Design,
    flipped,
    layer_p,
    needed,
    power,
    signs_of,
)


def differences(seed=0, n=8, layers=6):
    values = np.random.default_rng(seed).normal(size=(n, layers))
    values[:, 1:4] += 1.1
    return values


def all_signs(n):
    return signs_of(n, 2**n, np.random.default_rng(0))


@pytest.mark.parametrize("seed", range(4))
def test_max_t_is_that_of_the_studies(seed):
    values = differences(seed)
    assert layer_p(flipped(values, all_signs(8)), MAX_T, 8) == pytest.approx(
        max_t(values, seed=0), abs=1e-12
    )


@pytest.mark.parametrize("seed", range(4))
def test_clusters_are_those_of_the_studies(seed):
    values = differences(seed)
    expected = np.ones(6)
    for run in cluster_mass(values, seed=0):
        expected[run.first_layer : run.last_layer + 1] = run.p
    assert layer_p(flipped(values, all_signs(8)), CLUSTER, 8) == pytest.approx(expected, abs=1e-12)
    assert (expected < 1).any()


def test_signs_are_all_there_are_or_drawn_with_none_flipped_first():
    assert len(np.unique(signs_of(6, 300, np.random.default_rng(0)), axis=0)) == 32
    drawn = signs_of(30, 300, np.random.default_rng(0))
    assert drawn.shape == (300, 30)
    assert (drawn[0] == 1).all()
    assert set(np.unique(drawn)) == {-1, 1}


@pytest.mark.parametrize(("effect", "n"), [(0.5, 20), (0.5, 34), (0.35, 54)])
def test_a_single_test_has_the_power_of_the_closed_form(effect, n):
    expected = TTestPower().power(effect, n, 0.05, alternative="two-sided")
    # So few flips cost up to .01.
    found = power(Design(effect, SINGLE), n, seed=1, runs=1500)
    assert found.low - 0.01 <= expected <= found.high + 0.02


def test_without_an_effect_nothing_much_is_found():
    found = power(Design(1e-6, MAX_T, layers=12, affected=12), 20, seed=1, runs=1000)
    assert 0.03 <= found.found <= 0.07


def test_the_number_needed_is_that_of_the_closed_form():
    found = needed(Design(0.5, SINGLE), seed=0)
    assert 31 <= found.n <= 37
    assert found.low - 0.02 <= 0.8 <= found.high + 0.02


def test_more_layers_need_more_pairs_and_fewer_pairs_find_less():
    few = power(Design(0.5, MAX_T, layers=4, affected=1), 30, seed=0, runs=400)
    many = power(Design(0.5, MAX_T, layers=48, affected=1, correlation=0.5), 30, seed=0, runs=400)
    fewer = power(Design(0.5, MAX_T, layers=4, affected=1), 15, seed=0, runs=400)
    assert many.found < few.found
    assert fewer.found < few.found


def test_what_the_most_pairs_would_not_find_is_none(monkeypatch):
    monkeypatch.setattr(simulated, "MOST_PAIRS", 100)  # 2,000: test_power_command.py
    assert needed(Design(0.01, SINGLE), seed=0, runs=100) is None


def test_the_seed_decides():
    design = Design(0.5, CLUSTER)
    assert power(design, 20, seed=1, runs=50) == power(design, 20, seed=1, runs=50)
    assert len({power(design, 20, seed=seed, runs=50) for seed in range(4)}) > 1


@pytest.mark.parametrize(
    ("design", "said"),
    [
        (Design(0.5, "t"), "expected max-t, cluster, single, got 't'"),
        (Design(0.0), "an effect of 1e-06 to 100 in size"),
        (Design(1e300), "an effect of 1e-06 to 100 in size"),
        (Design(1e-200), "an effect of 1e-06 to 100 in size"),
        (Design(0.5, affected=13), "13 of 12 layers"),
        (Design(0.5, correlation=1.0), "correlation 1"),
    ],
)
def test_designs_that_are_none_are_refused(design, said):
    with pytest.raises(UsageError, match=said):
        power(design, 20, seed=0)


def test_numbers_out_of_bounds_are_refused():
    with pytest.raises(UsageError, match="6 to 2000, got 5"):
        power(Design(0.5), 5, seed=0)
    with pytest.raises(UsageError, match=r"between \.05 and 1, got 1"):
        needed(Design(0.5), seed=0, wanted=1.0)
