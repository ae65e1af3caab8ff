"""What is said of the two parts of a block: how they are wired, add up, and share the step."""

from dataclasses import dataclass

import numpy as np

from odograph.sentences.differences import MOST_WORDS
from odograph.sentences.english import capital, layers_named, several
from odograph.sentences.evidence import chosen_words, interval_words, p_words, skewed_words
from odograph.sentences.names import name_of_test, why_untested
from odograph.sentences.nulls import beside_twins, in_order
from odograph.sentences.numbers import number, p_value
from odograph.sentences.record import Words
from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Estimate, Interval, PValue

_CLOSURE_PLAIN = (
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


def closure_words(
    error: float, tolerance: float, detail: str, lengths: float | None, tokens: int
) -> Words:
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
    return Words(f"{said}.", _CLOSURE_PLAIN)


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


@dataclass(frozen=True, eq=False)
class PartSize:
    """The length of a part's step in lengths of the state before it: a geometric mean over blocks.

    Attributes:
        twins: of each text in each untrained twin, [twins, texts]; None without.
        order: what random order gives, as `order_words` with a space before it; "" without.
    """

    value: float
    interval: Interval | None
    twins: Floats | None
    order: str


def size_words(attention: PartSize, mlp: PartSize, longer: Mask, layout: str, counts: str) -> Words:
    """How long the steps of both parts are; longer: where that of the MLP is, [L]."""
    lengths = ", ".join(
        f"{owner} step is {number(size.value)} times as long as the state before the block "
        f"({interval_words(size.interval)}; {beside_twins(size.twins, '')})"
        for owner, size in (("attention's", attention), ("the MLP's", mlp))
    )
    blocks = several(len(longer), "block")
    return Words(
        f"In the geometric mean over {blocks}, {lengths}; the MLP's is the longer one in "
        f"{layers_named(longer)}, attention's in {layers_named(~longer)} ({counts}; descriptive, "
        f"no test). These are {layout_words(layout)}.{in_order([attention.order, mlp.order])}",
        "Long is not the same as important: a short step can be vital, and two long ones that "
        "point against each other move the vector little.",
        f"The MLP makes the longer step in {int(longer.sum())} of {blocks}",
    )


@dataclass(frozen=True, eq=False)
class ShareOfAttention:
    """Attention's share of the squared length of the whole step; the MLP's is 1 minus it.

    Attributes:
        test: of its difference from one half, by block.
        index: the block where that is largest.
        share, interval: there.
        mean: over blocks.
        twins: in every text of each untrained twin, [twins, texts, L]; None without.
        order: what random order gives, a sentence with a space before it; "" without.
        counts: "n = 54 texts".
    """

    test: MeanProfile
    index: int
    share: float
    interval: Interval | None
    mean: float
    twins: Floats | None
    order: str
    counts: str

    @property
    def sides(self) -> tuple[Mask, Mask]:
        """The blocks in which attention, and in which the MLP, makes more than half."""
        test = self.test
        found = test.found if test.family else np.ones_like(test.found)
        return found & (test.mean > 0), found & (test.mean < 0)


def attention_share_words(found: ShareOfAttention) -> Words:
    """Which part makes most of the step, in which blocks."""
    test, index = found.test, found.index
    beside = skewed_words(test.tested.bootstrap_p(index))
    ending = f"; {p_value(float(test.p_max_t[index]))}{beside}" if test.family else ""
    return Words(
        f"{_halves(found)}. Farthest from one half is block {index + 1}, where "
        f"attention's share is {number(found.share)} ({interval_words(found.interval)}{ending}). "
        f"Averaged over the blocks it is {number(found.mean)}; {_shares_of_twins(found.twins)}."
        f"{found.order}",
        "The shares of the two parts add up to the whole. They say which part the squared length "
        "of the step is made of, not which part matters for what the model predicts.",
        _share_headline(*found.sides, index + 1, found.share, tested=bool(test.family)),
    )


def _halves(found: ShareOfAttention) -> str:
    """In which blocks each part makes more than half of the squared step."""
    attention, mlp = map(layers_named, found.sides)
    test, of = found.test, "(|a|² + a·m) / |a + m|²"
    words = (
        f"Of the squared length of the whole step, attention makes more than half in {attention}, "
        f"the MLP in {mlp}"
    )
    if not test.family:
        return f"{words} (share {of}; {found.counts}; no p-value: {why_untested(test.test)})"
    return (
        f"{words} (p < .05, {name_of_test(test.test)} of the share {of} against one half, family "
        f"of {test.family} layers; {found.counts})"
    )


def _shares_of_twins(twins: Floats | None) -> str:
    """The mean share of the twins, and in which blocks attention makes more than half there."""
    if twins is None:
        return beside_twins(None, "")
    more = twins.mean(axis=(0, 1)) > 0.5
    return (
        f"{beside_twins(twins.mean(axis=2), '')}, in which attention makes more than half in "
        f"{layers_named(more)}, the MLP in {layers_named(~more)}"
    )


def _share_headline(attention: Mask, mlp: Mask, block: int, value: float, *, tested: bool) -> str:
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
