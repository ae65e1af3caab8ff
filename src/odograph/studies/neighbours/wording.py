"""Words that several findings of the neighbours study share."""

from odograph.sentences.templates import number
from odograph.statistics.values import Interval
from odograph.studies.neighbours.measured import Measured
from odograph.studies.phrases import beside_twins
from odograph.studies.selection import Floats


def compared(apart: Floats, interval: Interval | None, others: str) -> str:
    """`is 3 degrees smaller than ...`, or that the two cannot be told apart."""
    mean = float(apart.mean())
    if interval is not None and interval.low <= 0 <= interval.high:
        return f"cannot be told apart from {others} (difference {number(mean)} degrees; "
    way = "larger" if mean > 0 else "smaller"
    return (
        f"is {number(abs(mean))} degrees {way} than {others} (difference {number(mean)} degrees; "
    )


def seeds_beside(seeds: Floats) -> str:
    """The mean of the twins and the range of the seeds, [seeds] degrees."""
    return beside_twins(seeds[:, None] if len(seeds) else None, "degrees")


def position_zero(measured: Measured) -> str:
    """What stands at position 0, in a sentence."""
    bos = str(measured.run.manifest["bos"])
    holds = "the first token of the text" if bos == "none" else f"a token put in front, {bos}"
    sinks, passages = measured.first_sinks
    if not passages:
        return f"position 0 is not measured: it holds {holds}"
    return (
        f"position 0 holds {holds}, and is a sink by its length in {sinks} of {passages} "
        f"passage{'' if passages == 1 else 's or windows'}"
    )
