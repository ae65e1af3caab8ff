"""Sign-flip permutation: max-T and cluster mass against mne and against complete enumeration."""

import itertools
import warnings

import mne
import numpy as np
import pytest
from mne.stats import permutation_cluster_1samp_test, permutation_t_test

from odograph.statistics.permutation import (
    cluster_mass,
    cluster_threshold,
    max_t,
    mean_p,
    paired_t,
)


def enumerated(differences):
    flips = np.array(list(itertools.product([1, -1], repeat=len(differences))))
    every = np.array([paired_t(differences * signs[:, None]) for signs in flips])
    return every, paired_t(differences)


def test_max_t_equals_complete_enumeration():
    differences = np.random.default_rng(2).normal(0.5, 1, size=(7, 3))
    every, t = enumerated(differences)
    expected = (np.abs(every).max(axis=1)[:, None] >= np.abs(t) - 1e-9).mean(axis=0)
    assert max_t(differences, seed=0) == pytest.approx(expected, abs=1e-12)


def test_max_t_equals_mne():
    differences = np.random.default_rng(2).normal(0.3, 1, size=(19, 5))
    with mne.use_log_level("ERROR"):
        expected = permutation_t_test(differences, n_permutations=500, seed=11)[1]
    assert max_t(differences, seed=11, permutations=500) == pytest.approx(expected, abs=1e-12)


def test_clusters_equal_mne_and_enumeration():
    rng = np.random.default_rng(4)
    differences = rng.normal(size=(8, 6)) * 0.7
    differences[:, 1:4] += 1.2
    threshold = cluster_threshold(8)
    (run,) = cluster_mass(differences, seed=0)
    every, t = enumerated(differences)

    def heaviest(row):
        masses, mass, sign = [0.0], 0.0, 0
        for value in row:
            mine = np.sign(value) if abs(value) > threshold else 0
            mass = (mass if mine == sign else 0.0) + value * abs(mine)
            sign = mine
            masses.append(abs(mass))
        return max(masses)

    assert run.mass == pytest.approx(t[run.first_layer : run.last_layer + 1].sum())
    expected = np.mean([heaviest(row) >= abs(run.mass) - 1e-9 for row in every])
    assert run.p == pytest.approx(expected, abs=1e-12)
    with mne.use_log_level("ERROR"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, _, p, _ = permutation_cluster_1samp_test(differences, threshold, 10_000, seed=0)
    assert run.p == pytest.approx(p[0])


def test_runs_of_both_signs_stay_apart():
    rng = np.random.default_rng(1)
    differences = rng.normal(size=(20, 6)) * 0.2
    differences[:, :3] += 1
    differences[:, 3:] -= 1
    runs = sorted(cluster_mass(differences, seed=0, permutations=200), key=lambda r: r.first_layer)
    assert [(r.first_layer, r.last_layer, np.sign(r.mass)) for r in runs] == [(0, 2, 1), (3, 5, -1)]


def test_a_layer_without_spread_breaks_a_run_and_leaves_the_family():
    rng = np.random.default_rng(1)
    differences = rng.normal(size=(20, 5)) * 0.2 + 1
    differences[:, 2] = 0.0
    runs = cluster_mass(differences, seed=0, permutations=200)
    assert sorted((r.first_layer, r.last_layer) for r in runs) == [(0, 1), (3, 4)]
    differences[:, 4] = 3.0
    p = max_t(differences, seed=0, permutations=200)
    assert p[2] == 1
    assert np.isnan(p[4])
    assert p[0] == pytest.approx(1 / 200)
    assert np.array_equal(paired_t(differences)[[2, 4]], [0, np.nan], equal_nan=True)


def test_no_p_value_below_six_pairs():
    differences = np.random.default_rng(1).normal(size=(5, 3))
    assert np.isnan(max_t(differences, seed=0)).all()
    assert cluster_mass(differences, seed=0) == ()
    assert mean_p(differences[:, 0], seed=0) is None


def test_the_libraries_print_nothing(capfd):
    differences = np.random.default_rng(1).normal(0.5, 1, size=(20, 3))
    max_t(differences, seed=0, permutations=100)
    cluster_mass(differences, seed=0, permutations=100)
    assert capfd.readouterr() == ("", "")


def test_threshold_is_the_two_sided_five_percent_point_of_t():
    assert cluster_threshold(54) == pytest.approx(2.0057459953, abs=1e-9)
