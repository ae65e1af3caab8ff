"""Bars and dots by tag: ordinary and odd ones are drawn, and the marks mean what is written."""

from pathlib import Path

import numpy as np
import pytest
from example_figures import CARD

from odograph.errors import UsageError
from odograph.figures import save
from odograph.figures.bars import Share, draw_bars
from odograph.figures.dots import DotPanel, draw_dots
from odograph.figures.marks import Dot, Labels

LABELS = Labels("How words meet pieces", "share of words (%)")


@pytest.mark.parametrize("tags", [["NOUN", "ADJ"], ["X"], [f"TAG{n}" for n in range(17)]])
def test_bars_are_written_whatever_the_number_of_tags(tags: list[str], tmp_path: Path) -> None:
    counts = np.arange(len(tags))
    figure = draw_bars(tags, [Share("whole", counts), Share("split", counts * 2)], LABELS)
    assert [path.suffix for path in save(figure, tmp_path / "bars", CARD)] == [".svg", ".png"]


def test_pieces_of_a_bar_add_up_and_its_number_stands_beside_it() -> None:
    figure = draw_bars(["NOUN"], [Share("whole", [3]), Share("split", [1])], LABELS)
    widths = [patch.get_width() for patch in figure.axes[0].patches]
    assert widths == [75.0, 25.0]
    assert [text.get_text() for text in figure.axes[0].texts] == ["4"]


def test_bars_of_other_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match="'counts' does not fit 'categories'"):
        draw_bars(["NOUN"], [Share("whole", [3, 4])], LABELS)
    with pytest.raises(UsageError, match="at least one category"):
        draw_bars([], [Share("whole", [])], LABELS)


@pytest.mark.parametrize("null", [True, False])
def test_dots_are_written_with_and_without_a_null(null: bool, tmp_path: Path) -> None:
    dots = [Dot(1.0, 0.5, 1.5), Dot(2.0), Dot(float("nan"))]
    panels = [DotPanel("turned (degrees)", dots, dots if null else ())]
    figure = draw_dots(["A", "B", "C"], panels, LABELS, null="untrained twins")
    assert len(save(figure, tmp_path / "dots", CARD)) == 2
