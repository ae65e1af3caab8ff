"""Points of tokens: the length of the last step against how sure the prediction is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.histogram import Histogram, draw_histogram, histogram_handles
from odograph.figures.marks import Dot, Labels, Numbers, numbers, same_length, signed
from odograph.figures.point_names import write_names
from odograph.figures.style import (
    WIDTH,
    canvas,
    ground,
    head,
    logarithmic,
    look,
    nothing_to_draw,
    panel_title,
    signed_logarithmic,
    styled,
)
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_AS_IMAGE = 2000
"""From so many points on, the points of an SVG are a picture inside it, not single shapes."""
_CROSSES = 500
"""More sinks are counted and not drawn."""


@dataclass(frozen=True)
class Points:
    """Tokens of one group; `sink` draws them apart and keeps them out of the axes' range.

    `names`, one a point, are written beside them.
    """

    label: str
    x: ArrayLike
    y: ArrayLike
    sink: bool = False
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Correlation:
    """A correlation with its interval, the name of its kind ("Spearman") and n."""

    kind: str
    r: Dot
    n: int


@dataclass(frozen=True)
class Panel:
    """One panel: its name ("stream"), its points and the correlations to write above it.

    `histogram` stands for points that are too many to be drawn one by one.
    """

    name: str
    points: Sequence[Points]
    correlations: Sequence[Correlation] = ()
    histogram: Histogram | None = None


def _drawn(panels: Sequence[Panel], labels: Labels) -> "Figure":
    """The points and all around them, without names."""
    if not panels:
        raise UsageError("scatter", expected="at least one panel", given="none")
    figure = canvas(height=4.6, width=WIDTH if len(panels) == 1 else WIDTH * 1.25)
    columns = min(len(panels), 2 if figure.get_figwidth() >= WIDTH else 1)
    rows = -(-len(panels) // columns)
    figure.set_figheight(3.3 * rows + 1.3)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    names = list(dict.fromkeys(p.label for panel in panels for p in panel.points if not p.sink))
    for axes, panel in zip(grid, panels, strict=False):
        _draw_panel(axes, panel, names)
        axes.set_xlabel(labels.x)
    for axes in grid[::columns]:
        axes.set_ylabel(labels.y)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    kinds = _legend(panels, names)
    # One kind of point is what the title speaks of.
    head(figure, labels.title, kinds if len(kinds) > 1 else [])
    return figure


def _with_names(figure: "Figure", panels: Sequence[Panel]) -> "Figure":
    """The figure with the points' names."""
    for axes, panel in zip(figure.axes, panels, strict=False):
        named = [points for points in panel.points if points.names and not points.sink]
        for points in named:
            same_length(points.label, x=points.x, names=np.asarray(points.names))
        if named:
            places = [np.column_stack([numbers(p.x), numbers(p.y)]) for p in named]
            write_names(axes, np.concatenate(places), [n for p in named for n in p.names])
    return figure


@styled
def draw_scatter(panels: Sequence[Panel], labels: Labels) -> "Figure":
    """Points by token, one panel per convention or model, side by side.

    Point: a token; groups differ by colour and marker. Cross in the colour of the text: an
    attention sink; one that lies beyond the range of the others stands at the edge, and how many
    do is written there; more than 500 are counted, not drawn. Above each panel: its name, n and
    the correlations with intervals. Boxes: how many tokens lie there, where they are too many for
    points; lines: running median and quartiles.
    """
    return _with_names(_drawn(panels, labels), panels)


@styled
def draw_log_scatter(panels: Sequence[Panel], labels: Labels) -> "Figure":
    """As `draw_scatter`, on logarithmic axes: for positive values of very different size."""
    figure = _drawn(panels, labels)
    for axes in figure.axes[: len(panels)]:
        logarithmic(axes, "x")
        logarithmic(axes, "y")
    return _with_names(figure, panels)


@styled
def draw_symlog_scatter(panels: Sequence[Panel], labels: Labels, *, linear: float) -> "Figure":
    """As `draw_scatter`, y logarithmic on both sides of 0 and linear within `linear` of it.

    x is logarithmic, as in `draw_log_scatter`.
    """
    figure = _drawn(panels, labels)
    for axes in figure.axes[: len(panels)]:
        logarithmic(axes, "x")
        signed_logarithmic(axes, "y", linear)
    return _with_names(figure, panels)


