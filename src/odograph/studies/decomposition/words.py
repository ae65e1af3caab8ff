"""How the decomposition study speaks of cosines, of chance and of the untrained twins."""

from odograph.sentences.names import name_of_interval
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.intervals import interval_of
from odograph.statistics.values import Interval
from odograph.studies.decomposition.measured import Measured
from odograph.studies.phrases import twins_words
from odograph.studies.selection import Floats


def chance_words(measured: Measured) -> str:
    """What two random directions give."""
    return (
        f"random directions in {measured.width} dimensions: 0 ± {three(measured.chance)} (one "
        "standard deviation of a pair, 1/sqrt(width); 95 % within ±"
        f"{three(1.96 * measured.chance)})"
    )


def three(cosine: float) -> str:
    """A cosine with three digits: a mean over many tokens is known to that."""
    text = f"{cosine:.3f}"
    return text.removeprefix("-") if float(text) == 0 else text


def bounds_words(interval: Interval | None) -> str:
    """An interval of a cosine with level and method."""
    if interval is None:
        return "no interval"
    return (
        f"95 % interval {three(interval.low)} to {three(interval.high)}, "
        f"{name_of_interval(interval.method)}"
    )


def overall_interval(mean: MeanProfile) -> Interval | None:
    """The interval of a profile of one layer."""
    return interval_of(mean.low[0], mean.high[0], mean.interval)


def layer_interval(mean: MeanProfile, index: int) -> Interval | None:
    """The interval of one layer of a profile."""
    return interval_of(mean.low[index], mean.high[index], mean.interval)


def cosine_beside_twins(twins: Floats | None) -> str:
    """The mean cosine of the twins and the range of the seeds' means."""
    if twins is None:
        return "no untrained twin was measured"
    seeds = twins.reshape(len(twins), -1).mean(axis=1)
    spread = f" (seeds {three(seeds.min())} to {three(seeds.max())})" if len(seeds) > 1 else ""
    return f"{twins_words(len(seeds))} {three(seeds.mean())}{spread}"
