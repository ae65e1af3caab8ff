"""Paths through a few common axes: the mean of every group from state 0 to L, and its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.marks import Numbers, numbers
from odograph.figures.point_names import write_names
from odograph.figures.style import (
    GREY,
    TICK_SIZE,
    WIDTH,
    Look,
    canvas,
    ground,
    head,
    look,
    nothing_to_draw,
    styled,
)
from odograph.figures.svg import INK
from odograph.figures.text import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Radius, in standard deviations, of the ellipse that holds two thirds of a Gaussian plane.
_TWO_THIRDS = float(np.sqrt(-2 * np.log(1 / 3)))
_AS_IMAGE = 1_000
#: At most so many states are numbered, and have a cloud.
_NUMBERED = 5
#: A path of more states has smaller markers.
_LONG = 20


@dataclass(frozen=True)
class Path:
    """A group's mean at every state, [L+1, 2 or 3], and its words, [n, L+1, 2 or 3] or None.

    `old`: a path to compare with, drawn thin and grey.
    """

    label: str
    mean: ArrayLike
    words: ArrayLike | None = None
    old: bool = False


@styled
def draw_paths(
    paths: Sequence[Path], title: str, axes_labels: Sequence[str], *, walk: Path | None = None
) -> "Figure":
    """Paths in the plane of two axes, or in the space of three: as many as there are labels.

    Line with markers: the mean of a group from state to state; ring: state 0; cross: the last one.
    Number: which state, at up to five of them, where there is room. Arrow: the way from state to
    state. Small pale marks: the words of a group at the numbered states; pale ellipse (in the
    plane): where two thirds of them lie. Thin grey line: a path to compare with; in a panel of its
    own, `walk`: what a null gives in its own axes. Both axes of a plane have one scale.
    """
    if not paths or len(axes_labels) not in (2, 3):
        raise UsageError("paths", expected="a path and two or three axes", given=str(len(paths)))
    figure = canvas(height=4.5, width=WIDTH * (1.25 if walk else 1))
    grid = _axes(figure, len(axes_labels), 1 if walk is None else 2)
    _ground(grid[0], axes_labels)
    looks = [_look(paths, path) for path in paths]
    drawn = zip(paths, looks, strict=True)
    handles = [_draw(grid[0], path, style, len(axes_labels)) for path, style in drawn]
    _number(grid[0], [path for path in paths if not path.old], looks, len(axes_labels))
    if walk is not None:
        _draw_null(grid[1], walk, len(axes_labels))
    if not any(np.isfinite(numbers(path.mean)).all() for path in paths):
        nothing_to_draw(grid[0])
    head(figure, title, handles)
    return figure


def _axes(figure: "Figure", dimensions: int, panels: int) -> list[Any]:
    """One panel, or a large and a small one: beside each other, or below where that has no room."""
    deep = {"projection": "3d"} if dimensions == 3 else {}
    if panels == 1:
        return [figure.subplots(subplot_kw=deep)]
    if figure.get_figwidth() >= WIDTH:
        return list(figure.subplots(1, 2, width_ratios=[2.5, 1], subplot_kw=deep))
    figure.set_figheight(1.5 * figure.get_figheight())
    return list(figure.subplots(2, 1, height_ratios=[2.2, 1], subplot_kw=deep))


def _draw_null(axes: Any, walk: Path, dimensions: int) -> None:
    """One path of chance in axes of its own, without numbers on them: only its shape counts."""
    _ground(axes, ["PC1", "PC2", "PC3"][:dimensions])
    for axis in _axis_of(axes):
        axis.set_ticklabels([])
        axis.labelpad = -12 if dimensions == 3 else 4
    if dimensions == 3:
        axes.set_box_aspect(None, zoom=0.78)
    _draw(axes, walk, Look(GREY, "-", "o"), dimensions)
    axes.set_title(wrapped(walk.label, 1.7, TICK_SIZE), fontsize=TICK_SIZE)


def _axis_of(axes: Any) -> list[Any]:
    return [getattr(axes, name) for name in ("xaxis", "yaxis", "zaxis") if hasattr(axes, name)]


def numbered(states: int) -> list[int]:
    """The states that are numbered and have a cloud: the first, the last, and up to three between.

    >>> numbered(9), numbered(2)
    ([0, 2, 4, 6, 8], [0, 1])
    """
    spread = np.linspace(0, states - 1, min(states, _NUMBERED)).round()
    return [int(state) for state in np.unique(spread)]


def _look(paths: Sequence[Path], path: Path) -> Look:
    """The look of a path; those to compare with are grey, told apart by line and marker."""
    alike = [each for each in paths if each.old == path.old]
    index = next(k for k, each in enumerate(alike) if each is path)
    own = look(index)
    return Look(GREY, own.line, own.marker) if path.old else own


def _ground(axes: Any, labels: Sequence[str]) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    if len(labels) == 2:
        ground(axes, "both")
        axes.margins(0.09)
        axes.set_aspect("equal", adjustable="datalim")
        return
    axes.set_zlabel(labels[2])
    axes.view_init(elev=24, azim=-58)
    narrow = axes.get_figure(root=True).get_figwidth() < WIDTH
    axes.set_box_aspect(None, zoom=0.78 if narrow else 0.9)
    for axis in _axis_of(axes):
        axis.set_major_locator(MaxNLocator(nbins=4))
        axis.set_pane_color((0.5, 0.5, 0.5, 0.05))
        axis.line.set_color(INK)
        axis._axinfo["grid"].update(color=GREY, linewidth=0.3)


def _draw(axes: Any, path: Path, style: Look, dimensions: int) -> Any:
    from matplotlib.lines import Line2D

    mean = numbers(path.mean)[:, :dimensions]
    states = numbered(len(mean))
    if path.words is not None:
        words = numbers(path.words)[:, states, :dimensions]
        _draw_words(axes, words, style)
    width = 0.9 if path.old else 1.6
    marks: dict[str, Any] = {
        "marker": style.marker,
        "markersize": 2.5 if path.old or len(mean) > _LONG else 4.5,
    }
    line: dict[str, Any] = {"color": style.colour, "linestyle": style.line, "linewidth": width}
    axes.plot(*mean.T, **line, **marks, zorder=3)
    if not path.old:
        _draw_ends(axes, mean, style)
    if dimensions == 2:
        _arrows(axes, mean, style, width)
    return Line2D([], [], **line, **marks, label=path.label)


def _draw_ends(axes: Any, mean: Numbers, style: Look) -> None:
    for point, marker in ((mean[0], "o"), (mean[-1], "x")):
        axes.plot(
            *point[:, None],
            linestyle="none",
            marker=marker,
            markersize=10,
            markerfacecolor="none",
            markeredgecolor=style.colour,
            markeredgewidth=1.6,
            zorder=4,
        )


def _draw_words(axes: Any, words: Numbers, style: Look) -> None:
    """Words [n, states, axes]: points, and in the plane an ellipse a state."""
    points = words.reshape(-1, words.shape[-1])
    axes.plot(
        *points.T,
        linestyle="none",
        marker=style.marker,
        markersize=2.4,
        markeredgewidth=0,
        color=style.colour,
        alpha=0.28,
        rasterized=len(points) > _AS_IMAGE,
        zorder=1,
    )
    if words.shape[-1] == 2:
        for state in range(words.shape[1]):
            _ellipse(axes, words[:, state], style)


def _ellipse(axes: "Axes", points: Numbers, style: Look) -> None:
    from matplotlib.patches import Ellipse

    if len(points) < 3 or not np.isfinite(points).all():
        return
    values, vectors = np.linalg.eigh(np.cov(points.T))
    long, short = 2 * _TWO_THIRDS * np.sqrt(values[::-1].clip(min=0))
    turn = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    axes.add_patch(
        Ellipse(
            tuple(points.mean(axis=0)),
            long,
            short,
            angle=turn,
            facecolor=style.colour,
            edgecolor=style.colour,
            alpha=0.13,
            linewidth=0.8,
            zorder=2,
        )
    )


def _number(axes: Any, paths: Sequence[Path], looks: Sequence[Look], dimensions: int) -> None:
    """The numbers of states, first those of the ends; one that has no room beside it is left out.

    In space only the ends of the first path are numbered: there the picture says least of places.
    """
    if dimensions == 3:
        for path, style in list(zip(paths, looks, strict=False))[:1]:
            mean = numbers(path.mean)[:, :3]
            for state in (0, len(mean) - 1):
                axes.text(*mean[state], f"  {state}", color=style.colour, fontsize=TICK_SIZE)
        return
    places, names, colours = [], [], []
    own = [style for style in looks if style.colour != GREY]
    for path, style in zip(paths, own, strict=True):
        mean = numbers(path.mean)[:, :2]
        first, *between = numbered(len(mean))
        for rank, state in enumerate([first, *reversed(between)]):
            places.append((rank, *mean[state]))
            names.append(str(state))
            colours.append(style.colour)
    order = sorted(range(len(places)), key=lambda place: places[place][0])
    write_names(
        axes,
        np.array([places[k][1:] for k in order]).reshape(-1, 2),
        [names[k] for k in order],
        colours=[colours[k] for k in order],
        reach=13.0,
    )


def _arrows(axes: "Axes", mean: Numbers, style: Look, width: float) -> None:
    """Heads on a few steps between numbered states, where a step is long enough to hold one."""
    lengths = np.linalg.norm(np.diff(mean, axis=0), axis=1)
    reach = np.ptp(mean, axis=0).max()
    states = numbered(len(mean))
    for step in ((a + b) // 2 for a, b in pairwise(states)):
        if not lengths[step] > 0.05 * reach:
            continue
        start, middle = mean[step], (0.45 * mean[step] + 0.55 * mean[step + 1])
        axes.annotate(
            "",
            tuple(middle),
            xytext=tuple(start),
            arrowprops={
                "arrowstyle": "-|>",
                "color": style.colour,
                "linewidth": 0,
                "mutation_scale": 7 + 4 * width,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            zorder=3,
        )
