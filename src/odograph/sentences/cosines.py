"""Which way attention and the MLP push, in sentences: against each other, and along the state."""

import math
from dataclasses import dataclass

import numpy as np

from odograph.sentences.differences import MOST_WORDS
from odograph.sentences.english import capital, counted, layers_named, several
from odograph.sentences.evidence import interval_words, skewed_words
from odograph.sentences.names import name_of_test, why_untested
from odograph.sentences.nulls import also_lie, beside_twins, in_order, twins_words
from odograph.sentences.numbers import cosine, p_value
from odograph.sentences.record import Words
from odograph.sentences.seeds import sides_words
from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.designs.seeds import SeedTest
from odograph.statistics.intervals import Floats
from odograph.statistics.permutation import FEWEST_PAIRS
from odograph.statistics.values import Interval


def sd_of_chance(width: int) -> float:
    """One standard deviation of the cosine of two random directions: 1/sqrt(width)."""
    return 1 / math.sqrt(width)


def chance_words(width: int) -> str:
    """What two random directions give."""
    sd = sd_of_chance(width)
    return (
        f"random directions in {width} dimensions: 0 ± {cosine(sd)} (one standard deviation of a "
        f"pair, 1/sqrt(width); 95 % within ±{cosine(1.96 * sd)})"
    )


@dataclass(frozen=True, eq=False)
class MeanCosine:
    """A cosine as a mean over texts, over all blocks and in each.

    Attributes:
        value, interval: over all blocks.
        by_block: [L].
        n, unit: how many texts, and what they are called.
        twins: [twins, units, L]; None without.
        over_seeds: the test by block; None without twins.
        order: what random order gives, a sentence with a space before it; "" without.
    """

    value: float
    interval: Interval | None
    by_block: Floats
    n: int
    unit: str
    twins: Floats | None
    over_seeds: SeedTest | None
    order: str = ""

    @property
    def details(self) -> str:
        """Interval and n, for a bracket."""
        one = " of one text" if self.n == 1 else ""
        interval = interval_words(self.interval, "cosine")
        return f"{interval}; {counted(self.n, self.unit)}; descriptive{one}"

    @property
    def range(self) -> str:
        """The least and the most of the blocks: "from -.1 in block 3 to .2 in block 5"."""
        low, high = int(self.by_block.argmin()), int(self.by_block.argmax())
        return (
            f"from {cosine(float(self.by_block[low]))} in block {low + 1} to "
            f"{cosine(float(self.by_block[high]))} in block {high + 1}"
        )

    @property
    def beside(self) -> str:
        """What twins give."""
        return beside_twins(self.twins, "cosine")

    @property
    def beyond(self) -> str:
        """In how many blocks it lies beyond the twins, to follow what they give; "" without."""
        if self.over_seeds is None:
            return ""
        side, where = self.over_seeds.side, sides_words(self.over_seeds, "block", 1)
        return f"; beyond them in {int((side != 0).sum())} of {len(side)} blocks ({where})"


def pushing_over_blocks(
    found: MeanCosine, width: int, layout: str, ways: tuple[Mask, Mask]
) -> Words:
    """The cosine of both parts' steps over all blocks, beside twins and chance.

    ways: in which blocks it is shown above 0, and in which below; layout: how blocks are wired.
    """
    statement = (
        f"The steps of attention and of the MLP have a mean cosine of {cosine(found.value)} over "
        f"{several(len(found.by_block), 'block')} ({found.details}), {found.range}; "
        f"{found.beside}; {chance_words(width)}. These are {layout}.{found.order}"
    )
    plain = (
        "A cosine of 1 would mean that both push a token's vector the same way, -1 that they push "
        "against each other, 0 that they push at right angles. The mean over the blocks may hide "
        "blocks of either sign."
    )
    headline = f"Attention and the MLP push at a mean cosine of {cosine(found.value)}"
    if all(mask.any() for mask in ways):
        least, most = float(found.by_block.min()), float(found.by_block.max())
        headline += f", from {cosine(least)} to {cosine(most)} by block"
    return Words(statement, plain, headline)


def pushing_by_block(
    mean: MeanProfile, index: int, over_seeds: SeedTest | None, width: int, sample: str
) -> Words:
    """In which blocks the cosine differs from 0, and in which from that of the twins.

    index: the block where it does most clearly, from 0; sample: the units.
    """
    if not mean.family:
        return _untested(mean, index, over_seeds, width, sample)
    differs, value = mean.found, float(mean.mean[index])
    statement = (
        f"In {int(differs.sum())} of {len(differs)} blocks the mean cosine differs from 0 (p < "
        f".05, {name_of_test(mean.test)}, family of {mean.family} layers; {sample}): "
        f"above 0 in {layers_named(differs & (mean.mean > 0))}; below 0 in "
        f"{layers_named(differs & (mean.mean < 0))}. Most clearly in block {index + 1}: "
        f"{cosine(value)} ({interval_words(mean.simultaneous(index), 'cosine')}; "
        f"{p_value(float(mean.p_max_t[index]))}{skewed_words(mean.tested.bootstrap_p(index))}). "
        f"{_beyond_twins(over_seeds, mean.mean, differs, width)}"
    )
    plain = _pushing_plain(over_seeds, mean.mean, differs)
    return Words(statement, plain, _pushing_headline(*mean.sides, index + 1, value))


