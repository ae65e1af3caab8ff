"""Names beside points: none covers another, however many blocks a model has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from odograph.figures.marks import Labels
from odograph.figures.saving import save
from odograph.figures.scatter import (
    Panel,
    Points,
    draw_log_scatter,
    draw_scatter,
    draw_symlog_scatter,
)


def drawn(count: int, draw: Callable[..., Any], **more: Any) -> Any:
    """So many blocks, most of them near each other, as in a real model."""
    generator = np.random.default_rng(count)
    x, y = generator.normal(20, 3, count), np.exp(generator.normal(-2.5, 1, count))
    x[:3], y[0] = (70, 45, 40), 9
    points = Points("a block", x, y, names=[str(number + 1) for number in range(count)])
    return draw([Panel("", [points])], Labels("Turns", "rotation (degrees)", "change"), **more)


def boxes_of(figure: Any) -> list[Any]:
    """Of the words alone, without the line that leads to a point, in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    return [Text.get_window_extent(text, renderer) for text in figure.axes[0].texts]


@pytest.mark.parametrize("count", [8, 30, 80])
@pytest.mark.parametrize(
    ("draw", "more"),
    [(draw_scatter, {}), (draw_log_scatter, {}), (draw_symlog_scatter, {"linear": 0.01})],
    ids=["plain", "log", "symlog"],
)
def test_no_name_covers_another(count: int, draw: Any, more: Any, tmp_path: Path) -> None:
    figure = drawn(count, draw, **more)
    save(figure, tmp_path / "names", {"model": "a long card " * 30})
    boxes = boxes_of(figure)
    assert len(boxes) == count
    overlapping = [
        (one, other)
        for one in range(count)
        for other in range(one)
        if boxes[one].overlaps(boxes[other])
    ]
    assert overlapping == []
    room = figure.axes[0].bbox.padded(1)  # beyond it stand the labels of the ticks
    outside = [box for box in boxes if not (room.contains(*box.min) and room.contains(*box.max))]
    assert outside == []


@pytest.mark.parametrize(
    ("draw", "more"),
    [(draw_log_scatter, {}), (draw_symlog_scatter, {"linear": 0.01})],
    ids=["log", "symlog"],
)
def test_no_line_from_a_name_to_its_point_crosses_another_name(draw: Any, more: Any) -> None:
    figure = drawn(30, draw, **more)
    boxes, texts = boxes_of(figure), figure.axes[0].texts
    lines = [n for n, text in enumerate(texts) if text.arrow_patch.get_visible()]
    assert lines
    for one in lines:
        point = figure.axes[0].transData.transform(texts[one].xy)
        ends = point, (boxes[one].min + boxes[one].max) / 2
        way = [ends[0] + (ends[1] - ends[0]) * share for share in np.linspace(0, 1, 200)]
        crossed = [n for n, box in enumerate(boxes) if any(box.contains(*at) for at in way)]
        assert crossed == [one]


@pytest.mark.parametrize("count", [30, 80])
@pytest.mark.parametrize(
    ("draw", "more"),
    [(draw_log_scatter, {}), (draw_symlog_scatter, {"linear": 0.01})],
    ids=["log", "symlog"],
)
def test_no_two_lines_from_names_to_their_points_cross(count: int, draw: Any, more: Any) -> None:
    figure = drawn(count, draw, **more)
    boxes_of(figure)
    texts = [text for text in figure.axes[0].texts if text.arrow_patch.get_visible()]
    assert texts
    points = figure.axes[0].transData.transform([text.xy for text in texts])
    ends = points + np.array([text.xyann for text in texts]) * figure.dpi / 72
    crossing = [
        (texts[one].get_text(), texts[other].get_text())
        for one in range(len(texts))
        for other in range(one)
        if parts(points[one], ends[one], points[other], ends[other])
        and parts(points[other], ends[other], points[one], ends[one])
    ]
    assert crossing == []


def parts(start: Any, end: Any, one: Any, other: Any) -> bool:
    """Whether the line from start to end has the two points on different sides."""
    way = end - start
    side, opposite = (way[0] * (at - start)[1] - way[1] * (at - start)[0] for at in (one, other))
    return bool(side * opposite < 0)


def test_a_single_name_stands_close_to_its_point() -> None:
    figure = drawn(3, draw_scatter)
    assert all(np.hypot(*text.xyann) < 15 for text in figure.axes[0].texts)
