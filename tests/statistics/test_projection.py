"""Common axes from one-pass sums, and what random walks of finite and endless length hold."""

import numpy as np
import pytest

from odograph.errors import StudyError
from odograph.statistics.space.projection import (
    Axes,
    Sums,
    drawn_walk,
    drawn_walk_shares,
    own_coordinates,
    path_shares,
    principal_axes,
    walk_limit,
    walk_shares,
)

WIDTH = 40


def cloud(points: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points far from 0 with falling spread, and weights."""
    rng = np.random.default_rng(seed)
    spread = np.geomspace(10, 0.1, WIDTH)
    turn = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))[0]
    return 300 + (rng.normal(size=(points, WIDTH)) * spread) @ turn, rng.uniform(0.2, 2, points)


def fitted(points: np.ndarray, weights: np.ndarray, axes: int = 6, parts: int = 3) -> Axes:
    pairs = list(zip(np.array_split(points, parts), np.array_split(weights, parts), strict=True))
    return principal_axes(lambda: pairs, len(points), points.shape[1], axes)


def by_svd(points: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares and directions of the stacked points, without our code."""
    mean = np.average(points, axis=0, weights=weights)
    _, values, directions = np.linalg.svd(
        (points - mean) * np.sqrt(weights)[:, None], full_matrices=False
    )
    return values**2 / (values**2).sum(), directions


@pytest.mark.parametrize("points", [12, 39, 40, 3000])
def test_axes_are_those_of_the_stacked_points_whatever_their_number(points):
    given, weights = cloud(points)
    axes = fitted(given, weights)
    shares, directions = by_svd(given, weights)
    np.testing.assert_allclose(axes.shares, shares[:6], rtol=1e-6)
    overlap = np.linalg.svd(axes.directions @ directions[:6].T)[1]
    np.testing.assert_allclose(overlap, 1, atol=1e-6)
    np.testing.assert_allclose(axes.directions @ axes.directions.T, np.eye(6), atol=1e-10)


def test_float32_shards_lose_nothing_though_the_mean_is_far_away():
    given, weights = cloud(2000)
    given = (given + 5000).astype(np.float32)
    shares, _ = by_svd(given.astype(np.float64), weights)
    np.testing.assert_allclose(fitted(given, weights).shares, shares[:6], rtol=1e-6)


def test_parts_of_any_size_give_the_same_axes():
    given, weights = cloud(500)
    whole, parts = fitted(given, weights, parts=1), fitted(given, weights, parts=17)
    np.testing.assert_allclose(whole.directions, parts.directions, atol=1e-9)
    np.testing.assert_allclose(whole.mean, parts.mean)


def test_signs_are_fixed_and_coordinates_turn_with_the_space():
    given, weights = cloud(200)
    axes = fitted(given, weights)
    largest = np.abs(axes.directions).argmax(axis=1)
    assert (axes.directions[np.arange(6), largest] > 0).all()
    turn = np.linalg.qr(np.random.default_rng(4).normal(size=(WIDTH, WIDTH)))[0]
    turned = fitted(given @ turn, weights)
    np.testing.assert_allclose(turned.shares, axes.shares, rtol=1e-8)
    np.testing.assert_allclose(
        np.abs(turned.coordinates(given @ turn)), np.abs(axes.coordinates(given)), atol=1e-6
    )


def test_a_heavier_point_counts_as_several():
    given, _ = cloud(60)
    weights = np.ones(60)
    weights[:5] = 3
    several = np.concatenate([given, given[:5], given[:5]])
    np.testing.assert_allclose(
        fitted(given, weights).shares, fitted(several, np.ones(70)).shares, rtol=1e-9
    )


def test_sums_give_the_mean_and_the_covariance():
    given, weights = cloud(300)
    sums = Sums(WIDTH)
    sums.add(given[:100], weights[:100])
    sums.add(given[100:], weights[100:])
    np.testing.assert_allclose(sums.mean, np.average(given, axis=0, weights=weights))
    expected = np.cov(given.T, aweights=weights, ddof=0)
    np.testing.assert_allclose(sums.covariance, expected, atol=1e-9)


@pytest.mark.parametrize("points", [5, 60])
def test_points_that_give_no_axes_are_refused(points):
    same = np.full((points, WIDTH), 3.1)
    with pytest.raises(StudyError, match="all states are the same"):
        fitted(same, np.ones(points))
    same[2, 3] = np.nan
    with pytest.raises(StudyError, match="not a number"):
        fitted(same, np.ones(points))


def test_one_point_is_refused():
    with pytest.raises(StudyError, match="two or more"):
        fitted(np.ones((1, WIDTH)), np.ones(1), parts=1)


def test_a_straight_line_lies_in_its_first_component():
    line = 7 + np.outer([0, 1, 3, 4, 9, 10.5], np.random.default_rng(0).normal(size=WIDTH))
    np.testing.assert_allclose(path_shares(line), [1, 0, 0, 0, 0], atol=1e-12)
    axes = fitted(line, np.ones(6))
    assert len(axes.shares) == 1
    np.testing.assert_allclose(axes.shares, 1)
    assert np.ptp(own_coordinates(line, 3)[:, 1:]) < 1e-9


def test_an_endless_walk_holds_61_15_7_and_4_percent():
    np.testing.assert_allclose(walk_limit(4), [0.61, 0.15, 0.07, 0.04], atol=0.005)
    assert walk_limit(100_000).sum() == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(walk_shares(np.ones(600))[:4], walk_limit(4), rtol=1e-3)


@pytest.mark.parametrize("blocks", [1, 2, 8, 48])
def test_a_walk_of_equal_steps_has_a_closed_form(blocks):
    k = np.arange(1, blocks + 1)
    sines = np.sin(np.pi * k / (2 * (blocks + 1))) ** 2
    expected = 6 / (4 * blocks * (blocks + 2) * sines)
    np.testing.assert_allclose(walk_shares(np.full(blocks, 2.5)), expected, atol=1e-12)


def test_drawn_walks_approach_their_closed_form_with_the_width():
    steps = np.geomspace(1, 9, 12)
    drawn = drawn_walk_shares(steps, 4000, seed=0, draws=30)
    np.testing.assert_allclose(drawn.mean(axis=0)[:4], walk_shares(steps)[:4], rtol=0.02)
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    walk = drawn_walk(steps, 300, seed=3)
    np.testing.assert_allclose(np.linalg.norm(np.diff(walk, axis=0), axis=1), steps)
    np.testing.assert_allclose(path_shares(walk), drawn_walk_shares(steps, 300, seed=3, draws=1)[0])


def test_a_drawn_walk_of_600_steps_holds_what_an_endless_one_does():
    drawn = drawn_walk_shares(np.ones(600), 3000, seed=1, draws=4).mean(axis=0)
    np.testing.assert_allclose(drawn[:4], [0.61, 0.15, 0.07, 0.04], atol=0.02)


def test_a_path_that_does_not_move_has_no_shares():
    assert path_shares(np.ones((5, 3))).tolist() == [0, 0, 0, 0]
    assert walk_shares(np.zeros(3)).tolist() == [0, 0, 0]
    assert own_coordinates(np.ones((1, 3)), 3).shape == (1, 3)
