"""Names beside points, so placed that none covers another: near its point, else on a line to it."""

from collections.abc import Iterator, Sequence
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
    boxes = np.array([(x, y, _DOT, _DOT) for x, y in places])
    for number, (place, note) in enumerate(zip(places, notes, strict=True)):
        half = len(note.get_text()) * _WIDTH * _SIZE / 2, _HEIGHT * _SIZE / 2
        others = np.delete(boxes, number, axis=0)
        x, y = _best_spot(place, half, others, room, reach or _FARTHEST)
        note.set_visible(reach is None or _covered((x, y), half, others) == 0)
        if not note.get_visible():
            continue
        boxes = np.vstack([boxes, (x, y, *half)])
        note.xyann = offset = x - place[0], y - place[1]
        if note.arrow_patch is not None:
            note.arrow_patch.set_visible(float(np.hypot(*offset)) > _NEAR + half[0])


def _best_spot(
    place: Numbers, half: tuple[float, float], others: Numbers, room: Numbers, reach: float
) -> tuple[float, float]:
    """The nearest free spot inside the axes; where none is free the one that covers least."""
    inside = [spot for spot in _spots(place, half, reach) if _lies_in(spot, half, room)]
    least = np.inf
    best = next(iter(inside), next(_spots(place, half, reach)))
    for spot in inside:
        covered = _covered(spot, half, others)
        if covered < least:
            best, least = spot, covered
        if not covered:
            break
    return best


def _room(axes: "Axes") -> Numbers:
    """The corners of the axes, [2, 2]: beyond them stand the labels of the ticks."""
    return np.asarray(axes.bbox.corners()[[0, 3]] * _POINTS_AN_INCH / axes.figure.dpi)


def _lies_in(spot: tuple[float, float], half: tuple[float, float], room: Numbers) -> bool:
    """Whether a name there lies inside the axes."""
    low, high = room
    return bool((low + half <= spot).all() and (spot <= high - half).all())


def _in_points(axes: "Axes", points: Numbers) -> Numbers:
    """Where in the picture the points lie, in typographic points."""
    pixels = axes.transData.transform(points)
    return np.asarray(pixels * _POINTS_AN_INCH / axes.figure.dpi)


def _spots(
    place: Numbers, half: tuple[float, float], reach: float
) -> Iterator[tuple[float, float]]:
    """Middles of a name round its point, the nearest first."""
    for away in np.arange(4.0, reach, 4.0):
        for angle in _ANGLES:
            x = place[0] + np.cos(angle) * (away + half[0])
            y = place[1] + np.sin(angle) * (away + half[1])
            yield float(x), float(y)


def _covered(spot: tuple[float, float], half: tuple[float, float], others: Numbers) -> float:
    """The area that a name there would share with what stands already; 0 is free."""
    wide = half[0] + others[:, 2] - np.abs(others[:, 0] - spot[0])
    high = half[1] + others[:, 3] - np.abs(others[:, 1] - spot[1])
    return float((np.maximum(wide, 0) * np.maximum(high, 0)).sum())
