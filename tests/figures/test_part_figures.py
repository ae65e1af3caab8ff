"""The pictures of what attention and the MLP add: what is drawn, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from odograph.errors import UsageError
from odograph.figures.cosines import Counted, draw_cosines
from odograph.figures.heatmaps import ROBUST, MapPanel, MapTokens, draw_heatmaps
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, Reference
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.figures.saving import save

LABELS = Labels("title", "block", "value")
LAYERS = np.arange(1, 5)


def lengths(tokens: int = 12) -> np.ndarray:
    return np.exp(np.random.default_rng(3).normal(size=(4, tokens)))


def test_all_maps_share_a_scale_that_no_sink_uses_up() -> None:
    values = lengths()
    values[:, 0] = 1e6
    panels = [MapPanel("a", values), MapPanel("b", 2 * values)]
    figure = draw_heatmaps(panels, LAYERS, MapTokens(["x"] * 12, [0]), LABELS)
    first, second = (axes.images[0].norm for axes in figure.axes[:2])
    assert (first.vmin, first.vmax) == (second.vmin, second.vmax)
    kept = np.concatenate([values[:, 1:], 2 * values[:, 1:]])
    np.testing.assert_allclose([first.vmin, first.vmax], np.percentile(kept, ROBUST))
    # Position 0 is there all the same.
    assert figure.axes[0].images[0].get_array()[0, 0] == 1e6


def test_a_map_that_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'a': values do not fit the passage.*\(4, 5\)"):
        draw_heatmaps([MapPanel("a", lengths(4))], LAYERS, MapTokens(["x"] * 5), LABELS)


def test_lengths_of_zero_are_left_empty_and_nothing_at_all_is_drawn(tmp_path: Path) -> None:
    figure = draw_heatmaps([MapPanel("a", np.zeros((4, 3)))], LAYERS, MapTokens(["x"] * 3), LABELS)
    assert np.ma.getmaskarray(figure.axes[0].images[0].get_array()).all()
    assert all(path.stat().st_size for path in save(figure, tmp_path / "zero", {"model": "m"}))


def test_panels_share_scale_and_legend() -> None:
    curve = Curve("mean", LAYERS, [1, 2, 3, 4], [0, 1, 2, 3], [2, 3, 4, 5])
    band = Band("twins", LAYERS, [0] * 4, [1] * 4)
    figure = draw_profiles(
        [ProfilePanel("attention", [curve], [band]), ProfilePanel("MLP", [curve], [band])],
        LABELS,
        references=[Reference("none", 0)],
    )
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["mean", "twins", "none"]


def test_a_histogram_of_cosines_has_area_1_and_its_chance_strip() -> None:
    values = np.clip(np.random.default_rng(4).normal(0.1, 0.2, 3000), -1, 1)
    counts, _ = np.histogram(values, np.linspace(-1, 1, 81))
    figure = draw_cosines(
        [Counted("all", counts, float(values.mean())), Counted("none", np.zeros(80), 0.0)],
        LABELS,
        chance=0.125,
    )
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts[0] == f"all: mean {values.mean():.2f}, n = 3,000"
    assert texts[1] == "none: n = 0"
    assert "±0.125 (one sd of a random pair)" in texts[2]
    heights = figure.axes[0].patches[-1].get_data().values
    assert heights.sum() * 2 / 80 == pytest.approx(1)
