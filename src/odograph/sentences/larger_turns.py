"""Whether larger turns are worth more, over blocks and over tokens, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from odograph.sentences.english import counted, ranges, several
from odograph.sentences.evidence import bracket, described, interval_words, p_words
from odograph.sentences.nulls import seeds_beside
from odograph.sentences.numbers import coefficient, number
from odograph.sentences.record import Words
from odograph.statistics.correlations.coefficients import SPEARMAN
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.intervals import Floats
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Estimate, PValue


@dataclass(frozen=True, eq=False)
class OrderOfBlocks:
    """How the order of the blocks by how far they turn is that by what their turns are worth.

    Attributes:
        r: over so many `blocks`, the last left out.
        others: the same by other measures of the path, by their labels.
        twins: in each twin, [twins].
        divergence: with the divergence in place of the loss, in model and twins, [1 + twins]; empty
            without twins.
    """

    r: Estimate
    blocks: int
    others: Mapping[str, float]
    twins: Floats
    divergence: Floats


def order_of_blocks_words(found: OrderOfBlocks) -> Words:
    """Whether blocks that turn more are worth more."""
    r = found.r
    more = "have turns that are worth more" if r.value > 0 else "are not worth more"
    others = ", ".join(f"{label} {coefficient(value)}" for label, value in found.others.items())
    divergence = ""
    if len(found.divergence):  # any network has it: it is told beside that of the twins only
        divergence = (
            f" With the divergence in place of the loss r = {coefficient(found.divergence[0])}; in "
            "twins, where a larger turn undone moves any prediction more, "
            f"{seeds_beside(found.divergence[1:], '')}."
        )
    return Words(
        f"Blocks that turn more {more}: Spearman r = {coefficient(r.value)} "
        f"({interval_words(r.interval, 'r')}; {found.blocks} blocks, the last left out; "
        f"{counted(r.n, r.unit_of_inference)}; descriptive, no test: the blocks are all there "
        f"are). By other measures of the path: {others}. The same in twins: "
        f"{seeds_beside(found.twins, '')}.{divergence}",
        "A correlation of 1 would say that the order of the blocks by how far they turn is that by "
        "what undoing their turns costs; 0 that the one says nothing about the other.",
        f"Larger turns are {'' if r.value > 0 else 'not '}worth more, over blocks: "
        f"r = {coefficient(r.value)}",
    )


@dataclass(frozen=True, eq=False)
class OrderBreakers:
    """The block that turns most for what it is worth, and the one that is worth most for it.

    Attributes:
        idle, vital: these two, from 1.
        path, change: how far each block turns, and what undoing that costs, [blocks].
        cost: of the idle one.
        on_half: whether they were chosen on the first half.
    """

    idle: int
    vital: int
    path: Floats
    change: Floats
    cost: Estimate
    on_half: bool


def order_breakers_words(found: OrderBreakers) -> Words:
    """Which two blocks break the order most."""
    cost = found.cost
    idle, vital = (
        f"block {b} ({number(found.path[b - 1])} degrees, {number(found.change[b - 1])} "
        f"{cost.unit})"
        for b in (found.idle, found.vital)
    )
    where = "chosen on the first half" if found.on_half else "both chosen on these texts"
    return Words(
        f"Against the order of the rest, {idle} turns much for what its turn is worth "
        f"({described(cost, cost.unit)}), and {vital} is worth much for how far it turns; of "
        f"{several(len(found.path), 'block')}, {where}.",
        "A small turn can be vital and a large one idle: these two blocks show it most.",
        f"Block {found.idle} turns much and matters little; block {found.vital} the other way",
    )


@dataclass(frozen=True, eq=False)
class TieOverTokens:
    """How the turn of a token goes with what undoing it costs.

    Attributes:
        loss: block by block, with its test.
        tested: of the strongest, in `block`, from 1.
        mean: over blocks; twins: of each twin, [twins].
        divergence: with the divergence in place of the loss, in model and twins, [1 + twins]; empty
            without twins.
        unit: of inference.
    """

    loss: Correlations
    tested: PValue
    block: int
    mean: float
    twins: Floats
    divergence: Floats
    unit: str


def tie_over_tokens_words(found: TieOverTokens) -> Words:
    """Whether, inside a block, tokens that turn more lose more."""
    loss, block = found.loss, found.block
    r = float(loss.r[SPEARMAN, block - 1])
    details = bracket(
        interval_words(loss.interval_at(SPEARMAN, block - 1), "r"),
        f"n = {loss.tokens:,} tokens",
        counted(loss.n, found.unit),
        p_words(found.tested),
    )
    divergence = ""
    if len(found.divergence):
        divergence = (
            f" With the divergence in place of the loss {coefficient(found.divergence[0])}; "
            f"{seeds_beside(found.divergence[1:], '')}."
        )
    return Words(
        f"Inside a block, tokens that turn more lose more when the turn is undone by a mean "
        f"Spearman r of {coefficient(found.mean)} over blocks, at most {coefficient(r)} in block "
        f"{block} {details}. {_tied_blocks(loss)}The mean in twins: "
        f"{seeds_beside(found.twins, '')}.{divergence}",
        "Above 0, the tokens whose turn is large in a block are those whose prediction suffers "
        "more without it; a token may also lose what tokens before it have lost.",
        _tie_headline(found.tested, r, block),
    )


def _tie_headline(tested: PValue, r: float, block: int) -> str:
    if tested.p is not None and tested.p >= ALPHA:
        return "Over tokens, larger turns are not shown to go with larger or smaller losses"
    losses = "larger" if r > 0 else "smaller"
    closest = f"most closely in block {block}: r = {coefficient(r)}"
    return f"Over tokens, larger turns go with {losses} losses {closest}"


def _tied_blocks(found: Correlations) -> str:
    """In which blocks turn and loss are tied; "" where nothing was tested."""
    shown = np.nan_to_num(found.p_max_t[SPEARMAN], nan=1.0) < ALPHA
    if not found.family:
        return ""
    blocks = (np.flatnonzero(shown) + 1).tolist()
    return f"Tied in {ranges('block', blocks)}. " if blocks else "Tied in no block. "
