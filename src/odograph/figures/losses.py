"""What undoing or skipping a block does to the next-token loss: unit, axis, pictures."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.drawing import Drawing, later
from odograph.figures.marks import Dot, Labels
from odograph.figures.profile import (
    Band,
    Curve,
    Reference,
    draw_log_profile,
    draw_profile,
    draw_symlog_profile,
)
from odograph.figures.scatter import Correlation, Panel, Points
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Interval, bounds

NATS = "nats a token"
CHANGE_AXIS = "change in loss (nats a token)"
#: Below it an axis of losses is linear: smaller changes are noise of so many tokens.
LINEAR = 0.01


def blocks_panel(path: Floats, change: Floats, found: tuple[float, Interval | None]) -> Panel:
    """A point a block: what it does to the path and to the loss, means over units [units, L].

    found: how far both orders of the blocks agree.
    """
    value, interval = found
    names = [str(block + 1) for block in range(path.shape[1])]
    points = Points("a block", path.mean(axis=0), change.mean(axis=0), names=names)
    agreement = Correlation("Spearman", Dot(value, *bounds(interval)), len(names))
    return Panel("", [points], (agreement,))


def changes_drawing(curves: Sequence[Curve], labels: Labels) -> Drawing:
    """Changes in loss: on a logarithmic axis where all are above 0, else on one of both signs."""
    if all(map(all_positive, curves)):
        return later(draw_log_profile, curves, labels)
    nothing = [Reference("nothing skipped", 0)]
    return later(draw_symlog_profile, curves, labels, linear=LINEAR, references=nothing)


def all_positive(curve: Curve) -> bool:
    """Whether everything of it can stand on a logarithmic axis (NaN can: it is left out)."""
    drawn = [np.asarray(values) for values in (curve.mean, curve.low, curve.high)]
    return not any((values <= 0).any() for values in drawn)


def undone_drawing(curves: Sequence[Curve], labels: Labels, bands: Sequence[Band]) -> Drawing:
    """Losses with something undone: on an axis of magnitudes where the curves span some."""
    nothing = [Reference("nothing undone", 0)]
    if not _spans_magnitudes(curves):
        return later(draw_profile, curves, labels, bands=bands, references=nothing)
    return later(
        draw_symlog_profile, curves, labels, linear=LINEAR, bands=bands, references=nothing
    )


def _spans_magnitudes(curves: Sequence[Curve]) -> bool:
    return max(float(np.nanmax(np.abs(np.asarray(c.mean)))) for c in curves) > 10 * LINEAR
