"""Labels at the ends of lines, in place of a legend: nothing has to be looked up.

They stand in a column to the right of the axes, each as near to the height of its line as the
others let it, and a short line in the colour of what it names leads to it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from odograph.figures.marks import Numbers
from odograph.figures.placing import before_drawing
from odograph.figures.style import TICK_SIZE
from odograph.figures.text import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Text

#: With more labels, or more lines of text, a legend is easier to read.
_MOST, _MOST_LINES = 6, 10
#: Share of the figure's width that labels may take.
_SHARE = 0.26
#: Length of the line to a label, and the room between lines of text, in points.
_LEADER, _GAP = 14.0, 2.5
_LINE_HEIGHT = 1.2 * TICK_SIZE


@dataclass(frozen=True)
class LineEnd:
    """What is named: its name, where its line ends (data), and the colour of the line."""

    name: str
    x: float
    y: float
    colour: str


def label_ends(axes: "Axes", ends: Sequence[LineEnd]) -> bool:
    """Writes the names beside the axes; False, and nothing written, where a legend is better.

    That is where they are too many or too long, or where a line has no end that is a number.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        return False
    width = figure.get_figwidth() * _SHARE
    names = [wrapped(_unbroken(end.name), width, TICK_SIZE) for end in ends]
    lines = sum(name.count("\n") + 1 for name in names)
    if len(ends) > _MOST or lines > _MOST_LINES or any("…" in name for name in names):
        return False
    if not all(np.isfinite([end.x, end.y]).all() for end in ends):
        return False
    if not ends:
        return True
    written = [_written(axes, name) for name in names]
    leaders = [_leader(axes, end) for end in ends]
    before_drawing(axes, lambda: _place(axes, ends, written, leaders))
    return True


def _unbroken(name: str) -> str:
    """The name with what stands in brackets kept on one line."""
    return re.sub(r"\([^)]*\)", lambda inside: inside[0].replace(" ", "\u00a0"), name)


def _written(axes: "Axes", name: str) -> "Text":
    from matplotlib.transforms import offset_copy

    beside = offset_copy(axes.transAxes, axes.get_figure(root=True), x=_LEADER, units="points")
    return axes.text(
        1.0, 0.5, name, transform=beside, ha="left", va="center", fontsize=TICK_SIZE, clip_on=False
    )


def _leader(axes: "Axes", end: LineEnd) -> "Line2D":
    from matplotlib.lines import Line2D
    from matplotlib.transforms import IdentityTransform

    line = Line2D([], [], clip_on=False, color=end.colour, linewidth=1.0)
    line.set_in_layout(False)
    axes.add_artist(line)
    # Adding an artist sets its transform to that of the data.
    line.set_transform(IdentityTransform())
    return line


def _place(
    axes: "Axes", ends: Sequence[LineEnd], texts: "Sequence[Text]", leaders: "Sequence[Line2D]"
) -> None:
    """Spreads the labels over the height of the axes, in the order of their lines' ends."""
    point = axes.figure.dpi / 72
    box = axes.get_window_extent()
    at = axes.transData.transform([(end.x, end.y) for end in ends])
    sizes = np.array([text.get_text().count("\n") + 1 for text in texts]) * _LINE_HEIGHT + _GAP
    height = np.clip(at[:, 1], box.y0, box.y1)
    places = spread(height / point, sizes, (box.y0 / point, box.y1 / point)) * point
    for text, leader, start, place in zip(texts, leaders, at, places, strict=True):
        text.set_y((place - box.y0) / box.height)
        stop = box.x1 + (_LEADER - 2) * point
        bend = box.x1 + 1 * point
        level = float(np.clip(start[1], box.y0, box.y1))
        leader.set_data([min(start[0], bend), bend, stop], [level, level, place])


def spread(wanted: Numbers, sizes: Numbers, room: tuple[float, float]) -> Numbers:
    """Middles of things of these sizes, near where they are wanted, none upon another.

    Their order is kept. Where they have more room than they need they stay within it.
    """
    order = np.argsort(wanted, kind="stable")
    half = sizes[order] / 2
    # Distance of each from the first, if all stand close: what is left is monotone.
    packed = np.concatenate([[0.0], np.cumsum(half[:-1] + half[1:])])
    free = _rising(wanted[order] - packed)
    low, high = room[0] + half[0], room[1] - half[-1] - packed[-1]
    placed = np.clip(free, low, max(low, high)) + packed
    found = np.empty(len(wanted))
    found[order] = placed
    return found


def _rising(values: Numbers) -> Numbers:
    """The rising numbers that are nearest to these: neighbours out of order share their mean."""
    groups: list[tuple[float, int]] = []
    for value in values:
        mean, count = float(value), 1
        while groups and groups[-1][0] > mean:
            before, more = groups.pop()
            mean = (mean * count + before * more) / (count + more)
            count += more
        groups.append((mean, count))
    return np.concatenate([np.full(count, mean) for mean, count in groups])
