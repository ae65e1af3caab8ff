"""More points than an eye can tell apart: counted in boxes, with a running median and quartiles."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from odograph.figures.marks import Numbers, numbers, same_length
from odograph.figures.style import MAGNITUDE, look
from odograph.measures.binned import Counts, JointCounts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: From so many points on they are counted, not drawn.
MANY = 100_000
#: Boxes along x and y.
_BOXES = (120, 90)
#: Stretches of x with a median each, all with as many points.
_STRETCHES = 40
#: The frame holds all but these per cent of the points at either end of an axis.
_TAIL = 0.1
_QUARTILES = (25, 50, 75)
#: Seen on all colours of the boxes.
_COLOUR = look(1).colour
_LINES: tuple[dict[str, Any], ...] = (
    {"linestyle": (0, (3, 2)), "linewidth": 1.0},
    {"linestyle": "-", "linewidth": 1.6},
    {"linestyle": (0, (3, 2)), "linewidth": 1.0},
)


@dataclass(frozen=True)
class Histogram:
    """How many points lie where.

    Attributes:
        counts: points in each box, [along x, along y].
        x, y: edges of the boxes.
        middle: of each stretch of x, its median, [stretches].
        quartiles: of y in each stretch, [3, stretches]: quarter, median, three quarters.
        points: all of them.
        beyond: those outside the frame, of which no box is drawn; the quartiles know them.
    """

    counts: Numbers
    x: Numbers
    y: Numbers
    middle: Numbers
    quartiles: Numbers
    points: int
    beyond: int


def histogram(x: ArrayLike, y: ArrayLike) -> Histogram:
    """Counts points in boxes; points with a number that is not finite are none.

    Raises:
        UsageError: x and y differ in length.
    """
    across, up = numbers(x), numbers(y)
    same_length("histogram", x=across, y=up)
    whole = np.isfinite(across) & np.isfinite(up)
    across, up = across[whole], up[whole]
    counts, edges, heights = np.histogram2d(
        across, up, bins=_BOXES, range=[_frame(across), _frame(up)]
    )
    order = np.argsort(across, kind="stable")
    stretches = np.array_split(order, _STRETCHES)
    return Histogram(
        counts,
        edges,
        heights,
        np.array([np.median(across[each]) for each in stretches]),
        np.array([np.percentile(up[each], _QUARTILES) for each in stretches]).T,
        len(across),
        len(across) - int(counts.sum()),
    )


def histogram_of_many(
    x: ArrayLike, y: ArrayLike, counted: JointCounts | None = None
) -> Histogram | None:
    """What was counted in fixed bins, else so many points; None where they can be drawn one by one.

    counted: the histogram of all tokens, where one is kept.
    """
    if counted is not None:
        return _of_counts(counted)
    return histogram(x, y) if len(numbers(x)) >= MANY else None


def _of_counts(counted: JointCounts) -> Histogram:
    """The same of points that are counted already, in boxes about as wide as their bins."""
    x, y = _boxes(counted.x, _BOXES[0]), _boxes(counted.y, _BOXES[1])
    counts = counted.within(x, y)[1:-1, 1:-1]  # the outermost hold all beyond
    middle, quartiles = counted.running(_STRETCHES, np.array(_QUARTILES) / 100)
    total = int(counted.tokens.sum())
    beyond = total - round(float(counts.sum()))
    return Histogram(counts, x[1:-1], y[1:-1], middle, quartiles, total, beyond)


def _boxes(counts: Counts, most: int) -> Numbers:
    """Edges of boxes as wide as the bin of the median token, so many at most; two beyond the frame.

    Bins of other widths are shared out among them: what has the same density has the same colour.
    """
    low, high = counts.quantiles([_TAIL / 100, 1 - _TAIL / 100])
    width = counts.width * np.ceil((high - low) / (most * counts.width))
    return np.asarray(width * np.arange(np.floor(low / width) - 1, np.ceil(high / width) + 2))


def _frame(values: Numbers) -> tuple[float, float]:
    """From the least to the greatest value but for the tails; some width where all are equal."""
    low, high = np.percentile(values, [_TAIL, 100 - _TAIL])
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def draw_histogram(axes: "Axes", found: Histogram) -> str:
    """Colour: points in a box, on a logarithmic scale; lines: median and quartiles.

    Gives the sentence about the scale, and about the points outside the frame.
    """
    from matplotlib.colors import LogNorm

    most = int(found.counts.max())
    axes.pcolormesh(
        found.x,
        found.y,
        np.ma.masked_equal(found.counts.T, 0),
        cmap=MAGNITUDE,
        norm=LogNorm(vmin=1, vmax=max(2, most)),
        rasterized=True,
    )
    for quartile, style in zip(found.quartiles, _LINES, strict=True):
        axes.plot(found.middle, quartile, color=_COLOUR, zorder=3, **style)
    beyond = f"; {found.beyond:,} tokens beyond the frame" if found.beyond else ""
    return f"colour: 1 to {most:,} tokens a box, log scale{beyond}"


def histogram_handles() -> list[Any]:
    """What the lines are, for a legend."""
    from matplotlib.lines import Line2D

    named = zip(("median", "quartiles"), (_LINES[1], _LINES[0]), strict=True)
    return [Line2D([], [], color=_COLOUR, label=label, **style) for label, style in named]
