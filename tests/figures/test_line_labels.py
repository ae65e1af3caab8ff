"""Lines are named at their ends, nulls told apart without hatches, narrow figures as sound."""

import re
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from example_figures import CARD, KINDS, curve, profile, twins
from hypothesis import given
from hypothesis import strategies as st

from odograph.figures import Band, Cluster, Curve, Difference, Labels, draw_difference, save
from odograph.figures.drawing import Drawing
from odograph.figures.heatmap import HeatMap, draw_layer_heatmap, within_layers
from odograph.figures.line_labels import spread
from odograph.figures.profile import draw_fitting_profile, draw_profile

LABELS = Labels("title", "block", "rotation (degrees)")
ROOM = (0.0, 100.0)


@given(st.lists(st.floats(-20, 120), min_size=1, max_size=6))
def test_labels_never_stand_upon_each_other_and_keep_their_order(wanted: list[float]) -> None:
    sizes = np.full(len(wanted), 12.0)
    places = spread(np.array(wanted), sizes, ROOM)
    order = np.argsort(wanted, kind="stable")
    assert np.all(np.diff(places[order]) >= 12 - 1e-9)
    assert places.min() >= 6 - 1e-9
    assert places.max() <= 94 + 1e-9


def test_a_label_with_room_stands_where_its_line_ends() -> None:
    places = spread(np.array([20.0, 80.0]), np.array([12.0, 12.0]), ROOM)
    np.testing.assert_allclose(places, [20, 80])
    near = spread(np.array([50.0, 50.0]), np.array([12.0, 12.0]), ROOM)
    np.testing.assert_allclose(near, [44, 56])


def texts_of(figure: Any) -> set[str]:
    return {text.get_text().replace("\n", " ") for text in figure.axes[0].texts}


def test_lines_are_named_at_their_ends_and_not_in_a_legend() -> None:
    figure = draw_profile([curve("her", 12), curve("him", 12, 9)], LABELS, bands=[twins(12)])
    assert {"her", "him", "untrained twins, 5-95 %"} <= texts_of(figure)
    assert not figure.legends


def test_many_lines_have_a_legend() -> None:
    figure = draw_profile([curve(f"line {k}", 12, 5.0 * k) for k in range(7)], LABELS)
    assert not texts_of(figure)
    assert len(figure.legends[0].get_texts()) == 7


def test_nulls_differ_by_the_dash_of_their_line_and_have_no_hatch(tmp_path: Path) -> None:
    x = np.arange(1, 13)
    bands = [twins(12), Band("mismatched step", x, x + 60.0, x + 70.0, x + 65.0)]
    figure = draw_profile([curve("her", 12)], LABELS, bands=bands)
    assert len({str(line.get_linestyle()) for line in figure.axes[0].lines[:2]}) == 2
    assert "<pattern" not in save(figure, tmp_path / "nulls", CARD)[0].read_text("utf-8")


def test_an_axis_is_logarithmic_where_one_block_would_press_the_others_flat() -> None:
    x = np.arange(1, 31)
    steep, flat = Curve("her", x, 12 + 70 * np.exp(1.0 - x)), curve("her", 30)
    assert draw_fitting_profile([steep], LABELS).axes[0].get_yscale() == "log"
    assert draw_fitting_profile([flat], LABELS).axes[0].get_yscale() == "linear"
    below = [Band("null", [1, 2], [-1.0, 1.0], [2.0, 3.0])]
    assert draw_fitting_profile([steep], LABELS, bands=below).axes[0].get_yscale() == "linear"


@pytest.mark.parametrize("name", KINDS)
def test_a_figure_is_as_wide_as_it_is_asked_to_be(name: str, tmp_path: Path) -> None:
    figure = Drawing(KINDS[name], (), {}).figure(3.3)
    svg, png = save(figure, tmp_path / name, CARD, width=3.3)
    size = re.search(r'<svg [^>]*?width="([0-9.]+)pt"', svg.read_text("utf-8"))
    assert size is not None
    assert float(size[1]) == pytest.approx(3.3 * 72, abs=0.1)
    content = png.read_bytes()
    (pixels,) = struct.unpack(">I", content[16:20])
    place = content.index(b"pHYs") + 4
    dots_a_metre, _ = struct.unpack(">II", content[place : place + 8])
    assert pixels / dots_a_metre / 0.0254 == pytest.approx(3.3, abs=0.02)


def test_the_card_is_drawn_only_where_it_is_asked_for(tmp_path: Path) -> None:
    def drawn(**options: bool) -> str:
        text = save(profile(), tmp_path / "profile", CARD, **options)[0].read_text("utf-8")
        return " ".join(re.findall(r">([^<>]+)</text>", text)).replace("\u00a0", " ")

    assert "convention: stream" not in drawn()
    assert "convention: stream" in drawn(show_card=True)


def test_every_block_of_a_heat_map_uses_the_whole_colour_scale() -> None:
    values = np.array([[80.0, 10.0, 5.0], [90.0, 12.0, 5.0], [85.0, np.nan, 5.0]])
    expected = [[0, 0, 0.5], [1, 1, 0.5], [0.5, np.nan, 0.5]]
    np.testing.assert_allclose(within_layers(values), expected)
    drawn = draw_layer_heatmap(HeatMap(["a", "b", "c"], [1, 2, 3], values), LABELS)
    shown = np.ma.filled(drawn.axes[0].images[0].get_array(), np.nan)
    np.testing.assert_allclose(shown, expected)


def test_what_the_colours_of_a_short_sentence_mean_stands_inside_the_picture(
    tmp_path: Path,
) -> None:
    labels = Labels("title", "block", "rotation in the block (degrees)")
    tokens = [f"token {number}" for number in range(9)]
    figure = draw_layer_heatmap(HeatMap(tokens, range(1, 31), np.ones((9, 30))), labels)
    save(figure, tmp_path / "map", CARD)
    label = figure.axes[-1].yaxis.label.get_window_extent()
    assert figure.bbox.y0 <= label.y0
    assert label.y1 <= figure.bbox.y1
    assert label.x1 <= figure.bbox.x1


def test_p_of_thirty_blocks_do_not_touch_and_clusters_take_a_strip_alone(tmp_path: Path) -> None:
    x = np.arange(1, 31)
    mean = 5 * np.sin(x)
    clusters = [Cluster(k, k + 1, 0.01 * k) for k in range(1, 29, 3)]
    figure = draw_difference(
        Difference(x, mean, mean - 1, mean + 1, n="12 pairs", clusters=clusters), LABELS
    )
    save(figure, tmp_path / "difference", CARD)
    (axes,) = figure.axes
    boxes = sorted(
        (text.get_window_extent().x0, text.get_window_extent().x1) for text in axes.texts
    )
    assert boxes
    assert all(a[1] < b[0] for a, b in pairwise(boxes))
    assert min(text.get_text() for text in axes.texts) == "p = 0.010"
    assert axes.get_ylim()[0] > -9
