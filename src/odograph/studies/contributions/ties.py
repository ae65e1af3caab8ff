"""What the contributions study finds of the correlations of each part with the whole step."""

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.coefficients import METHODS
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import ALPHA, p_alone
from odograph.statistics.results import Finding
from odograph.statistics.wording import coefficient, counted, interval_words, p_value
from odograph.studies.beyond_twins import among_twins, outside, twins_outside
from odograph.studies.contributions.measured import Measured, Ties
from odograph.studies.contributions.tokens import PARTS
from odograph.studies.hinges import said_if_hinged
from odograph.studies.phrases import listed, twin_null
from odograph.studies.reporting import Usual, interval_of
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


def closer(measured: Measured, ties: Ties, usual: Usual) -> Finding:
    """Which part's length goes more closely with that of the whole."""
    blocks, method = measured.run.blocks, _SPEARMAN
    mean = ties.differences
    rows = slice(method * blocks, (method + 1) * blocks)
    difference, p = mean.mean[rows], mean.p_max_t[rows]
    layer = int(np.argmax(np.abs(difference)))
    found = np.nan_to_num(p, nan=1.0) < ALPHA if mean.family else np.ones(blocks, dtype=bool)
    interval = interval_of(mean.low[rows][layer], mean.high[rows][layer], mean.interval)
    statement = (
        f"From token to token the MLP's length goes more closely with that of the whole step in "
        f"block {listed(found & (difference > 0))}, attention's in block "
        f"{listed(found & (difference < 0))} (Spearman, without position 0 and sinks; "
        f"{_tested(ties)}; "
        f"{_sample(ties)}). The two are farthest apart in block {layer + 1}: the MLP "
        f"{_tie_words(ties, method, blocks + layer)}, attention {_tie_words(ties, method, layer)}, "
        f"difference {coefficient(float(difference[layer]))} ({interval_words(interval, 'r')}"
        f"{_p_ending(mean.family, float(p[layer]))}). {_twins_closer(ties)}{_sessions(ties)}"
    )
    plain = (
        "The part that varies more from token to token goes with the whole by arithmetic alone; "
        "what is beyond that is told apart in the next finding."
    )
    flat, row, seed = _differences(ties), method * blocks + layer, measured.seed
    made = usual.finding(
        statement,
        plain,
        float(difference[layer]),
        interval,
        unit="difference of r",
        n=ties.without.passages,
        excluded=ties.without.excluded_passages,
        test=mean.test if mean.family else ties.without.test,
        family=f"{mean.family} differences" if mean.family else "none",
        p=p_alone(flat[:, row], float(p[layer]), seed=seed) if mean.family else None,
        p_adjusted=float(p[layer]),
        null=f"no difference: signs of the passages' differences are exchangeable; "
        f"{twin_null(measured.run)}",
    )
    return said_if_hinged(made, lambda: max_t_without(flat, row, seed=seed), ties.names)


