"""The last step twice: in the stream, and as `hf` states show it, after the final norm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from odograph.errors import UsageError
from odograph.figures.marks import Dot
from odograph.figures.style import (
    TICK_SIZE,
    WIDTH,
    canvas,
    ground,
    head,
    logarithmic,
    look,
    styled,
)
from odograph.figures.svg import INK
from odograph.figures.text import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONVENTIONS = ("stream", "hf")


@dataclass(frozen=True)
class LastStep:
    """A group's last step: angle (degrees) and length (model units) under both conventions."""

    group: str
    stream_rotation: Dot
    hf_rotation: Dot
    stream_step: Dot
    hf_step: Dot


def norm_share(stream: float, hf: float) -> str:
    """How much of the `hf` value the final norm makes, in words for the picture.

    >>> norm_share(10.0, 80.0), norm_share(10.0, 4.0)
    ('×8.00, norm 88 %', '×0.40')
    """
    if not (np.isfinite(stream) and np.isfinite(hf)) or stream <= 0:
        return "n/a"
    text = f"×{hf / stream:.2f}"
    return f"{text}, norm {1 - stream / hf:.0%}".replace("%", " %") if hf > stream else text


@styled
def draw_last_step(steps: Sequence[LastStep], title: str) -> "Figure":
    """The last step under `stream` and `hf`, one row per group; left angle, right length.

    Circle: `stream`, the state before the final norm. Open square: `hf`, after it. Bars: intervals.
    Thin line between them: what the final norm does. Written beside it: hf / stream, and the share
    of the hf value that the norm makes (1 - stream / hf) where the norm adds to it.
    Lengths more than 5 times apart are drawn on a logarithmic axis.
    """
    if not steps:
        raise UsageError("last step", expected="at least one group", given="none")
    figure = canvas(height=0.62 * len(steps) + 1.9, width=WIDTH * 1.15)
    left, right = figure.subplots(1, 2, sharey=True)
    angles = [(step.stream_rotation, step.hf_rotation) for step in steps]
    lengths = [(step.stream_step, step.hf_step) for step in steps]
    _draw_side(left, angles, "rotation in the last step", "degrees")
    _draw_side(right, lengths, "length of the last step", "model units")
    left.set_yticks(range(len(steps)), [wrapped(step.group, 1.5, TICK_SIZE, 2) for step in steps])
    left.set_ylim(len(steps) - 0.5, -0.5)
    head(figure, title, _legend())
    return figure


def _draw_side(axes: "Axes", pairs: Sequence[tuple[Dot, Dot]], label: str, unit: str) -> None:
    ground(axes, "x")
    ends = np.array([[d.value for d in pair] for pair in pairs])
    positive = ends[np.isfinite(ends) & (ends > 0)]
    if len(positive) == np.isfinite(ends).sum() > 0 and positive.max() > 5 * positive.min():
        logarithmic(axes, "x")
        unit += ", log scale"
    for row, pair in enumerate(pairs):
        axes.plot([dot.value for dot in pair], [row, row], color=INK, alpha=0.45, linewidth=0.8)
        for index, dot in enumerate(pair):
            if np.isfinite(dot.low) and np.isfinite(dot.high):
                axes.plot([dot.low, dot.high], [row, row], color=look(index).colour, linewidth=2.4)
            axes.plot([dot.value], [row], **_marker(index))
        _write_share(axes, pair, row)
    axes.set_xlabel(f"{label}\n({unit})", fontsize=TICK_SIZE)
    axes.margins(x=0.12)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _write_share(axes: "Axes", pair: tuple[Dot, Dot], row: int) -> None:
    axes.text(
        0.99,
        row - 0.2,
        norm_share(pair[0].value, pair[1].value),
        transform=axes.get_yaxis_transform(),
        ha="right",
        va="bottom",
        fontsize=TICK_SIZE - 1,
    )


def _marker(index: int) -> dict[str, Any]:
    colour = look(index).colour
    return {
        "linestyle": "none",
        "marker": look(index).marker,
        "markersize": 7,
        "markeredgecolor": colour,
        "markeredgewidth": 1.4,
        "markerfacecolor": colour if index == 0 else "none",
    }


def _legend() -> list[Any]:
    from matplotlib.lines import Line2D

    texts = ("stream: before the final norm", "hf: after the final norm")
    return [Line2D([], [], label=text, **_marker(i)) for i, text in enumerate(texts)]
