"""The unrolled path: the picture that odograph is known by, as an SVG of its own.

Origin, state and next state make a triangle; the triangles of a path laid side by side in the plane
keep every length, turn and step exactly. States two or more blocks apart stand too far apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STYLE = (
    ".faint{stroke:#1c1b18;stroke-opacity:.1}.lead{stroke:#0062a3;stroke-width:2.6}"
    ".mark{stroke:#0062a3;stroke-width:6;stroke-linejoin:round}.dot{fill:#0062a3}.end{fill:#b84a00}.ring{stroke:#1c1b18;stroke-opacity:.14}"
    ".origin{fill:#1c1b18}text{font:600 15px system-ui,sans-serif;fill:#0062a3}"
    "@media(prefers-color-scheme:dark){.faint,.ring{stroke:#eeebe4}.lead,.mark{stroke:#6dbcf0}"
    ".dot,text{fill:#6dbcf0}.end{fill:#f0a04a}.origin{fill:#eeebe4}}"
)
_RINGS = (1 / 3, 2 / 3, 1.0)
_MARGIN = 0.08


@dataclass(frozen=True)
class Way:
    """The path of one token.

    Attributes:
        norm: [L+1] length of each state.
        rotation: [L+1] degrees that each block turns it; the first is not read.
        label: a name at its end; "" for one of the many that stand behind.
    """

    norm: Floats
    rotation: Floats
    label: str = ""


def unrolled(norm: Floats, rotation: Floats) -> Floats:
    """The states of a path in the plane, [L+1, 2]: radius the length, angle all turns so far."""
    turns = np.radians(np.concatenate([[0.0], np.cumsum(rotation[1:])]))
    return np.stack([norm * np.cos(turns), norm * np.sin(turns)], axis=1)


def unrolled_svg(ways: Sequence[Way], title: str, size: int = 460) -> str:
    """The picture: every way faint but those with a label, rings, the origin.

    Follows the reader's theme. The same ways give the same bytes.
    """
    places = [unrolled(way.norm, way.rotation) for way in ways]
    named = [p for p, way in zip(places, ways, strict=True) if way.label] or places
    corners = np.concatenate([np.zeros((1, 2)), *named, *(p[-1:] for p in places)])
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = size * (1 - 2 * _MARGIN) / float((high - low).max())
    middle = (low + high) / 2

    def at(points: Floats) -> Floats:
        moved: Floats = (points - middle) * scale + size / 2
        return moved

    origin = at(np.zeros((1, 2)))[0]
    reach = float(np.median([np.hypot(*p[-1]) for p in places])) * scale
    rings = "".join(
        f'<circle class="ring" cx="{origin[0]:.1f}" cy="{origin[1]:.1f}" r="{reach * r:.1f}"/>'
        for r in _RINGS
    )
    lines = [_line(at(p), way) for p, way in sorted_back_to_front(places, ways)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" fill="none" '
        f'role="img"><title>{escape(title)}</title><style>{_STYLE}</style>{rings}{"".join(lines)}'
        f'<circle class="origin" cx="{origin[0]:.1f}" cy="{origin[1]:.1f}" r="4"/></svg>\n'
    )


def sorted_back_to_front(places: Sequence[Floats], ways: Sequence[Way]) -> list[tuple[Floats, Way]]:
    """Those with a label last, so that they lie on top."""
    return sorted(zip(places, ways, strict=True), key=lambda pair: bool(pair[1].label))


def icon_svg(way: Way, size: int = 64) -> str:
    """The mark: one path from the origin to its last state."""
    points = unrolled(way.norm, way.rotation)
    whole = np.concatenate([np.zeros((1, 2)), points])
    low, high = whole.min(axis=0), whole.max(axis=0)
    scale = size * 0.78 / float((high - low).max())
    moved = (whole - (low + high) / 2) * scale + size / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" fill="none">'
        f"<title>odograph</title><style>{_STYLE}</style>"
        f'<path class="mark" d="{_path(moved)}"/>'
        f'<circle class="origin" cx="{moved[0, 0]:.1f}" cy="{moved[0, 1]:.1f}" r="4"/>'
        f'<circle class="end" cx="{moved[-1, 0]:.1f}" cy="{moved[-1, 1]:.1f}" r="6.5"/></svg>\n'
    )


def _line(points: Floats, way: Way) -> str:
    if not way.label:
        return f'<path class="faint" d="{_path(points)}"/>'
    dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>' for x, y in points)
    x, y = points[-1]
    return (
        f'<path class="lead" d="{_path(points)}"/>{dots}'
        f'<text x="{x + 10:.1f}" y="{y + 5:.1f}">{escape(way.label)}</text>'
    )


def _path(points: Floats) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
