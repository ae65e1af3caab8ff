"""Conditions held against each other two by two: how many tests these are."""

import numpy as np

from odograph.folder.samples.conditions import ConditionMeans
from odograph.folder.samples.two_conditions import compared
from odograph.sentences.seeds import seeds_family, seeds_sentence
from odograph.statistics.designs.seeds import seed_test


def means(rng, level):
    return ConditionMeans(level, np.arange(12), rng.normal(size=(12, 1)))


def test_three_pairs_of_conditions_are_three_tests_over_seeds_too():
    rng = np.random.default_rng(0)
    model_and_twins = [tuple(means(rng, level) for level in "abc") for _ in range(6)]
    found = compared(model_and_twins, paired=True, seed=0)
    assert len(found) == 3
    for one in found:
        alone = seed_test(one.test.difference, one.seeds.twins)
        np.testing.assert_allclose(one.seeds.p_adjusted, np.minimum(1.0, 3 * alone.p))
        assert seeds_family(one.seeds) == "3 pairs of conditions"
        assert "over seeds, Bonferroni over 3 pairs of conditions" in seeds_sentence(one.seeds)


def test_two_conditions_are_one_test_over_seeds():
    rng = np.random.default_rng(0)
    (one,) = compared([tuple(means(rng, v) for v in "ab") for _ in range(6)], paired=True, seed=0)
    np.testing.assert_array_equal(one.seeds.p_adjusted, one.seeds.p)
    assert seeds_family(one.seeds) == "1"
