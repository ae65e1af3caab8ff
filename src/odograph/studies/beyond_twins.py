"""Whether a profile lies outside the band of its untrained twins, and how often a twin does.

Random networks differ among themselves, and few seeds make a narrow band: one more network with
random weights lies outside it in many a layer. So each twin is held against the others as well.
"""

from dataclasses import replace

import numpy as np

from odograph.sentences.numbers import quantity
from odograph.sentences.record import Finding
from odograph.statistics.intervals import band, mean_intervals
from odograph.studies.phrases import beside_twins, layers_named, twins_words
from odograph.studies.reporting import Usual
from odograph.studies.selection import Floats

#: From this share of a difference on, a twin is said to show it too.
_TOO = 0.5


def outside(low: Floats, high: Floats, twins: Floats) -> Floats:
    """+1 where an interval lies above the 5-95 % band of the twins' passages, -1 below, else 0.

    low, high: [L], NaN for no interval (0 there); twins: [twins, passages, L].
    """
    below, above = band(twins.reshape(-1, twins.shape[-1]))
    return np.asarray((low > above).astype(float) - (high < below))


def twins_outside(twins: Floats, seed: int) -> tuple[int, ...]:
    """In how many layers each twin lies outside the band of the others; () for fewer than two.

    Where a twin has too few passages for an interval its mean stands for it.
    """
    if len(twins) < 2:
        return ()
    counts = []
    for index, own in enumerate(twins):
        mean = np.nanmean(own, axis=0)
        bounds = mean_intervals(own, seed=seed)
        low, high = (np.where(np.isfinite(b), b, mean) for b in bounds)
        counts.append(int((outside(low, high, np.delete(twins, index, axis=0)) != 0).sum()))
    return tuple(counts)


def among_twins(counts: tuple[int, ...]) -> str:
    """How often a network with random weights lies outside the band of others of its kind."""
    if not counts:
        return "how far random networks differ among themselves is not known from one twin"
    few, many = min(counts), max(counts)
    numbers = str(few) if few == many else f"{few} to {many}"
    return f"each twin, held against the others, in {numbers}"


def as_in_twins(value: float, seeds: Floats, what: str = "difference") -> str:
    """What a plain sentence must add where untrained twins show the same, [seeds]."""
    if not len(seeds) or value == 0:
        return ""
    if float(seeds.mean()) / value >= _TOO:
        return (
            f" Untrained twins show such a {what} too, so most of it may be architecture and "
            "text, not what was learned."
        )
    if float((seeds / value).max()) >= _TOO:
        return (
            " Random weights differ among themselves: not all untrained twins show such a "
            f"{what}, but at least one does, so it need not be what was learned."
        )
    return ""


def beside_difference(led: Finding, twins: Floats | None) -> Finding:
    """A difference with what twins, [twins, passages], give of the same.

    Only of a difference that is shown, the plain sentence says that twins show it too.
    """
    seeds = np.empty(0) if twins is None else np.asarray(twins.mean(axis=1))
    said = f"{led.statement} The same difference in twins: {beside_twins(twins, led.unit)}."
    shown = led.interval is not None and not led.interval[0] <= 0 <= led.interval[1]
    value = led.estimate if shown and led.estimate is not None else 0.0
    return replace(led, statement=said, plain=led.plain + as_in_twins(value, seeds))


def beyond_the_band(
    usual: Usual, subject: str, profiles: Floats, twins: Floats, *, seed: int, along: str
) -> Finding:
    """In which layers a profile leaves the band of its twins, as its figure draws it.

    Args:
        usual: what the study's findings share.
        subject: whose profile it is.
        profiles: [passages, layers].
        twins: [twins, passages, layers].
        seed: of the intervals.
        along: `block`, counted from 1, or `layer`, counted from 0.
    """
    first = 1 if along == "block" else 0
    low, high = mean_intervals(profiles, seed=seed)
    side = outside(low, high, twins)
    distance = float(np.abs(profiles.mean(axis=0) - twins.mean(axis=(0, 1))).mean())
    who = twins_words(len(twins))
    where = (
        f"In {int((side != 0).sum())} of {len(side)} {along}s the 95 % interval of {subject} lies "
        f"outside the 5-95 % band of {who} (above it in {layers_named(side > 0, along, first)}; "
        f"below it in {layers_named(side < 0, along, first)}; "
        f"{among_twins(twins_outside(twins, seed))}). The"
    )
    statement = (
        f"{where if np.isfinite(low).any() else 'The'} mean distance of {subject} from the mean of "
        f"{who} is {quantity(distance, usual.unit)} a {along} (descriptive, no test; "
        f"{usual.sample})."
    )
    plain = (
        "A network with random weights has such a profile too; where the curve stays in its band, "
        "the architecture alone would give the same."
    )
    return usual.finding(statement, plain, distance)