def _twins_closer(ties: Ties) -> str:
    """Which part goes more closely with the whole in the untrained twins."""
    if ties.twins is None:
        return ""
    r = np.nanmean(ties.twins[:, :, _SPEARMAN], axis=(0, 1))
    mlp = r[len(r) // 2 :] > r[: len(r) // 2]
    return (
        f"In the untrained twins it is the MLP's in block {listed(mlp)}, attention's in block "
        f"{listed(~mlp)}. "
    )


def _differences(ties: Ties) -> Floats:
    """R of the MLP minus that of attention, both methods: [passages, 2 L]."""
    r = np.tanh(ties.without.each)
    blocks = r.shape[-1] // len(PARTS)
    return (r[..., blocks:] - r[..., :blocks]).reshape(len(r), -1)


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


def beyond(measured: Measured, ties: Ties, usual: Usual) -> Finding:
    """What of the ties is arithmetic, and the tie of which most is not."""
    blocks, method = measured.run.blocks, _SPEARMAN
    mean = ties.beyond
    start = _row(measured, method, 0, 0)
    values, p = mean.mean[start:], mean.p_max_t[start:]
    row = int(np.argmax(np.abs(values)))
    part, layer = divmod(row, blocks)
    interval = interval_of(mean.low[start + row], mean.high[start + row], mean.interval)
    statement = (
        "Where the cosines are dealt out anew among the tokens of a passage, so that only "
        f"arithmetic is left, the ties of both parts in {blocks} blocks change by "
        f"{coefficient(float(np.median(np.abs(values))))} in the median, by "
        f"{coefficient(float(np.abs(values).max()))} at most (Spearman; {_sample(ties)}). "
        f"{_counts(ties, start)} Most is beyond arithmetic for {_NAMES[PARTS[part]]} in block "
        f"{layer + 1}: {_of_which(ties, method, row)}; "
        f"beyond it {coefficient(float(values[row]))} ({interval_words(interval, 'r')}, that "
        f"of the one row, not corrected for its choice{_p_ending(mean.family, float(p[row]))})"
        f"{_twin_beyond(ties, method, row)}."
    )
    plain = (
        "A part is correlated with a sum that it is in, whatever the network. "
        f"{_plain_beyond(ties, row, float(values[row]), float(p[row]))}"
    )
    each = (np.tanh(ties.without.each) - ties.cosines.each).reshape(ties.without.passages, -1)
    made = usual.finding(
        statement,
        plain,
        float(values[row]),
        interval,
        unit="difference of r",
        n=ties.without.passages,
        excluded=ties.without.excluded_passages,
        test=mean.test if mean.family else ties.without.test,
        family=f"{mean.family} correlations" if mean.family else "none",
        p=p_alone(each[:, start + row], float(p[row]), seed=measured.seed) if mean.family else None,
        p_adjusted=float(p[row]),
        null=f"{_SHUFFLED}; {twin_null(measured.run)}",
    )
    return said_if_hinged(
        made, lambda: max_t_without(each, start + row, seed=measured.seed), ties.names
    )


def _of_which(ties: Ties, method: int, row: int) -> str:
    """A tie, and what dealing out leaves of it."""
    return (
        f"r = {_tie_words(ties, method, row)}, of which "
        f"{coefficient(float(ties.cosines.mean[method, row]))} with the cosines dealt out anew and "
        f"{coefficient(float(ties.pairs.mean[method, row]))} with attention's lengths dealt out as "
        "well"
    )


def _plain_beyond(ties: Ties, row: int, value: float, p: float) -> str:
    """What is left when arithmetic is taken off, in the row with the most of it."""
    if ties.beyond.family:
        told, where = p < ALPHA, "here"
    else:
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


def _p_ending(family: int, p: float) -> str:
    return f"; {p_value(p)}" if family else ""


def _counts(ties: Ties, start: int) -> str:
    """In how many rows something is beyond arithmetic: by the test, or in one text by the draws."""
    mean, rows = ties.beyond, ties.without.r.shape[1]
    if mean.family:
        found = mean.found[start:]
        return (
            f"In {found.sum()} of {rows} something is beyond it (p < .05, {mean.test}, parts and "
            f"both methods, family of {mean.family}){_outside_twins(ties, start, found)}."
        )
    r, shuffled = ties.without.r[1], ties.cosines
    outside = int(((r < shuffled.low[1]) | (r > shuffled.high[1])).sum())
    return (
        f"In {outside} of {rows}, r lies outside 5 to 95 % of {shuffled.draws} such deals, which "
        "take neighbouring tokens for independent (no p-value)."
    )


def _outside_twins(ties: Ties, start: int, found: NDArray[np.bool_]) -> str:
    """How many of these rows also lie outside the band of the twins."""
    if ties.twins_beyond is None:
        return ""
    twins = ties.twins_beyond[:, :, _SPEARMAN]
    beyond = outside(ties.beyond.low[start:], ties.beyond.high[start:], twins) != 0
    counts = among_twins(twins_outside(twins, seed=0))
    return (
        f", of which {int((beyond & found).sum())} also lie outside the 5-95 % band of the "
        f"untrained twins ({counts})"
    )


def _twin_beyond(ties: Ties, method: int, row: int) -> str:
    if ties.twins_beyond is None:
        return "; no untrained twin was measured"
    seeds = np.nanmean(ties.twins_beyond[:, :, method, row], axis=1)
    return (
        f"; in the untrained twins {coefficient(float(seeds.mean()))} (seeds "
        f"{coefficient(float(seeds.min()))} to {coefficient(float(seeds.max()))})"
    )


def _change(ties: Ties, method: int, row: int) -> str:
    """One correlation without and with position 0 and sinks."""
    without, with_first = ties.without.r[method, row], ties.with_first.r[method, row]
    return f"from {coefficient(float(without))} to {coefficient(float(with_first))}"


def first_token(measured: Measured, ties: Ties, usual: Usual) -> Finding:
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
    return usual.finding(
        statement,
        plain,
        float(change[0, row]),
        unit="difference of r",
        n=ties.without.passages,
        excluded=ties.without.excluded_passages,
        null="0: position 0 and sinks change nothing",
    )
