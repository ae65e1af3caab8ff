"""The one style of all figures, and how a figure is saved.

Groups are told apart by colour (Okabe-Ito), line and marker together, never by colour alone.
Magnitudes are drawn in cividis, signs in a diverging map about a centre. The colour of text is
the page's own, so that a picture can stand in a light and in a dark page.
"""

import math
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, wraps
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from odograph.figures.fonts import FAMILY, behind, quiet_search
from odograph.figures.svg import INK
from odograph.figures.text import legible, room, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

MAGNITUDE = "cividis"
GREY = "#808080"
"""Bands, grids and whatever is not data: readable on white and on black."""

WIDTH = 6.0
"""Width of an ordinary figure in inches: its text stays readable when shrunk to a phone."""

TITLE_SIZE, TEXT_SIZE, TICK_SIZE, CARD_SIZE = 11.5, 10.5, 9.5, 7.5
PNG_DPI = 200
CARD_LINES = 7
NOT_IN_CARD_LINE = {"versions", "test", "family", "test and family", "command"}

_INKED = (
    "text.color",
    "axes.edgecolor",
    "axes.labelcolor",
    "axes.titlecolor",
    "xtick.color",
    "ytick.color",
)
_SETTINGS: dict[str, Any] = {
    "font.sans-serif": [FAMILY],
    "font.size": TEXT_SIZE,
    "axes.labelsize": TEXT_SIZE,
    "axes.titlesize": TEXT_SIZE,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.unicode_minus": True,
    "axes.formatter.use_mathtext": False,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.labelsize": TICK_SIZE,
    "ytick.labelsize": TICK_SIZE,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "legend.fontsize": TICK_SIZE,
    "legend.frameon": False,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "none",
    "text.parse_math": False,
    # So many dots an inch need no hinting, which takes a tenth of a picture's time.
    "text.hinting": "none",
    **dict.fromkeys(_INKED, INK),
}
_LOCK = threading.RLock()
_ASKED: ContextVar[float | None] = ContextVar("width", default=None)
#: Settings of matplotlib that go before ours.
_OVER: ContextVar[Mapping[str, Any]] = ContextVar("style", default=MappingProxyType({}))


@dataclass(frozen=True)
class Look:
    """How a group is drawn: colour, line and marker."""

    colour: str
    line: Any
    marker: str


_LOOKS = (
    Look("#0072B2", "-", "o"),
    Look("#D55E00", (0, (5, 2)), "s"),
    Look("#009E73", (0, (5, 1.5, 1, 1.5)), "^"),
    Look("#CC79A7", (0, (1.5, 1.5)), "D"),
    Look("#E69F00", (0, (8, 2, 1, 2, 1, 2)), "v"),
    Look("#56B4E9", (0, (3, 1)), "P"),
    Look(INK, "-", "X"),
)
HATCHES = ("////", "\\\\\\\\", "....", "xxxx", "||||")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)), (0, (2.5, 1.2)))
"""Lines of nulls, which are all grey."""


def look(index: int) -> Look:
    """The look of the group with this number: no two of the first 49 are the same."""
    turn, place = divmod(index, len(_LOOKS))
    other = _LOOKS[(place + turn) % len(_LOOKS)]
    return Look(_LOOKS[place].colour, other.line, other.marker)


@contextmanager
def settings(**more: Any) -> Iterator[None]:
    """Matplotlib with our settings, whatever the user's own are.

    In the PNG a character that no font here has is a box (`fonts` tells it); in the SVG it stays.
    """
    import matplotlib

    with _LOCK, warnings.catch_warnings(), matplotlib.rc_context(), quiet_search():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")
        own = {**_SETTINGS, "font.family": ["sans-serif", *behind()], **_OVER.get(), **more}
        ours, now = {**_defaults(), **own}, matplotlib.rcParams.copy()
        # Each setting is checked by matplotlib; most of the three hundred are as they should be.
        matplotlib.rcParams.update({k: v for k, v in ours.items() if now[k] != v})
        yield


