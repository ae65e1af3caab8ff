"""A study's figure as a page holds it: the SVG file, deflated, shown as an image only.

As an image an SVG runs no script and loads nothing, whatever is in it.
"""

import base64
import io
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from odograph.folder.run import Run
from odograph.report.packing import packed_text

#: Colours of a raster image inside a figure: thousands of points in a few greys need no more.
COLOURS = 32
_NAME = re.compile(r"[\w-][\w.-]*")
_RASTER = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


@dataclass(frozen=True)
class Picture:
    """An SVG file, packed, and the card that it brings: label and text."""

    packed: str
    card: list[tuple[str, str]]


class UnreadablePictureError(ValueError):
    """A picture that cannot be shown; its text says why."""


def is_plain_name(name: str) -> bool:
    """Whether the name is a file's own name: no folder, no leading dot."""
    return _NAME.fullmatch(name) is not None


def picture_of(run: Run, name: str) -> Picture:
    """figures/NAME.svg of the run folder.

    Raises:
        UnreadablePictureError: there is no such file, or it is no SVG.
        RunError: it is not what the study drew.
    """
    if not is_plain_name(name):
        raise UnreadablePictureError(f"{name!r} is not the name of a figure")
    path = run.result(f"figures/{name}.svg")
    if path is None:
        raise UnreadablePictureError(f"figures/{name}.svg is missing")
    return read_svg(path)


def read_svg(path: Path) -> Picture:
    """An SVG file, packed, and the card in its description.

    Raises:
        UnreadablePictureError: it is none.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root = ElementTree.fromstring(text)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        raise UnreadablePictureError(f"figures/{path.name} is not a readable SVG") from error
    if root.tag.rpartition("}")[2] != "svg":
        raise UnreadablePictureError(f"figures/{path.name} is not an SVG")
    packed = packed_text(_RASTER.sub(_fewer_colours, text).encode("utf-8"))
    lines = (root.findtext("{*}desc") or "").split("\n")
    pairs = (line.partition(": ") for line in lines)
    return Picture(packed, [(label, text) for label, colon, text in pairs if colon])


def _fewer_colours(found: re.Match[str]) -> str:
    """The raster image with few colours; as it is where it cannot be read."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(base64.b64decode(found[1])), formats=["PNG"]) as image:
            fewer = image.convert("RGBA").quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    except (ValueError, OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return found[0]
    buffer = io.BytesIO()
    fewer.save(buffer, "png", optimize=True)
    small = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f"data:image/png;base64,{small}" if len(small) < len(found[1]) else found[0]
