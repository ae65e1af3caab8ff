"""SVG files made fit to stand inside a page: harmless, with ids of their own, with words for it."""

import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from odograph.figures.svg import scoped

_SHAPES = ("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan")
_ALLOWED = frozenset(["svg", "g", "defs", "use", "image", "pattern", "clipPath", *_SHAPES])
_LOADS = re.compile(r"url\(\s*(?!['\"]?#)|@import|expression|javascript:", re.IGNORECASE)
_ORDINARY_POINTS = 450.0
_PIXELS_PER_POINT = 1.45
_NAME = re.compile(r"[\w-][\w.-]*")


class UnreadablePictureError(ValueError):
    """A picture that cannot be shown; its text says why."""


@dataclass(frozen=True)
class Picture:
    """An SVG that can stand in a page; a wide one scrolls on a phone."""

    svg: str
    wide: bool


def is_plain_name(name: str) -> bool:
    """Whether the name is a file's own name: no folder, no leading dot."""
    return _NAME.fullmatch(name) is not None


def inline_svg(path: Path, prefix: str, words: str) -> Picture:
    """The picture for a page: drawing elements only, ids prefixed, `words` for who cannot see it.

    Scripts, event attributes, styles of its own and whatever would load something are left out.

    Raises:
        UnreadablePictureError: there is no such file, or it is no SVG.
    """
    try:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UnreadablePictureError(f"figures/{path.name} is missing") from error
    except (OSError, ValueError, ElementTree.ParseError) as error:
        raise UnreadablePictureError(f"figures/{path.name} is not a readable SVG") from error
    if _local(root.tag) != "svg":
        raise UnreadablePictureError(f"figures/{path.name} is not an SVG")
    _clean(root)
    given = re.fullmatch(r"([\d.]+)pt", root.attrib.pop("width", ""))
    points = float(given[1]) if given else _ORDINARY_POINTS
    root.attrib.pop("height", None)
    root.attrib |= {"role": "img", "aria-label": words}
    root.attrib["style"] = f"max-width:{points * _PIXELS_PER_POINT:.0f}px"
    svg = scoped(ElementTree.tostring(root, encoding="unicode"), prefix)
    return Picture(svg, points > _ORDINARY_POINTS)


def _local(name: object) -> str:
    """The name without its namespace; empty for comments and processing instructions."""
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def _clean(element: ElementTree.Element) -> None:
    element.tag = _local(element.tag)
    kept = {_local(name): value for name, value in element.attrib.items()}
    element.attrib.clear()
    element.attrib |= {name: value for name, value in kept.items() if _is_harmless(name, value)}
    for child in list(element):
        if _local(child.tag) in _ALLOWED:
            _clean(child)
        else:
            element.remove(child)


def _is_harmless(name: str, value: str) -> bool:
    if name.lower().startswith("on") or _LOADS.search(value):
        return False
    return name != "href" or value.startswith(("#", "data:image/png;base64,"))
