"""Conditions held against each other two by two: how many tests these are."""

import numpy as np

from odograph.folder.samples.conditions import ConditionMeans
from odograph.folder.samples.two_conditions import compared
from odograph.sentences.seeds import seeds_family, seeds_sentence
from odograph.statistics.designs.seeds import seed_test


def means(rng, level):
    return of(level, range(12), rng.normal(size=12))


def of(level, documents, values, left_out=()):
    rows = np.array(values, dtype=float)[:, None]
    return ConditionMeans(level, np.array(documents), rows, np.array(left_out, dtype=int))


def test_three_pairs_of_conditions_are_three_tests_over_seeds_too():
    rng = np.random.default_rng(0)
    model_and_twins = [tuple(means(rng, level) for level in "abc") for _ in range(6)]
    found = compared(model_and_twins, paired=True, seed=0)
    assert len(found) == 3
    for one in found:
        alone = seed_test(one.test.difference, one.seeds.twins)
        np.testing.assert_allclose(one.seeds.p_adjusted, np.minimum(1.0, 3 * alone.p))
        assert seeds_family(one.seeds) == "3 pairs compared"
        assert "over seeds, Bonferroni over 3 pairs compared" in seeds_sentence(one.seeds)


def test_two_conditions_are_one_test_over_seeds():
    rng = np.random.default_rng(0)
    (one,) = compared([tuple(means(rng, v) for v in "ab") for _ in range(6)], paired=True, seed=0)
    np.testing.assert_array_equal(one.seeds.p_adjusted, one.seeds.p)
    assert seeds_family(one.seeds) == "1"


def test_a_test_over_seeds_counts_the_documents_that_the_twins_have_read():
    """The twins have read documents 2 and 3 of 0 to 3, and 6 of 4 to 6."""
    own = [of("a", range(4), range(4)), of("b", range(4), range(1, 5))]
    twins = [[of(level, [2, 3], [seed, 2 * seed]) for level in "ab"] for seed in range(5)]
    (paired,) = compared([own, *twins], paired=True, seed=0)
    assert (paired.test.units, paired.seeds.units) == (4, 2)
    assert paired.over_words(paired.test).seeds.units == 0  # words are no documents
    own[1] = of("b", [4, 5, 6], range(3))
    twins = [[means, of("b", [6], [1.0])] for means, _ in twins]
    (separate,) = compared([own, *twins], paired=False, seed=0)
    assert (separate.test.units, separate.seeds.units) == (7, 3)


def test_documents_with_one_condition_or_without_a_number_are_counted_as_left_out():
    """0 to 3 have both conditions, 4 the first and 5 the second alone, 6 has no number."""
    both = [of("a", [0, 1, 2, 3, 4], range(5), [6]), of("b", [0, 1, 2, 3, 5], range(5))]
    (paired,) = compared([both], paired=True, seed=0)
    assert (paired.test.units, paired.excluded) == (4, 3)
    (separate,) = compared([both], paired=False, seed=0)
    assert (separate.test.units, separate.excluded) == (2, 5)
