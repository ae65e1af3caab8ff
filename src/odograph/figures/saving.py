"""Figures written as SVG and PNG, whole or not at all."""

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from odograph.figures.fonts import tell_missing
from odograph.figures.style import CARD_LINES, CARD_SIZE, NOT_IN_CARD_LINE, PNG_DPI, settings
from odograph.figures.svg import finished, resized
from odograph.figures.text import legible, wrapped

if TYPE_CHECKING:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure


def _card_line(card: Mapping[str, str], width: float) -> str:
    kept = [
        f"{key}: {text}".replace(" %", "\u00a0%")
        for key, text in card.items()
        if key not in NOT_IN_CARD_LINE
    ]
    return wrapped("\u00a0· ".join(kept), width, CARD_SIZE, CARD_LINES)


def write_card(figure: "Figure", card: Mapping[str, str]) -> None:
    """Puts the card under the picture, on a few small lines."""
    clean = {legible(str(key)): legible(str(text)) for key, text in card.items()}
    line = _card_line(clean, figure.get_figwidth() - 0.3)
    if line:
        with settings():
            figure.supxlabel(line, x=0.015, ha="left", fontsize=CARD_SIZE, alpha=0.82)


def save(
    figure: "Figure",
    stem: Path,
    card: Mapping[str, str],
    *,
    show_card: bool = False,
    width: float | None = None,
) -> tuple[Path, Path]:
    """Writes STEM.svg and STEM.png, and gives their paths.

    The card is in the description of both files. The same figure gives the same bytes. Each file
    appears whole or not at all.

    Args:
        figure: what a `draw_*` function gave.
        stem: folder and name without an ending; the name also makes the ids inside the SVG unique.
        card: label to text, in the order in which it is read.
        show_card: whether it also stands under the picture, on a few small lines without versions,
            test and family.
        width: of the files, in inches; None: as the figure was drawn.
    """
    clean = {legible(str(key)): legible(str(text)) for key, text in card.items()}
    scale = 1.0 if width is None else width / figure.get_figwidth()
    with settings(**{"svg.hashsalt": stem.name}):
        if show_card:
            write_card(figure, card)
        tell_missing(figure)
        with _laid_out(figure) as canvas:
            png = _png(canvas, clean, scale)
            svg = _svg(figure, stem.name, clean, scale)
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
    figure.set_dpi(PNG_DPI)
    canvas = FigureCanvasAgg(figure)
    if engine is not None:
        engine.execute(figure)
    figure.set_layout_engine(None)
    try:
        yield canvas
    finally:
        figure.set_layout_engine(engine)


def _svg(figure: "Figure", name: str, card: Mapping[str, str], scale: float) -> bytes:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", dpi=PNG_DPI, metadata={"Date": None})
    title = str(figure.get_label()) or name
    text = buffer.getvalue() if scale == 1 else resized(buffer.getvalue(), scale)
    return finished(text, name=name, title=title, card=card).encode()


def _png(canvas: "FigureCanvasAgg", card: Mapping[str, str], scale: float) -> bytes:
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
    dense = (PNG_DPI / scale, PNG_DPI / scale)
    image.save(buffer, "png", compress_level=3, dpi=dense, pnginfo=about)
    return buffer.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Writes the file under a temporary name beside it and renames it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    temporary.unlink(missing_ok=True)  # it may be a stranger's link
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
