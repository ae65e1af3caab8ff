"""What is said of the two parts of a block: how they are wired, add up, and share the step."""

from odograph.sentences.differences import MOST_WORDS
from odograph.sentences.english import capital, layers_named, several
from odograph.sentences.evidence import chosen_words, interval_words, p_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Words
from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.values import Estimate, PValue

CLOSURE_PLAIN = (
    "What is called attention's and the MLP's step here is what each really adds: together "
    "they make the whole step of the block but for rounding."
)
_LAYOUTS = {
    "sequential": "sequential blocks: the MLP has seen what attention added",
    "parallel": "parallel blocks: attention and the MLP read the same input",
}


def layout_words(layout: str) -> str:
    """How the blocks are wired."""
    return _LAYOUTS.get(layout, f"{layout} blocks")


def layout_sentence(layout: str) -> str:
    """The same, and with which models the result may be compared."""
    return (
        f"{capital(layout_words(layout))}. Results of sequential and of parallel blocks are not "
        "comparable."
    )


def closure_sentence(
    error: float, tolerance: float, detail: str, lengths: float | None, tokens: int
) -> str:
    """How exactly the parts add up: on the self-check, and over all tokens of the run.

    lengths: the largest difference there, as a share; None where it cannot be had.
    """
    said = (
        f"What attention and the MLP add gives the whole step: relative error "
        f"{error:.1e} on the self-check (n = 1 prompt; tolerance {tolerance:.0e}; {detail})"
    )
    if lengths is not None:
        said += (
            f"; over all {tokens:,} tokens of the run the length of the step and |a + m| "
            f"differ by at most {lengths:.1e} of |a| + |m|"
        )
    return f"{said}."


def chosen_block(
    block: int, what: str, null: float, estimate: Estimate, tested: PValue, explored: str
) -> Words:
    """The block farthest from `null` on the first half, in its `explored` units, on the second."""
    against, units = number(null), several(estimate.n, estimate.unit_of_inference)
    why = f"the one farthest from {against} in standard errors"
    return Words(
        f"In block {block} {what} is {number(estimate.value)}, against {against} "
        f"({interval_words(estimate.interval)}; n = {units}; {p_words(tested)}). "
        f"{chosen_words(f'block {block}', why, explored)}",
        "A block that was chosen because it stands out is tested on texts that had no part in "
        "the choice.",
    )


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
