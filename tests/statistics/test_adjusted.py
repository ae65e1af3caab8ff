"""The difference of two groups of tokens beside covariates, and curves aligned at a place."""

import numpy as np
import pytest

from odograph.statistics.designs.adjusted import adjusted_difference
from odograph.statistics.designs.aligned import aligned


def drawn(units: int = 12, each: int = 20, seed: int = 0) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), each)
    covariates = generator.normal(size=(len(unit), 2)) + generator.normal(size=(units, 2))[unit]
    group = generator.normal(size=len(unit)) + covariates[:, 0] > 0
    return unit, covariates, group, generator.normal(size=len(unit))


def test_the_mean_of_the_contributions_is_the_coefficient_of_the_regression():
    unit, covariates, group, noise = drawn()
    values = 3.0 * group + covariates @ [2.0, -1.0] + unit + noise
    levels = (unit[:, None] == np.arange(12)).astype(float)
    design = np.column_stack([group, covariates, levels])
    expected = np.linalg.lstsq(design, values, rcond=None)[0][0]
    found = adjusted_difference(values, group, covariates, unit)
    assert found.shape == (12,)
    assert found.mean() == pytest.approx(expected)


def test_what_a_covariate_does_is_no_difference_of_the_groups():
    unit, covariates, group, _ = drawn()
    values = 5.0 * covariates[:, 0] + 7.0 * unit
    assert adjusted_difference(values, group, covariates, unit) == pytest.approx(0, abs=1e-9)


def test_a_covariate_that_does_not_vary_takes_nothing_out():
    unit, covariates, group, noise = drawn()
    constant = np.column_stack([covariates, np.full(len(unit), 3.0), unit * 1e6])
    plain = adjusted_difference(noise, group, covariates, unit)
    np.testing.assert_allclose(adjusted_difference(noise, group, constant, unit), plain)


def test_a_group_that_a_covariate_is_has_no_difference_beside_it():
    unit, _, group, noise = drawn()
    assert adjusted_difference(noise, group, group[:, None].astype(float), unit) is None
    assert adjusted_difference(noise, np.ones_like(group), group[:, None] * 1.0, unit) is None


def test_permuted_places_have_the_expectation_that_is_told():
    """Against all permutations of few tokens, counted out."""
    from itertools import permutations

    generator = np.random.default_rng(1)
    values, place = generator.normal(size=(5, 4)), np.array([0, 1, 1, 3, 2])
    position, unit = np.arange(5), np.array([0, 0, 0, 1, 1])
    found = aligned(values, place, position, unit, reach=1, seed=0, permutations=9)
    total, count = np.zeros((2, 2, 3))
    for order in permutations(range(5)):
        for token, other in enumerate(order):
            for k, offset in enumerate((-1, 0, 1)):
                column = place[other] + offset
                if 0 <= column < 4:
                    total[unit[token], k] += values[token, column]
                    count[unit[token], k] += 1
    np.testing.assert_allclose(found.expected, total / count)
    own = np.zeros((2, 3))
    for token in range(5):
        for k, offset in enumerate((-1, 0, 1)):
            if 0 <= place[token] + offset < 4:
                own[unit[token], k] += values[token, place[token] + offset]
    np.testing.assert_allclose(found.curve, own / (count / 120))
    assert found.offsets.tolist() == [-1, 0, 1]


def test_a_bump_at_the_place_is_beyond_what_permuted_places_give():
    generator = np.random.default_rng(2)
    tokens = 240
    place, unit = generator.integers(6, size=tokens), np.repeat(np.arange(12), 20)
    position = np.tile(np.arange(1, 21), 12)
    values = generator.normal(size=(tokens, 6))
    values[np.arange(tokens), place] += 2
    found = aligned(values, place, position, unit, reach=2, seed=0)
    beyond = found.beyond.mean(axis=0)
    assert beyond[2] > 1
    assert found.curve.mean(axis=0)[2] > found.high[2]
    assert (np.abs(np.delete(beyond, 2)) < 0.7).all()
