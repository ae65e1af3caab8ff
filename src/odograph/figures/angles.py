"""How angles between drawn pairs are spread, against what chance directions give."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.figures.marks import Labels, numbers, same_length, signed
from odograph.figures.style import canvas, ground, head, look, nothing_to_draw, styled
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BINS = 60


@dataclass(frozen=True)
class Angles:
    """The values of one kind of pair ("same layer, other passage")."""

    label: str
    values: ArrayLike


@dataclass(frozen=True)
class Density:
    """A curve to compare with: density per unit of x ("isotropic directions in 768 dimensions")."""

    label: str
    x: ArrayLike
    density: ArrayLike


@styled
def draw_angles(
    samples: Sequence[Angles],
    labels: Labels,
    *,
    expectation: Density | None = None,
) -> "Figure":
    """Histograms of angles, one outline per kind of pair, each with area 1.

    Stepped outline with a pale fill: the histogram of one kind of pair.
    Vertical line of the same colour and dash, with the marker on top: its mean, written in the
    legend with n. Thin solid line in the colour of the text: the expectation.
    Values that are not a number are left out and counted in the legend.
    """
    figure = canvas(height=3.8)
    axes = figure.subplots()
    ground(axes)
    edges = np.linspace(0, 180, _BINS + 1)
    handles = [_draw_sample(axes, sample, index, edges) for index, sample in enumerate(samples)]
    if expectation is not None:
        same_length(expectation.label, x=expectation.x, density=expectation.density)
        handles += axes.plot(
            numbers(expectation.x),
            numbers(expectation.density),
            color=INK,
            linewidth=1.1,
            label=expectation.label,
        )
    if not any(np.isfinite(numbers(sample.values)).any() for sample in samples):
        nothing_to_draw(axes)
    axes.set_xlim(0, 180)
    axes.set_xticks(range(0, 181, 30))
    axes.set_ylim(bottom=0)
    axes.set_xlabel(labels.x)
    axes.set_ylabel(labels.y or "density")
    head(figure, labels.title, handles)
    return figure


def _draw_sample(axes: "Axes", sample: Angles, index: int, edges: Any) -> Any:
    values = numbers(sample.values).ravel()
    finite = values[np.isfinite(values)]
    counts, _ = np.histogram(finite, edges)
    mean = float(finite.mean()) if len(finite) else np.nan
    line = draw_outline(axes, sample.label, counts, edges, mean, index)
    if len(finite) < len(values):
        line.set_label(f"{line.get_label()} ({len(values) - len(finite):,} not a number)")
    return line


def draw_outline(
    axes: "Axes", label: str, counts: ArrayLike, edges: ArrayLike, mean: float, index: int
) -> Any:
    """A histogram as a stepped outline of area 1, with its mean; gives the line for the legend."""
    from matplotlib.lines import Line2D

    style, heights, bounds = look(index), numbers(counts), numbers(edges)
    n = int(heights.sum())
    if n:
        density = heights / n / np.diff(bounds)
        axes.stairs(density, bounds, fill=True, color=style.colour, alpha=0.13, linewidth=0)
        axes.stairs(density, bounds, color=style.colour, linestyle=style.line, linewidth=1.4)
        axes.axvline(mean, color=style.colour, linestyle=style.line, linewidth=1.0)
        axes.plot(
            [mean],
            [0.97 - 0.06 * (index % 4)],
            transform=axes.get_xaxis_transform(),
            color=style.colour,
            marker=style.marker,
            markersize=6,
        )
    said = f"{label}: mean {signed(mean)}, n = {n:,}" if n else f"{label}: n = 0"
    return Line2D([], [], color=style.colour, linestyle=style.line, marker=style.marker, label=said)
