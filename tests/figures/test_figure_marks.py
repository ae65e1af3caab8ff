"""The marks mean what the docstrings say."""

import doctest
import importlib
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from example_figures import named_points, scatter, triangle

from odograph.errors import UsageError
from odograph.figures import (
    Cluster,
    Curve,
    Difference,
    Dot,
    GridEntry,
    HeatMap,
    Labels,
    Triangle,
    draw_difference,
    draw_grid,
    draw_heatmap,
    draw_last_step,
    draw_model_differences,
    draw_paths,
    draw_profile,
    draw_scatter,
    draw_scree,
    draw_triangles,
    relative,
)
from odograph.figures.marks import p_text
from odograph.figures.style import look
from odograph.figures.text import legible, visible, wrapped

LABELS = Labels("title", "block", "degrees")


def line(figure: Any, label: str) -> Any:
    return next(one for one in figure.axes[0].lines if one.get_label() == label)


@pytest.mark.parametrize("name", ["text", "svg", "last_step"])
def test_docstring_examples_are_true(name: str) -> None:
    module = importlib.import_module(f"odograph.figures.{name}")
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed


def test_significant_layers_are_filled_and_the_others_open() -> None:
    value = Difference(
        [1, 2, 3], [1, 2, 3], [0, 1, 2], [2, 3, 4], "9 passages", [False, True, True]
    )
    figure = draw_difference(value, LABELS)
    filled, opened = line(figure, "layer differs (max-T)"), line(figure, "not shown to differ")
    assert list(filled.get_xdata()) == [2, 3]
    assert list(opened.get_xdata()) == [1]
    assert filled.get_markerfacecolor() != "none"
    assert opened.get_markerfacecolor() == "none"


def test_n_is_in_the_title_of_a_difference() -> None:
    value = Difference([1], [1], [0], [2], "54 passages")
    assert draw_difference(value, LABELS).get_label() == "title (n = 54 passages)"


def test_clusters_lie_below_the_data_with_their_p() -> None:
    value = Difference([1, 2, 3], [1, 2, 3], [0, 1, 2], [2, 3, 4], "9", clusters=[Cluster(1, 2, 0)])
    axes = draw_difference(value, LABELS).axes[0]
    assert [text.get_text() for text in axes.texts] == ["p < 0.001"]
    bottom, top = axes.get_ylim()
    bar = next(one for one in axes.lines if one.get_linewidth() == 4)
    assert bottom + max(bar.get_ydata()) * (top - bottom) < 0


def test_p_is_never_zero() -> None:
    assert [p_text(0.0), p_text(0.0123)] == ["p < 0.001", "p = 0.012"]


def test_sinks_do_not_stretch_the_colour_scale() -> None:
    values = np.array([[9000.0, 8000.0], [1.0, 2.0], [3.0, 4.0]])
    figure = draw_heatmap(HeatMap(["a", "b", "c"], [1, 2], values, sinks=(0,)), LABELS)
    assert figure.axes[0].images[0].get_clim() == (1.0, 4.0)
    assert values[0, 0] == 9000.0


def test_a_long_sentence_goes_on_in_further_columns_and_loses_no_token() -> None:
    tokens = [f" {i}" for i in range(70)]
    figure = draw_heatmap(HeatMap(tokens, [1], np.ones((70, 1))), LABELS)
    maps = [axes for axes in figure.axes if axes.images]
    assert len(maps) == 3
    written = [text.get_text() for axes in maps for text in axes.get_yticklabels()]
    assert written == [f"·{i}" for i in range(70)]


def test_far_sinks_stand_at_the_edge_and_are_counted() -> None:
    figure = scatter(100, 1)
    axes = figure.axes[0]
    assert axes.get_xlim()[1] < 1000
    assert "beyond the frame: 1 of 1 sinks, x up to 3,000" in axes.get_title(loc="left")


def test_relative_depth_ends_at_one() -> None:
    assert list(relative(Curve("a", [1, 2, 4], [0, 0, 0]), 4).layers) == [0.25, 0.5, 1.0]


def test_looks_differ_in_more_than_colour() -> None:
    looks = [look(i) for i in range(7)]
    assert len({one.colour for one in looks}) == 7
    assert len({(str(one.line), one.marker) for one in looks}) == 7
    assert len({(one.colour, one.marker) for one in map(look, range(49))}) == 49


def test_tokens_are_readable() -> None:
    assert [visible(t) for t in (" her", "\t", "\u00a0", "", "\x07", "\ud800")] == [
        "·her", "⇥", "⍽", "∅", "\\x07", "\\ud800",
    ]  # fmt: skip
    assert visible("a" * 30) == "a" * 11 + "…" + "a" * 6
    assert legible("one two\nthree\x00") == "one two\nthree\\x00"


