"""Several profiles beside each other on one scale: the same curves of attention and of the MLP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from odograph.figures.marks import Labels
from odograph.figures.profile import (
    Band,
    Curve,
    Reference,
    draw_band,
    draw_curve,
    draw_reference,
    frame_layers,
)
from odograph.figures.style import (
    WIDTH,
    canvas,
    ground,
    head,
    logarithmic,
    panel_title,
    side_by_side,
    styled,
)

if TYPE_CHECKING:
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
        panel_title(axes, panel.title)
        frame_layers(axes, panel.curves, panel.bands)
    for axes in left:
        axes.set_ylabel(labels.y)
    for axes in lowest:
        axes.set_xlabel(labels.x)
    if log:
        logarithmic(grid[0], "y")
    known = {r.label: draw_reference(axes, r) for axes in grid for r in references}
    head(figure, labels.title, [*lines.values(), *areas.values(), *known.values()])
    return figure