def _untested(
    mean: MeanProfile, index: int, over_seeds: SeedTest | None, width: int, sample: str
) -> Words:
    """The same where nothing can be tested: one text, or a few."""
    above, below = mean.sides
    if mean.n == 1 and np.isfinite(mean.low).any():
        where = (
            f"In this one text the interval of the mean cosine lies above 0 in "
            f"{layers_named(above)} and below 0 in {layers_named(below)}"
        )
    elif mean.n >= FEWEST_PAIRS:
        where = "The cosine is the same in every text, so that nothing can be tested"
    else:
        where = "There are too few texts for an interval or a test by block"
    value = float(mean.mean[index])
    statement = (
        f"{where}; the cosine farthest from 0 is that of block {index + 1}, "
        f"{cosine(value)} ({interval_words(mean.interval_at(index), 'cosine')}; {sample}; no "
        f"p-value: {why_untested(mean.test)}). "
        f"{_beyond_twins(over_seeds, mean.mean, above | below, width)}"
    )
    plain = _pushing_plain(over_seeds, mean.mean, above | below)
    return Words(statement, plain, _pushing_headline(above, below, index + 1, value))


def _pushing_headline(same: Mask, against: Mask, block: int, value: float) -> str:
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


def _beyond_twins(tested: SeedTest | None, mean: Floats, differs: Mask, width: int) -> str:
    """How many of these blocks also lie beyond the twins, mean [L]."""
    if tested is None:
        return (
            "Random weights, too, have a fixed cosine other than 0 in a block; how large a one is "
            "not known here: no untrained twin was measured."
        )
    beyond = (tested.side != 0) & differs
    clearly = beyond & (np.abs(mean) > 1.96 * sd_of_chance(width))
    return (
        "Random weights, too, have a fixed cosine other than 0 in a block: of these "
        f"{several(int(differs.sum()), 'block')}, {also_lie(int(beyond.sum()))} beyond "
        f"{twins_words(tested.seeds)} ({layers_named(beyond)}; {sides_words(tested, 'block', 1)}), "
        f"and {int(clearly.sum())} of those beyond 1.96/sqrt(width)."
    )


def _pushing_plain(tested: SeedTest | None, mean: Floats, differs: Mask) -> str:
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


def along_the_state(attention: MeanCosine, mlp: MeanCosine) -> Words:
    """The cosine of each part's step with the state that it is added to."""
    said = [
        f"{name} step has a mean cosine of {cosine(found.value)} ({found.details}) with the state "
        f"it is added to, {found.range} ({found.beside}{found.beyond})"
        for name, found in (("attention's", attention), ("the MLP's", mlp))
    ]
    statement = f"{capital(said[0])}; {said[1]}.{in_order([attention.order, mlp.order])}"
    plain = (
        "A step with a positive cosine lengthens the vector it is added to, one with a negative "
        "cosine points partly back along it."
    )
    headline = (
        f"Attention's step stands at a mean cosine of {cosine(attention.value)} to the state it is "
        "added to"
    )
    return Words(statement, plain, headline)


@dataclass(frozen=True)
class DrawnCosines:
    """Drawn tokens whose cosine is told without the layer's mean update.

    Attributes:
        tokens: how many.
        means_of: whose mean update it is.
        raw: the mean cosine with it.
        mismatched: between attention's step of one token and the MLP's of another.
        shared: the mean update's share of each part's squared length, in %: attention, the MLP.
    """

    tokens: int
    means_of: str
    raw: float
    mismatched: float
    shared: tuple[float, float]


def without_the_mean(found: MeanCosine, drawn: DrawnCosines) -> Words:
    """What is left of the cosine once the layer's mean update is taken out."""
    statement = (
        f"Without the layer's mean update (that of {drawn.means_of}) the mean cosine of "
        f"{drawn.tokens:,} drawn tokens is {cosine(found.value)} ({found.details}); with it, at "
        f"the same tokens, {cosine(drawn.raw)}, and between attention's step of one token and the "
        f"MLP's of another {cosine(drawn.mismatched)}. The mean update makes "
        f"{drawn.shared[0]:.0f} % of attention's squared length and {drawn.shared[1]:.0f} % of the "
        f"MLP's, averaged over the blocks. Without the mean, {found.beside}{found.beyond}."
    )
    plain = (
        "A part of what is added is the same at every token. Only what is left without it is about "
        "the token at hand."
    )
    headline = (
        "Without the layer's mean update, the two parts push at a mean cosine of "
        f"{cosine(found.value)}"
    )
    return Words(statement, plain, headline)