def test_long_titles_end_with_an_ellipsis() -> None:
    lines = wrapped("word " * 200, 6, 11, lines=2).split("\n")
    assert len(lines) == 2
    assert lines[-1].endswith("…")


def refused(draw: Any) -> str:
    with pytest.raises(UsageError) as caught:
        draw()
    return str(caught.value)


def test_arrays_of_different_length_are_refused_with_the_place() -> None:
    message = refused(lambda: draw_profile([Curve("her", [1, 2], [1.0])], LABELS))
    assert message == (
        "her: 'mean' does not fit 'layers': expected 2 values, got 1. "
        "Give one value per layer (or token) in every array."
    )


def test_a_heat_map_of_the_wrong_shape_is_refused() -> None:
    message = refused(lambda: draw_heatmap(HeatMap(["a"], [1, 2], [[1.0]]), LABELS))
    assert message == (
        "heat map: values do not fit the sentence: expected at least one token and layer, and "
        "values of shape (1, 2), got (1, 1). Give one row per token and one column per layer."
    )


def test_empty_material_is_refused_where_a_picture_would_be_a_lie() -> None:
    assert (
        refused(lambda: draw_grid([], LABELS)) == "grid: expected at least one estimate, got none."
    )
    assert refused(lambda: draw_scatter([], LABELS)).startswith("scatter: expected at least one")
    assert refused(lambda: draw_paths([], "t", ["PC1", "PC2"])).startswith("paths: expected a path")
    assert (
        refused(lambda: draw_scree([], LABELS)) == "scree: expected at least one panel, got none."
    )
    assert refused(lambda: draw_last_step([], "t")).startswith("last step: expected at least one")
    assert refused(lambda: draw_model_differences([], LABELS)).startswith("model differences:")
    assert refused(lambda: relative(Curve("a", [1], [1]), 0)) == (
        "relative depth: expected at least 1 block, got 0."
    )


@pytest.mark.parametrize("low", [-0.87, -0.4, 0.02])
def test_numbers_under_two_panels_of_a_grid_do_not_touch(low):
    made = [
        GridEntry(row, column, "all", Dot(low / 2, low, 0.62))
        for row in ("stream, log-probability, Spearman", "hf, entropy, Pearson")
        for column in ("raw", "partial")
    ]
    figure = draw_grid(made, LABELS)
    figure.draw_without_rendering()
    for axes in figure.axes:
        boxes = [label.get_window_extent() for label in axes.get_xticklabels() if label.get_text()]
        assert len(boxes) > 2
        assert all(left.x1 + 2 < right.x0 for left, right in pairwise(boxes))


def test_an_estimate_that_cannot_be_had_is_said() -> None:
    figure = draw_grid([GridEntry("a", "raw", "all", Dot(float("nan")))], LABELS)
    assert [text.get_text().strip() for text in figure.axes[0].texts] == ["n/a"]


def test_a_triangle_has_a_cell_for_every_run_and_a_dot_for_the_smallest() -> None:
    drawn = triangle("model", 4)
    axes = draw_triangles([drawn], LABELS).axes[0]
    cells = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert np.isfinite(cells).tolist() == [
        [column + row < 4 for column in range(4)] for row in range(4)
    ]
    for first, blocks, value in zip(drawn.first, drawn.blocks, drawn.values, strict=True):
        assert cells[blocks - 1, first - 1] == value
    [dots] = axes.lines
    assert list(zip(*dots.get_data(), strict=True)) == list(drawn.best)
    assert axes.images[0].get_extent() == [0.5, 4.5, 0.5, 4.5]
    assert axes.images[0].origin == "lower"


def test_triangles_share_one_scale_that_begins_at_0() -> None:
    small, large = Triangle("a", [1], [1], [0.1]), Triangle("b", [1], [1], [0.7])
    figure = draw_triangles([small, large], LABELS)
    assert {axes.images[0].get_clim() for axes in figure.axes[:2]} == {(0, 0.7)}


def test_a_triangle_without_runs_or_panels_is_refused() -> None:
    with pytest.raises(UsageError, match="triangle: expected at least one panel, got none"):
        draw_triangles([], LABELS)
    with pytest.raises(UsageError, match="triangle: expected at least one run of blocks, got none"):
        draw_triangles([Triangle("a", [], [], [])], LABELS)
    with pytest.raises(UsageError, match="'values' does not fit 'first'"):
        draw_triangles([Triangle("a", [1], [1], [1, 2])], LABELS)


def test_names_stand_beside_their_points_on_logarithmic_axes() -> None:
    axes = named_points(5).axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    [points] = axes.lines
    written = {text.get_text(): text.xy for text in axes.texts}
    for number, place in enumerate(zip(*points.get_data(), strict=True), start=1):
        assert written[str(number)] == place
