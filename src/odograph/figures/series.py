"""A number along an ordered series of runs: checkpoints, sizes, precisions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from odograph.errors import UsageError
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, draw_band, draw_curve
from odograph.figures.style import canvas, ground, head, room_for_ticks, styled
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@styled
def draw_series(
    curves: Sequence[Curve],
    members: Sequence[str],
    labels: Labels,
    *,
    bands: Sequence[Band] = (),
    change: int | None = None,
) -> "Figure":
    """Curves over the members of a series, evenly spaced: their rank counts, not their distance.

    Line with markers: the mean of each member; pale area: its interval; grey area: a null. Dashed
    upright line: the change point, `change` members standing before it. Below: where each member
    stands on the axis; of many, some.

    Raises:
        UsageError: no member.
    """
    if not members:
        raise UsageError("series", expected="at least one member", given="none")
    figure = canvas(height=3.6)
    axes = figure.subplots()
    ground(axes)
    handles = [draw_band(axes, band, index) for index, band in enumerate(bands)]
    handles = [draw_curve(axes, curve, index) for index, curve in enumerate(curves)] + handles
    if change is not None:
        handles.append(_draw_change(axes, change))
    _name_members(axes, members)
    axes.set_xlabel(labels.x)
    axes.set_ylabel(labels.y)
    head(figure, labels.title, handles)
    return figure


def _draw_change(axes: "Axes", before: int) -> object:
    return axes.axvline(
        before + 0.5, label="change point", color=INK, linestyle=(0, (5, 3)), linewidth=1.1
    )


def _name_members(axes: "Axes", members: Sequence[str]) -> None:
    """The first and the last always, between them as many as have room."""
    count = len(members)
    shown = np.unique(np.linspace(0, count - 1, min(count, room_for_ticks(axes))).round())
    ranks = shown.astype(int)
    axes.set_xticks(ranks + 1, [members[rank] for rank in ranks])
    axes.set_xlim(0.5, count + 0.5)
