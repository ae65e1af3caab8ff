"""What skipping blocks costs, beside how little they turn the state, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.sentences.english import ordered_blocks, several
from odograph.sentences.evidence import described, interval_words, p_words
from odograph.sentences.numbers import coefficient, number, signed
from odograph.sentences.record import Words
from odograph.sentences.turning_least import GEOMETRY_CAVEAT, on_first_half, units_of
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Estimate, Interval, PValue


@dataclass(frozen=True)
class BlockCosts:
    """What each block costs when it is skipped alone.

    Attributes:
        mean: change of the loss by block, [L].
        least, most: the blocks that are missed least and most.
        estimate: of the least; most_interval: of the other.
        on_half: whether they were chosen on the first half.
        base: the loss with nothing skipped, and over how many tokens it is.
        writer: which block writes what sinks carry, a sentence; "" where none is known.
    """

    mean: Floats
    least: int
    most: int
    estimate: Estimate
    most_interval: Interval | None
    on_half: bool
    base: tuple[float, int]
    writer: str


def block_costs_words(found: BlockCosts) -> Words:
    """Which block costs least, and which most."""
    least, most, unit = found.least, found.most, found.estimate.unit
    change, (base, tokens) = found.estimate.value, found.base
    order = np.argsort(found.mean, kind="stable") + 1
    statement = (
        f"Skipped alone, block {least} costs least{on_first_half(chosen=found.on_half)}: the "
        f"next-token loss changes by {signed(change)} {unit} "
        f"({interval_words(found.estimate.interval, unit)}); block {most} costs most, "
        f"{signed(found.mean[most - 1])} ({interval_words(found.most_interval, unit)}). With "
        f"nothing skipped the loss is {number(base)} ({units_of(found.estimate)}; {tokens:,} "
        f"tokens read; descriptive, no test). From the least costly: {ordered_blocks(order)}."
        f"{f' {found.writer}' if found.writer else ''}"
    )
    plain = (
        f"Really leaving out one block at a time, block {least} is missed least and block {most} "
        "most in predicting the next token."
    )
    headline = f"Block {least} is missed least: skipping it costs {number(change)} nats a token"
    return Words(statement, plain, headline)


@dataclass(frozen=True)
class RunCost:
    """What it costs to skip the run of blocks that turns least.

    Attributes:
        name: of the run: "block 5", "blocks 5 to 7".
        blocks: how many they are.
        estimate: the change of the loss.
        on_half: whether the run was chosen on the first half.
        base: the loss with nothing skipped.
        by_length: the runs of some lengths and their changes.
        missing: of how many of all lengths the run was not skipped.
    """

    name: str
    blocks: int
    estimate: Estimate
    on_half: bool
    base: float
    by_length: Sequence[tuple[str, float]]
    missing: tuple[int, int]


def run_cost_words(found: RunCost) -> Words:
    """What skipping the run that turns least does to the loss."""
    change, unit = found.estimate.value, found.estimate.unit
    listed = ", ".join(f"{name} {signed(own)}" for name, own in found.by_length)
    left, lengths = found.missing
    missing = (
        f" Of {left} of {lengths} lengths the run chosen here was not among those skipped."
        if left
        else ""
    )
    statement = (
        f"Skipping {found.name}, of all runs of {several(found.blocks, 'block')} the one "
        f"that turns tokens least{on_first_half(chosen=found.on_half)}, changes the next-token "
        f"loss by {signed(change)} {unit} ({described(found.estimate, unit)}), "
        f"from {number(found.base)}. By length: "
        f"{listed}. The model was not trained again afterwards.{missing}"
    )
    plain = (
        "The loss says what dropping these blocks costs before any healing by further training; "
        "other runs of the same length were not tried and may cost less."
    )
    return Words(statement, plain, f"Skipping {found.name} costs {number(change)} nats a token")


@dataclass(frozen=True)
class LeastBlocks:
    """The block that turns vectors least beside the one that is missed least.

    Attributes:
        turns, costs: the two blocks.
        changes: what skipping each costs.
        estimate: what skipping the first costs more than the other; all of it where they are one.
        tested: its p.
        on_half: whether they were chosen on the first half.
    """

    turns: int
    costs: int
    changes: tuple[float, float]
    estimate: Estimate
    tested: PValue
    on_half: bool


def least_blocks_words(found: LeastBlocks) -> Words:
    """Whether geometry and loss name the same block."""
    turns, costs, estimate = found.turns, found.costs, found.estimate
    if turns == costs:
        return _same_block(found)
    clear = estimate.interval is not None and estimate.interval.low > 0
    lead = "Geometry and loss disagree"
    if not clear:
        lead = "Geometry and loss name different blocks, but not clearly"
    statement = (
        f"{lead}: the block of the smallest influence, {turns}, is not the least costly, {costs}; "
        f"skipping it costs {number(estimate.value)} {estimate.unit} more "
        f"({interval_words(estimate.interval, estimate.unit)}, paired; {units_of(estimate)}; "
        f"{_choice(found)}). {GEOMETRY_CAVEAT}."
    )
    ending = "a small turn can carry much" if clear else "but the two costs are not clearly apart"
    plain = (
        f"The block that turns the vector least (block {turns}) is not the one that is missed "
        f"least (block {costs}): {ending}."
    )
    headline = f"Block {turns} turns vectors least"
    if clear:
        change, least = map(number, found.changes)
        headline += f", yet skipping it costs {change} nats; skipping block {costs} costs {least}"
    else:
        headline += f", block {costs} is missed least; their costs are not clearly apart"
    return Words(statement, plain, headline)


def _same_block(found: LeastBlocks) -> Words:
    estimate, block = found.estimate, found.turns
    statement = (
        f"Geometry and loss name the same block here: block {block} has the smallest influence "
        f"and, skipped alone, costs least{on_first_half(chosen=found.on_half)}, "
        f"{signed(estimate.value)} {estimate.unit} "
        f"({described(estimate, estimate.unit)}). {GEOMETRY_CAVEAT}; "
        f"that they agree was seen for this one block, on these texts."
    )
    return Words(
        statement,
        "Here the block that turns the vector least is also the one that is missed least.",
        f"Block {block} turns vectors least and is also missed least: skipping it costs "
        f"{number(found.changes[0])} nats",
    )


def _choice(found: LeastBlocks) -> str:
    """The test, and where both blocks were chosen."""
    if found.on_half:
        return f"{p_words(found.tested)}; both blocks were chosen on the first half"
    return (
        "descriptive, no test; both blocks were chosen on these texts, which the interval leaves "
        "aside"
    )


def agreement_words(value: float, interval: Interval | None, blocks: int, units: str) -> Words:
    """How far the order of the blocks by influence is that by loss; units: of both, counted."""
    count, sample = several(blocks, "block"), f"{blocks} blocks; {units}"
    headline = f"Small turns and small costs agree over blocks by r = {coefficient(value)}"
    if np.isnan(value):
        return Words(
            f"Whether influence and loss put the {count} in one order cannot be said ({sample}; "
            "fewer than 4 blocks, or no order among them).",
            "There are too few blocks to compare two orders of them.",
            headline,
        )
    rests = ", which says how much it rests on these texts" if interval else ""
    statement = (
        f"The order of the {count} by Block Influence and that by what skipping them costs agree "
        f"by a Spearman correlation of {coefficient(value)} ({interval_words(interval, 'r')}"
        f"{rests}; {sample}; descriptive, no test: the blocks are all there are). "
        f"{GEOMETRY_CAVEAT}."
    )
    return Words(statement, _agreement_plain(value), headline)


def _agreement_plain(value: float) -> str:
    if value >= 0.7:
        return (
            "By and large the blocks that turn the vector more are also those that are missed "
            "more; single blocks may still be out of order."
        )
    if value >= 0.3:
        return "How far a block turns the vector says something, not much, about what it is worth."
    return "How far a block turns the vector says next to nothing about what it is worth."
