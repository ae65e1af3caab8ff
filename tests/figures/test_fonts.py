"""Characters that the figures' font lacks are drawn in another that is here, or are told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from odograph.figures import fonts
from odograph.figures.saving import save
from odograph.figures.style import settings

#: DejaVu Sans has no Chinese.
NOWHERE = "猫"
#: A font that comes with matplotlib.
OTHER = "STIXGeneral"


@pytest.fixture(autouse=True)
def nothing_was_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fonts, "_told", set())
    fonts.behind.cache_clear()
    yield
    fonts.behind.cache_clear()


@pytest.fixture
def other_font(monkeypatch: pytest.MonkeyPatch) -> str:
    """A character that of all fonts only another one has, which is here."""
    monkeypatch.setattr(fonts, "_BEHIND", ("A font that nobody has", OTHER))
    fonts.behind.cache_clear()
    return min(fonts._characters(OTHER) - fonts._characters(fonts.FAMILY))


def picture(title: str) -> Any:
    from matplotlib.figure import Figure

    with settings():
        figure = Figure(figsize=(3, 2), layout="constrained")
        figure.add_subplot().set_title(title, fontweight="bold")
    return figure


def test_another_font_is_taken_where_it_is_there(other_font: str) -> None:
    assert fonts.behind() == (OTHER,)
    assert fonts.missing_in(picture(f"her {other_font}")) == ""
    with settings():
        import matplotlib

        assert matplotlib.rcParams["font.family"] == ["sans-serif", OTHER]


def test_an_svg_names_no_font_of_this_machine(
    other_font: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    svg, _ = save(picture(f"her {other_font}"), tmp_path / "figure", {})
    assert OTHER not in svg.read_text("utf-8")
    assert other_font in svg.read_text("utf-8")
    assert not caplog.records, "no note that the font has no bold of its own"


def test_what_no_font_has_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_BEHIND", ())
    for name in ("one", "other"):
        save(picture(f"her {NOWHERE}"), tmp_path / name, {})
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"no font here has {NOWHERE}" in told


def test_of_plain_texts_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(picture("'her' in Röcken, e\u0301, 30°"), tmp_path / "figure", {"model": "a"})
    assert capsys.readouterr().err == ""
