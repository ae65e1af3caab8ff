"""A curve that changes from one checkpoint to the next, as an SVG that moves by itself.

Whoever asks for less motion sees the last frame over all the others.
"""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 44, 44
SECONDS = 1.0

_STYLE = """\
.film text {{ font: 13px system-ui, sans-serif; fill: currentColor }}
.film .title {{ font-weight: 600; font-size: 15px }}
.film .grid {{ stroke: currentColor; stroke-opacity: .15 }}
.film polyline {{ fill: none; stroke: #0072B2; stroke-width: 1; stroke-opacity: .22 }}
.film .frame polyline {{ stroke-width: 2.6; stroke-opacity: 1 }}
.film .frame {{ opacity: 0; animation: shown {cycle}s linear infinite }}
@keyframes shown {{ 0%, {shown:.3f}% {{ opacity: 1 }} {hidden:.3f}%, 100% {{ opacity: 0 }} }}
@media (prefers-reduced-motion: reduce) {{
  .film .frame {{ animation: none }}
  .film .last {{ opacity: 1 }}
}}"""


def film_svg(curves: NDArray[np.float64], members: Sequence[str], title: str, unit: str) -> str:
    """The film of curves, [members, blocks]: all of them faint, one after the other plain."""
    top = float(np.ceil(curves.max() / 10) * 10)
    lines = [_polyline(curve, top) for curve in curves]
    frames = [
        f'<g class="frame{" last" if k == len(lines) - 1 else ""}" '
        f'style="animation-delay:{k * SECONDS:g}s">{line}'
        f'<text x="{WIDTH - RIGHT}" y="{TOP + 14}" text-anchor="end">{escape(member)}</text></g>'
        for k, (line, member) in enumerate(zip(lines, members, strict=True))
    ]
    share = 100 / len(lines)
    style = _STYLE.format(cycle=len(lines) * SECONDS, shown=share, hidden=share + 0.001)
    parts = [
        f'<svg class="film" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{escape(title)}">',
        f"<style>{style}</style>",
        f'<text class="title" x="{LEFT}" y="22">{escape(title)}</text>',
        *_axes(curves.shape[1], top, unit),
        *lines,
        *frames,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(block: float, blocks: int) -> float:
    return LEFT + (block - 1) / max(1, blocks - 1) * (WIDTH - LEFT - RIGHT)


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def _polyline(curve: NDArray[np.float64], top: float) -> str:
    points = " ".join(
        f"{_x(block, len(curve)):.1f},{_y(value, top):.1f}"
        for block, value in enumerate(curve.tolist(), start=1)
    )
    return f'<polyline points="{points}"/>'


def _axes(blocks: int, top: float, unit: str) -> list[str]:
    """Lines at round values, the numbers of the blocks."""
    parts = []
    for value in np.arange(0, top + 1, 10 * np.ceil(top / 50)).tolist():
        y = _y(value, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value:g}</text>')
    for block in range(1, blocks + 1):
        x = _x(block, blocks)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 24}" text-anchor="middle">{block}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:g}" y="{HEIGHT - 6}" text-anchor="middle">block</text>')
    parts.append(f'<text x="{LEFT + 6}" y="{TOP + 14}">{escape(unit)}</text>')
    return parts
