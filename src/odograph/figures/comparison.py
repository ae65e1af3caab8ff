"""Several models: their profiles over relative depth, and their differences with intervals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from odograph.errors import UsageError
from odograph.figures.grid import GridEntry, draw_grid
from odograph.figures.marks import Dot, Labels
from odograph.figures.profile import Band, Curve, draw_profile, relative

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_models(
    curves: Sequence[tuple[Curve, int]], labels: Labels, *, bands: Sequence[Band] = ()
) -> "Figure":
    """The profiles of several models, each with its number of blocks, over relative depth.

    Marks as in `draw_profile`; 0 is the state that enters the first block, 1 the last block.
    Bands (nulls) are given over relative depth already.
    """
    return draw_profile([relative(curve, blocks) for curve, blocks in curves], labels, bands=bands)


def draw_model_differences(differences: Sequence[tuple[str, Dot]], labels: Labels) -> "Figure":
    """Differences between models as dots with intervals, a row each ("gpt2-xl − gpt2").

    Dot: the difference; bar: its interval; vertical line at 0: no difference.
    """
    if not differences:
        raise UsageError("model differences", expected="at least one difference", given="none")
    return draw_grid([GridEntry(name, "", "", dot) for name, dot in differences], labels)
