"""Names beside points, so placed that none covers another: near its point, else on a line to it.

Names that find no room near their points share out the free cells of a grid, so that their lines
are as short as can be together: two lines that cross would be shorter with their ends exchanged.
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
#: How many free cells, the nearest first, are looked at for what their lines cross.
_LOOKED_AT = 60
#: Room between the cells of names that stand away from their points.
_APART = np.array([4.0, 0.0])
#: How much longer, in points, a line may be that does not share a square point with a name.
_DETOUR = 10.0
_ANGLES = np.radians([45, 135, 315, 225, 0, 180, 90, 270, 22, 158, 338, 202])
_POINTS_AN_INCH = 72


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
    halves = np.array([[len(note.get_text()) * _WIDTH, _HEIGHT] for note in notes]) * _SIZE / 2
    boxes = np.array([(x, y, _DOT, _DOT) for x, y in places])
    middles = np.full(places.shape, np.nan)
    for number, (place, half) in enumerate(zip(places, halves, strict=True)):
        spots = _spots(place, half, room, reach or _NEAR)
        free = spots[_covered(spots, half, np.delete(boxes, number, axis=0)) == 0]
        if len(free):
            middles[number] = free[0]
            boxes = np.vstack([boxes, [*free[0], *half]])
    far = np.flatnonzero(np.isnan(middles[:, 0]))
    if len(far) and reach is None:
        middles[far] = _far_away(places[far], halves[far].max(axis=0), room, boxes)
    for place, middle, half, note in zip(places, middles, halves, notes, strict=True):
        note.set_visible(bool(np.isfinite(middle).all()))
        if note.get_visible():
            note.xyann = tuple(middle - place)
            if note.arrow_patch is not None:
                note.arrow_patch.set_visible(len(_line(place, middle, half)) > 0)


def _far_away(places: Numbers, half: Numbers, room: Numbers, boxes: Numbers) -> Numbers:
    """A cell of its own for each name, [n, 2], of the free ones where there are enough.

    Lines go round other names where they can without crossing each other.
    """
    from scipy.optimize import linear_sum_assignment

    cells = _cells(half, room, boxes, len(places))
    lengths = np.hypot(*np.moveaxis(places[:, None] - cells, -1, 0))
    shared = np.array(
        [
            _shared(place, cells, half, boxes, row)
            for place, row in zip(places, lengths, strict=True)
        ]
    )
    for costs in (lengths + _DETOUR * shared, lengths):
        found = cells[linear_sum_assignment(costs)[1]]
        if not _lines_cross(places, found):
            break
    return found


def _cells(half: Numbers, room: Numbers, boxes: Numbers, count: int) -> Numbers:
    """Middles of the free cells of a grid; at least so many, then those that cover least."""
    low, high = room
    ends = zip(low + half, high - half, 2 * half + _APART, strict=True)
    grid = np.meshgrid(*(np.arange(*end) for end in ends))
    cells = np.stack(grid, axis=-1).reshape(-1, 2)
    covered = _covered(cells, half, boxes)
    free = int((covered == 0).sum())
    return np.asarray(cells[np.argsort(covered, kind="stable")[: max(count, free)]])


def _shared(
    place: Numbers, cells: Numbers, half: Numbers, boxes: Numbers, lengths: Numbers
) -> Numbers:
    """What the line to each cell shares with names and points; of far cells the most of any."""
    near = np.argsort(lengths, kind="stable")[:_LOOKED_AT]
    others = boxes[(boxes[:, :2] != place).any(axis=1)]
    shared = [_covered(_line(place, cells[n], half)[:, :2], _LINE, others).sum() for n in near]
    every = np.full(len(cells), max(shared))
    every[near] = shared
    return every


def _lines_cross(places: Numbers, ends: Numbers) -> bool:
    """Whether two of the lines from a place to its end do."""

    def sides(points: Numbers) -> Numbers:
        """On which side of each line each point lies, [points, lines]."""
        way, off = ends - places, points[:, None] - places
        return np.asarray(np.sign(way[:, 0] * off[..., 1] - way[:, 1] * off[..., 0]))

    apart = sides(places) * sides(ends) < 0
    return bool((apart & apart.T).any())


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
    """Middles of a name round its point that lie inside the axes, the nearest first: [n, 2]."""
    away = np.arange(4.0, reach, 4.0)[:, None, None]
    ways = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
    spots = (place + ways * (away + half)).reshape(-1, 2)
    low, high = room
    inside = ((low + half <= spots) & (spots <= high - half)).all(axis=1)
    return np.asarray(spots[inside])


def _covered(spots: Numbers, half: Numbers, others: Numbers) -> Numbers:
    """The area that a name at each spot would share with what stands already; 0 is free: [n]."""
    shared = half + others[:, 2:] - np.abs(others[:, :2] - spots[:, None])
    return np.asarray(np.maximum(shared, 0).prod(axis=-1).sum(axis=-1))
