"""A file of a figure is as wide as it was asked to be."""

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from odograph.api.figures import save


@pytest.fixture
def figure() -> Figure:
    made = Figure(figsize=(6, 3))
    made.add_subplot().plot([1, 2], [3, 4])
    return made


@pytest.mark.parametrize(("width", "inches"), [(3.3, 3.3), (None, 6)])
def test_a_pdf_is_as_wide_as_it_was_asked_to_be(
    figure: Figure, tmp_path: Path, width: float | None, inches: float
) -> None:
    content = save(figure, tmp_path / "figure.pdf", width).read_bytes()
    box = re.search(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", content)
    assert box is not None
    assert [float(side) / 72 for side in box.groups()] == pytest.approx([inches, inches / 2])
    assert b"CreationDate" not in content
    drawn = b"".join(_streams(content))
    assert f"{inches / 6:g} 0 0 {inches / 6:g} 0 0 cm".encode() in drawn


def _streams(content: bytes) -> Iterator[bytes]:
    """What is drawn on the pages of a PDF."""
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S):
        with suppress(zlib.error):
            yield zlib.decompress(packed)


def test_svg_and_png_are_as_wide_as_they_were_asked_to_be(figure: Figure, tmp_path: Path) -> None:
    svg = save(figure, tmp_path / "figure.svg", 3.3).read_text("utf-8")
    wide = re.search(r'<svg [^>]*?width="([0-9.]+)pt"', svg)
    assert wide is not None
    assert float(wide[1]) / 72 == pytest.approx(3.3)
    png = save(figure, tmp_path / "figure.png", 3.3).read_bytes()
    (pixels,) = struct.unpack(">I", png[16:20])
    place = png.index(b"pHYs") + 4
    (dots_a_metre,) = struct.unpack(">I", png[place : place + 4])
    assert pixels / dots_a_metre / 0.0254 == pytest.approx(3.3, abs=0.02)
