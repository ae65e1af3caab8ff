"""What undoing or skipping a block does to the next-token loss: its unit, its axis, its picture."""

from odograph.figures.marks import Dot
from odograph.figures.scatter import Correlation, Panel, Points
from odograph.folder.selection import Floats
from odograph.statistics.values import Interval
from odograph.studies.tidy import bounds

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
