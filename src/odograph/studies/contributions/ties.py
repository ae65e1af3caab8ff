"""What the contributions study finds of the correlations of each part with the whole step."""

import numpy as np
from numpy.typing import NDArray

from odograph.sentences.record import Finding
from odograph.sentences.templates import coefficient, counted, interval_words
from odograph.statistics.correlations.coefficients import METHODS
from odograph.statistics.intervals import interval_of
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import NO_DIFFERENCE
from odograph.studies.contributions.measured import (
    Measured,
    Ties,
    beyond_of,
    differences_of,
)
from odograph.studies.contributions.picked import Picked, in_order_of, picked_row, told_of
from odograph.studies.contributions.tokens import PARTS
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import layers_named, twins_words
from odograph.studies.questions.twins import among_twins, outside, twins_outside
from odograph.studies.selection import Floats

_NAMES = dict(zip(PARTS, ("attention", "the MLP"), strict=True))
_SHUFFLED = "cosines of the two parts dealt out anew among the tokens of a passage"
_SPEARMAN = METHODS.index("spearman")


def _sample(ties: Ties) -> str:
    return counted(ties.without.passages, "passage", ties.without.excluded_passages)


def _row(measured: Measured, method: int, part: int, layer: int) -> int:
    """Where a row stands in flat arrays of both methods."""
    return (method * len(PARTS) + part) * measured.run.blocks + layer


def _tie_words(ties: Ties, method: int, row: int) -> str:
    """One correlation with its interval."""
    without = ties.without
    bounds = interval_of(without.low[method, row], without.high[method, row], without.interval)
    return f"{coefficient(float(without.r[method, row]))} ({interval_words(bounds, 'r')})"


def closer(measured: Measured, ties: Ties, defaults: FindingDefaults) -> Finding:
    """Which part's length goes more closely with that of the whole."""
    blocks, method, seed = measured.run.blocks, _SPEARMAN, measured.run.seed
    mean = ties.differences
    rows = slice(method * blocks, (method + 1) * blocks)
    explored = None if ties.explored is None else ties.explored[0]
    picked = picked_row(ties, (differences_of(ties.without.each), mean, explored), rows, seed)
    difference, layer = mean.mean[rows], picked.row
    found = mean.found[rows] if mean.family else np.ones(blocks, dtype=bool)
    interval = interval_of(mean.low[rows][layer], mean.high[rows][layer], mean.interval)
    lead = (
        f"In block {layer + 1}, chosen on the first half as the one where the two are farthest "
        "apart in standard errors"
        if picked.chosen
        else f"The two are farthest apart in block {layer + 1}"
    )
    statement = (
        f"From token to token the MLP's length goes more closely with that of the whole step in "
        f"{layers_named(found & (difference > 0))}, attention's in "
        f"{layers_named(found & (difference < 0))} (Spearman, without position 0 and sinks; "
        f"{_tested(ties)}; {_sample(ties)}). {lead}: the MLP "
        f"{_tie_words(ties, method, blocks + layer)}, attention {_tie_words(ties, method, layer)}, "
        f"difference {coefficient(float(difference[layer]))} ({interval_words(interval, 'r')}"
        f"{picked.ending}). {_twins_closer(ties)}{_sessions(ties)}"
        f"{_differences_in_order(ties, picked, seed)}"
    )
    return told_of(
        measured,
        ties,
        defaults,
        (statement, _CLOSER, float(difference[layer])),
        (picked, interval, NO_DIFFERENCE.replace("pairs'", "passages'")),
    )


_CLOSER = (
    "The part that varies more from token to token goes with the whole by arithmetic alone; "
    "what is beyond that is told apart in the next finding."
)


def _differences_in_order(ties: Ties, picked: Picked, seed: int) -> str:
    """The same difference in random order, where all its passages have it."""
    if ties.shuffled is None:
        return ""
    orders = np.stack([differences_of(np.arctanh(one)) for one in ties.shuffled])
    return in_order_of(picked, orders, seed)


