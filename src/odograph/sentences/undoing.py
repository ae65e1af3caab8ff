"""What undoing the turn, the growth or all of a block costs, in sentences."""

from dataclasses import dataclass

from odograph.sentences.english import layers_named
from odograph.sentences.evidence import bracket, described, interval_words, is_shown, p_words
from odograph.sentences.nulls import seeds_beside
from odograph.sentences.numbers import number, percent
from odograph.sentences.record import Words
from odograph.statistics.designs.paired import PairedProfile
from odograph.statistics.intervals import Floats
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Estimate

UNDONE_AT_TARGETS = "Undone at the targets alone; the predictions are theirs."
UNDOING_CAVEAT = (
    "What is undone is a change that the model never met: it says what later blocks rely on"
)


@dataclass(frozen=True, eq=False)
class UndoneBlocks:
    """What all of each block undone costs.

    Attributes:
        mean: change of the loss by block, [L].
        least, most: the blocks, from 1, that cost least and most.
        estimate: of the most costly.
        on_half: whether both were chosen on the first half.
        loss: of the intact model.
        twins: of each untrained twin, [twins].
    """

    mean: Floats
    least: int
    most: int
    estimate: Estimate
    on_half: bool
    loss: float
    twins: Floats


def undone_blocks_words(found: UndoneBlocks) -> Words:
    """Which block costs least and which most, beside the loss of the twins."""
    least, most, estimate = found.least, found.most, found.estimate
    where = "chosen on the first half" if found.on_half else "both chosen on these texts"
    return Words(
        f"Undone as a whole, block {least} costs least, {number(found.mean[least - 1])} "
        f"{estimate.unit}, and block {most} most, {number(estimate.value)} "
        f"({described(estimate, estimate.unit)}, {where}). "
        f"The loss of the intact model is {number(found.loss)}{_beside_twins(found)}. "
        f"{UNDOING_CAVEAT}.",
        f"Leaving out one block at a time, block {most} is missed most and block {least} least in "
        "predicting the next token.",
        f"Block {most} is worth most: without it the loss rises by {number(estimate.value)} nats",
    )


def _beside_twins(found: UndoneBlocks) -> str:
    """The loss of the twins, and what share of the way to it the most costly block makes."""
    if not len(found.twins):
        return ""
    learned = float(found.twins.mean() - found.loss)
    said = f", that of its untrained twins {number(found.twins.mean())}"
    if learned <= 0:
        return said
    share = percent(found.estimate.value / learned)
    return f"{said}: of what lies between, that block is worth {share}"


def turn_or_growth(profile: PairedProfile) -> str:
    """In which blocks the one is worth more than the other."""
    if not profile.family:
        return ""
    said = [
        f"the {name} is worth more in {layers_named(mask)}"
        for name, mask in zip(("turn", "growth"), profile.sides, strict=True)
        if mask.any()
    ]
    where = "; ".join(said) or "neither is worth more in any block"
    return f"Block by block (max-T over {profile.family} blocks, p < .05): {where}."


def turn_or_growth_headline(
    estimate: float, interval: tuple[float, float] | None, p: float | None, unit: str
) -> str:
    """Whether undoing turns costs more or less than undoing growth."""
    if not is_shown(p, interval):
        return "Undoing the turn and undoing the growth of a block are not shown to differ in cost"
    more = "more" if estimate > 0 else "less"
    return (
        f"Undoing a block's turn costs {number(abs(estimate))} {unit} {more} than undoing its "
        "growth"
    )


@dataclass(frozen=True)
class ShareOfBlocks:
    """What one thing undone costs, as a share of what undoing whole blocks costs.

    Attributes:
        what: was undone: "turn", "growth".
        share: over blocks 1 to `last`.
        later: over block 3 and those behind it; None where these are worth nothing together.
    """

    what: str
    share: Estimate
    last: int
    later: float | None


def share_of_blocks_words(found: ShareOfBlocks, more: str = "") -> Words:
    """The share, with `more` said behind it."""
    share, what = found.share, found.what
    headline = f"Undoing the {what} alone costs {number(share.value)} times what undoing"
    rest = "" if found.later is None else f"; without blocks 1 and 2, {number(found.later)}"
    return Words(
        f"{headline} whole blocks costs, over blocks 1 to {found.last} "
        f"({described(share)}){rest}.{more}",
        f"A share of 1 says that the {what} of a block carries all that the block is worth, 0 that "
        "it carries nothing; shares need not add up to 1.",
        f"{headline} blocks costs",
    )


def whole_blocks_worth(worth: float, twins: Floats, unit: str) -> str:
    """What a whole block is worth on the mean, and in each twin, [twins]; a space before it."""
    return (
        f" On the mean a whole block is worth {number(worth)} {unit}; of what it is worth in twins "
        f"no share is taken: {seeds_beside(twins, unit)}."
    )


def block_or_turn_words(profile: PairedProfile, index: int, counts: str, unit: str) -> Words:
    """Whether undoing all of a block and undoing its turn differ in cost; most in that block."""
    estimate, tested = float(profile.difference[index]), profile.p_at(index)
    size, more = number(abs(estimate)), "more" if estimate > 0 else "less"
    whole, turn = (layers_named(mask) for mask in profile.sides)
    details = bracket(interval_words(profile.simultaneous(index), unit), counts, p_words(tested))
    headline = (
        f"Undoing all of block {index + 1} costs {size} nats {more} than undoing its turn alone"
    )
    if tested.p is not None and tested.p >= ALPHA:
        headline = "Undoing all of a block and undoing its turn are not shown to differ in cost"
    return Words(
        f"Leaving out the block and undoing its turn alone disagree most in block {index + 1}: the "
        f"whole costs {size} {unit} {more} than the turn {details}. The whole "
        f"costs more in {whole}, the turn in {turn} (p < .05).",
        "Where both cost the same, what a block does for the prediction is to turn the vector; "
        "where they differ, its length matters too, or the turn alone upsets what comes later.",
        headline,
    )
