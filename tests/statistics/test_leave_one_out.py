"""Whether a test rests on one unit: against making it again, unit by unit."""

from time import process_time

import numpy as np
import pytest

from odograph.statistics.leave_one_out import Without, cluster_without, decisive_unit, max_t_without
from odograph.statistics.permutation import cluster_mass, max_t


def made(n: int, width: int, effect: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(effect, 1, size=(n, width))


@pytest.mark.parametrize(("n", "width"), [(9, 1), (12, 5)])
def test_all_flips_give_the_same_p_as_the_test_itself_without_the_unit(n: int, width: int) -> None:
    values = made(n, width, 0.7, 1)
    found = max_t_without(values, width - 1, seed=0)
    for unit in range(n):
        again = max_t(np.delete(values, unit, axis=0), seed=0)[width - 1]
        assert found.p[unit] == pytest.approx(again, abs=1e-12)
        assert found.estimate[unit] == pytest.approx(np.delete(values, unit, 0)[:, -1].mean())


def test_drawn_flips_come_close_to_it() -> None:
    values = made(30, 6, 0.4, 2)
    found = max_t_without(values, 2, seed=0)
    for unit in (0, 7, 29):
        again = max_t(np.delete(values, unit, axis=0), seed=1)[2]
        assert found.p[unit] == pytest.approx(again, abs=0.02)


def test_clusters_without_a_unit_are_those_of_the_test_itself() -> None:
    values = made(10, 8, 0.8, 3)
    found = cluster_without(values, seed=0)
    for unit in range(10):
        runs = cluster_mass(np.delete(values, unit, axis=0), seed=0)
        assert found.p[unit] == pytest.approx(min((r.p for r in runs), default=1.0), abs=1e-9)


def test_layers_without_spread_have_no_part() -> None:
    values = made(9, 3, 1.0, 4)
    flat = np.insert(values, 1, 0.0, axis=1)
    np.testing.assert_allclose(max_t_without(flat, 3, seed=0).p, max_t_without(values, 2, seed=0).p)


def test_six_units_leave_too_few() -> None:
    assert np.isnan(max_t_without(made(6, 1, 1, 5), seed=0).p).all()
    assert np.isnan(cluster_without(made(6, 4, 1, 5), seed=0).p).all()


def test_the_unit_that_makes_the_difference_is_named() -> None:
    p, estimate = np.array([0.01, 0.2, 0.03, 0.06]), np.array([1.0, 0.4, 1.0, 0.9])
    found = decisive_unit(Without(p, estimate), 0.8)
    assert found is not None
    assert (found.unit, found.p, found.others) == (1, 0.2, 1)
    assert decisive_unit(Without(p[[0, 2]], estimate[[0, 2]]), 0.8) is None
    turned = decisive_unit(Without(p[[0, 2]], np.array([1.0, -0.2])), 0.8)
    assert turned is not None
    assert (turned.unit, turned.others) == (1, 0)
    assert decisive_unit(Without(p[[0, 2]], estimate[[0, 2]] * np.nan), 0.8) is None


def test_48_layers_in_54_passages_take_a_moment() -> None:
    values = made(54, 48, 0.1, 6)
    started = process_time()
    max_t_without(values, 3, seed=0)
    cluster_without(values, seed=0)
    assert process_time() - started < 6  # one to two seconds
