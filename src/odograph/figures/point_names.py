"""Names beside points, so placed that none covers another: near its point, else on a line to it.

Of the free places near a point that is taken whose line crosses the fewest names.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from odograph.figures.marks import Numbers
from odograph.figures.placing import before_drawing
from odograph.figures.style import TICK_SIZE
from odograph.figures.svg import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

_SIZE = TICK_SIZE - 1.5
#: Of a letter, in parts of its size, with a little room.
_WIDTH, _HEIGHT = 0.66, 1.2
#: Half of what a point itself takes.
_DOT = 2.5
#: From so many points of distance on a line leads from the name to its point.
_NEAR = 9.0
#: A line takes room as a row of squares: half of one, and from one to the next.
_LINE, _STRIDE = np.array([0.75, 0.75]), 1.5
#: How many free places, the nearest first, are looked at for what their lines cross.
_LOOKED_AT = 48
_ANGLES = np.radians([45, 135, 315, 225, 0, 180, 90, 270, 22, 158, 338, 202])
_POINTS_AN_INCH = 72
#: How far from its point a name may stand, in points.
_FARTHEST = 240.0


def write_names(
    axes: "Axes",
    points: Numbers,
    names: Sequence[str],
    *,
    colours: Sequence[str] = (),
    reach: float | None = None,
) -> None:
    """Writes a name beside each point, [n, 2]; points that are not finite have none.

    Points and names that stand already are gone round, the first names are placed first. Where
    nothing is free a name stands on the spot that covers least. Places are found anew whenever the
    picture is drawn, when all that presses on the axes is known.

    Args:
        axes: where the points are.
        points: in the units of the data.
        names: of the points.
        colours: of the names; by default that of text.
        reach: in points; a name that finds no free place so near is left out.
    """
    finite = np.isfinite(points).all(axis=1)
    kept = np.flatnonzero(finite).tolist()
    written = [(names[number], colours[number] if colours else INK) for number in kept]
    line = {"arrowstyle": "-", "color": INK, "alpha": 0.45, "lw": 0.5}
    notes = [
        axes.annotate(
            name,
            (x, y),
            (0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=_SIZE,
            color=colour,
            arrowprops=line,
        )
        for (name, colour), (x, y) in zip(written, points[finite], strict=True)
    ]
    for note in notes:
        note.set_in_layout(False)
    before_drawing(axes, lambda: _place(axes, points[finite], notes, reach))


def _place(
    axes: "Axes", points: Numbers, notes: "Sequence[Annotation]", reach: float | None
) -> None:
    places, room = _in_points(axes, points), _room(axes)
    boxes, lines = np.array([(x, y, _DOT, _DOT) for x, y in places]), np.empty((0, 4))
    for number, (place, note) in enumerate(zip(places, notes, strict=True)):
        half = np.array([len(note.get_text()) * _WIDTH, _HEIGHT]) * _SIZE / 2
        others = np.delete(boxes, number, axis=0)
        spots = _spots(place, half, room, reach or _FARTHEST)
        spot, covered = _best_spot(place, half, spots, others, lines)
        note.set_visible(reach is None or covered == 0)
        if not note.get_visible():
            continue
        line = _line(place, spot, half)
        boxes, lines = np.vstack([boxes, [*spot, *half]]), np.vstack([lines, line])
        note.xyann = tuple(spot - place)
        if note.arrow_patch is not None:
            note.arrow_patch.set_visible(len(line) > 0)


def _best_spot(
    place: Numbers, half: Numbers, spots: Numbers, others: Numbers, lines: Numbers
) -> tuple[Numbers, float]:
    """Where a name stands, and how much it covers there.

    That is the nearest free spot whose line crosses nothing, or else the least; where no spot is
    free, the one that covers least.
    """
    covered = _covered(spots, half, others)
    best = np.flatnonzero(covered == covered.min())[:_LOOKED_AT]
    if covered.min() > 0:
        return spots[best[0]], float(covered.min())
    crossing = [
        _covered(_line(place, spots[n], half)[:, :2], _LINE, others).sum()
        + _covered(spots[n : n + 1], half, lines).sum()
        for n in best
    ]
    return spots[best[int(np.argmin(crossing))]], 0.0


def _line(place: Numbers, spot: Numbers, half: Numbers) -> Numbers:
    """The line from a name to its point as boxes in a row, [n, 4]; none where the name is near."""
    way = spot - place
    length = float(np.hypot(*way))
    if length <= _NEAR + half[0]:
        return np.empty((0, 4))
    inside = min(size / abs(part) for size, part in zip(half, way, strict=True) if part)
    steps = np.arange(_DOT, length * (1 - inside), _STRIDE)[:, None] / length
    return np.column_stack([place + steps * way, np.broadcast_to(_LINE, (len(steps), 2))])


def _room(axes: "Axes") -> Numbers:
    """The corners of the axes, [2, 2]: beyond them stand the labels of the ticks."""
    return np.asarray(axes.bbox.corners()[[0, 3]] * _POINTS_AN_INCH / axes.figure.dpi)


def _in_points(axes: "Axes", points: Numbers) -> Numbers:
    """Where in the picture the points lie, in typographic points."""
    pixels = axes.transData.transform(points)
    return np.asarray(pixels * _POINTS_AN_INCH / axes.figure.dpi)


def _spots(place: Numbers, half: Numbers, room: Numbers, reach: float) -> Numbers:
    """Middles of a name round its point that lie inside the axes, the nearest first: [n, 2].

    Where none does, the nearest of all.
    """
    away = np.arange(4.0, reach, 4.0)[:, None, None]
    ways = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
    spots = (place + ways * (away + half)).reshape(-1, 2)
    low, high = room
    inside = ((low + half <= spots) & (spots <= high - half)).all(axis=1)
    return np.asarray(spots[inside] if inside.any() else spots[:1])


def _covered(spots: Numbers, half: Numbers, others: Numbers) -> Numbers:
    """The area that a name at each spot would share with what stands already; 0 is free: [n]."""
    shared = half + others[:, 2:] - np.abs(others[:, :2] - spots[:, None])
    return np.asarray(np.maximum(shared, 0).prod(axis=-1).sum(axis=-1))
