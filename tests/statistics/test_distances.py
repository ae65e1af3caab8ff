"""Distances between groups: 0 on average without a difference, and tests that hold their level."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from odograph.sentences.distances import (
    Apart,
    apart_plain,
    apart_sentence,
)
from odograph.sentences.forbidden import forbidden
from odograph.sentences.paths import Picture, picture_plain, picture_sentence
from odograph.statistics.designs.distance_profile import DistanceProfile, distance_profile
from odograph.statistics.designs.distances import layer_distance, observed_only, redraw, signed_root

LAYERS, WIDTH = 8, 24
#: P(more than 27 of 300 | .05) = .002, P(fewer than 5) = .0004.
SEEDS, MOST, FEWEST = 300, 27, 5


def states(
    seed: int, n: int, *, paired: bool, shift: float = 0.0, at: slice = slice(3, 6)
) -> tuple[np.ndarray, np.ndarray]:
    """Two groups of walks [n, LAYERS, WIDTH] with a common part in each sentence where paired."""
    rng = np.random.default_rng(seed)
    sentences = rng.normal(size=(2, n, 1, WIDTH)) * 2
    first, second = (
        5 + sentences[0 if paired else k] + rng.normal(size=(n, LAYERS, WIDTH)).cumsum(axis=1)
        for k in (0, 1)
    )
    first[:, at, 0] += shift
    return first, second


def profile(
    first: np.ndarray,
    second: np.ndarray,
    *,
    paired: bool,
    draws: int = 199,
    resamples: int = 99,
    comparisons: int = 1,
) -> DistanceProfile:
    sizes = (len(first), len(second))
    own = redraw(*sizes, paired=paired, seed=1, permutations=draws, resamples=resamples)
    layers = (layer_distance(first[:, k], second[:, k], own) for k in range(first.shape[1]))
    return distance_profile(layers, own, sizes, comparisons=comparisons)


def test_the_paired_distance_is_the_mean_product_of_two_sentences():
    first, second = (group[:, 4] for group in states(0, 7, paired=True))
    difference = first - second
    products = [difference[i] @ difference[j] for i in range(7) for j in range(7) if i != j]
    found = layer_distance(first, second, observed_only(7, 7, paired=True))
    assert found.squared == pytest.approx(np.mean(products))
    length = np.mean([np.linalg.norm(v) for v in (*first, *second)])
    assert found.length == pytest.approx(length)
    assert found.relative == pytest.approx(signed_root(found.squared) / length)


def test_the_unpaired_distance_leaves_out_a_unit_with_itself():
    first, second = states(1, 6, paired=False)[0][:, 2], states(2, 9, paired=False)[1][:, 2]

    def within(group: np.ndarray) -> float:
        n = len(group)
        return float(np.mean([group[i] @ group[j] for i in range(n) for j in range(n) if i != j]))

    across = np.mean([a @ b for a in first for b in second])
    found = layer_distance(first, second, observed_only(6, 9, paired=False))
    assert found.squared == pytest.approx(within(first) + within(second) - 2 * across)


@pytest.mark.parametrize("paired", [True, False])
def test_without_noise_the_distance_is_that_of_the_means(paired):
    rng = np.random.default_rng(3)
    apart = rng.normal(size=WIDTH)
    first = rng.normal(size=(1, WIDTH)).repeat(8, axis=0)
    found = layer_distance(first, first + apart, observed_only(8, 8, paired=paired))
    assert np.sqrt(found.squared) == pytest.approx(np.linalg.norm(apart))


@pytest.mark.parametrize("paired", [True, False])
def test_it_is_0_on_average_where_nothing_differs(paired):
    plain = observed_only(9, 9, paired=paired)
    squared, relative, naive, lengths = [], [], [], []
    for seed in range(1500):
        first, second = (group[:, 5] for group in states(seed, 9, paired=paired))
        found = layer_distance(first, second, plain)
        squared.append(found.squared)
        relative.append(found.relative)
        naive.append(np.linalg.norm(first.mean(axis=0) - second.mean(axis=0)))
        lengths.append(found.length)
    error = np.std(squared) / np.sqrt(len(squared))
    assert abs(np.mean(squared)) < 3 * error
    assert np.mean(np.square(naive)) > 50 * error
    assert abs(np.mean(relative)) < 0.05 * np.mean(naive) / np.mean(lengths)


@pytest.mark.parametrize("paired", [True, False])
def test_errors_of_a_whole_family_stay_at_5_percent(paired):
    layers = regions = 0
    for seed in range(SEEDS):
        found = profile(*states(seed, 10, paired=paired), paired=paired, resamples=0)
        layers += bool((found.p_max < 0.05).any())
        regions += any(region.p < 0.05 for region in found.regions)
    assert FEWEST <= layers <= MOST
    assert FEWEST <= regions <= MOST


@pytest.mark.parametrize("paired", [True, False])
def test_a_planted_difference_is_found_in_its_layers(paired):
    first, second = states(5, 20, paired=paired, shift=9.0, at=slice(3, 6))
    found = profile(first, second, paired=paired, draws=999)
    assert set(np.flatnonzero(found.p_max < 0.05)) >= {3, 4, 5}
    assert (found.p_max[[0, 1, 7]] > 0.05).all()
    best = min(found.regions, key=lambda region: region.p)
    assert best.p < 0.01
    assert best.first_layer <= 3 <= 5 <= best.last_layer
    away = np.linalg.norm(found.distance[3:6] * 9 - 9 * found.distance[4])
    assert away < 1
    assert (found.distance[3:6] > found.null_high[3:6]).all()
    assert (found.low[3:6] > 0).all()
    assert ((found.low <= found.distance) & (found.distance <= found.high)).all()


def test_the_interval_covers_a_clear_distance():
    apart, inside = 4.0, 0
    for seed in range(120):
        first, second = states(seed, 30, paired=True, shift=apart)
        inside_now = profile(first, second, paired=True, draws=20, resamples=399)
        length = layer_distance(
            first[:, 4], second[:, 4], observed_only(30, 30, paired=True)
        ).length
        inside += bool(inside_now.low[4] <= apart / length <= inside_now.high[4])
    assert 106 <= inside <= 120


def test_scale_and_rotation_of_the_space_change_nothing():
    first, second = states(2, 10, paired=True, shift=3.0)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(WIDTH, WIDTH)))[0] * 17
    one, other = (
        profile(a, b, paired=True) for a, b in ((first, second), (first @ turn, second @ turn))
    )
    np.testing.assert_allclose(one.distance, other.distance, rtol=1e-9)
    np.testing.assert_allclose(one.low, other.low, rtol=1e-9)
    np.testing.assert_allclose(one.p_max, other.p_max)


def test_equal_groups_have_distance_0_and_are_not_found():
    first, _ = states(0, 12, paired=True)
    found = profile(first, first.copy(), paired=True)
    assert found.distance.tolist() == [0.0] * LAYERS
    assert found.p_max.tolist() == [1.0] * LAYERS
    assert (found.regions, found.family) == ((), 0)
    assert np.isnan(found.mean_low)


def test_all_flips_are_taken_where_they_are_few():
    first, second = states(0, 6, paired=True, shift=30.0, at=slice(0, LAYERS))
    found = profile(first, second, paired=True, draws=2000, comparisons=3)
    np.testing.assert_allclose(found.p, 1 / 32)
    np.testing.assert_allclose(found.p_max, 3 / 32)
    assert (found.regions[0].p_pair, found.regions[0].p) == (1 / 32, 3 / 32)
    assert found.family == 3 * LAYERS


@pytest.mark.parametrize("paired", [True, False])
def test_below_six_units_there_is_no_p_and_no_interval(paired):
    found = profile(*states(0, 5, paired=paired, shift=30.0), paired=paired)
    assert np.isfinite(found.distance).all()
    assert np.isnan(found.p_max).all()
    assert np.isnan(found.low).all()
    assert (found.regions, found.family) == ((), 0)


def test_one_unit_has_no_distance():
    found = profile(*states(0, 1, paired=True), paired=True)
    assert np.isnan(found.distance).all()


def apart(n: int = 12, shift: float = 9.0, *, paired: bool = True, twins: float = 0.2) -> Apart:
    found = profile(
        *states(8, n, paired=paired, shift=shift, at=slice(2, 8)), paired=paired, draws=999
    )
    seeds = np.array([twins, twins + 0.1]) if twins else np.empty(0)
    return Apart("'her'", "'him'", "states", "passage", 1, found, seeds)


PICTURE = Picture(
    "states",
    0.6,
    0.2,
    (0.3, 0.2),
    8,
    64,
    (0.7, 0.78),
    0.78,
    0.76,
    np.array([0.7, 0.75]),
    "n = 5 passages",
)


def every_sentence() -> Iterator[str]:
    for case in (
        apart(),
        apart(shift=0),
        apart(n=4),
        apart(n=1),
        apart(twins=0),
        apart(paired=False),
    ):
        yield apart_sentence(case)
        yield apart_plain(case)
    for case in (
        PICTURE,
        replace(PICTURE, first=0.5),
        replace(PICTURE, twins=np.array([0.9])),
        replace(PICTURE, twins=np.empty(0)),
    ):
        yield picture_sentence(case)
        yield picture_plain(case)


def test_no_sentence_speaks_of_minds_or_causes():
    for sentence in every_sentence():
        assert forbidden(sentence) == (), sentence
        assert sentence.endswith(".")
        assert "nan" not in sentence.split()
        assert "  " not in sentence


def test_a_distance_is_never_without_effect_interval_n_test_and_family():
    sentence = apart_sentence(apart())
    assert "mean state lengths apart in the full space (states; noise-corrected" in sentence
    assert "95 % interval" in sentence
    assert "n = 12 passages, paired" in sentence
    assert "The groups differ (cluster mass" in sentence
    assert "family of 8 (8 layers, 1 pair of groups)" in sentence
    assert "its edges are not tested." in sentence
    assert "not shown to differ" in apart_sentence(apart(shift=0))
    assert "were not tested" in apart_sentence(apart(n=4))
    assert "cannot be had" in apart_sentence(apart(n=1))
    assert "12 and 12, not paired" in apart_sentence(apart(paired=False))


def test_what_twins_show_too_is_said_so():
    assert "no less: different words enter" in apart_sentence(apart(twins=5.0))
    assert ": less." in apart_sentence(apart(twins=0.001))
    same = apart_sentence(apart(shift=0, twins=5.0))
    assert ", no less." in same
    assert "different words" not in same
    assert "No untrained twin was measured." in apart_sentence(apart(twins=0))


def test_a_picture_that_walks_or_twins_give_too_is_a_caution():
    assert "no more than" not in picture_sentence(PICTURE)
    walk = picture_sentence(replace(PICTURE, first=0.5))
    assert "no test): no more than a random walk gives." in walk
    twins = picture_sentence(replace(PICTURE, twins=np.array([0.9])))
    assert "but no more than an untrained twin." in twins
