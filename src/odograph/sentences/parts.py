"""The headlines about the two parts of a block: which way they push, which makes the step."""

import numpy as np

from odograph.sentences.differences import MOST_WORDS
from odograph.sentences.english import capital, layers_named, several
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import cosine, number
from odograph.sentences.seeds import sides_words
from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.seeds import SeedTest
from odograph.statistics.intervals import Floats


def pushing_headline(same: Mask, against: Mask, block: int, value: float) -> str:
    """In which blocks the parts push the same way or oppositely, and where most clearly.

    value: the mean cosine in that block.
    """
    told = cosine(value)
    if same.any() and against.any():
        said = f"The parts push the same way in {layers_named(same)}, oppositely in "
        said += layers_named(against)
        most = f"{said}; most in block {block}: {told}"
        return most if len(most.split()) <= MOST_WORDS else said
    if not (same | against).any():
        return "In no block are attention and the MLP shown to push otherwise than at right angles"
    way = "the same way" if same.any() else "against each other"
    return f"Attention and the MLP push {way}, most clearly in block {block}: cosine {told}"


def share_headline(attention: Mask, mlp: Mask, block: int, value: float, *, tested: bool) -> str:
    """Which part makes most of the step, in which blocks; the farthest share where none is shown.

    block, value: where attention's share is farthest from one half, and what it is there.
    """
    parts = {"attention": attention, "the MLP": mlp}
    shown = sorted((p for p, m in parts.items() if m.any()), key=lambda p: -int(parts[p].sum()))
    if not tested or not shown:
        where = f"block {block}: {number(value)}"
        return f"Attention's share of the step is farthest from one half in {where}"
    first, *rest = shown
    makes = f"{capital(first)} makes most of the step in"
    said = f"{makes} {layers_named(parts[first])}"
    said += "".join(f", {part} in {layers_named(parts[part])}" for part in rest)
    if len(said.split()) <= MOST_WORDS:
        return said
    return f"{makes} {int(parts[first].sum())} of {several(len(attention), 'block')}"


def blocks_beyond_twins(
    tested: SeedTest | None, mean: Floats, differs: Mask, chance_sd: float
) -> str:
    """How many of these blocks also lie beyond the twins, mean [L]."""
    if tested is None:
        return (
            "Random weights, too, have a fixed cosine other than 0 in a block; how large a one is "
            "not known here: no untrained twin was measured."
        )
    beyond = (tested.side != 0) & differs
    clearly = beyond & (np.abs(mean) > 1.96 * chance_sd)
    return (
        "Random weights, too, have a fixed cosine other than 0 in a block: of these "
        f"{several(int(differs.sum()), 'block')}, {int(beyond.sum())} also lie beyond "
        f"{twins_words(tested.seeds)} ({layers_named(beyond)}; {sides_words(tested, 'block', 1)}), "
        f"and {int(clearly.sum())} of those beyond 1.96/sqrt(width)."
    )


def pushing_plain(tested: SeedTest | None, mean: Floats, differs: Mask) -> str:
    """What the blocks show beyond random weights, mean [L]."""
    if tested is None:
        return (
            "Whether a block's two parts push the same way more than random weights would is not "
            "known without untrained twins."
        )
    beyond = (tested.side != 0) & differs
    if not beyond.any():
        return (
            "In no block are attention and the MLP shown to push the same way, or against each "
            "other, more than they do in a network with random weights."
        )
    same = int((beyond & (mean > 0)).sum())
    return (
        f"Beyond what random weights give, attention and the MLP push partly the same way in "
        f"{_blocks(same)} and partly against each other in {_blocks(int(beyond.sum()) - same)}."
    )


def _blocks(blocks: int) -> str:
    return several(blocks, "block") if blocks else "no block"