def _draw_panel(axes: "Axes", panel: Panel, names: Sequence[str]) -> None:
    ground(axes, "both")
    image = sum(len(numbers(points.x)) for points in panel.points) > _AS_IMAGE
    for points in panel.points:
        same_length(points.label, x=points.x, y=points.y)
        if not points.sink:
            style = look(names.index(points.label))
            axes.plot(
                numbers(points.x),
                numbers(points.y),
                linestyle="none",
                color=style.colour,
                marker=style.marker,
                markersize=2.5 if image else 3.8,
                markeredgewidth=0,
                alpha=0.35 if image else 0.6,
                rasterized=image,
            )
    ordinary = [_finite(points) for points in panel.points if not points.sink]
    sinks = [_finite(points) for points in panel.points if points.sink]
    if panel.histogram is None and not sum(map(len, [*ordinary, *sinks])):
        nothing_to_draw(axes)
    lines = [panel.name, *(_correlation_text(c) for c in panel.correlations)]
    if panel.histogram is not None:
        lines.append(draw_histogram(axes, panel.histogram))
    if sum(map(len, sinks)):
        framed = panel.histogram is not None or bool(sum(map(len, ordinary)))
        lines.append(_draw_sinks(axes, np.concatenate(sinks), framed))
    panel_title(axes, *filter(None, lines))


def _finite(points: Points) -> Numbers:
    """The points whose two numbers are finite, points x 2."""
    both = np.column_stack([numbers(points.x), numbers(points.y)])
    return np.asarray(both[np.isfinite(both).all(axis=1)])


def _draw_sinks(axes: "Axes", sinks: Numbers, framed: bool) -> str:
    """Crosses; where other points gave a frame, it stays, and far sinks stand at its edge.

    Gives the sentence about the far ones, empty where there are none.
    """
    if len(sinks) > _CROSSES:
        low, high = sinks[:, 0].min(), sinks[:, 0].max()
        return f"{len(sinks):,} sinks are not drawn: x from {low:,.3g} to {high:,.3g}"
    frame = np.array([axes.get_xlim(), axes.get_ylim()]) if framed else None
    shown = sinks if frame is None else np.clip(sinks, frame[:, 0], frame[:, 1])
    axes.plot(
        shown[:, 0],
        shown[:, 1],
        linestyle="none",
        marker="x",
        markersize=6,
        markeredgewidth=1.3,
        color=INK,
        clip_on=False,
        zorder=4,
    )
    if frame is None:
        return ""
    axes.set_xlim(*frame[0])
    axes.set_ylim(*frame[1])
    beyond = sinks[(shown != sinks).any(axis=1)]
    if not len(beyond):
        return ""
    reach = f", x up to {beyond[:, 0].max():,.0f}" if (beyond[:, 0] > frame[0, 1]).any() else ""
    return f"beyond the frame: {len(beyond)} of {len(sinks)} sinks{reach}"


def _correlation_text(correlation: Correlation) -> str:
    r = correlation.r
    text = f"{correlation.kind} r = {signed(r.value)}"
    if np.isfinite(r.low) and np.isfinite(r.high):
        text += f" [{signed(r.low)}, {signed(r.high)}]"
    return f"{text}, n = {correlation.n:,}"


def _legend(panels: Sequence[Panel], names: Sequence[str]) -> list[Any]:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], linestyle="none", color=look(i).colour, marker=look(i).marker, label=name)
        for i, name in enumerate(names)
    ]
    if any(panel.histogram is not None for panel in panels):
        handles += histogram_handles()
    drawn = [
        p for panel in panels for p in panel.points if p.sink and len(numbers(p.x)) <= _CROSSES
    ]
    sinks = dict.fromkeys(p.label for p in drawn)
    return handles + [
        Line2D([], [], linestyle="none", color=INK, marker="x", markeredgewidth=1.3, label=name)
        for name in sinks
    ]
