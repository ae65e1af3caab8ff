"""How the angles of two kinds of pairs of tokens compare, and how the way between tokens bends."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from odograph.measures import DEGREES
from odograph.sentences.english import capital, counted
from odograph.sentences.evidence import described, interval_words, p_words
from odograph.sentences.nulls import as_in_twins, beside_twins, difference_in_twins
from odograph.sentences.numbers import number
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Estimate, Interval, PValue

#: Independent states: two steps that share a state stand at this angle, not at 90 degrees.
INDEPENDENT_BEND = 120.0


def _compared(mean: float, interval: Interval | None, others: str) -> str:
    """`is 3 degrees smaller than ...`, or that the two cannot be told apart."""
    details = f"{others} (difference {number(mean)} degrees; {interval_words(interval, DEGREES)}; "
    if interval is not None and interval.low <= 0 <= interval.high:
        return f"cannot be told apart from {details}"
    return f"is {number(abs(mean))} degrees {'larger' if mean > 0 else 'smaller'} than {details}"


@dataclass(frozen=True)
class OtherTexts:
    """Neighbours beside tokens of different texts in the same layer, in degrees over all layers.

    Attributes:
        neighbours, others: the mean angles.
        difference, interval: of neighbours minus others.
        drawn: pairs of different texts a layer.
        below: in how many of how many layers neighbours are closer by their interval; None where
            there is none.
        twins: the same difference in each twin, [twins].
    """

    neighbours: float
    others: float
    difference: float
    interval: Interval | None
    drawn: int
    below: tuple[int, int] | None
    twins: Floats


def beside_other_texts(found: OtherTexts, sample: str) -> Words:
    """How much closer neighbours stand than tokens of different texts; sample: the units."""
    near, far = number(found.neighbours), number(found.others)
    below = ""
    if found.below is not None:
        below = (
            f"; in {found.below[0]} of {found.below[1]} layers the interval of neighbours lies "
            "below the baseline"
        )
    statement = (
        f"Neighbouring tokens stand {near} degrees apart, averaged over all layers, and tokens of "
        f"different texts {far} degrees (difference {number(found.difference)} degrees; "
        f"{interval_words(found.interval, DEGREES)}; {found.drawn:,} drawn pairs a layer or more; "
        f"{sample}; descriptive, no test: the number of drawn pairs is arbitrary){below}."
        f"{difference_in_twins(found.twins, DEGREES)}"
    )
    plain = (
        "States of a layer have a direction in common, so even tokens of different texts are "
        "no right angle apart; only what neighbours are closer than that belongs to the text and "
        f"to their places in it.{as_in_twins(found.difference, found.twins)}"
    )
    headline = f"Neighbouring tokens stand {near} degrees apart, tokens of different texts {far}"
    return Words(statement, plain, headline)


def farther_tokens(
    means: Mapping[int, float], estimate: Estimate, tested: PValue, sample: str, twins: Floats
) -> Words:
    """The tokens farthest apart against neighbours.

    means: the angle over all layers by distance in tokens; twins: the same difference, [twins].
    """
    longest, listed = max(means), ", ".join(f"{lag}: {number(v)}" for lag, v in means.items())
    statement = (
        f"Averaged over all layers, the angle of tokens {longest} apart "
        f"{_compared(estimate.value, estimate.interval, 'that of neighbours')}"
        f"{sample}; {p_words(tested)}). Angle in degrees by distance in tokens: {listed}."
        f"{difference_in_twins(twins, DEGREES)}"
    )
    plain = (
        "Distance in the text and distance in the space are compared here; positions differ "
        "between near and far tokens as well, and the untrained twins show what that alone gives."
        f"{as_in_twins(estimate.value, twins)}"
    )
    return Words(statement, plain, _farther_headline(longest, estimate.value, estimate.interval))


def _farther_headline(longest: int, apart: float, interval: Interval | None) -> str:
    """Whether tokens far apart stand farther from each other than neighbours."""
    far = f"Tokens {longest} places apart"
    if interval is None or interval.low <= 0 <= interval.high:
        return f"{far} are not shown to stand at another angle than neighbours"
    nearer = "farther from" if apart > 0 else "nearer to"
    return f"{far} stand {number(abs(apart))} degrees {nearer} each other than neighbours"


@dataclass(frozen=True)
class PositionZero:
    """What stands at position 0: a token put in front ("none" for none), and if it is a sink.

    sinks: in how many of `passages` it is one by its length; no passage: it is not measured.
    """

    bos: str
    sinks: int
    passages: int

    @property
    def words(self) -> str:
        """A clause."""
        first = "the first token of the text"
        holds = first if self.bos == "none" else f"a token put in front, {self.bos}"
        if not self.passages:
            return f"position 0 is not measured: it holds {holds}"
        return (
            f"position 0 holds {holds}, and is a sink by its length in {self.sinks} of "
            f"{self.passages} passage{'' if self.passages == 1 else 's or windows'}"
        )

    def note(self, *, kept: bool) -> str:
        """The same as a sentence, and where it is left out."""
        return (
            f"{capital(self.words)}. Pairs that touch position 0 or a sink are left out of all "
            "but the fixed positions and the histogram"
            f"{'; position 0 is kept here (--keep-first).' if kept else '.'}"
        )


def first_pair(
    by_layer: Floats,
    estimate: Estimate,
    pairs: Mapping[int, tuple[float, int]],
    zero: PositionZero,
    twins: Floats,
) -> Words:
    """The pair of positions 0 and 1 against the fixed pairs behind it.

    by_layer: the difference, [layers]; pairs: angle and units by the second position; twins: the
    same difference, [twins].
    """
    most, value = int(np.argmax(np.abs(by_layer))), estimate.value
    listed = ", ".join(
        f"{place - 1}-{place} {number(angle)} (n = {n:,})" for place, (angle, n) in pairs.items()
    )
    later = "that of the later fixed pairs of the same text"
    statement = (
        "Averaged over all layers, the angle of the positions 0 and 1 "
        f"{_compared(value, estimate.interval, later)}"
        f"{counted(estimate.n, estimate.unit_of_inference)}; descriptive, "
        f"no test); the difference is largest in layer {most}, {number(by_layer[most])} degrees. "
        f"Angle of the fixed pairs in degrees: {listed}; {zero.words}."
        f"{difference_in_twins(twins, DEGREES)}"
    )
    is_sink = 2 * zero.sinks > zero.passages
    plain = (
        "The first token of what a model reads is often a sink: a state of its own kind, so a pair "
        "with it says nothing about neighbours. "
        f"{'Here it is one.' if is_sink else 'By its length it is none here.'}"
    )
    return Words(statement, plain, _first_pair_headline(value, estimate.interval))


def _first_pair_headline(apart: float, interval: Interval | None) -> str:
    """The pair with position 0 beside the others."""
    if interval is None or interval.low <= 0 <= interval.high:
        return (
            "The angle of the first two tokens is not shown to differ from that of later neighbours"
        )
    more = "farther apart" if apart > 0 else "closer"
    return f"The first token and the next are {number(abs(apart))} degrees {more} than other pairs"


def bend_words(
    by_layer: Floats, bounds: tuple[Floats, Floats], estimate: Estimate, twins: Floats | None
) -> Words:
    """How sharply the way from token to token bends, beside independent states.

    by_layer: the mean bend, with its lower and upper bounds, [layers]; twins: [twins, units].
    """
    low, high = bounds
    straighter, sharper = high < INDEPENDENT_BEND, low > INDEPENDENT_BEND
    beyond = ""
    if np.isfinite(low).any():
        beyond = (
            f". The 95 % interval lies below that in {int(straighter.sum())} of {len(by_layer)} "
            f"layers and above it in {int(sharper.sum())}"
        )
    least = int(np.argmin(by_layer))
    statement = (
        f"From token to token the path inside a layer bends by {number(estimate.value)} degrees, "
        f"averaged over all layers ({described(estimate, DEGREES)}), least in "
        f"layer {least} ({number(by_layer[least])} degrees); independent states give "
        f"{INDEPENDENT_BEND:.0f}{beyond}; {beside_twins(twins, DEGREES)}."
    )
    plain = (
        "Two ways that share a state stand at 120 degrees when the states have nothing to do with "
        "each other, not at 90: less is a straighter path through the text."
    )
    return Words(statement, plain)
