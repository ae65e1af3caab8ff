"""The stacked histogram: what stands upon what, and that rare kinds are seen."""

from pathlib import Path

import numpy as np
import pytest

from odograph.figures import Angles, Labels, Reference, draw_stack, save

LABELS = Labels("Pairs", "angle (degrees)", "pairs")


def test_kinds_stand_upon_each_other_and_differ_by_more_than_colour() -> None:
    kinds = [Angles("rest", [10.0] * 5), Angles("first", [10.0] * 3), Angles("sink", [100.0])]
    figure = draw_stack(kinds, LABELS, references=[Reference("valley", 50)], bins=18)
    [axes] = figure.axes
    filled = [patch for patch in axes.patches if patch.get_fill()]
    tops = [patch.get_data().values[1] for patch in filled]
    bottoms = [np.broadcast_to(patch.get_data().baseline, 18)[1] for patch in filled]
    assert (tops, bottoms) == ([5, 8, 8], [0, 5, 8])
    assert filled[2].get_data().values[10] == 1
    assert len({patch.get_hatch() for patch in filled}) == 3
    [first, sink] = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert first.get_xdata().tolist() == [15.0]
    assert sink.get_xdata().tolist() == [105.0]
    assert axes.get_ylim()[1] > 8
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    marks = "marks above: bins that hold some, however few"
    assert texts == ["rest: n = 5", "first: n = 3", "sink: n = 1", marks, "valley"]


def test_the_null_is_an_outline_of_as_many_values() -> None:
    kinds, null = [Angles("rest", [10.0] * 4)], Angles("2 twins", [10.0, 30.0])
    figure = draw_stack(kinds, LABELS, null=null, bins=18)
    [axes] = figure.axes
    [outline] = [patch for patch in axes.patches if not patch.get_fill()]
    assert outline.get_data().values[[1, 3]].tolist() == [2, 2]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["rest: n = 4", "2 twins: n = 2, scaled to as many"]


def test_values_that_are_no_number_are_counted_and_none_at_all_is_said() -> None:
    figure = draw_stack([Angles("rest", [1.0, np.nan]), Angles("none", [])], LABELS)
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    marks = "marks above: bins that hold some, however few"
    assert texts == ["rest: n = 1 (1 not a number)", "none: n = 0", marks]
    empty = draw_stack([Angles("rest", [])], LABELS)
    assert [text.get_text() for text in empty.axes[0].texts] == ["no value to draw"]


@pytest.mark.parametrize("kinds", [1, 3])
def test_the_picture_is_saved_with_its_card(kinds: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    drawn = [Angles(f"kind {k}", generator.normal(60 + 20 * k, 8, 200)) for k in range(kinds)]
    svg, png = save(draw_stack(drawn, LABELS), tmp_path / "stack", {"model": "gpt2"})
    assert "model: gpt2" in svg.read_text("utf-8")
    assert png.stat().st_size > 5000
