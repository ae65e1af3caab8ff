"""Several profiles beside each other on one scale: the same curves of attention and of the MLP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from odograph.figures.marks import Labels, numbers
from odograph.figures.profile import Band, Curve, Reference, draw_band, draw_curve, layer_axis
from odograph.figures.style import (
    WIDTH,
    canvas,
    ground,
    head,
    logarithmic,
    nothing_to_draw,
    panel_title,
    side_by_side,
    styled,
)
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ProfilePanel:
    """One panel: its curves over the bands of their nulls."""

    title: str
    curves: Sequence[Curve]
    bands: Sequence[Band] = ()


@styled
def draw_profiles(
    panels: Sequence[ProfilePanel],
    labels: Labels,
    *,
    references: Sequence[Reference] = (),
    log: bool = False,
) -> "Figure":
    """Profiles side by side, drawn as by `draw_profile`, on one scale (logarithmic if `log`).

    Curve and band number i look the same in every panel and stand in the legend once, under the
    label of the first panel that has them.
    """
    figure = canvas(height=3.9, width=WIDTH * 1.2)
    grid, left, lowest = side_by_side(figure, len(panels), sharex=True)
    lines: dict[str, Any] = {}
    areas: dict[str, Any] = {}
    for axes, panel in zip(grid, panels, strict=True):
        ground(axes)
        areas = {b.label: draw_band(axes, b, i) for i, b in enumerate(panel.bands)} | areas
        lines = {c.label: draw_curve(axes, c, i) for i, c in enumerate(panel.curves)} | lines
        _finish(axes, panel)
    for axes in left:
        axes.set_ylabel(labels.y)
    for axes in lowest:
        axes.set_xlabel(labels.x)
    if log:
        logarithmic(grid[0], "y")
    known = {r.label: _draw_reference(grid, r) for r in references}
    head(figure, labels.title, [*lines.values(), *areas.values(), *known.values()])
    return figure


def _finish(axes: "Axes", panel: ProfilePanel) -> None:
    layers = [numbers(c.layers) for c in panel.curves] + [numbers(b.layers) for b in panel.bands]
    layer_axis(axes, np.concatenate(layers) if layers else np.zeros(0))
    panel_title(axes, panel.title)
    if not any(np.isfinite(numbers(curve.mean)).any() for curve in panel.curves):
        nothing_to_draw(axes)


def _draw_reference(grid: Sequence["Axes"], reference: Reference) -> Any:
    lines = [
        axes.axhline(
            reference.value,
            label=reference.label,
            color=INK,
            linestyle=":",
            linewidth=1.2,
            zorder=1,
        )
        for axes in grid
    ]
    return lines[0]
