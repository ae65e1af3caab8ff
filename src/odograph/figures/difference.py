"""The paired difference between two groups, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.figures.marks import Labels, Numbers, numbers, p_text, same_length
from odograph.figures.profile import layer_axis
from odograph.figures.style import (
    GREY,
    TICK_SIZE,
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

_STRIP = 0.15
"""Share of the height kept free under the data for the clusters."""
_TEXT = 0.85
"""Width of a p in inches, with room around it."""


@dataclass(frozen=True)
class Cluster:
    """Neighbouring layers, first to last, whose summed difference was tested; and its p."""

    first: float
    last: float
    p: float


@dataclass(frozen=True)
class Difference:
    """A mean difference by layer with its interval, over n units ("54 passages").

    `significant` says for every layer whether the per-layer test (max-T) rejects; None: no test.
    `along` is what the values stand at: a "layer", or a relative "depth".
    """

    layers: ArrayLike
    mean: ArrayLike
    low: ArrayLike
    high: ArrayLike
    n: str
    significant: ArrayLike | None = None
    clusters: Sequence[Cluster] = ()
    along: str = "layer"


@styled
def draw_difference(difference: Difference, labels: Labels) -> "Figure":
    """The difference by layer with its interval.

    Line: the mean difference; pale area (bars where there are few layers): its interval.
    Thin line at 0: no difference. Filled marker: the layer's own test (max-T) rejects; open: not.
    Bar at the bottom: a cluster of neighbouring layers, dark where p <= 0.05, pale where not; p
    is written above it, of clusters that stand too close that of the smallest. It says that the
    curves differ, not from which layer on. n is in the title.
    """
    same_length(
        "difference",
        layers=difference.layers,
        mean=difference.mean,
        low=difference.low,
        high=difference.high,
        significant=difference.significant,
    )
    figure = canvas(height=3.8)
    axes = figure.subplots()
    ground(axes)
    handles = _draw_difference_line(axes, difference)
    layer_axis(axes, numbers(difference.layers))
    if not np.isfinite(numbers(difference.mean)).any():
        nothing_to_draw(axes)
    if difference.clusters:
        handles.append(_draw_clusters(axes, difference.clusters, _half_bar(difference)))
    axes.set_xlabel(labels.x)
    axes.set_ylabel(labels.y)
    head(figure, f"{labels.title} (n = {difference.n})", handles)
    return figure


def _draw_difference_line(axes: "Axes", difference: Difference) -> list[Any]:
    layers, mean = numbers(difference.layers), numbers(difference.mean)
    low, high = numbers(difference.low), numbers(difference.high)
    style = look(0)
    axes.axhline(0, color=INK, linewidth=0.9, zorder=1)
    area = axes.fill_between(
        layers, low, high, color=style.colour, alpha=0.2, linewidth=0, label="interval"
    )
    if len(layers) <= 16:
        axes.vlines(layers, low, high, color=style.colour, linewidth=1.0)
    axes.plot(layers, mean, color=style.colour, linewidth=1.2)
    if difference.significant is None:
        shown = [area] if np.isfinite(low).any() else []
        return [*_markers(axes, layers, mean, "mean difference", True), *shown]
    yes: NDArray[np.bool_] = np.asarray(difference.significant, dtype=bool)
    return [
        *_markers(axes, layers[yes], mean[yes], f"{difference.along} differs (max-T)", True),
        *_markers(axes, layers[~yes], mean[~yes], "not shown to differ", False),
        area,
    ]


def _markers(axes: "Axes", x: Numbers, y: Numbers, label: str, filled: bool) -> list[Any]:
    colour = look(0).colour
    return list(
        axes.plot(
            x,
            y,
            linestyle="none",
            marker="o",
            markersize=5.5 if filled else 5.0,
            markeredgecolor=colour,
            markerfacecolor=colour if filled else "none",
            label=label,
        )
    )


def _with_text(clusters: Sequence[Cluster], reach: float) -> list[Cluster]:
    """The clusters whose p is written, the smallest first, so that no two texts touch."""
    written: list[Cluster] = []
    for cluster in sorted(clusters, key=lambda each: each.p):
        if all(abs(_middle(cluster) - _middle(other)) >= reach for other in written):
            written.append(cluster)
    return written


def _middle(cluster: Cluster) -> float:
    return (cluster.first + cluster.last) / 2


def _inches(axes: "Axes") -> float:
    """About how wide the axes are."""
    figure = axes.get_figure(root=True)
    return 5.0 if figure is None else 0.85 * figure.get_figwidth()


def _half_bar(difference: Difference) -> float:
    """How far a cluster's bar reaches beyond its layers: a third of the way to the next."""
    layers = numbers(difference.layers)
    return 0.35 * float(np.diff(layers).min()) if len(layers) > 1 else 0.35


def _draw_clusters(axes: "Axes", clusters: Sequence[Cluster], beyond: float) -> Any:
    from matplotlib.patches import Patch

    left, right = axes.get_xlim()
    reach = (right - left) * _TEXT / _inches(axes)
    bottom, top = axes.get_ylim()
    axes.set_ylim(bottom - (top - bottom) * _STRIP / (1 - _STRIP), top)
    for cluster in clusters:
        axes.plot(
            [cluster.first - beyond, cluster.last + beyond],
            [0.03, 0.03],
            transform=axes.get_xaxis_transform(),
            color=INK if cluster.p <= 0.05 else GREY,
            linewidth=4,
            solid_capstyle="butt",
        )
    for cluster in _with_text(clusters, reach):
        axes.text(
            np.clip(_middle(cluster), left + reach / 2, right - reach / 2),
            0.05,
            p_text(cluster.p),
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=TICK_SIZE - 0.5,
        )
    return Patch(facecolor=INK, label="cluster (grey: p > 0.05)", linewidth=0)
