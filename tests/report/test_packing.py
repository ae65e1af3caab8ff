"""Packed numbers come back as near as was asked for, whole numbers as they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odograph.report.packing import packed_integers, packed_numbers, unpacked
from odograph.report.sample import chosen_passages

SEEDS = st.integers(0, 2**32 - 1)
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 40))


@given(SEEDS, SHAPES, st.sampled_from([0.0014, 0.03, 1.0]))
def test_a_number_is_as_near_as_asked_for(seed: int, shape: tuple[int, int], error: float) -> None:
    values = np.random.default_rng(seed).uniform(0, 180, shape)
    back = unpacked(packed_numbers(values, error=error))
    assert np.abs(back - values).max() <= error * (1 + 1e-6)


@given(SEEDS, SHAPES)
def test_a_length_is_off_by_no_more_than_its_share(seed: int, shape: tuple[int, int]) -> None:
    values = np.random.default_rng(seed).lognormal(0, 3, shape)
    back = unpacked(packed_numbers(values, error=1e-3, logarithmic=True))
    assert (np.abs(back / values - 1)).max() <= 1.001e-3


def test_sixteen_bits_hold_any_angle_to_14_ten_thousandths_of_a_degree() -> None:
    values = np.linspace(0, 180, 10_001)
    packed = packed_numbers(values, error=1e-9)
    assert packed["bytes"] == 2
    assert np.abs(unpacked(packed) - values).max() < 0.0014


def test_what_is_no_number_comes_back_as_none_and_a_length_of_nothing_as_0() -> None:
    values = np.array([[np.nan, 0.0, 2.0, np.inf], [0.0, 0.0, 0.0, 0.0]])
    back = unpacked(packed_numbers(values, error=1e-3, logarithmic=True))
    assert np.isnan(back[0, [0, 3]]).all()
    assert back[0, 1] == 0
    assert (back[1] == 0).all()
    assert back[0, 2] == pytest.approx(2, rel=1e-3)


def test_few_steps_take_one_byte_and_many_take_two() -> None:
    assert packed_numbers(np.linspace(-1, 1, 50), error=0.01)["bytes"] == 1
    assert packed_numbers(np.linspace(-1, 1, 50), error=0.001)["bytes"] == 2


@given(st.lists(st.integers(-1000, 2_000_000), max_size=60))
def test_whole_numbers_come_back_exactly(numbers: list[int]) -> None:
    values = np.array(numbers, np.int64)
    assert (unpacked(packed_integers(values)) == values).all()


def test_an_empty_column_is_packed_and_comes_back_empty() -> None:
    assert unpacked(packed_integers(np.empty(0, np.int64))).size == 0
    assert unpacked(packed_numbers(np.empty((3, 0)), error=1.0)).shape == (3, 0)


TOKENS = dict.fromkeys(range(50), 10)


def test_all_passages_are_chosen_where_there_is_room() -> None:
    assert chosen_passages(TOKENS, 500) == list(range(50))


def test_passages_that_findings_name_come_first_and_the_others_by_a_hash() -> None:
    chosen = chosen_passages(TOKENS, 100, first=[49, 3])
    assert {49, 3} <= set(chosen)
    assert len(chosen) == 10
    assert chosen == sorted(chosen)
    assert chosen == chosen_passages(TOKENS, 100, first=[49, 3])
    assert chosen != chosen_passages(TOKENS, 100, first=[49, 3], seed=1)


def test_a_passage_longer_than_all_the_room_is_chosen_alone() -> None:
    assert chosen_passages({7: 1000}, 10) == [7]
    assert chosen_passages({}, 10) == []
