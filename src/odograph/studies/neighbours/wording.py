"""Words and labels that several sections of the neighbours study share."""

from odograph.sentences.templates import number
from odograph.statistics.values import Interval
from odograph.studies.selection import Floats

ANGLE_AXIS = "angle (degrees)"


def compared(apart: Floats, interval: Interval | None, others: str) -> str:
    """`is 3 degrees smaller than ...`, or that the two cannot be told apart."""
    mean = float(apart.mean())
    if interval is not None and interval.low <= 0 <= interval.high:
        return f"cannot be told apart from {others} (difference {number(mean)} degrees; "
    way = "larger" if mean > 0 else "smaller"
    return (
        f"is {number(abs(mean))} degrees {way} than {others} (difference {number(mean)} degrees; "
    )
