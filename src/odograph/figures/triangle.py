"""Every run of neighbouring blocks as a triangle: where it begins and how many blocks it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.marks import Labels, Numbers, numbers, same_length
from odograph.figures.style import (
    MAGNITUDE,
    WIDTH,
    canvas,
    head,
    nothing_to_draw,
    panel_title,
    room_for_ticks,
    side_by_side,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# White with a dark rim: seen on the dark and on the bright end of the colour map.
_BEST: dict[str, Any] = {
    "linestyle": "none",
    "marker": "o",
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.8,
}


@dataclass(frozen=True)
class Triangle:
    """One panel: a value for every run of blocks, arrays of one length.

    `first` is the first block of a run, `blocks` how many it has; `best` are the runs to be marked,
    as pairs of these two. NaN leaves a cell empty.
    """

    name: str
    first: ArrayLike
    blocks: ArrayLike
    values: ArrayLike
    best: Sequence[tuple[int, int]] = ()


@styled
def draw_triangles(triangles: Sequence[Triangle], labels: Labels) -> "Figure":
    """One triangle a panel, side by side on one scale; `labels.y` is the value with its unit.

    Column: the first block of a run. Row: how many blocks it has, from 1 at the bottom to all.
    Colour: the value, from 0 (dark) to the largest of all panels (bright). White dot: the run of
    that length with the smallest value.
    """
    if not triangles:
        raise UsageError("triangle", expected="at least one panel", given="none")
    columns = len(triangles)
    figure = canvas(height=4.1, width=WIDTH if columns == 1 else WIDTH * 1.25)
    grid, left, _ = side_by_side(figure, len(triangles))
    values = np.concatenate([numbers(t.values) for t in triangles])
    finite = values[np.isfinite(values)]
    top = float(finite.max()) if len(finite) and finite.max() > 0 else 1.0
    for axes, triangle in zip(grid, triangles, strict=True):
        picture = _draw(axes, triangle, top)
        axes.set_xlabel(labels.x)
    for axes in left:
        axes.set_ylabel("blocks in the run")
    bar = figure.colorbar(picture, ax=list(grid), fraction=0.05, pad=0.02, aspect=30)
    bar.set_label(labels.y)
    bar.outline.set_visible(False)
    head(figure, labels.title, _legend(triangles))
    return figure


def _draw(axes: "Axes", triangle: Triangle, top: float) -> Any:
    from matplotlib.ticker import MaxNLocator

    cells = _cells(triangle)
    size = len(cells)
    picture = axes.imshow(
        cells,
        cmap=MAGNITUDE,
        vmin=0,
        vmax=top,
        aspect="auto",
        origin="lower",
        interpolation="nearest",
        extent=(0.5, size + 0.5, 0.5, size + 0.5),
    )
    if not np.isfinite(cells).any():
        nothing_to_draw(axes)
    if triangle.best:
        first, blocks = zip(*triangle.best, strict=True)
        axes.plot(first, blocks, markersize=max(1.5, min(6.0, 90 / size)), **_BEST)
    fit = room_for_ticks(axes)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=min(9, fit), integer=True, min_n_ticks=1))
    panel_title(axes, triangle.name)
    return picture


def _cells(triangle: Triangle) -> Numbers:
    """[n - 1, first - 1]: NaN where no run of n blocks begins.

    Raises:
        UsageError: arrays of different length, or no run at all.
    """
    given = {"first": triangle.first, "blocks": triangle.blocks, "values": triangle.values}
    same_length(triangle.name, **given)
    first, blocks, values = (numbers(array) for array in given.values())
    if not len(values):
        raise UsageError("triangle", expected="at least one run of blocks", given="none")
    size = int((first + blocks).max()) - 1
    cells = np.full((size, size), np.nan)
    cells[blocks.astype(int) - 1, first.astype(int) - 1] = values
    return cells


def _legend(triangles: Sequence[Triangle]) -> list[Any]:
    from matplotlib.lines import Line2D

    if not any(triangle.best for triangle in triangles):
        return []
    return [Line2D([], [], markersize=6, label="smallest of its length", **_BEST)]
