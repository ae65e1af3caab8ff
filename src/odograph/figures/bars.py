"""Counts by category, divided by kind: a stacked bar for each category."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import UsageError
from odograph.figures.marks import Labels, numbers, same_length
from odograph.figures.style import (
    HATCHES,
    TICK_SIZE,
    canvas,
    ground,
    head,
    look,
    nothing_to_draw,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Share:
    """How many of each category are of one kind: [categories]."""

    label: str
    counts: ArrayLike


@styled
def draw_bars(categories: Sequence[str], shares: Sequence[Share], labels: Labels) -> "Figure":
    """A horizontal bar for each category, divided by kind, as a share of the category.

    Piece of a bar: the share of one kind, in %; kinds differ by colour and pattern and stand in the
    order of the legend. Number on the right: how many there are; an empty row: none.
    """
    if not categories or not shares:
        raise UsageError("bars", expected="at least one category and one kind", given="none")
    for share in shares:
        same_length(share.label, categories=np.arange(len(categories)), counts=share.counts)
    figure = canvas(height=1.7 + 0.27 * len(categories))
    axes = figure.subplots()
    ground(axes, "x")
    counts = np.array([numbers(share.counts) for share in shares])
    total = counts.sum(axis=0)
    handles, left = [], np.zeros(len(categories))
    for index, share in enumerate(shares):
        part = 100 * np.divide(counts[index], total, out=np.zeros_like(total), where=total > 0)
        handles.append(_draw_share(axes, share, part, left, index))
        left = left + part
    if not total.any():
        nothing_to_draw(axes)
    _finish(axes, categories, total, labels)
    head(figure, labels.title, handles)
    return figure


def _draw_share(axes: "Axes", share: Share, part: Any, left: Any, index: int) -> Any:
    from matplotlib.patches import Patch

    style: dict[str, Any] = {
        "facecolor": look(index).colour,
        "edgecolor": "white",
        "hatch": HATCHES[(index - 1) % len(HATCHES)] if index else None,
        "linewidth": 0,
    }
    axes.barh(np.arange(len(part)), part, left=left, height=0.72, **style)
    return Patch(**style, label=f"{share.label}: {int(numbers(share.counts).sum()):,}")


def _finish(axes: "Axes", categories: Sequence[str], total: Any, labels: Labels) -> None:
    axes.set_yticks(range(len(categories)), categories)
    axes.set_ylim(len(categories) - 0.5, -0.5)
    axes.set_xlim(0, 114)
    axes.spines["bottom"].set_bounds(0, 100)
    axes.set_xticks(range(0, 101, 20))
    for row, count in enumerate(total):
        axes.text(101.5, row, f"{int(count):,}", va="center", fontsize=TICK_SIZE)
    axes.set_xlabel(labels.x)
    axes.set_ylabel(labels.y)
    axes.tick_params(axis="y", length=0)
