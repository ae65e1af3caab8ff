"""Trend and change point along an ordered series: what is planted is found, nothing else."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from odograph.statistics.designs.series import (
    change_point,
    line_share,
    share_of_orders,
    slopes,
    split_differences,
    straight,
    trend,
)

Floats = NDArray[np.float64]
SIMULATED, DRAWS = 400, 600


def drawn(seed: int, units: int, members: int, skewed: bool = False) -> Floats:
    """Units with a level of their own, and members that do not differ: [units, members]."""
    generator = np.random.default_rng(seed)
    noise = generator.normal(size=(units, members))
    if skewed:
        noise = np.exp(noise) - np.exp(0.5)
    return np.asarray(30 + generator.normal(size=(units, 1)) * 5 + noise)


def p_of_trend(values: Floats, seed: int) -> float:
    return float(trend(values[:, :, None], seed=seed, permutations=DRAWS).tested.p_max[0])


def p_of_change(values: Floats, seed: int) -> float:
    found = change_point(values, seed=seed, permutations=DRAWS)
    assert found is not None
    return found.p


@pytest.mark.parametrize("p_of", [p_of_trend, p_of_change], ids=["trend", "change point"])
@pytest.mark.parametrize(
    ("units", "members", "skewed"),
    [(12, 7, False), (24, 7, False), (40, 12, True)],
    ids=["12 units", "24 units", "40 skewed units"],
)
def test_where_members_do_not_differ_five_in_a_hundred_series_are_said_to_change(
    p_of: Callable[[Floats, int], float], units: int, members: int, skewed: bool
) -> None:
    rejected = [p_of(drawn(seed, units, members, skewed), seed) < 0.05 for seed in range(SIMULATED)]
    assert 0.02 <= np.mean(rejected) <= 0.08


def test_a_planted_change_is_found_where_it_is() -> None:
    places, fits = [], []
    for seed in range(40):
        values = drawn(seed, 24, 8)
        values[:, 5:] += 2.0
        found = change_point(values, seed=seed, permutations=DRAWS)
        assert found is not None
        assert found.p < 0.05
        assert found.interval is not None
        places.append(found.after)
        fits.append(found.stepped > found.straight)
    assert np.mean(np.array(places) == 5) >= 0.9
    assert np.mean(fits) >= 0.9


def test_a_planted_trend_is_found_and_a_line_describes_it_better_than_a_step() -> None:
    for seed in range(20):
        values = drawn(seed, 24, 8) + 0.5 * np.arange(8)
        found, change = trend(values[:, :, None], seed=seed), change_point(values, seed=seed)
        assert found.tested.p_max[0] < 0.05
        assert found.slope[0] == pytest.approx(0.5, abs=0.1)
        assert change is not None
        assert change.straight > change.stepped


def test_the_interval_of_a_slope_leaves_nought_out_where_its_depth_is_found() -> None:
    values = np.stack([drawn(k, 24, 6) + slope * np.arange(6) for k, slope in ((1, 0), (2, 2))], -1)
    found = trend(values, seed=0)
    assert found.tested.p_max[0] > 0.05 > found.tested.p_max[1]
    flat, steep = found.simultaneous(0), found.simultaneous(1)
    assert flat is not None
    assert steep is not None
    assert flat.low < 0 < flat.high
    assert 0 < steep.low < 2 < steep.high


def test_equal_members_have_neither_trend_nor_change() -> None:
    values = np.repeat(drawn(0, 24, 1), 6, axis=1)
    assert trend(values[:, :, None], seed=0).tested.p_max[0] == 1
    found = change_point(values, seed=0)
    assert found is not None
    assert (found.p, found.difference) == (1, 0)
    assert straight(values.mean(axis=0)) == 0


def test_with_fewer_than_six_units_there_is_no_change_point() -> None:
    assert change_point(drawn(0, 5, 8), seed=0) is None


def test_slopes_and_splits_are_those_of_least_squares_and_of_means() -> None:
    values = np.random.default_rng(0).normal(size=(3, 9))
    rank = np.arange(9)
    wanted = [np.polyfit(rank, row, 1)[0] for row in values]
    np.testing.assert_allclose(slopes(values[:, :, None])[:, 0], wanted)
    splits = [[row[k:].mean() - row[:k].mean() for k in range(1, 9)] for row in values]
    np.testing.assert_allclose(split_differences(values), splits)
    shares = [np.corrcoef(rank, row)[0, 1] ** 2 for row in values]
    np.testing.assert_allclose(line_share(values), shares)


def test_of_all_orders_of_five_members_two_are_as_straight_as_a_line() -> None:
    assert share_of_orders(np.arange(5.0), line_share, seed=0) == pytest.approx(2 / 120)
    assert share_of_orders(np.zeros(5), line_share, seed=0) == 1


def test_of_unrelated_members_every_twentieth_order_looks_like_a_trend() -> None:
    """Of long series so many orders are drawn; the share is a p over members."""
    shares = [
        share_of_orders(np.random.default_rng(seed).normal(size=9), line_share, seed=1, draws=400)
        for seed in range(300)
    ]
    assert 0.02 <= np.mean(np.array(shares) < 0.05) <= 0.08
