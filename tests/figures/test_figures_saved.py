"""What `save` promises: same bytes, colours of the page, text as text, the card, whole files."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from example_figures import CARD, heatmap, profile

from odograph.figures import save
from odograph.figures.svg import INK, finished, scoped


def svg_of(figure: object, stem: Path) -> str:
    return save(figure, stem, CARD)[0].read_text(encoding="utf-8")  # type: ignore[arg-type]


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in save(profile(), tmp_path / "a" / "profile", CARD)]
    again = [path.read_bytes() for path in save(profile(), tmp_path / "b" / "profile", CARD)]
    assert first == again


def test_saving_twice_writes_the_card_once(tmp_path: Path) -> None:
    figure = profile()
    first, again = (
        save(figure, tmp_path / "profile", CARD, show_card=True)[0].read_text("utf-8")
        for _ in range(2)
    )
    assert again == first


def test_two_figures_in_one_page_share_no_id(tmp_path: Path) -> None:
    texts = [svg_of(profile(), tmp_path / name) for name in ("one", "two")]
    first, second = (set(re.findall(r'\sid="([^"]*)"', text)) for text in texts)
    assert first
    assert not first & second


def test_text_is_text_in_the_colour_of_the_page(tmp_path: Path) -> None:
    text = svg_of(profile(), tmp_path / "profile")
    assert ">rotation (degrees)</text>" in text
    assert ">target (her)</text>" in text
    assert "currentColor" in text
    assert INK not in text
    assert "fill: #ffffff" not in text


def test_alone_the_svg_follows_light_and_dark_but_not_inside_a_page(tmp_path: Path) -> None:
    style = re.findall(r"<style>(.*?)</style>", svg_of(profile(), tmp_path / "profile"))
    assert len(style) == 1
    assert "prefers-color-scheme:dark" in style[0]
    selectors = re.findall(r"([^{}]+)\{color:", style[0])
    assert selectors == ["svg:root", "svg:root"]


def test_the_whole_card_is_in_both_files(tmp_path: Path) -> None:
    svg, png = save(profile(), tmp_path / "profile", CARD)
    described = re.search(r"<desc>(.*?)</desc>", svg.read_text(encoding="utf-8"), re.DOTALL)
    assert described is not None
    assert described[1] == "\n".join(f"{label}: {text}" for label, text in CARD.items())
    assert b"Description" in png.read_bytes()
    assert b"test and family: sign-flip permutation, max-T" in png.read_bytes()


def test_the_card_line_under_the_figure_leaves_out_versions(tmp_path: Path) -> None:
    svg, _ = save(profile(), tmp_path / "profile", CARD, show_card=True)
    text = svg.read_text(encoding="utf-8")
    drawn = " ".join(re.findall(r">([^<>]+)</text>", text)).replace("\u00a0", " ")
    assert "convention: stream" in drawn
    assert "versions" not in drawn


def test_a_figure_may_have_an_empty_card(tmp_path: Path) -> None:
    assert save(profile(), tmp_path / "profile", {})[0].is_file()


def test_characters_that_xml_forbids_in_a_card_are_escaped(tmp_path: Path) -> None:
    svg, _ = save(profile(), tmp_path / "profile", {"model": "a\x00<b>&\ud800", "漢": "字"})
    assert "model: a\\x00&lt;b&gt;&amp;\\ud800" in svg.read_text(encoding="utf-8")


def test_tokens_stand_in_the_svg_as_they_are(tmp_path: Path) -> None:
    text = svg_of(heatmap((" 漢字", "😀", "$x_1$", "<script>")), tmp_path / "map")
    for token in (">·漢字<", ">😀<", ">$x_1$<", ">&lt;script&gt;<"):
        assert token in text


def test_nothing_half_written_stays_when_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("odograph.figures.saving.os.replace", full)
    with pytest.raises(OSError, match="no space left"):
        save(profile(), tmp_path / "profile", CARD)
    assert list(tmp_path.iterdir()) == []


def test_the_users_own_matplotlib_settings_change_nothing(tmp_path: Path) -> None:
    import matplotlib

    plain = svg_of(profile(), tmp_path / "a" / "profile")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert svg_of(profile(), tmp_path / "b" / "profile") == plain
        assert matplotlib.rcParams["font.size"] == 30


def test_importing_the_figures_imports_neither_matplotlib_nor_torch() -> None:
    code = (
        "import sys, json, odograph.figures, odograph.report;"
        "print(json.dumps([m for m in ('matplotlib', 'torch', 'jinja2') if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_drawing_never_imports_pyplot() -> None:
    code = (
        "import sys; from odograph.figures import *;"
        "draw_profile([Curve('a', [1], [2.0])], Labels('t', 'x', 'y'));"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_scoping_twice_keeps_references_right() -> None:
    once = scoped('<path id="p"/><use xlink:href="#p"/>', "a")
    assert scoped(once, "b") == '<path id="b-a-p"/><use xlink:href="#b-a-p"/>'


def test_a_name_with_odd_characters_makes_a_sane_id() -> None:
    text = finished('<svg a="b"><g id="x"/></svg>', name="a b/ü", title="t", card={})
    assert ' id="f-a-b---x"' in text
