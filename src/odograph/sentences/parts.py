"""The headlines about the two parts of a block: which way they push, which makes the step."""

from typing import Any

from numpy.typing import NDArray

from odograph.sentences.differences import MOST_WORDS
from odograph.sentences.english import capital, layers_named, several
from odograph.sentences.numbers import cosine, number

Mask = NDArray[Any]


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
