"""Values in fixed bins: exact edges, every value counted, quantiles right within a bin."""

import numpy as np
import pytest

from odograph.measures import MEASURES
from odograph.measures.binned import (
    NO_BIN,
    Counts,
    JointCounts,
    bin_edges,
    bin_numbers,
    counted,
    counted_together,
    extreme_rows,
)
from odograph.measures.bins import Bins, EvenBins, OctaveBins

DEGREES, LENGTHS = EvenBins(0.5, 0, 180), OctaveBins()
VALUES = np.concatenate(
    [np.random.default_rng(0).gamma(3, 10, 4000), [0, -0.0, 1, 2, 179.5, 180, 1e-42]]
).astype(np.float32)


def counts_of(values: np.ndarray, bins: Bins) -> Counts:
    numbers, tokens = counted(bin_numbers(values, bins))
    low, high = bin_edges(numbers, bins)
    return Counts(low.astype(np.float64), high.astype(np.float64), tokens)


@pytest.mark.parametrize("bins", [DEGREES, LENGTHS], ids=["even", "octaves"])
@pytest.mark.parametrize("joined", [1, 4])
def test_a_value_lies_in_its_bin_which_holds_its_lower_edge(bins: Bins, joined: int) -> None:
    numbers = bin_numbers(VALUES, bins).astype(np.int64) // joined
    low, high = bin_edges(numbers, bins, joined)
    assert (low <= VALUES).all()
    assert ((high > VALUES) | (VALUES == 180)).all()


def test_bins_of_an_octave_are_sixteen() -> None:
    counts = counts_of(np.linspace(4, 8, 1601, dtype=np.float32)[:-1], LENGTHS)
    assert counts.low.tolist() == [4 + k / 4 for k in range(16)]
    assert counts.high.tolist() == [4 + (k + 1) / 4 for k in range(16)]
    assert counts.tokens.tolist() == [100] * 16


def test_what_lies_beyond_is_in_the_outermost_bins_and_what_is_no_number_in_none() -> None:
    bins = EvenBins(0.5, -1, 1)
    values = np.array([-7, -1, 0.99, 1, 8, np.nan, np.inf], np.float32)
    numbers = bin_numbers(values, bins)
    assert numbers.tolist() == [-2, -2, 1, 1, 1, NO_BIN, NO_BIN]
    assert counts_of(values, bins).total == 5


def test_every_measure_has_bins_with_ends_that_are_multiples_of_a_power_of_two() -> None:
    for measure in MEASURES.values():
        if isinstance(measure.bins, EvenBins):
            width = measure.bins.width
            assert np.frexp(width)[0] == 0.5
            assert (measure.bins.low / width).is_integer()
            assert (measure.bins.high / width).is_integer()


def test_counts_of_two_parts_add_up_to_those_of_the_whole() -> None:
    whole = counts_of(VALUES, LENGTHS)
    added: dict[float, int] = {}
    for part in (VALUES[::3], VALUES[1::3], VALUES[2::3]):
        counts = counts_of(part, LENGTHS)
        for low, tokens in zip(counts.low.tolist(), counts.tokens.tolist(), strict=True):
            added[low] = added.get(low, 0) + tokens
    assert added == dict(zip(whole.low.tolist(), whole.tokens.tolist(), strict=True))


def test_values_that_lie_very_far_apart_are_counted_too() -> None:
    numbers = np.array([0, 2**30, 0, 5], np.int32)
    assert [found.tolist() for found in counted(numbers)] == [[0, 5, 2**30], [2, 1, 1]]


@pytest.mark.parametrize("bins", [DEGREES, LENGTHS], ids=["even", "octaves"])
def test_quantiles_are_right_within_one_bin(bins: Bins) -> None:
    shares = np.linspace(0, 1, 101)
    counts, found = counts_of(VALUES, bins), np.quantile(VALUES, shares)
    widths = np.interp(found, counts.low, counts.high - counts.low)
    inside = slice(1, -2)  # between the last values lie empty bins
    assert (np.abs(counts.quantiles(shares) - found) <= widths + 1e-6)[inside].all()


