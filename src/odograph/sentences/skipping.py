"""Blocks that turn least beside those that are missed least, in sentences."""

import numpy as np

from odograph.sentences.evidence import interval_words, p_words
from odograph.sentences.numbers import coefficient, number
from odograph.statistics.values import Interval, PValue


def least_headline(turns: int, costs: int, change: float, least: float, *, clear: bool) -> str:
    """What skipping each costs, where that is clearly apart; else which they are.

    Args:
        turns: the block that turns vectors least, and costs `change`.
        costs: the block that is missed least, and costs `least`.
        change: in nats.
        least: in nats.
        clear: whether the interval of the difference lies above 0.
    """
    said = f"Block {turns} turns vectors least"
    if turns == costs:
        return f"{said} and is also missed least: skipping it costs {number(change)} nats"
    if clear:
        return (
            f"{said}, yet skipping it costs {number(change)} nats; skipping block {costs} costs "
            f"{number(least)}"
        )
    return f"{said}, block {costs} is missed least; their costs are not clearly apart"


CAUTION = "Geometry is not importance"


def choice_words(tested: PValue, *, on_half: bool) -> str:
    """The test, and where both blocks were chosen."""
    if on_half:
        return f"{p_words(tested)}; both blocks were chosen on the first half"
    return (
        "descriptive, no test; both blocks were chosen on these texts, which the interval leaves "
        "aside"
    )


def agreement_words(value: float, interval: Interval | None, blocks: str, sample: str) -> str:
    """How far the order of the blocks by influence is that by loss."""
    if np.isnan(value):
        return (
            f"Whether influence and loss put the {blocks} in one order cannot be said ({sample}; "
            "fewer than 4 blocks, or no order among them)."
        )
    rests = ", which says how much it rests on these texts" if interval else ""
    return (
        f"The order of the {blocks} by Block Influence and that by what skipping them costs agree "
        f"by a Spearman correlation of {coefficient(value)} ({interval_words(interval, 'r')}"
        f"{rests}; {sample}; descriptive, no test: the blocks are all there are). {CAUTION}."
    )


def agreement_plain(value: float) -> str:
    """The same for a student."""
    if np.isnan(value):
        return "There are too few blocks to compare two orders of them."
    if value >= 0.7:
        return (
            "By and large the blocks that turn the vector more are also those that are missed "
            "more; single blocks may still be out of order."
        )
    if value >= 0.3:
        return "How far a block turns the vector says something, not much, about what it is worth."
    return "How far a block turns the vector says next to nothing about what it is worth."
