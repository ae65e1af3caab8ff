"""Profiles against the band of random networks, and random networks against each other."""

import numpy as np

from odograph.sentences.nulls import as_in_twins
from odograph.sentences.record import Finding
from odograph.studies.claim import beside_difference
from odograph.studies.questions.twins import among_twins, outside, twins_outside

_REST = ("degrees", 9, "passage", 0, "sign flip", "1", "none")


def test_an_interval_is_outside_only_as_a_whole() -> None:
    twins = np.random.default_rng(0).normal(size=(3, 20, 4))
    low, high = np.array([5, 0.0, -9, np.nan]), np.array([6, 5.0, -5, np.nan])
    np.testing.assert_array_equal(outside(low, high, twins), [1, 0, -1, 0])


def test_one_more_random_network_is_often_outside_the_band_of_a_few() -> None:
    """Each network has a fixed value of its own in every layer; passages hardly differ."""
    generator = np.random.default_rng(1)
    fixed = generator.normal(size=(3, 1, 40))
    counts = twins_outside(fixed + 0.01 * generator.normal(size=(3, 12, 40)), seed=0)
    assert len(counts) == 3
    # Of three exchangeable values each is the lowest or the highest in two thirds of the layers.
    assert sum(counts) == 80
    assert among_twins(counts).startswith("each twin, held against the others, in ")


def test_one_twin_says_nothing_about_twins() -> None:
    assert twins_outside(np.zeros((1, 8, 3)), seed=0) == ()
    assert "not known from one twin" in among_twins(())
    assert among_twins((2, 2)).endswith(" in 2")


def test_a_single_passage_is_held_by_its_mean() -> None:
    assert twins_outside(np.arange(6.0).reshape(3, 1, 2), seed=0) == (2, 0, 2)


def test_a_difference_that_random_weights_show_is_said_to_be_theirs_too() -> None:
    assert "Untrained twins show such a difference too" in as_in_twins(-10.0, np.full(3, -6.0))
    assert "at least one does" in as_in_twins(-10.0, np.array([6.0, -7.0, -5.0]))
    assert as_in_twins(-10.0, np.array([1.0, -2.0, 8.0])) == ""
    assert as_in_twins(-10.0, np.empty(0)) == ""
    assert as_in_twins(0.0, np.full(3, -6.0)) == ""


def test_twins_stand_beside_every_difference_and_in_plain_words_beside_a_shown_one() -> None:
    twins = np.full((3, 9), -6.0)
    for interval, told in (((-12.0, -8.0), True), ((-12.0, 8.0), False), (None, False)):
        said = beside_difference(Finding("s", "A.", "B.", -10.0, interval, *_REST), twins)
        assert said.statement.startswith(
            "A. The same difference in twins: the 3 untrained twins -6"
        )
        assert ("Untrained twins show" in said.plain) == told
    none = beside_difference(Finding("s", "A.", "B.", None, None, *_REST), None)
    assert none.plain == "B."
