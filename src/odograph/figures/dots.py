"""Means by category with their intervals, beside those of a null; a panel for each measure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from odograph.figures.marks import Dot, Labels, same_length
from odograph.figures.style import GREY, WIDTH, canvas, ground, head, look, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class DotPanel:
    """One measure: a dot for each category, and one of the null (none where there is no null)."""

    label: str
    dots: Sequence[Dot]
    null: Sequence[Dot] = ()


@styled
def draw_dots(
    categories: Sequence[str], panels: Sequence[DotPanel], labels: Labels, *, null: str
) -> "Figure":
    """A row for each category and a panel for each measure, each panel on its own scale.

    Filled dot: the mean; bar: its interval (none: too few units). Grey open diamond: the mean of
    the null; grey bar: its range.
    """
    for panel in panels:
        same_length(
            panel.label,
            categories=np.arange(len(categories)),
            dots=[dot.value for dot in panel.dots],
            null=[dot.value for dot in panel.null] or None,
        )
    figure = canvas(height=1.8 + 0.27 * len(categories), width=WIDTH * 1.2)
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, panel in zip(grid, panels, strict=True):
        ground(axes, "both")
        for row, dot in enumerate(panel.null):
            _draw(axes, dot, row + 0.18, _null_marks())
        for row, dot in enumerate(panel.dots):
            _draw(axes, dot, row - 0.12, _marks())
        axes.set_xlabel(panel.label)
        axes.tick_params(axis="y", length=0)
    grid[0].set_yticks(range(len(categories)), categories)
    grid[0].set_ylim(len(categories) - 0.5, -0.5)
    grid[0].set_ylabel(labels.y)
    head(figure, labels.title, _legend(null if any(p.null for p in panels) else ""))
    return figure


def _marks() -> dict[str, Any]:
    style = look(0)
    return {"marker": style.marker, "color": style.colour, "markersize": 5.5}


def _null_marks() -> dict[str, Any]:
    return {"marker": "D", "color": GREY, "markerfacecolor": "none", "markersize": 4.5}


def _draw(axes: "Axes", dot: Dot, y: float, marks: dict[str, Any]) -> None:
    if np.isfinite(dot.low) and np.isfinite(dot.high):
        axes.plot([dot.low, dot.high], [y, y], color=marks["color"], linewidth=1.4)
    axes.plot([dot.value], [y], linestyle="none", **marks)


def _legend(null: str) -> list[Any]:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], linestyle="none", label="the model", **_marks())]
    if null:
        handles.append(Line2D([], [], linestyle="none", label=null, **_null_marks()))
    return handles
