"""When predictions settle, in sentences: at which depth, and how tokens turn there and after."""

import numpy as np
from numpy.typing import NDArray

from odograph.sentences.english import ranges
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import number
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Interval, PValue


def turn_at_settling_headline(tested: PValue, value: float) -> str:
    """Whether tokens turn more or less where their prediction settles."""
    if tested.p is None or tested.p >= 0.05:
        return "Tokens are not shown to turn more or less where their prediction settles"
    how = "more" if value > 0 else "less"
    return f"Where its prediction settles, a token turns {number(abs(value))} degrees {how}"


def turns_around(offsets: NDArray[np.int64], profile: MeanProfile) -> str:
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


def settled_turns_headline(tested: PValue, value: float, block: int) -> str:
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


#: The interval of a depth is where the interval of the curve crosses one half.
CROSSING = "where the 95 % interval of the share (BCa, by depth) crosses one half"


def depth_interval(interval: Interval | None) -> str:
    """The interval of a depth, which is a whole number."""
    if interval is None:
        return "no interval"
    return f"95 % interval {interval.low:.0f} to {interval.high:.0f}, {CROSSING}"


def half_in_twins(seeds: Floats) -> str:
    """By which depth half of the tokens have settled in twins, to follow a clause; "" without."""
    if not len(seeds):
        return ""
    return f"; in {twins_words(len(seeds))} half have by depth {_range(seeds)}"


def _range(seeds: Floats) -> str:
    """The least and the largest of the twins: depths are whole, and their mean is none."""
    few, many = int(seeds.min()), int(seeds.max())
    return f"{few}" if few == many else f"{few} to {many}"


def half_headline(half: int, blocks: int, seeds: Floats) -> str:
    """By which block half of the tokens have settled, beside untrained networks."""
    where = f"by block {half} of {blocks}" if half else "before the first block"
    said = f"Half of the tokens have settled {where}"
    if not len(seeds):
        return said
    return f"{said}; in untrained networks by block {_range(seeds)}"