def test_shares_below_values_are_right_within_one_bin() -> None:
    counts = counts_of(VALUES, DEGREES)
    asked = np.linspace(1, 60, 33)
    shares = counts.shares_below(asked)
    assert (shares >= [np.mean(value - 0.5 > VALUES) for value in asked]).all()
    assert (shares <= [np.mean(value + 0.5 > VALUES) for value in asked]).all()
    assert counts.shares_below([-1, 181]).tolist() == [0, 1]
    assert counts.shares_below(counts.quantiles([0.3, 0.7])) == pytest.approx([0.3, 0.7])


def test_counts_between_edges_of_bins_are_exact_and_keep_all() -> None:
    counts, edges = counts_of(VALUES, DEGREES), np.linspace(10, 60, 11)
    assert (
        counts.within(edges).tolist() == np.histogram(np.clip(VALUES, 10, 59.9), edges)[0].tolist()
    )
    assert counts.within(np.linspace(0.3, 77.7, 45)).sum() == len(VALUES)


def test_the_first_of_equal_values_comes_first_at_both_ends() -> None:
    values = np.array([3, 1, 3, np.nan, 1, 2, 3], np.float32)
    numbers = bin_numbers(values, DEGREES)
    largest, smallest = extreme_rows(values, numbers, counted(numbers), 2)
    assert (largest.tolist(), smallest.tolist()) == ([0, 2], [1, 4])
    every = extreme_rows(values, numbers, counted(numbers), 99)
    assert [len(rows) for rows in every] == [6, 6]
    none = numbers[3:4]
    assert [len(rows) for rows in extreme_rows(values[3:4], none, counted(none), 2)] == [0, 0]


def made_joint() -> tuple[np.ndarray, np.ndarray, JointCounts]:
    draw = np.random.default_rng(1)
    x = draw.uniform(20, 120, 20_000).astype(np.float32)
    y = (x + draw.normal(0, 5, len(x))).astype(np.float32)
    across, up, tokens = counted_together(bin_numbers(x, LENGTHS), bin_numbers(y, DEGREES))
    edges = (*bin_edges(across, LENGTHS), *bin_edges(up, DEGREES))
    return x, y, JointCounts(*(edge.astype(np.float64) for edge in edges), tokens)


def test_a_joint_histogram_has_the_histograms_of_both() -> None:
    x, y, joint = made_joint()
    for own, values, bins in ((joint.x, x, LENGTHS), (joint.y, y, DEGREES)):
        whole = counts_of(values, bins)
        assert own.low.tolist() == whole.low.tolist()
        assert own.tokens.tolist() == whole.tokens.tolist()
    assert joint.turned.x.tokens.tolist() == joint.y.tokens.tolist()


def test_tokens_that_lack_one_of_two_values_are_in_no_cell() -> None:
    x = bin_numbers(np.array([1, 2, np.nan], np.float32), DEGREES)
    y = bin_numbers(np.array([1, np.nan, 3], np.float32), DEGREES)
    assert [found.tolist() for found in counted_together(x, y)] == [[2], [2], [1]]
    assert counted_together(x[2:], y[2:])[2].size == 0


def test_running_quantiles_are_those_of_the_tokens_of_each_stretch() -> None:
    *_, joint = made_joint()
    middle, (low, median, high) = joint.running(10, [0.25, 0.5, 0.75])
    assert len(middle) <= 10
    assert np.allclose(median, middle, atol=1.5)
    steep = np.ptp(joint.x.low) / len(middle)
    assert (high - low >= 2 * 0.6745 * 5 - 0.5).all()
    assert (high - low <= 2 * 0.6745 * 5 + steep).all()


def test_no_stretch_of_running_quantiles_rests_on_a_few_tokens() -> None:
    tokens = np.array([3, 100_000, 7, 60_000, 1])
    low = np.arange(5.0)
    joint = JointCounts(low, low + 1, np.zeros(5), np.ones(5), tokens)
    middle, _ = joint.running(4, [0.5])
    assert middle.tolist() == pytest.approx([1.5, 3.5], abs=0.01)


def test_cells_between_other_edges_keep_all_tokens() -> None:
    _, _, joint = made_joint()
    table = joint.within(np.linspace(20, 120, 31), np.linspace(10, 130, 21))
    assert table.shape == (30, 20)
    assert table.sum() == pytest.approx(joint.tokens.sum())
