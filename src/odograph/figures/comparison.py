"""Several models: their differences with intervals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from odograph.errors import UsageError
from odograph.figures.grid import GridEntry, draw_grid
from odograph.figures.marks import Dot, Labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_model_differences(differences: Sequence[tuple[str, Dot]], labels: Labels) -> "Figure":
    """Differences between models as dots with intervals, a row each ("gpt2-xl − gpt2").

    Dot: the difference; bar: its interval; vertical line at 0: no difference.
    """
    if not differences:
        raise UsageError("model differences", expected="at least one difference", given="none")
    return draw_grid([GridEntry(name, "", "", dot) for name, dot in differences], labels)
