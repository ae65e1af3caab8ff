"""Models over relative depth: reading between states, joint tests, and the sentences about them."""

import math

import numpy as np
import pytest

from odograph.errors import StudyError
from odograph.sentences.forbidden import forbidden
from odograph.sentences.models import (
    ModelPair,
    model_curves_plain,
    model_curves_sentence,
)
from odograph.statistics.designs.models import (
    at_depths,
    common_depths,
    paired_models,
    paired_values,
)
from odograph.statistics.designs.paired import paired_profile

DEPTHS = common_depths([5, 8])[1:]


def curves(seed: int, n: int = 20, depths: int = 5) -> np.ndarray:
    """Curves that grow with depth: what one passage has in common at all depths, and noise."""
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(20, 3, (n, depths)), axis=1) + rng.normal(0, 5, (n, 1))


def test_a_state_is_read_as_it_is_and_between_two_states_it_is_linear() -> None:
    for blocks in (1, 2, 3, 5, 7, 12, 48):
        values = np.random.default_rng(blocks).normal(size=(4, blocks + 1))
        np.testing.assert_array_equal(at_depths(values, np.linspace(0, 1, blocks + 1)), values)
    straight = np.linspace(3, 9, 13)[None]
    np.testing.assert_allclose(at_depths(straight, common_depths([5]))[0], np.linspace(3, 9, 6))


def test_the_same_way_in_more_blocks_is_the_same_curve() -> None:
    way = np.array([[0.0, 30.0, 50.0, 90.0]])
    twice = np.array([[0.0, 15.0, 30.0, 40.0, 50.0, 70.0, 90.0]])
    depths = common_depths([3, 6])
    np.testing.assert_allclose(at_depths(way, depths), at_depths(twice, depths))


def test_depths_outside_the_model_are_refused() -> None:
    for values, depths in ((np.ones((2, 1)), [0.5]), (np.ones((2, 3)), [1.5])):
        with pytest.raises(StudyError, match="two states or more, and depths from 0 to 1"):
            at_depths(values, np.array(depths))


def test_one_pair_is_tested_as_two_groups_are() -> None:
    first, other = curves(1), curves(2)
    (found,) = paired_models(first, [other], seed=0, permutations=500)
    single = paired_profile(other, first, range(1, 6), seed=0, permutations=500)
    np.testing.assert_array_equal(found.p_max_t, single.p_max_t)
    assert found.clusters == single.clusters


def test_equal_models_do_not_differ_anywhere() -> None:
    first = curves(1)
    for found in paired_models(first, [first, first], seed=0, permutations=200):
        assert not found.difference.any()
        assert (found.p_max_t == 1).all()
        assert found.clusters == ()
        assert found.family == 0


def test_a_planted_difference_is_found_in_its_pair_only() -> None:
    first = curves(1)
    near, far = first + 0.5 * (curves(2) - curves(2).mean(axis=0)), first + 4 + curves(3) * 0.02
    same, differs = paired_models(first, [near, far], seed=0)
    assert same.family == differs.family == 10
    assert (differs.p_max_t < 0.05).all()
    assert (same.p_max_t > 0.05).all()
    assert min((c.p for c in same.clusters), default=1) > 0.05
    [cluster] = differs.clusters
    assert (cluster.first_layer, cluster.last_layer) == (1, 5)
    assert cluster.p < 0.01


def test_clusters_of_two_pairs_are_never_joined() -> None:
    first = curves(1)
    shift = np.zeros(5)
    shift[-1] = 30
    late, early = first + shift + curves(5) * 0.1, first + shift[::-1] + curves(6) * 0.1
    late, early = (
        late - curves(5) * 0.1 * (shift == 0),
        early - curves(6) * 0.1 * (shift[::-1] == 0),
    )
    found = paired_models(first, [late, early], seed=0, permutations=500)
    assert [[(c.first_layer, c.last_layer) for c in p.clusters] for p in found] == [
        [(5, 5)],
        [(1, 1)],
    ]


def test_no_more_than_five_percent_of_equal_sets_of_models_are_called_different() -> None:
    """Three models of the same kind: the family is all depths of both pairs."""
    alarms = np.zeros(2)
    runs = 300
    for seed in range(runs):
        first, one, other = (curves(3 * seed + k, n=16) for k in range(3))
        found = paired_models(first, [one, other], seed=seed, permutations=300)
        alarms[0] += min(p.p_max_t.min() for p in found) < 0.05
        alarms[1] += min((c.p for p in found for c in p.clusters), default=1) < 0.05
    assert (alarms / runs < 0.09).all(), alarms / runs
    assert (alarms / runs > 0.015).all(), alarms / runs


def test_values_of_several_models_are_one_family() -> None:
    rng = np.random.default_rng(0)
    differences = rng.normal(size=(20, 4))
    differences[:, 3] = 0
    p = paired_values(differences, seed=0)
    alone = [float(paired_values(differences[:, [k]], seed=0)[0]) for k in range(3)]
    assert (p[:3] >= np.array(alone) - 0.02).all()
    assert p[3] == 1
    assert np.isnan(paired_values(differences[:5], seed=0)).all()


def test_the_sentence_speaks_of_the_difference_and_names_its_family() -> None:
    first = curves(1)
    pair = ModelPair("rotation turned so far", ("large", "small"), DEPTHS, 1)
    differs = paired_models(first, [first + 30 + curves(2) * 0.1], seed=0)[0]
    said = model_curves_sentence(differs, pair)
    assert said.startswith(
        "Over relative depth, the curves of the rotation turned so far of large and small differ "
        "(largest cluster at relative depths 0.2 to 1, mass "
    )
    assert "family of 5 comparisons (1 pair of models x 5 depths)" in said
    equal = paired_models(first, [first], seed=0)[0]
    few = paired_models(first[:4], [first[:4] + 1], seed=0)[0]
    assert "are the same at every depth" in model_curves_sentence(equal, pair)
    alike = paired_models(first, [first + curves(2) - curves(3)], seed=0)[0]
    assert "do not differ in any cluster" in model_curves_sentence(alike, pair)
    assert "were not tested" in model_curves_sentence(few, pair)
    for profile in (differs, equal, alike, few):
        for text in (model_curves_sentence(profile, pair), model_curves_plain(profile, pair)):
            assert forbidden(text) == ()
            assert "significant" not in text
            assert "nan" not in text.split()
    assert "no proof that they are equal" in model_curves_plain(alike, pair)
    assert not math.isnan(differs.threshold)
