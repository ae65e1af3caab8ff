"""Nulls in closed form against integrals, scipy and simulation."""

import numpy as np
import pytest
from scipy import integrate, stats

from odograph.errors import StudyError
from odograph.statistics.space.isotropic import (
    isotropic_angle_density,
    isotropic_angle_interval,
    mean_cosine,
    random_walk_rotation,
)


@pytest.mark.parametrize("width", [2, 3, 64, 768, 4096, 16384])
def test_density_integrates_to_one(width):
    half = min(90.0, 600 / np.sqrt(width))
    area, _ = integrate.quad(
        lambda a: float(isotropic_angle_density(a, width)), 90 - half, 90 + half, epsabs=1e-10
    )
    assert area == pytest.approx(1, abs=1e-6)


def test_density_in_low_dimensions_is_the_known_one():
    angles = np.array([0.0, 30.0, 90.0, 180.0])
    assert isotropic_angle_density(angles, 2) == pytest.approx(np.full(4, 1 / 180))
    sphere = np.sin(np.radians(angles)) / 2 * np.pi / 180
    assert isotropic_angle_density(angles, 3) == pytest.approx(sphere, abs=1e-12)


def test_density_is_zero_outside_and_nan_for_nan():
    density = isotropic_angle_density([-1.0, 181.0, np.nan], 64)
    assert np.array_equal(density, [0, 0, np.nan], equal_nan=True)


@pytest.mark.parametrize("width", [2, 3, 64, 4096])
def test_interval_holds_its_share_of_the_density(width):
    low, high = isotropic_angle_interval(width)
    area, _ = integrate.quad(lambda a: float(isotropic_angle_density(a, width)), low, high)
    assert area == pytest.approx(0.95, abs=1e-8)
    assert low + high == pytest.approx(180)


def test_interval_in_the_plane_is_a_share_of_the_half_turn():
    assert isotropic_angle_interval(2) == pytest.approx((4.5, 175.5))


def test_random_vectors_follow_the_density():
    vectors = np.random.default_rng(0).normal(size=(2, 4000, 24))
    unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    angles = np.degrees(np.arccos((unit[0] * unit[1]).sum(axis=-1)))
    grid = np.linspace(0, 180, 4001)
    below = integrate.cumulative_trapezoid(isotropic_angle_density(grid, 24), grid, initial=0)
    assert stats.kstest(angles, lambda a: np.interp(a, grid, below)).pvalue > 0.01


def test_mean_cosine_is_that_of_all_pairs():
    vectors = np.random.default_rng(1).normal(size=(3, 20, 8))
    unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    cosines = unit @ np.swapaxes(unit, 1, 2)
    expected = cosines[:, *np.triu_indices(20, 1)].mean(axis=1)
    assert mean_cosine(unit.sum(axis=1), np.array([20, 20, 20])) == pytest.approx(expected)
    assert np.isnan(mean_cosine(unit[0, 0], 1))


def test_random_walk_turns_by_arctan_of_one_over_root_l():
    assert random_walk_rotation(4) == pytest.approx([45.0, 35.26438968, 30.0, 26.56505118])
    assert random_walk_rotation(0).shape == (0,)


def test_a_line_has_no_angles_to_draw():
    with pytest.raises(StudyError, match="a width of at least 2, got 1"):
        isotropic_angle_density(90, 1)
    with pytest.raises(StudyError, match="between 0 and 1"):
        isotropic_angle_interval(64, level=95)
