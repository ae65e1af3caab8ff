"""Points that are too many to be drawn one by one are counted."""

import numpy as np
import pytest

from odograph.errors import UsageError
from odograph.figures import Labels, Panel, Points, draw_scatter
from odograph.figures.histogram import MANY, Histogram, histogram, histogram_of_many
from odograph.measures.binned import JointCounts, bin_edges, bin_numbers, counted_together
from odograph.measures.bins import EvenBins

LABELS = Labels("Steps", "step", "log-probability")


def cloud(points: int = MANY) -> Histogram:
    draw = np.random.default_rng(1)
    x = draw.uniform(1, 2, points)
    return histogram(x, 3 * x + draw.normal(0, 0.1, points))


def test_every_point_lies_in_a_box_or_is_counted_as_beyond_the_frame() -> None:
    found = cloud()
    assert found.points == MANY
    assert found.counts.sum() + found.beyond == MANY
    assert 0 < found.beyond <= MANY * 4 * 0.002


def test_the_running_median_and_quartiles_are_those_of_the_points() -> None:
    found = cloud()
    low, median, high = found.quartiles
    assert np.allclose(median, 3 * found.middle, atol=0.02)
    assert np.allclose(high - low, 2 * 0.6745 * 0.1, atol=0.02)


def test_points_without_a_number_are_none() -> None:
    x, y = np.arange(1000.0), np.arange(1000.0)
    y[::2] = np.nan
    assert histogram(x, y).points == 500
    with pytest.raises(UsageError):
        histogram(x, y[1:])


def test_points_that_are_all_alike_have_a_frame() -> None:
    found = histogram(np.ones(100), np.ones(100))
    assert (found.counts.sum(), found.beyond) == (100, 0)


def test_the_picture_has_boxes_and_three_lines_and_says_its_scale() -> None:
    found = cloud()
    (axes,) = draw_scatter([Panel("stream", [], histogram=found)], LABELS).axes
    assert len(axes.lines) == 3
    assert axes.collections[0].get_array().compressed().sum() == found.counts.sum()
    said = axes.get_title(loc="left").replace("\n", " ")
    assert f"colour: 1 to {int(found.counts.max())} tokens a box" in said
    assert f"{found.beyond} tokens beyond the frame" in said


def test_few_points_are_drawn_and_counted_ones_have_boxes_of_whole_bins() -> None:
    draw, bins = np.random.default_rng(2), EvenBins(0.5, -128, 128)
    x = draw.normal(20, 5, 40_000).astype(np.float32)
    y = (2 * x + draw.normal(0, 1, len(x))).astype(np.float32)
    across, up, tokens = counted_together(bin_numbers(x, bins), bin_numbers(y, bins))
    edges = (edge.astype(float) for own in (across, up) for edge in bin_edges(own, bins))
    found = histogram_of_many([], [], JointCounts(*edges, tokens))
    assert histogram_of_many(x, y) is None
    assert found is not None
    assert found.counts.sum() + found.beyond == found.points == len(x)
    assert 0 < found.beyond < 0.01 * len(x)
    assert set(np.diff(found.x).tolist()) == {0.5}
    assert set(np.diff(found.y).tolist()) == {1.0}  # at most 90 boxes up
    assert found.counts.shape == (len(found.x) - 1, len(found.y) - 1)
    steep = np.abs(found.quartiles[1] - 2 * found.middle)[2:-2]
    assert steep.max() < 0.5


@pytest.mark.parametrize(("count", "drawn"), [(500, True), (501, False)])
def test_many_sinks_are_counted_and_not_drawn(count: int, drawn: bool) -> None:
    sinks = Points("sinks", np.linspace(40, 60, count), np.zeros(count), sink=True)
    tokens = Points("tokens", [1.0, 2.0], [-1.0, -2.0])
    figure = draw_scatter([Panel("stream", [tokens, sinks])], LABELS)
    crosses = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert bool(crosses) == drawn
    said = figure.axes[0].get_title(loc="left").replace("\n", " ")
    assert ("501 sinks are not drawn: x from 40 to 60" in said) != drawn
