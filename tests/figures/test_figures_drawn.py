"""Every kind of figure, ordinary and odd, gives an SVG and a PNG without a warning."""

import re
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from example_figures import CARD, EDGES, KINDS

from odograph.figures import save

ALL = {**KINDS, **EDGES}
LOADS = re.compile(r"(?:href|src)\s*=\s*[\"'](?!#|data:)|url\((?!#)|@import|<script", re.IGNORECASE)


Written = Callable[[str], tuple[Path, Path]]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Draws and saves the figure of this name, once."""
    return cache(lambda name: save(ALL[name](), tmp_path_factory.mktemp(name) / name, CARD))


@pytest.mark.parametrize("name", ALL)
def test_figure_is_written_as_svg_and_png(name: str, written: Written) -> None:
    svg, png = written(name)
    root = ElementTree.fromstring(svg.read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    header = png.read_bytes()[:24]
    assert header[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", header[16:])
    assert 1000 < width < 2000
    assert 400 < height < 6000
    assert sorted(path.name for path in svg.parent.iterdir()) == [f"{name}.png", f"{name}.svg"]


@pytest.mark.parametrize("name", ALL)
def test_svg_loads_nothing_and_has_unique_ids(name: str, written: Written) -> None:
    text = written(name)[0].read_text(encoding="utf-8")
    assert not LOADS.search(text)
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert all(one.startswith(f"f-{name}-") for one in ids)
    assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(ids)


@pytest.mark.parametrize("name", ALL)
def test_svg_stays_small(name: str, written: Written) -> None:
    assert written(name)[0].stat().st_size < 300_000
