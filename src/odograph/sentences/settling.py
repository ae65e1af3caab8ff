"""When predictions settle, in sentences: at which depth, and how tokens turn there and after."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.measures import DEGREES
from odograph.sentences.english import counted, ranges
from odograph.sentences.evidence import bracket, interval_words, p_words
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import number, percent
from odograph.sentences.record import Words
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Estimate, Interval, PValue

#: What nobody may forget beside a number that a lens reads.
LENS_CAVEAT = "A lens is a reading: nothing in the model reads the stream so before its end"
READ_AT_TARGETS = "Read at the targets alone."
PERMUTED = "depths permuted among tokens of like position"


def _bracket(estimate: Estimate, tested: PValue) -> str:
    return bracket(
        interval_words(estimate.interval, DEGREES),
        counted(estimate.n, estimate.unit_of_inference),
        p_words(tested),
    )


def around_settling_words(
    estimate: Estimate,
    tested: PValue,
    offsets: NDArray[np.int64],
    profile: MeanProfile,
    at_start: tuple[int, int],
) -> Words:
    """How much more tokens turn in the block in which their prediction settles, and around it.

    offsets: places of the profile from that block; at_start: how many of all tokens have settled
    before the first block.
    """
    value, (early, tokens) = estimate.value, at_start
    statement = (
        f"In the block in which its prediction settles a token turns {number(abs(value))} degrees "
        f"{'more' if value > 0 else 'less'} than with {PERMUTED} {_bracket(estimate, tested)}. "
        f"{_around(offsets, profile)}Of {tokens} tokens "
        f"{early} have settled before the first block and have no such block."
    )
    plain = (
        "Where the answer that is read off the stream becomes the final one, the vector turns more "
        "than it does in that block for other tokens; a turn that changes the first choice is "
        "larger than one that does not in random networks, too."
    )
    if value <= 0:
        plain = (
            "Where the answer that is read off the stream becomes the final one, the vector does "
            "not turn more than it does in that block for other tokens."
        )
    return Words(statement, plain, _turn_headline(tested, value))


def _turn_headline(tested: PValue, value: float) -> str:
    """Whether tokens turn more or less where their prediction settles."""
    if tested.p is None or tested.p >= 0.05:
        return "Tokens are not shown to turn more or less where their prediction settles"
    how = "more" if value > 0 else "less"
    return f"Where its prediction settles, a token turns {number(abs(value))} degrees {how}"


def _around(offsets: NDArray[np.int64], profile: MeanProfile) -> str:
    """The places around it at which the turn is larger or smaller than with permuted depths."""
    if not profile.family:
        return ""
    said = [
        f"{number(abs(mean))} {'more' if mean > 0 else 'less'} {_place(int(offset))}"
        for offset, mean, found in zip(offsets, profile.mean, profile.found, strict=True)
        if found and offset != 0
    ]
    return f"Around it: {', '.join(said)} (p < .05). " if said else "Around it nothing is shown. "


def _place(offset: int) -> str:
    count = "1 block" if abs(offset) == 1 else f"{abs(offset)} blocks"
    return f"{count} {'after' if offset > 0 else 'before'}"


@dataclass(frozen=True, eq=False)
class SettledTurns:
    """The block in which settled tokens and others differ most clearly, of all blocks.

    Attributes:
        block: which it is.
        estimate, tested: the difference there.
        taken_out: the covariates, in words.
        blocks, profile: all blocks, and the difference in each.
        orders: the same difference in each random order.
    """

    block: int
    estimate: Estimate
    tested: PValue
    taken_out: str
    blocks: NDArray[np.int64]
    profile: MeanProfile
    orders: Sequence[float]


def settled_turns_words(found: SettledTurns) -> Words:
    """Whether tokens that have settled turn less than those that have not."""
    value, estimate = found.estimate.value, found.estimate
    mean = float(np.mean(found.orders)) if found.orders else 0.0
    order = f" In random order: {number(mean)} degrees." if found.orders else ""
    statement = (
        f"In block {found.block} tokens whose prediction has settled turn {number(abs(value))} "
        f"degrees {'less' if value < 0 else 'more'} than those of the same "
        f"{estimate.unit_of_inference} whose has not, {found.taken_out} taken out "
        f"{_bracket(estimate, found.tested)}: of {len(found.blocks)} blocks that with the largest "
        f"difference in standard errors. {turning_blocks(found.blocks, found.profile)}{order}"
    )
    plain = (
        "Below 0, the vector of a token turns less in a block once the answer that is read from it "
        "is the final one; tokens are compared with others of like position, frequency and entropy."
    )
    return Words(statement, plain, _settled_headline(found.tested, value, found.block))


def _settled_headline(tested: PValue, value: float, block: int) -> str:
    """Whether tokens that have settled turn more or less, and in which block most clearly."""
    if tested.p is None or tested.p >= 0.05:
        return "In no block are tokens with a settled prediction shown to turn more or less"
    how = "less" if value < 0 else "more"
    return (
        f"In block {block}, tokens whose prediction has settled turn {number(abs(value))} degrees "
        f"{how} than others"
    )


def turning_blocks(blocks: NDArray[np.int64], profile: MeanProfile) -> str:
    """In which blocks they turn less, and in which more."""
    if not profile.family:
        return ""
    less, more = (
        ranges("block", blocks[profile.found & (sign * profile.mean > 0)].tolist())
        for sign in (-1, 1)
    )
    return f"They turn less in {less or 'no block'}, more in {more or 'no block'} (p < .05)."


@dataclass(frozen=True, eq=False)
class HalfSettled:
    """By which depth half of the tokens have settled.

    Attributes:
        depth, interval: the depth, and where the interval of the share crosses one half.
        mean: the mean commitment depth, in blocks.
        curve: the share by depth, [L + 1].
        twins: the depth in each twin, [twins].
    """

    depth: int
    interval: Interval | None
    mean: float
    curve: Floats
    twins: Floats


def half_settled_words(found: HalfSettled, sample: str) -> Words:
    """By which depth half of the tokens have settled; sample: the units."""
    blocks = len(found.curve) - 1
    statement = (
        f"By depth {found.depth} of {blocks} half of the tokens have settled: from there on the "
        f"first choice of the lens is the model's own ({_depth_interval(found.interval)}; "
        f"{sample}; descriptive, no test). The mean commitment depth is {number(found.mean)}; at "
        f"depth {blocks - 1} {percent(float(found.curve[-2]))} have settled"
        f"{_half_in_twins(found.twins)}. {LENS_CAVEAT}."
    )
    plain = (
        "The model's answer is read off the stream after every block; a token has settled where "
        "the answer stays what it is in the end. After the last block all have."
    )
    return Words(statement, plain, _half_headline(found.depth, blocks, found.twins))


def order_headline(value: float, *, shown: bool) -> str:
    """Whether predictions settle earlier with the words in random order, by so many blocks."""
    lead = "With the words in random order, predictions"
    if not shown:
        return f"{lead} are not shown to settle earlier or later"
    return f"{lead} settle {number(abs(value))} blocks {'earlier' if value > 0 else 'later'}"


#: The interval of a depth is where the interval of the curve crosses one half.
CROSSING = "where the 95 % interval of the share (BCa, by depth) crosses one half"


def _depth_interval(interval: Interval | None) -> str:
    """The interval of a depth, which is a whole number."""
    if interval is None:
        return "no interval"
    return f"95 % interval {interval.low:.0f} to {interval.high:.0f}, {CROSSING}"


def _half_in_twins(seeds: Floats) -> str:
    """By which depth half of the tokens have settled in twins, to follow a clause; "" without."""
    if not len(seeds):
        return ""
    return f"; in {twins_words(len(seeds))} half have by depth {_range(seeds)}"


def _range(seeds: Floats) -> str:
    """The least and the largest of the twins: depths are whole, and their mean is none."""
    few, many = int(seeds.min()), int(seeds.max())
    return f"{few}" if few == many else f"{few} to {many}"


def _half_headline(half: int, blocks: int, seeds: Floats) -> str:
    """By which block half of the tokens have settled, beside untrained networks."""
    where = f"by block {half} of {blocks}" if half else "before the first block"
    said = f"Half of the tokens have settled {where}"
    if not len(seeds):
        return said
    return f"{said}; in untrained networks by block {_range(seeds)}"
