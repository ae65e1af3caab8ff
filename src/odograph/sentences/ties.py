"""How the length of each part goes with that of the whole step, in sentences."""

from dataclasses import dataclass

import numpy as np

from odograph.sentences.correlations import rows_note
from odograph.sentences.english import layers_named
from odograph.sentences.evidence import interval_words
from odograph.sentences.names import name_of_test, why_untested
from odograph.sentences.nulls import also_lie, seeds_beside, twins_words
from odograph.sentences.numbers import coefficient, p_value
from odograph.sentences.record import Words
from odograph.sentences.seeds import FEW_SEEDS
from odograph.statistics.correlations.coefficients import SPEARMAN
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.correlations.sums import ShuffledTies
from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.designs.seeds import SeedTest
from odograph.statistics.intervals import Floats
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Interval, PValue

#: The parts in the order of the rows of their ties: each block of the one, then of the other.
PARTS = ("attention", "the MLP")


@dataclass(frozen=True)
class PickedTie:
    """The row of ties that a finding speaks of: a block, or a part in a block.

    Attributes:
        row: its place, of so many `blocks` of each part.
        value, interval, tested: of what is told of it.
        chosen: whether it was chosen on the first half.
    """

    row: int
    blocks: int
    value: float
    interval: Interval | None
    tested: PValue
    chosen: bool

    @property
    def block(self) -> int:
        """From 1."""
        return self.row % self.blocks + 1

    @property
    def part(self) -> str:
        """Whose tie it is."""
        return PARTS[self.row // self.blocks]

    @property
    def bracket(self) -> str:
        """Interval and p behind the value."""
        p = self.tested.p if self.tested.made else None
        return f"({interval_words(self.interval, 'r')}{'' if p is None else f'; {p_value(p)}'})"


def _tie(without: Correlations, row: int) -> str:
    """One correlation with its interval."""
    interval = interval_words(without.interval_at(SPEARMAN, row), "r")
    return f"{coefficient(float(without.r[SPEARMAN, row]))} ({interval})"


@dataclass(frozen=True, eq=False)
class CloserPart:
    """How much more closely the MLP's length goes with the whole step's than attention's.

    Attributes:
        test: of the differences of r, those of Pearson before Spearman's.
        without: the correlations, without position 0 and sinks.
        twins: [twins, texts, methods, rows]; None without.
        counts: "n = 54 texts".
        more: what ends the statement.
    """

    test: MeanProfile
    without: Correlations
    twins: Floats | None
    counts: str
    more: str


def closer_words(found: CloserPart, picked: PickedTie) -> Words:
    """Which part's length goes more closely with that of the whole, in which blocks."""
    test, without, blocks = found.test, found.without, picked.blocks
    rows = slice(SPEARMAN * blocks, (SPEARMAN + 1) * blocks)
    difference = test.mean[rows]
    shown = test.found[rows] if test.family else np.ones(blocks, dtype=bool)
    lead = f"The two are farthest apart in block {picked.block}"
    if picked.chosen:
        lead = (
            f"In block {picked.block}, chosen on the first half as the one where the two are "
            "farthest apart in standard errors"
        )
    return Words(
        f"From token to token the MLP's length goes more closely with that of the whole step in "
        f"{layers_named(shown & (difference > 0))}, attention's in "
        f"{layers_named(shown & (difference < 0))} (Spearman, without position 0 and sinks; "
        f"{_differences_tested(test, without)}; {found.counts}). {lead}: the MLP "
        f"{_tie(without, blocks + picked.row)}, attention {_tie(without, picked.row)}, difference "
        f"{coefficient(picked.value)} {picked.bracket}. {_closer_in_twins(found.twins)}"
        f"{_beside_other_texts(without)}{found.more}",
        "The part that varies more from token to token goes with the whole by arithmetic alone; "
        "what is beyond that is told apart in the next finding.",
        f"The MLP's length goes more closely with the step's in {int((difference > 0).sum())} of "
        f"{blocks} blocks",
    )


@dataclass(frozen=True, eq=False)
class BeyondArithmetic:
    """What of the ties is not arithmetic.

    Attributes:
        test: of r minus its mean with the cosines dealt out anew; Pearson's rows before Spearman's.
        without: the correlations, without position 0 and sinks.
        cosines, pairs: with the cosines dealt out anew, and attention's lengths as well.
        over_seeds: Spearman's rows against those of the twins; None without.
        twins: what is beyond it there, [twins, texts, methods, rows]; None without.
        counts: "n = 54 texts".
        more: what ends the statement.
    """

    test: MeanProfile
    without: Correlations
    cosines: ShuffledTies
    pairs: ShuffledTies
    over_seeds: SeedTest | None
    twins: Floats | None
    counts: str
    more: str


def beyond_arithmetic_words(found: BeyondArithmetic, picked: PickedTie) -> Words:
    """How much of the ties is beyond arithmetic, and where most is."""
    test, r, row = found.test, found.without.r[SPEARMAN], picked.row
    start = SPEARMAN * len(r)
    counts = _beyond_counts(test, start, r, found.cosines, found.over_seeds)
    which = f"for {picked.part} in block {picked.block}"
    lead = f"Most is beyond arithmetic {which}"
    if picked.chosen:
        lead = (
            f"On the first half most was beyond arithmetic, in standard errors, {which}; on the "
            "second it is tested there"
        )
    cosines, pairs = (
        coefficient(float(dealt.mean[SPEARMAN, row])) for dealt in (found.cosines, found.pairs)
    )
    return Words(
        f"{_changed_words(test.mean[start:], found.counts)} {counts} {lead}: "
        f"r = {_tie(found.without, row)}, of which {cosines} with the cosines dealt out anew and "
        f"{pairs} with attention's lengths dealt out as well; beyond it "
        f"{coefficient(picked.value)} {picked.bracket}{_beyond_in_twins(found.twins, row)}."
        f"{found.more}",
        "A part is correlated with a sum that it is in, whatever the network. "
        f"{_left_plain(found, picked)}",
        f"In block {picked.block} {picked.part}'s length goes with the step's by "
        f"{coefficient(abs(picked.value))} {'more' if picked.value > 0 else 'less'} than being "
        "part of it gives",
    )


def _left_plain(found: BeyondArithmetic, picked: PickedTie) -> str:
    """What is left when arithmetic is taken off, in the row with the most of it."""
    if found.test.family:
        told, where = picked.tested.p is not None and picked.tested.p < ALPHA, "here"
    else:
        r, dealt = found.without.r[SPEARMAN, picked.row], found.cosines
        told = not dealt.low[SPEARMAN, picked.row] <= r <= dealt.high[SPEARMAN, picked.row]
        where = "in this text" if found.without.n == 1 else "in these few texts"
    if not told:
        return "When that is taken off, nothing is left that chance would not give."
    way = "the same way" if picked.value > 0 else "against each other"
    return (
        f"Only what is left when that is taken off tells something: {where}, tokens with a long "
        f"step of this part tend to be those whose two parts point more {way}."
    )


def with_first_words(
    without: Correlations, with_first: Correlations, row: int, counts: str, more: str
) -> Words:
    """How position 0 and sinks change the correlations, Pearson's most in that row.

    more: what ends the statement.
    """
    part, layer = divmod(row, without.r.shape[1] // len(PARTS))
    where = f"{PARTS[part]} in block {layer + 1}"
    pearson, spearman = (
        f"from {coefficient(without.r[method, row])} to {coefficient(with_first.r[method, row])}"
        for method in (0, SPEARMAN)
    )
    largest = float(np.nanmax(np.abs(with_first.r[SPEARMAN] - without.r[SPEARMAN])))
    added = with_first.tokens - without.tokens
    return Words(
        f"With position 0 and sinks ({added} of {with_first.tokens:,} tokens) the Pearson "
        f"correlation of a part's length with that of the whole changes most for "
        f"{where}: {pearson}; Spearman's there "
        f"{spearman}, and nowhere by more than "
        f"{coefficient(largest)} ({counts}; descriptive, no test).{more}",
        "A single token with a very long step can make or break a correlation by itself; ranks "
        "mind it less. The numbers without it are the ones to rely on.",
        f"With position 0 and sinks, the correlation of {where} goes {pearson}",
    )


def _closer_in_twins(twins: Floats | None) -> str:
    """Which part goes more closely with the whole in twins, [twins, passages, methods, rows]."""
    if twins is None:
        return ""
    r = np.nanmean(twins[:, :, SPEARMAN], axis=(0, 1))
    mlp = r[len(r) // 2 :] > r[: len(r) // 2]
    return (
        f"In {twins_words(len(twins))} it is the MLP's in {layers_named(mlp)}, attention's in "
        f"{layers_named(~mlp)}. "
    )


def _differences_tested(mean: MeanProfile, without: Correlations) -> str:
    """The test of the differences, or why there is none."""
    if not mean.family:
        return f"no p-value: {why_untested(without.test)}"
    return (
        f"p < .05, {name_of_test(mean.test)} and both methods of the difference of r, family "
        f"of {mean.family}"
    )


def _beside_other_texts(without: Correlations) -> str:
    """What pairs of different texts say of the correlations themselves."""
    if not without.family:
        return (
            "That a part is correlated with a sum it is in says little by itself "
            f"({rows_note(without)})."
        )
    found = int((without.p_max_t < ALPHA).sum())
    return (
        f"{found} of {without.family} correlations (both parts, both methods) are closer or less "
        "close than "
        f"in pairs of different texts (p < .05, {name_of_test(without.test)}, after max-T); "
        "arithmetic alone would "
        "give that, too."
    )


def _changed_words(values: Floats, counts: str) -> str:
    """How much of all ties is beyond arithmetic, values [parts and blocks]."""
    size = np.abs(values)
    return (
        "Where the cosines are dealt out anew among the tokens of a passage, so that only "
        f"arithmetic is left, the ties of both parts in {len(values) // 2} blocks change "
        f"by {coefficient(float(np.median(size)))} in the median, by "
        f"{coefficient(float(size.max()))} at most (Spearman; {counts})."
    )


def _beyond_counts(
    mean: MeanProfile, start: int, r: Floats, shuffled: ShuffledTies, tested: SeedTest | None
) -> str:
    """In how many rows something is beyond arithmetic: by the test, or in one text by the draws.

    start: the first of Spearman's rows; r: their correlations, [rows].
    """
    if mean.family:
        found = mean.found[start:]
        return (
            f"In {found.sum()} of {len(r)} something is beyond it (p < .05, "
            f"{name_of_test(mean.test)}, parts and "
            f"both methods, family of {mean.family}){_outside_twins(tested, found)}."
        )
    outside = int(((r < shuffled.low[SPEARMAN]) | (r > shuffled.high[SPEARMAN])).sum())
    return (
        f"In {outside} of {len(r)}, r lies outside 5 to 95 % of {shuffled.draws} such deals, which "
        "take neighbouring tokens for independent (no p-value)."
    )


def _outside_twins(tested: SeedTest | None, found: Mask) -> str:
    """How many of these rows also lie beyond the twins."""
    if tested is None:
        return ""
    rule = "t over seeds, Holm" if tested.tested else f"outside their range; {FEW_SEEDS}"
    return (
        f", of which {also_lie(int(((tested.side != 0) & found).sum()))} beyond "
        f"{twins_words(tested.seeds)} ({rule})"
    )


def _beyond_in_twins(twins: Floats | None, row: int) -> str:
    """What is beyond arithmetic of a row in twins, [twins, passages, methods, rows]."""
    if twins is None:
        return "; no untrained twin was measured"
    seeds = np.nanmean(twins[:, :, SPEARMAN, row], axis=1)
    return f"; in {seeds_beside(seeds, 'r')}"
