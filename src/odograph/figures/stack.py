"""How values are spread, with the kinds of what they belong to stacked upon each other."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from odograph.figures.angles import Angles
from odograph.figures.marks import Labels, Numbers, numbers
from odograph.figures.profile import Reference
from odograph.figures.style import (
    GREY,
    HATCHES,
    canvas,
    ground,
    head,
    look,
    nothing_to_draw,
    styled,
)
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STRIP = 0.045
"""Share of the height of one row of marks above the bars."""


@styled
def draw_stack(
    kinds: Sequence[Angles],
    labels: Labels,
    *,
    null: Angles | None = None,
    references: Sequence[Reference] = (),
    bins: int = 90,
) -> "Figure":
    """A histogram of counts; the kinds stand upon each other, the first at the bottom.

    Bar: values of a bin; kinds differ by colour and, but the first, by hatching.
    Squares in a row over the bars: bins that hold a value of that kind, however few; the first kind
    has no row. Dashed outline: the null, scaled to as many values as all kinds have together.
    Dotted vertical line: a place that is known ("valley").
    Values that are not a number are left out and counted in the legend.
    """
    figure = canvas(height=3.9)
    axes = figure.subplots()
    ground(axes)
    edges = np.linspace(0, 180, bins + 1)
    counts = [_counts(kind, edges) for kind in kinds]
    handles = [_draw_bars(axes, kinds, counts, index, edges) for index in range(len(kinds))]
    every = np.sum(counts, axis=0) if counts else np.zeros(bins)
    outline = _outline(null, edges, every.sum())
    tallest = float(np.maximum(every, outline).max())
    rows = max(0, len(kinds) - 1)
    axes.set_ylim(0, max(tallest, 1.0) * 1.04 / (1 - _STRIP * rows))
    for index in range(1, len(kinds)):
        _draw_row(axes, counts[index], edges, index)
    if rows:
        handles.append(_row_in_legend())
    if null is not None:
        handles.append(_draw_null(axes, null, outline, edges))
    handles += [_draw_place(axes, reference) for reference in references]
    if not tallest:
        nothing_to_draw(axes)
    axes.set_xlim(0, 180)
    axes.set_xticks(range(0, 181, 30))
    axes.set_xlabel(labels.x)
    axes.set_ylabel(labels.y)
    head(figure, labels.title, handles)
    return figure


def _counts(kind: Angles, edges: Numbers) -> Numbers:
    values = numbers(kind.values).ravel()
    return np.histogram(values[np.isfinite(values)], edges)[0].astype(np.float64)


def _draw_bars(
    axes: "Axes", kinds: Sequence[Angles], counts: Sequence[Numbers], index: int, edges: Numbers
) -> Any:
    from matplotlib.patches import Patch

    below = np.sum(counts[:index], axis=0) if index else np.zeros(len(edges) - 1)
    style = look(index)
    hatch = HATCHES[(index - 1) % len(HATCHES)] if index else None
    axes.stairs(
        below + counts[index],
        edges,
        baseline=below,
        fill=True,
        facecolor=style.colour,
        edgecolor="white" if hatch else style.colour,
        hatch=hatch,
        linewidth=0,
    )
    return Patch(
        facecolor=style.colour,
        edgecolor="white" if hatch else style.colour,
        hatch=hatch,
        linewidth=0,
        label=_label(kinds[index]),
    )


def _label(kind: Angles) -> str:
    values = numbers(kind.values).ravel()
    finite = int(np.isfinite(values).sum())
    bad = f" ({len(values) - finite:,} not a number)" if finite < len(values) else ""
    return f"{kind.label}: n = {finite:,}{bad}"


def _draw_row(axes: "Axes", counts: Numbers, edges: Numbers, index: int) -> None:
    """A square for each bin that holds a value of the kind."""
    filled = counts > 0
    middles = (edges[:-1] + edges[1:])[filled] / 2
    axes.plot(
        middles,
        np.full(len(middles), 1 - _STRIP * (index - 0.4)),
        transform=axes.get_xaxis_transform(),
        linestyle="none",
        marker=look(index).marker,
        markersize=3,
        color=look(index).colour,
    )


def _row_in_legend() -> Any:
    from matplotlib.lines import Line2D

    label = "marks above: bins that hold some, however few"
    return Line2D([], [], linestyle="none", marker="s", markersize=3, color=INK, label=label)


def _outline(null: Angles | None, edges: Numbers, total: float) -> Numbers:
    """The null's count of each bin, as if it had so many values."""
    counts = np.zeros(len(edges) - 1) if null is None else _counts(null, edges)
    return np.asarray(counts * (total / max(1.0, counts.sum())))


def _draw_null(axes: "Axes", null: Angles, outline: Numbers, edges: Numbers) -> Any:
    axes.stairs(outline, edges, baseline=None, color=GREY, linestyle="--", linewidth=1.3)
    label = f"{_label(null)}, scaled to as many"
    return axes.plot([], [], color=GREY, linestyle="--", linewidth=1.3, label=label)[0]


def _draw_place(axes: "Axes", reference: Reference) -> Any:
    return axes.axvline(
        reference.value, label=reference.label, color=INK, linestyle=":", linewidth=1.2
    )
