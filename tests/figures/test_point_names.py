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


@pytest.mark.parametrize("count", [8, 30, 80])
@pytest.mark.parametrize(
    ("draw", "more"),
    [(draw_scatter, {}), (draw_log_scatter, {}), (draw_symlog_scatter, {"linear": 0.01})],
    ids=["plain", "log", "symlog"],
)
def test_no_name_covers_another(count: int, draw: Any, more: Any, tmp_path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    figure = drawn(count, draw, **more)
    save(figure, tmp_path / "names", {"model": "a long card " * 30})
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    # Of the words alone: the line that leads to a point may pass another name.
    boxes = [Text.get_window_extent(text, renderer) for text in figure.axes[0].texts]
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


def test_a_single_name_stands_close_to_its_point() -> None:
    figure = drawn(3, draw_scatter)
    assert all(np.hypot(*text.xyann) < 15 for text in figure.axes[0].texts)
