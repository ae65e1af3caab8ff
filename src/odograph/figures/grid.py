"""Many estimates at once: a dot with its interval for every combination."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from odograph.errors import UsageError
from odograph.figures.marks import Dot, Labels
from odograph.figures.style import TICK_SIZE, WIDTH, canvas, ground, head, look, styled
from odograph.figures.svg import INK
from odograph.figures.text import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Of a panel, so that their numbers do not touch where two stand beside each other.
_TICKS = 4


@dataclass(frozen=True)
class GridEntry:
    """One estimate: its row ("stream, logit"), column ("raw") and series ("with sinks")."""

    row: str
    column: str
    series: str
    dot: Dot


@styled
def draw_grid(entries: Sequence[GridEntry], labels: Labels) -> "Figure":
    """Dots with intervals: a row per combination, a panel per column, a marker per series.

    Dot: the estimate; bar: its interval; vertical line at 0: none. Series differ by colour and
    marker (filled and open in turn). "n/a" at 0: no estimate can be had. Rows, columns and series
    stand in the order in which they first occur.
    """
    if not entries:
        raise UsageError("grid", expected="at least one estimate", given="none")
    rows = list(dict.fromkeys(entry.row for entry in entries))
    columns = list(dict.fromkeys(entry.column for entry in entries))
    series = list(dict.fromkeys(entry.series for entry in entries))
    room_for_rows = len(rows) * (0.16 + 0.13 * len(series))
    figure = canvas(height=room_for_rows + 1.9, width=WIDTH if len(columns) == 1 else WIDTH * 1.25)
    grid = figure.subplots(1, len(columns), sharex=True, sharey=True, squeeze=False)[0]
    for axes, column in zip(grid, columns, strict=True):
        _draw_column(axes, [e for e in entries if e.column == column], rows, series)
        axes.set_title(column, fontsize=TICK_SIZE)
        axes.set_xlabel(labels.x)
    grid[0].set_yticks(range(len(rows)), [wrapped(row, 2.9, TICK_SIZE, 2) for row in rows])
    grid[0].set_ylim(len(rows) - 0.5, -0.5)
    grid[0].set_ylabel(labels.y)
    head(figure, labels.title, _legend(series))
    return figure


def _draw_column(
    axes: "Axes", entries: Sequence[GridEntry], rows: Sequence[str], series: Sequence[str]
) -> None:
    from matplotlib.ticker import MaxNLocator

    ground(axes, "x")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=_TICKS))
    axes.axvline(0, color=INK, linewidth=0.9)
    for row in range(1, len(rows)):
        axes.axhline(row - 0.5, color=INK, alpha=0.12, linewidth=0.5)
    for entry in entries:
        index = series.index(entry.series)
        offset = (index - (len(series) - 1) / 2) * 0.62 / max(len(series), 2)
        _draw_dot(axes, entry.dot, rows.index(entry.row) + offset, index)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _draw_dot(axes: "Axes", dot: Dot, y: float, index: int) -> None:
    style = look(index)
    if not np.isfinite(dot.value):
        axes.text(0, y, " n/a", va="center", fontsize=TICK_SIZE - 1.5)
        return
    if np.isfinite(dot.low) and np.isfinite(dot.high):
        axes.plot([dot.low, dot.high], [y, y], color=style.colour, linewidth=1.4)
    axes.plot([dot.value], [y], **_marker(index))


def _marker(index: int) -> dict[str, Any]:
    style = look(index)
    return {
        "linestyle": "none",
        "marker": style.marker,
        "markersize": 5.5,
        "markeredgecolor": style.colour,
        "markeredgewidth": 1.3,
        "markerfacecolor": style.colour if index % 2 == 0 else "none",
    }


def _legend(series: Sequence[str]) -> list[Any]:
    from matplotlib.lines import Line2D

    if series == [""]:
        return []
    return [Line2D([], [], label=name, **_marker(i)) for i, name in enumerate(series)]
