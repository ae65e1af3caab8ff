"""How much of the variance each component holds, against what a random walk would give."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.marks import Labels, numbers
from odograph.figures.profile import Band, Curve, draw_band, draw_curve, layer_axis
from odograph.figures.style import TICK_SIZE, WIDTH, canvas, ground, head, look, styled
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Scree:
    """One panel: shares of variance by component, from 0 to 1.

    `bands` are nulls over the same components, `expected` a null known in closed form.
    """

    name: str
    shares: ArrayLike
    bands: Sequence[Band] = ()
    expected: Curve | None = None


@styled
def draw_scree(screes: Sequence[Scree], labels: Labels) -> "Figure":
    """Shares of variance in % by component, a panel for each cloud of points, on one scale.

    Line with markers: what was measured, with the sum of the first two above the panel. Grey
    hatched area: a null with its mean. Dotted line with crosses: a null in closed form.
    """
    if not screes:
        raise UsageError("scree", expected="at least one panel", given="none")
    figure = canvas(height=4.0, width=WIDTH * (1.25 if len(screes) > 1 else 1))
    grid = figure.subplots(1, len(screes), squeeze=False, sharey=True)[0]
    kinds: list[str] = []
    handles: dict[str, Any] = {}
    for index, (axes, scree) in enumerate(zip(grid, screes, strict=True)):
        handles |= _draw(axes, scree, index, kinds)
        axes.set_xlabel(labels.x)
    grid[0].set_ylabel(labels.y)
    grid[0].set_ylim(bottom=0)
    head(figure, labels.title, list(handles.values()))
    return figure


def _draw(axes: "Axes", scree: Scree, index: int, kinds: list[str]) -> dict[str, Any]:
    """One panel; `kinds` remembers the hatch of each null."""
    ground(axes)
    shares = numbers(scree.shares) * 100
    components = np.arange(1, len(shares) + 1)
    handles: dict[str, Any] = {}
    for band in scree.bands:
        if band.label not in kinds:
            kinds.append(band.label)
        mean = None if band.mean is None else numbers(band.mean) * 100
        drawn = replace(band, low=numbers(band.low) * 100, high=numbers(band.high) * 100, mean=mean)
        handles[band.label] = draw_band(axes, drawn, kinds.index(band.label))
    if scree.expected is not None:
        handles[scree.expected.label] = _draw_expected(axes, scree.expected)
    handles[scree.name] = draw_curve(axes, Curve(scree.name, components, shares), index)
    layer_axis(axes, components.astype(float))
    plane = f"PC1 and PC2 together: {shares[:2].sum():.0f}\u00a0%"
    axes.set_title(plane, fontsize=TICK_SIZE, color=look(index).colour)
    return handles


def _draw_expected(axes: "Axes", expected: Curve) -> Any:
    (line,) = axes.plot(
        numbers(expected.layers),
        numbers(expected.mean) * 100,
        label=expected.label,
        color=INK,
        linestyle=":",
        linewidth=1.2,
        marker="x",
        markersize=5,
    )
    return line
