"""A figure of a stranger is an image in the page: nothing of it is markup or style of the page."""

import base64
import re
import zlib
from pathlib import Path

import pytest
from example_run import write_run
from pages import page_of

from odograph.report.pictures import UnreadablePictureError, read_svg

SPACE = 'xmlns="http://www.w3.org/2000/svg"'
#: Ways by which CSS asks for something outside, past filters that look for "url(".
WAYS = {
    "url": "background: url(https://outside.invalid/a)",
    "escaped u": r"background: \75rl(https://outside.invalid/a)",
    "escaped r": r"background: u\72l(https://outside.invalid/a)",
    "escaped l": r"background: ur\6c (https://outside.invalid/a)",
    "image-set": "background: image-set('https://outside.invalid/a' 1x)",
    "import": "} @import 'https://outside.invalid/a'; a {",
}


def figure_of(run: Path) -> Path:
    return sorted((run / "figures").glob("*.svg"))[0]


@pytest.mark.parametrize("way", WAYS)
def test_css_of_a_figure_is_in_no_style_and_no_markup_of_the_page(way: str, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run")
    figure = figure_of(run)
    figure.write_text(f"<svg {SPACE}><style>a {{ {WAYS[way]} }}</style></svg>", "utf-8")
    page = page_of(run, out=tmp_path / "report.html")
    assert "outside.invalid" not in page.html, "a figure is packed: it is read as an image only"
    assert not [tag for tag, _ in page.tags if tag in ("svg", "image", "use")]
    (policy,) = [a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a]
    assert policy.startswith("default-src 'none'; img-src data: blob:; style-src 'sha256-")


def test_the_page_shows_figures_as_images_only() -> None:
    """Markup of a figure never enters the page: no innerHTML, an image from a blob or data."""
    from odograph.report.write import viewer_file

    script = viewer_file("viewer.js")
    assert re.search(r"image/svg\+xml", script)
    assert not re.search(r"DOMParser|insertAdjacentHTML|document\.write|srcdoc", script)


def test_a_deeply_nested_figure_is_packed_or_refused_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    deep = "<g>" * 100_000 + "</g>" * 100_000
    (tmp_path / "figures" / "deep.svg").write_text(f"<svg {SPACE}>{deep}</svg>", "utf-8")
    packed = read_svg(tmp_path / "figures" / "deep.svg").packed
    assert zlib.decompress(base64.b64decode(packed)).startswith(b"<svg")


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    grown = "".join(f'<!ENTITY e{k} "{f"&e{k - 1};" * 10}">' for k in range(1, 12))
    text = f'<!DOCTYPE svg [<!ENTITY e0 "x">{grown}]><svg {SPACE}>&e11;</svg>'
    (tmp_path / "figures" / "laughs.svg").write_text(text, "utf-8")
    with pytest.raises(UnreadablePictureError, match="is not a readable SVG"):
        read_svg(tmp_path / "figures" / "laughs.svg")
