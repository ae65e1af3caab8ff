"""How the length of each part goes with that of the whole step, in sentences."""

import numpy as np

from odograph.sentences.correlations import rows_note
from odograph.sentences.english import layers_named
from odograph.sentences.names import name_of_test, why_untested
from odograph.sentences.nulls import seeds_beside, twins_words
from odograph.sentences.numbers import coefficient
from odograph.sentences.seeds import FEW_SEEDS
from odograph.statistics.correlations.coefficients import SPEARMAN
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.correlations.sums import ShuffledTies
from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.designs.seeds import SeedTest
from odograph.statistics.intervals import Floats
from odograph.statistics.permutation import ALPHA


def closer_in_twins(twins: Floats | None) -> str:
    """Which part goes more closely with the whole in twins, [twins, passages, methods, rows]."""
    if twins is None:
        return ""
    r = np.nanmean(twins[:, :, SPEARMAN], axis=(0, 1))
    mlp = r[len(r) // 2 :] > r[: len(r) // 2]
    return (
        f"In {twins_words(len(twins))} it is the MLP's in {layers_named(mlp)}, attention's in "
        f"{layers_named(~mlp)}. "
    )


def differences_tested(mean: MeanProfile, without: Correlations) -> str:
    """The test of the differences, or why there is none."""
    if not mean.family:
        return f"no p-value: {why_untested(without.test)}"
    return (
        f"p < .05, {name_of_test(mean.test)} and both methods of the difference of r, family "
        f"of {mean.family}"
    )


def beside_other_texts(without: Correlations) -> str:
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


def change_words(without: float, with_first: float) -> str:
    """One correlation without and with position 0 and sinks."""
    return f"from {coefficient(without)} to {coefficient(with_first)}"


def changed_words(values: Floats, counts: str) -> str:
    """How much of all ties is beyond arithmetic, values [parts and blocks]."""
    size = np.abs(values)
    return (
        "Where the cosines are dealt out anew among the tokens of a passage, so that only "
        f"arithmetic is left, the ties of both parts in {len(values) // 2} blocks change "
        f"by {coefficient(float(np.median(size)))} in the median, by "
        f"{coefficient(float(size.max()))} at most (Spearman; {counts})."
    )


def beyond_counts(
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
        f", of which {int(((tested.side != 0) & found).sum())} also lie beyond "
        f"{twins_words(tested.seeds)} ({rule})"
    )


def beyond_in_twins(twins: Floats | None, row: int) -> str:
    """What is beyond arithmetic of a row in twins, [twins, passages, methods, rows]."""
    if twins is None:
        return "; no untrained twin was measured"
    seeds = np.nanmean(twins[:, :, SPEARMAN, row], axis=1)
    return f"; in {seeds_beside(seeds, 'r')}"