@cache
def _defaults() -> dict[str, Any]:
    """Matplotlib's own settings, but for those that are no question of style."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings = matplotlib.rcParams.copy()
    return {name: value for name, value in settings.items() if name != "backend"}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """The drawing function, run inside the style."""

    @wraps(draw)
    def inside(*args: P.args, **kwargs: P.kwargs) -> R:
        with settings():
            return draw(*args, **kwargs)

    return inside


@contextmanager
def drawn_at(
    width: float | None, style: Mapping[str, Any] = MappingProxyType({})
) -> Iterator[None]:
    """Figures of so many inches, all that stands beside each other included; None: as they are.

    style: settings of matplotlib that go before those of odograph.
    """
    asked, over = _ASKED.set(width), _OVER.set(style)
    try:
        yield
    finally:
        _ASKED.reset(asked)
        _OVER.reset(over)


def text_scale(width: float) -> float:
    """How much smaller than usual all is in a figure of so many inches: .74 in a column of 3.3."""
    return min(1.0, math.sqrt(width / WIDTH))


def canvas(height: float, width: float = WIDTH) -> "Figure":
    """An empty figure of this size in inches; the layout keeps labels and legend off the data.

    Where another width is asked for (`drawn_at`) it is drawn larger by as much as `save` then
    makes it smaller: text shrinks less than the picture.
    """
    from matplotlib.figure import Figure

    asked = _ASKED.get()
    width = width if asked is None else asked / text_scale(asked)
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, wspace=0.06, hspace=0.04)
    return Figure(figsize=(width, height), layout=engine)


def side_by_side(
    figure: "Figure", panels: int, *, sharex: bool = False
) -> "tuple[list[Axes], list[Axes], list[Axes]]":
    """Axes for so many panels in rows, each at least 2.2 inches wide; more rows make it taller.

    Gives all of them, those at the left and the lowest of each column, which have the labels.
    """
    columns = max(1, min(panels, int(figure.get_figwidth() / 2.2)))
    rows = -(-panels // columns)
    columns = -(-panels // rows)
    figure.set_figheight(figure.get_figheight() * (1 + 0.55 * (rows - 1)))
    grid = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=True)
    shown = list(grid.ravel()[:panels])
    for spare in grid.ravel()[panels:]:
        spare.set_visible(False)
    lowest = shown[-columns:]
    for axes in lowest:
        axes.tick_params(labelbottom=True)
    return shown, list(grid[:, 0]), lowest


def panel_title(axes: "Axes", *lines: str) -> None:
    """What stands above a panel, its lines broken to fit it."""
    figure, place = axes.get_figure(root=True), axes.get_subplotspec()
    if figure is not None and place is not None:
        width = 0.85 * figure.get_figwidth() / place.get_gridspec().ncols
        lines = tuple(wrapped(line, width, TICK_SIZE) for line in lines)
    axes.set_title("\n".join(lines), fontsize=TICK_SIZE)


def room_for_ticks(axes: "Axes") -> int:
    """How many whole numbers fit under the axes: up to 13."""
    figure, place = axes.get_figure(root=True), axes.get_subplotspec()
    if figure is None or place is None:
        return 13
    return min(13, max(3, int(2.2 * figure.get_figwidth() / place.get_gridspec().ncols)))


def head(figure: "Figure", title: str, handles: Sequence[Any] = ()) -> None:
    """Title and, under it, the legend: above the axes, so that neither can cover data."""
    width = figure.get_figwidth() - 0.3
    text = wrapped(title, width, TITLE_SIZE * 1.06)
    figure.set_label(legible(title))
    if not handles:
        figure.suptitle(text, x=0.015, ha="left", fontsize=TITLE_SIZE, fontweight="bold")
        return
    labels = [wrapped(str(handle.get_label()), width, TICK_SIZE) for handle in handles]
    longest = max(len(line) for label in labels for line in label.split("\n"))
    columns = max(1, min(len(labels), room(width, TICK_SIZE) // (longest + 7)))
    rows = -(-len(labels) // columns) + text.count("\n")
    # A long legend makes the figure taller, not the axes flatter.
    figure.set_figheight(figure.get_figheight() + 0.19 * max(0, rows - 2))
    figure.legend(
        handles,
        labels,
        title=text,
        title_fontproperties={"size": TITLE_SIZE, "weight": "bold"},
        alignment="left",
        loc="outside upper left",
        ncols=columns,
        borderpad=0.2,
        borderaxespad=0.5,
        handlelength=3.2,
        columnspacing=1.4,
    )


def ground(axes: "Axes", direction: Literal["x", "y", "both"] = "y") -> None:
    """A faint grid behind the data."""
    axes.set_axisbelow(True)
    axes.grid(True, axis=direction, color=INK, alpha=0.14, linewidth=0.6)


def logarithmic(axes: "Axes", direction: Literal["x", "y"]) -> None:
    """A logarithmic axis with plain numbers at 1, 2 and 5."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set(**{f"{direction}scale": "log"})
    axis = axes.xaxis if direction == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def signed_logarithmic(axes: "Axes", direction: Literal["x", "y"], linear: float) -> None:
    """Logarithmic on both sides of 0, linear within so much of it; plain numbers at the powers."""
    from matplotlib.ticker import NullFormatter, StrMethodFormatter

    set_scale = axes.set_xscale if direction == "x" else axes.set_yscale
    set_scale("symlog", linthresh=linear, linscale=0.5)
    axis = axes.xaxis if direction == "x" else axes.yaxis
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())
    low, high = getattr(axes.dataLim, f"interval{direction}")
    if math.isfinite(low) and math.isfinite(high):
        ends = [1.6 * low if low < 0 else -linear / 2, 1.6 * high if high > 0 else linear / 2]
        axes.set(**{f"{direction}lim": ends})


def nothing_to_draw(axes: "Axes") -> None:
    """Says in the empty axes that there is nothing, instead of leaving them blank."""
    axes.text(
        0.5, 0.6, "no value to draw", transform=axes.transAxes, ha="center", va="center", alpha=0.8
    )