def _twins_closer(ties: Ties) -> str:
    """Which part goes more closely with the whole in the untrained twins."""
    if ties.twins is None:
        return ""
    r = np.nanmean(ties.twins[:, :, _SPEARMAN], axis=(0, 1))
    mlp = r[len(r) // 2 :] > r[: len(r) // 2]
    return (
        f"In {twins_words(len(ties.twins))} it is the MLP's in {layers_named(mlp)}, attention's in "
        f"{layers_named(~mlp)}. "
    )


def _tested(ties: Ties) -> str:
    """The test of the differences, or why there is none."""
    mean = ties.differences
    if not mean.family:
        return f"no p-value: {ties.without.test.removeprefix('none: ')}"
    return f"p < .05, {mean.test} and both methods of the difference of r, family of {mean.family}"


def _sessions(ties: Ties) -> str:
    """What the permutation of passages says of the correlations themselves."""
    without = ties.without
    if not without.family:
        return (
            f"That a part is correlated with a sum it is in says little by itself ({without.note})."
        )
    found = int((without.p_max_t < ALPHA).sum())
    return (
        f"{found} of {without.family} correlations (both parts, both methods) differ from those of "
        f"passages paired at random (p < .05, {without.test}, after max-T); arithmetic alone would "
        "give that, too."
    )


def beyond(measured: Measured, ties: Ties, defaults: FindingDefaults) -> Finding:
    """What of the ties is arithmetic, and the tie of which most is not."""
    blocks, method, seed = measured.run.blocks, _SPEARMAN, measured.run.seed
    mean = ties.beyond
    start = _row(measured, method, 0, 0)
    each = beyond_of(ties.without.each, ties.cosines)
    explored = None if ties.explored is None else ties.explored[1]
    rows = slice(start, start + len(PARTS) * blocks)
    picked = picked_row(ties, (each, mean, explored), rows, seed)
    value = float(mean.mean[picked.column])
    interval = interval_of(mean.low[picked.column], mean.high[picked.column], mean.interval)
    statement = (
        f"{_changed(ties, mean.mean[rows])} {_counts(ties, start, measured.run.seed)} "
        f"{_lead(picked, blocks)}: "
        f"{_of_which(ties, method, picked.row)}; "
        f"beyond it {coefficient(value)} ({interval_words(interval, 'r')}"
        f"{picked.choice if interval else ''}{picked.ending})"
        f"{_twin_beyond(ties, method, picked.row)}."
        f"{_beyond_in_order(ties, picked, seed)}"
    )
    plain = (
        "A part is correlated with a sum that it is in, whatever the network. "
        f"{_plain_beyond(ties, picked, value)}"
    )
    said, null = (statement, plain, value), _SHUFFLED
    return told_of(measured, ties, defaults, said, (picked, interval, null))


def _changed(ties: Ties, values: Floats) -> str:
    """How much of all ties is beyond arithmetic."""
    size = np.abs(values)
    return (
        "Where the cosines are dealt out anew among the tokens of a passage, so that only "
        f"arithmetic is left, the ties of both parts in {len(values) // len(PARTS)} blocks change "
        f"by {coefficient(float(np.median(size)))} in the median, by "
        f"{coefficient(float(size.max()))} at most (Spearman; {_sample(ties)})."
    )


def _lead(picked: Picked, blocks: int) -> str:
    """Which tie is told, and how it was chosen."""
    part, layer = divmod(picked.row, blocks)
    which = f"for {_NAMES[PARTS[part]]} in block {layer + 1}"
    if not picked.chosen:
        return f"Most is beyond arithmetic {which}"
    return (
        f"On the first half most was beyond arithmetic, in standard errors, {which}; on the second "
        "it is tested there"
    )


def _beyond_in_order(ties: Ties, picked: Picked, seed: int) -> str:
    """The same in random order, where all its passages have it."""
    found = ties.shuffled_beyond
    return "" if found is None else in_order_of(picked, found.reshape(*found.shape[:2], -1), seed)


def _of_which(ties: Ties, method: int, row: int) -> str:
    """A tie, and what dealing out leaves of it."""
    return (
        f"r = {_tie_words(ties, method, row)}, of which "
        f"{coefficient(float(ties.cosines.mean[method, row]))} with the cosines dealt out anew and "
        f"{coefficient(float(ties.pairs.mean[method, row]))} with attention's lengths dealt out as "
        "well"
    )


def _plain_beyond(ties: Ties, picked: Picked, value: float) -> str:
    """What is left when arithmetic is taken off, in the row with the most of it."""
    if ties.beyond.family:
        told, where = picked.tested.p is not None and picked.tested.p < ALPHA, "here"
    else:
        row = picked.row
        r, shuffled = ties.without.r[_SPEARMAN, row], ties.cosines
        told = not shuffled.low[_SPEARMAN, row] <= r <= shuffled.high[_SPEARMAN, row]
        where = "in this text" if ties.without.passages == 1 else "in these few texts"
    if not told:
        return "When that is taken off, nothing is left that chance would not give."
    way = "the same way" if value > 0 else "against each other"
    return (
        f"Only what is left when that is taken off tells something: {where}, tokens with a long "
        f"step of this part tend to be those whose two parts point more {way}."
    )


def _counts(ties: Ties, start: int, seed: int) -> str:
    """In how many rows something is beyond arithmetic: by the test, or in one text by the draws."""
    mean, rows = ties.beyond, ties.without.r.shape[1]
    if mean.family:
        found = mean.found[start:]
        return (
            f"In {found.sum()} of {rows} something is beyond it (p < .05, {mean.test}, parts and "
            f"both methods, family of {mean.family}){_outside_twins(ties, start, found, seed)}."
        )
    r, shuffled = ties.without.r[1], ties.cosines
    outside = int(((r < shuffled.low[1]) | (r > shuffled.high[1])).sum())
    return (
        f"In {outside} of {rows}, r lies outside 5 to 95 % of {shuffled.draws} such deals, which "
        "take neighbouring tokens for independent (no p-value)."
    )


def _outside_twins(ties: Ties, start: int, found: NDArray[np.bool_], seed: int) -> str:
    """How many of these rows also lie outside the band of the twins."""
    if ties.twins_beyond is None:
        return ""
    twins = ties.twins_beyond[:, :, _SPEARMAN]
    beyond = outside(ties.beyond.low[start:], ties.beyond.high[start:], twins) != 0
    counts = among_twins(twins_outside(twins, seed))
    return (
        f", of which {int((beyond & found).sum())} also lie outside the 5-95 % band of "
        f"{twins_words(len(twins))} ({counts})"
    )


def _twin_beyond(ties: Ties, method: int, row: int) -> str:
    if ties.twins_beyond is None:
        return "; no untrained twin was measured"
    seeds = np.nanmean(ties.twins_beyond[:, :, method, row], axis=1)
    low, high = coefficient(float(seeds.min())), coefficient(float(seeds.max()))
    among = f" (seeds {low} to {high})" if len(seeds) > 1 else ""
    return f"; in {twins_words(len(seeds))} {coefficient(float(seeds.mean()))}{among}"


def _change(ties: Ties, method: int, row: int) -> str:
    """One correlation without and with position 0 and sinks."""
    without, with_first = ties.without.r[method, row], ties.with_first.r[method, row]
    return f"from {coefficient(float(without))} to {coefficient(float(with_first))}"


def first_token(measured: Measured, ties: Ties, defaults: FindingDefaults) -> Finding:
    """What position 0 and sinks do to the correlations: the largest change."""
    blocks = measured.run.blocks
    change = ties.with_first.r - ties.without.r
    row = int(np.nanargmax(np.abs(change[0])))
    part, layer = divmod(row, blocks)
    largest = float(np.nanmax(np.abs(change[1])))
    added = ties.with_first.tokens - ties.without.tokens
    statement = (
        f"With position 0 and sinks ({added} of {ties.with_first.tokens} tokens) the Pearson "
        f"correlation of a part's length with that of the whole changes most for "
        f"{_NAMES[PARTS[part]]} in block {layer + 1}: {_change(ties, 0, row)}; Spearman's there "
        f"{_change(ties, 1, row)}, and nowhere by more than "
        f"{coefficient(largest)} ({_sample(ties)}; descriptive, no test)."
    )
    plain = (
        "A single token with a very long step can make or break a correlation by itself; ranks "
        "mind it less. The numbers without it are the ones to rely on."
    )
    return defaults.finding(
        statement,
        plain,
        float(change[0, row]),
        unit="difference of r",
        n=ties.without.passages,
        excluded=ties.without.excluded_passages,
        null="0: position 0 and sinks change nothing",
    )
