"""The one style of all figures, and how a figure is saved.

Groups are told apart by colour (Okabe-Ito), line and marker together, never by colour alone.
Magnitudes are drawn in cividis, signs in a diverging map about a centre. The colour of text is
the page's own, so that a picture can stand in a light and in a dark page.
"""

import io
import os
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

import numpy as np

from odograph.figures.svg import INK, finished
from odograph.figures.text import legible, room, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

P = ParamSpec("P")
R = TypeVar("R")

MAGNITUDE = "cividis"
GREY = "#808080"
"""Bands, grids and whatever is not data: readable on white and on black."""

WIDTH = 6.0
"""Width of an ordinary figure in inches: its text stays readable when shrunk to a phone."""

TITLE_SIZE, TEXT_SIZE, TICK_SIZE, CARD_SIZE = 11.5, 10.5, 9.5, 7.5
_PNG_DPI = 200
_CARD_LINES = 7
_NOT_IN_CARD_LINE = {"versions", "test", "family", "test and family", "command"}

_INKED = (
    "text.color",
    "axes.edgecolor",
    "axes.labelcolor",
    "axes.titlecolor",
    "xtick.color",
    "ytick.color",
)
_SETTINGS: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
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


def look(index: int) -> Look:
    """The look of the group with this number: no two of the first 49 are the same."""
    turn, place = divmod(index, len(_LOOKS))
    other = _LOOKS[(place + turn) % len(_LOOKS)]
    return Look(_LOOKS[place].colour, other.line, other.marker)


@contextmanager
def _settings(**more: Any) -> Iterator[None]:
    """Matplotlib with our settings, whatever the user's own are; missing glyphs become boxes.

    In the PNG a character that the font lacks is a box; in the SVG it stays itself.
    """
    import matplotlib

    with _LOCK, warnings.catch_warnings(), matplotlib.rc_context():
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support")
        ours, now = {**_defaults(), **_SETTINGS, **more}, matplotlib.rcParams.copy()
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
        with _settings():
            return draw(*args, **kwargs)

    return inside


def canvas(height: float, width: float = WIDTH) -> "Figure":
    """An empty figure of this size in inches; the layout keeps labels and legend off the data."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    engine = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, wspace=0.06, hspace=0.04)
    return Figure(figsize=(width, height), layout=engine)


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


def nothing_to_draw(axes: "Axes") -> None:
    """Says in the empty axes that there is nothing, instead of leaving them blank."""
    axes.text(
        0.5, 0.6, "no value to draw", transform=axes.transAxes, ha="center", va="center", alpha=0.8
    )


def _card_line(card: Mapping[str, str], width: float) -> str:
    kept = [
        f"{key}: {text}".replace(" %", "\u00a0%")
        for key, text in card.items()
        if key not in _NOT_IN_CARD_LINE
    ]
    return wrapped("\u00a0· ".join(kept), width, CARD_SIZE, _CARD_LINES)


def save(figure: "Figure", stem: Path, card: Mapping[str, str]) -> tuple[Path, Path]:
    """Writes STEM.svg and STEM.png, and gives their paths.

    Under the picture stands the card on a few small lines (versions, test and family only in the
    file's own description, where the whole card is). The same figure gives the same bytes.
    Each file appears whole or not at all.

    Args:
        figure: what a `draw_*` function gave.
        stem: folder and name without an ending; the name also makes the ids inside the SVG unique.
        card: label to text, in the order in which it is read.
    """
    clean = {legible(str(key)): legible(str(text)) for key, text in card.items()}
    line = _card_line(clean, figure.get_figwidth() - 0.3)
    with _settings(**{"svg.hashsalt": stem.name}):
        if line:
            figure.supxlabel(line, x=0.015, ha="left", fontsize=CARD_SIZE, alpha=0.82)
        with _laid_out(figure) as canvas:
            png = _png(canvas, clean)
            svg = _svg(figure, stem.name, clean)
    paths = (stem.with_name(f"{stem.name}.svg"), stem.with_name(f"{stem.name}.png"))
    stem.parent.mkdir(parents=True, exist_ok=True)
    write_whole(paths[0], svg)
    write_whole(paths[1], png)
    return paths


@contextmanager
def _laid_out(figure: "Figure") -> Iterator["FigureCanvasAgg"]:
    """The figure with everything in its place, found once for both files and not again.

    Left to itself, matplotlib draws the whole figure once more for the layout of each file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    engine = figure.get_layout_engine()
    figure.set_dpi(_PNG_DPI)
    canvas = FigureCanvasAgg(figure)
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine(None)
    try:
        yield canvas
    finally:
        figure.set_layout_engine(engine)


def _svg(figure: "Figure", name: str, card: Mapping[str, str]) -> bytes:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", dpi=_PNG_DPI, metadata={"Date": None})
    title = str(figure.get_label()) or name
    return finished(buffer.getvalue(), name=name, title=title, card=card).encode()


def _png(canvas: "FigureCanvasAgg", card: Mapping[str, str]) -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    buffer, about, figure = io.BytesIO(), PngInfo(), canvas.figure
    about.add_text("Title", str(figure.get_label()))
    about.add_text("Description", "\n".join(f"{label}: {text}" for label, text in card.items()))
    # A PNG cannot follow the page, so it brings its own paper, through which nothing shows.
    paper = figure.get_facecolor()
    figure.set_facecolor("white")
    canvas.draw()
    figure.set_facecolor(paper)
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    # Level 6, the usual one, takes half as long again for 3 % of the size.
    image.save(buffer, "png", compress_level=3, dpi=(_PNG_DPI, _PNG_DPI), pnginfo=about)
    return buffer.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Writes the file under a temporary name beside it and renames it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
