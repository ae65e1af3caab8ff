"""One judge for all designs: the rules that each design had of its own, and what it says."""

from itertools import pairwise

import numpy as np
import pytest

from odograph.statistics.judge import Cluster, at_layers, clusters_of, judge, largest_p

TRIALS = 200


def material(seed):
    """A permuted statistic [draws, layers], neighbours alike, in half the trials with an effect."""
    rng = np.random.default_rng(seed)
    draws, layers = int(rng.integers(20, 300)), int(rng.integers(1, 16))
    drawn = rng.normal(size=(draws, layers))
    for layer in range(1, layers):
        drawn[:, layer] = 0.8 * drawn[:, layer - 1] + 0.6 * drawn[:, layer]
    drawn[0] += rng.choice([-2.5, 0.0, 2.5])
    # Permutations that come to the same: ties.
    drawn[-3:] = drawn[0]
    return drawn, float(rng.uniform(0.5, 2.5))


def count_of_sign_flips(drawn):
    """max-T of paired differences: exact, the data as they are counted as one flip."""
    size = np.abs(drawn)
    reached = (size[0].max() >= size[0]).astype(np.int64)
    for row in size[1:]:
        reached += row.max() >= size[0]
    return reached / len(drawn)


def runs_of_sign_flips(drawn, threshold):
    """Clusters of paired differences: those above first, then those below; masses added up."""
    found = []
    for sign in (1.0, -1.0):
        edges = np.flatnonzero(np.diff(sign * drawn[0] > threshold, prepend=False, append=False))
        found += [slice(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    heaviest = np.array([heaviest_of_row(row, threshold) for row in drawn])
    masses = [np.add.accumulate(drawn[0, run])[-1] for run in found]
    return [
        Cluster(run.start, run.stop - 1, float(mass), float((heaviest >= abs(mass)).mean()))
        for run, mass in zip(found, masses, strict=True)
    ]


def heaviest_of_row(row, threshold):
    largest = 0.0
    for sign in (1.0, -1.0):
        running = 0.0
        for value in sign * row:
            running = running + value if value > threshold else 0.0
            largest = max(largest, running)
    return largest


def runs_of_labels(beyond):
    """Clusters of two independent groups: left to right, ties within 1e-9."""
    largest = np.zeros(len(beyond))
    for sign in (1.0, -1.0):
        running = np.zeros(len(beyond))
        for column in beyond.T:
            running = np.where(sign * column > 0, running + sign * column, 0)
            largest = np.maximum(largest, running)
    row, found = beyond[0], []
    edges = np.flatnonzero(np.diff(np.sign(row), prepend=0, append=0))
    for start, end in pairwise(edges):
        mass = float(row[start:end].sum())
        if mass:
            p = float((largest >= abs(mass) - 1e-9).mean())
            found.append(Cluster(int(start), int(end) - 1, mass, p))
    return found


def runs_of_distances(beyond):
    """Regions of distances: one-sided, what is not 0 in the observed row."""
    running, largest = np.zeros(len(beyond)), np.zeros(len(beyond))
    for column in beyond.T:
        running = np.where(column > 0, running + column, 0)
        largest = np.maximum(largest, running)
    inside = np.flatnonzero(beyond[0] > 0)
    runs = np.split(inside, np.flatnonzero(np.diff(inside) > 1) + 1) if len(inside) else []
    found = []
    for run in runs:
        mass = float(beyond[0, run].sum())
        found.append(
            Cluster(int(run[0]), int(run[-1]), mass, float((largest >= mass - 1e-9).mean()))
        )
    return found


def same(ours, theirs):
    """Identical but for the last digit of a mass, which adds the same numbers in another order."""
    ends = [(c.first_layer, c.last_layer, c.p) for c in theirs]
    assert [(c.first_layer, c.last_layer, c.p) for c in ours] == ends
    assert [c.mass for c in ours] == pytest.approx([c.mass for c in theirs], rel=1e-12)


@pytest.mark.parametrize("seed", range(TRIALS))
def test_the_judge_says_what_the_rules_of_the_designs_said(seed):
    drawn, threshold = material(seed)
    size = np.abs(drawn)
    exact = judge(drawn, threshold=threshold, tie=0.0)
    np.testing.assert_array_equal(exact.p_max, count_of_sign_flips(drawn))
    same(sorted(exact.clusters, key=lambda c: c.mass < 0), runs_of_sign_flips(drawn, threshold))
    found = judge(drawn, threshold=threshold)
    least = size[0] - 1e-9
    np.testing.assert_array_equal(found.p, (size >= least).mean(axis=0))
    np.testing.assert_array_equal(found.p_max, (size.max(axis=1)[:, None] >= least).mean(axis=0))
    same(found.clusters, runs_of_labels(np.where(size > threshold, drawn, 0)))
    # Without one unit, ties were relative.
    relative = size.max(axis=1)[:, None] >= (1 - 1e-9) * size[0]
    np.testing.assert_array_equal(found.p_max, relative.mean(axis=0))


@pytest.mark.parametrize("seed", range(TRIALS))
def test_the_judge_says_what_the_rule_of_distances_said(seed):
    drawn, _ = material(seed)
    thresholds = np.quantile(drawn, 0.95, axis=0)
    found = judge(drawn, threshold=thresholds, sided=1)
    np.testing.assert_array_equal(found.p, (drawn >= drawn[0] - 1e-9).mean(axis=0))
    largest = drawn.max(axis=1)[:, None]
    np.testing.assert_array_equal(found.p_max, (largest >= drawn[0] - 1e-9).mean(axis=0))
    same(found.clusters, runs_of_distances(np.where(drawn > thresholds, drawn, 0)))


def test_what_is_not_tested_has_no_p_and_is_in_no_cluster():
    drawn, _ = material(3)
    drawn = np.tile(drawn[:, :1], (1, 5))
    drawn[0] = 9.0
    tested = np.array([True, True, False, True, True])
    found = judge(drawn, threshold=2.0, tested=tested)
    np.testing.assert_array_equal(np.isfinite(found.p_max), tested)
    assert [(c.first_layer, c.last_layer) for c in found.clusters] == [(0, 1), (3, 4)]
    assert judge(drawn[:, :0]).clusters == ()
    assert largest_p(drawn[:, :0]).shape == (0,)


def test_an_endless_t_is_reached_by_an_endless_t_only():
    drawn = np.array([[np.inf, 1.0], [np.inf, 2.0], [3.0, 0.5], [1.0, 0.0]])
    np.testing.assert_array_equal(judge(drawn).p, [0.5, 0.5])
    np.testing.assert_array_equal(judge(drawn).p_max, [0.5, 1.0])


def test_clusters_of_columns_become_clusters_of_layers():
    (run,) = clusters_of(np.array([[0.0, 3.0, 4.0], [1.0, 0.0, 0.0]]))
    (named,) = at_layers([run], np.array([5, 6, 7]))
    assert (named.first_layer, named.last_layer, named.mass, named.p) == (6, 7, 7.0, 0.5)
