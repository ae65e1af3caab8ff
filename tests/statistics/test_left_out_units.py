"""Tests without each unit in turn: the same as making them again on the units that are left."""

import numpy as np
import pytest

from odograph.statistics.correlations.own_pairing import own_pairing, pair_excess
from odograph.statistics.designs.contrasts import adjusted_without
from odograph.statistics.designs.distance_profile import region_p, regions_of
from odograph.statistics.designs.distances import (
    Redrawn,
    layer_distance,
    redraw,
    signed_root,
)
from odograph.statistics.designs.distances_without import distances_without
from odograph.statistics.designs.unpaired import IndependentGroups, unpaired_profile
from odograph.statistics.designs.unpaired_without import (
    DrawnGroups,
    FlippedGroups,
    column_without,
    groups_design,
    region_without,
)
from odograph.statistics.leave_one_out import cluster_without, decisive_unit, max_t_without
from odograph.statistics.shapes.modes import humps, humps_without

LAYERS = 4
#: Three standard errors of a p of .3 from 1,000 draws, twice.
NEAR = 0.06


def groups(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Values [n, LAYERS] of two equal groups with a difference."""
    first = np.arange(n) < n // 2
    values = np.random.default_rng(seed).normal(size=(n, LAYERS))
    values[first] += 0.6
    return values, first


def again(values: np.ndarray, first: np.ndarray, covariates: np.ndarray):
    sample = IndependentGroups(values, first, covariates)
    return unpaired_profile(sample, np.arange(1, values.shape[1] + 1), seed=1, permutations=4000)


@pytest.mark.parametrize("unit", [0, 23])
def test_two_groups_without_a_unit(unit: int) -> None:
    values, first = groups(24, 0)
    kept = np.arange(24) != unit
    left = again(values[kept], first[kept], np.empty((23, 0)))
    assert isinstance(groups_design(values, first, seed=0), FlippedGroups)
    column, clusters = (
        column_without(values, first, 2, seed=0),
        region_without(values, first, seed=0),
    )
    assert column.p[unit] == pytest.approx(left.p_max_t[2], abs=NEAR)
    assert column.estimate[unit] == pytest.approx(left.difference[2])
    least = min((c.p for c in left.clusters), default=1.0)
    assert clusters.p[unit] == pytest.approx(least, abs=NEAR)


@pytest.mark.parametrize("unit", [0, 63])
def test_two_groups_of_twenty_and_more_without_a_unit(unit: int) -> None:
    values, first = groups(64, 0)
    values[first] -= 0.1
    kept = np.arange(64) != unit
    left = again(values[kept], first[kept], np.empty((63, 0)))
    assert isinstance(groups_design(values, first, seed=0), DrawnGroups)
    column, clusters = (
        column_without(values, first, 2, seed=0),
        region_without(values, first, seed=0),
    )
    assert column.p[unit] == pytest.approx(left.p_max_t[2], abs=NEAR)
    assert column.estimate[unit] == pytest.approx(left.difference[2])
    least = min((c.p for c in left.clusters), default=1.0)
    assert clusters.p[unit] == pytest.approx(least, abs=NEAR)


def test_two_adjusted_groups_without_a_unit() -> None:
    values, first = groups(30, 1)
    covariates = np.random.default_rng(2).normal(size=(30, 2))
    found = adjusted_without(values[:, 0], first, covariates)
    for unit in (0, 29):
        kept = np.arange(30) != unit
        left = again(values[kept][:, :1], first[kept], covariates[kept])
        assert found.estimate[unit] == pytest.approx(left.difference[0])
        assert found.p[unit] == pytest.approx(left.p[0], abs=NEAR)


def test_one_lemma_that_makes_the_difference_is_named_and_a_common_one_is_not() -> None:
    values, first = groups(40, 3)
    values = values[:, :1] - values[:, :1] * 0.9 * first[:, None]  # the groups are nearly equal
    values[5] += 40.0
    found = column_without(values, first, seed=0)
    assert np.argmax(found.p) == 5
    assert found.p[5] > 0.05
    spread = groups(40, 3)[0][:, :1] + 2.0 * first[:, None]
    assert (column_without(spread, first, seed=0).p < 0.05).all()


def states(n: int, m: int, seed: int, shift: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, LAYERS, 6)) + shift, generator.normal(size=(m, LAYERS, 6))


def distances(first: np.ndarray, second: np.ndarray, redrawn: Redrawn):
    return [layer_distance(first[:, k], second[:, k], redrawn) for k in range(LAYERS)]


def smallest(permuted: np.ndarray) -> float:
    return min((region.p for region in regions_of(permuted)), default=1.0)


@pytest.mark.parametrize("test", [region_p, smallest])
def test_paired_distances_without_a_sentence(test) -> None:
    first, second = states(9, 9, 0)
    redrawn = redraw(9, 9, paired=True, seed=0)
    grams = np.stack([layer.gram for layer in distances(first, second, redrawn)])
    found = distances_without(grams, redrawn, test)
    fewer = redraw(8, 8, paired=True, seed=0)  # all flips of both: p is exact
    for unit in (0, 5):
        left = distances(np.delete(first, unit, 0), np.delete(second, unit, 0), fewer)
        permuted = np.stack([layer.studentised for layer in left], axis=1)
        assert found.p[unit] == pytest.approx(test(permuted))
        mean = np.mean([signed_root(layer.squared) for layer in left])
        assert found.estimate[unit] == pytest.approx(mean)


@pytest.mark.parametrize("unit", [3, 12])
def test_unpaired_distances_without_a_unit(unit: int) -> None:
    first, second = states(9, 8, 1, shift=0.3)
    redrawn = redraw(9, 8, paired=False, seed=0)
    grams = np.stack([layer.gram for layer in distances(first, second, redrawn)])
    found = distances_without(grams, redrawn, region_p)
    one = np.delete(first, unit, 0) if unit < 9 else first
    other = second if unit < 9 else np.delete(second, unit - 9, 0)
    left = distances(one, other, redraw(len(one), len(other), paired=False, seed=1))
    expected = region_p(np.stack([layer.studentised for layer in left], axis=1))
    assert found.p[unit] == pytest.approx(expected, abs=NEAR)
    mean = np.mean([signed_root(layer.squared) for layer in left])
    assert found.estimate[unit] == pytest.approx(mean)


def test_a_distance_that_one_sentence_makes_hinges_on_it() -> None:
    first, second = states(12, 12, 2, shift=0.15)
    first[4] = second[4] + 1.2
    redrawn = redraw(12, 12, paired=True, seed=0)
    grams = np.stack([layer.gram for layer in distances(first, second, redrawn)])
    found = decisive_unit(distances_without(grams, redrawn, region_p), 1.0)
    assert found is not None
    clear, other = states(12, 12, 2, shift=1.5)
    grams = np.stack([layer.gram for layer in distances(clear, other, redrawn)])
    assert decisive_unit(distances_without(grams, redrawn, region_p), 1.0) is None


def test_six_units_leave_too_few_for_a_distance() -> None:
    redrawn = redraw(6, 6, paired=True, seed=0)
    grams = np.stack([layer.gram for layer in distances(*states(6, 6, 3), redrawn)])
    assert np.isnan(distances_without(grams, redrawn, region_p).p).all()


def test_own_pairs_without_one_document_are_the_test_of_the_others() -> None:
    generator = np.random.default_rng(4)
    x = [[generator.normal(size=30) for _ in range(24)] for _ in range(2)]
    y = [[0.08 * one + generator.normal(size=30) for one in row] for row in x]
    y[0][4] = 3 * x[0][4]
    documents = np.array([0, 0, *range(1, 23)])  # the first two passages are one
    tables = [pair_excess(*both) for both in zip(x, y, strict=True)]
    found = own_pairing(tables, documents, seed=0).without(0)
    for unit in (0, 3, 9):
        kept = documents != unit
        left = own_pairing([t[np.ix_(kept, kept)] for t in tables], documents[kept], seed=1)
        assert found.p[unit] == pytest.approx(left.p_max[0], abs=0.05)  # 700 draws against 9999
        assert found.estimate[unit] == pytest.approx(left.values[:, 0].mean())
    few = own_pairing([t[:21, :21] for t in tables], documents[:21], seed=0)
    assert np.isnan(few.without(0).p).all(), "20 documents: 19 would be left"


def angles(passages: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    values = 60 + 8 * np.random.default_rng(seed).normal(size=(passages, 20))
    return values, np.repeat(np.arange(passages), 20)


def test_a_hump_that_one_passage_makes_hinges_on_it() -> None:
    values, passages = angles(16, 5)
    values[1:8, 0] = np.linspace(91, 99, 7)
    values[0] = 100 + np.random.default_rng(6).normal(size=20)
    found = humps(values.ravel(), passages, seed=0)
    assert found.several
    without = humps_without(values.ravel(), passages, found, seed=0)
    assert np.argmax(without.p) == 0
    alone = humps(values[1:].ravel(), passages[20:], seed=0)
    assert not alone.several
    assert (without.p[1:] < 0.05).all()


def test_a_hump_of_all_passages_hinges_on_none() -> None:
    values, passages = angles(16, 7)
    values[:, :4] = 100 + np.random.default_rng(8).normal(size=(16, 4))
    found = humps(values.ravel(), passages, seed=0)
    assert found.several
    assert decisive_unit(humps_without(values.ravel(), passages, found, seed=0), 1.0) is None


def test_clusters_of_one_pair_of_models_against_the_null_of_all() -> None:
    values = np.random.default_rng(9).normal(size=(12, 7))
    values[:, :3] += 2.5
    values[:, 3] = 0
    first, second = (cluster_without(values, seed=0, inside=own) for own in ((0, 2), (4, 6)))
    assert (first.p < 0.05).all()
    assert (second.p > 0.05).all()
    assert (max_t_without(values, 5, seed=0).p > 0.05).all()
