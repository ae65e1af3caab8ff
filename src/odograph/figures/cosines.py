"""How cosines are spread over tokens and layers, against what chance directions give."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.figures.angles import draw_outline
from odograph.figures.marks import Labels, numbers
from odograph.figures.style import (
    GREY,
    HATCHES,
    canvas,
    ground,
    head,
    nothing_to_draw,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Counted:
    """Cosines of one kind, counted in bins of equal width from -1 to 1, with their mean."""

    label: str
    counts: ArrayLike
    mean: float


@styled
def draw_cosines(samples: Sequence[Counted], labels: Labels, *, chance: float) -> "Figure":
    """Histograms of cosines from -1 to 1, one outline per kind, each with area 1.

    Stepped outline with a pale fill: the histogram of one kind. Vertical line of the same colour
    and dash, with the marker on top: its mean, written in the legend with n. Grey hatched strip:
    -chance to +chance, one standard deviation of the cosine of two random directions.
    """
    figure = canvas(height=3.8)
    axes = figure.subplots()
    ground(axes)
    strip = _draw_strip(axes, chance)
    handles = [_draw_counted(axes, sample, index) for index, sample in enumerate(samples)]
    if not any(numbers(sample.counts).sum() for sample in samples):
        nothing_to_draw(axes)
    axes.set_xlim(-1, 1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(labels.x)
    axes.set_ylabel(labels.y or "density")
    head(figure, labels.title, [*handles, strip])
    return figure


def _draw_strip(axes: "Axes", chance: float) -> Any:
    axes.axvspan(-chance, chance, color=GREY, alpha=0.16, linewidth=0, zorder=0.5)
    # The hatch is drawn on its own: in an SVG it would share the opacity of the fill.
    return axes.axvspan(
        -chance,
        chance,
        label=f"chance: ±{chance:.3f} (one sd of a random pair)",
        facecolor="none",
        edgecolor=GREY,
        hatch=HATCHES[0],
        linewidth=0.4,
        zorder=0.6,
    )


def _draw_counted(axes: "Axes", sample: Counted, index: int) -> Any:
    counts = numbers(sample.counts)
    edges = np.linspace(-1, 1, len(counts) + 1)
    return draw_outline(axes, sample.label, counts, edges, sample.mean, index)
