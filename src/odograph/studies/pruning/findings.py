"""The findings of the pruning study: what turns least, what costs least, and whether they agree."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from odograph.run.best_runs import ALL, LAST
from odograph.statistics.agreement import rank_agreement
from odograph.statistics.intervals import mean_interval
from odograph.statistics.results import Finding
from odograph.statistics.wording import coefficient, counted, interval_words, number
from odograph.studies.phrases import twins_words, under
from odograph.studies.pruning.losses import Losses
from odograph.studies.pruning.measured import Measured, interval_of_mean
from odograph.studies.pruning.plan import Row, block_words, plan, plan_list
from odograph.studies.reporting import Usual
from odograph.studies.selection import Floats, Ints

CAUTION = "Geometry is not importance"
_NATS = "nats a token"
_NO_SKIP = "nothing skipped: a change of 0"
#: So many lengths and blocks are told in a sentence; the tables have all.
_TOLD = 4


def findings(measured: Measured, usual: Usual) -> list[Finding]:
    """All findings that the run allows, the list of blocks first."""
    rows = plan(measured, LAST)
    found = [_best_runs(measured, rows, usual), _influence(measured, usual)]
    if measured.losses is not None:
        lost = replace(
            usual,
            n=len(measured.losses.base),
            excluded=measured.losses.excluded,
            unit=_NATS,
            null=_NO_SKIP,
        )
        found += [
            _cost_of_blocks(measured, measured.losses, lost),
            _cost_of_runs(measured.losses, rows, lost),
            _least_of_both(measured, measured.losses, lost),
        ]
        found.append(_agreement(measured, measured.losses, lost))
    return found


def _best_runs(measured: Measured, rows: Sequence[Row], usual: Usual) -> Finding:
    """The run of a quarter of the blocks that turns least, and those of the first few lengths."""
    row = rows[max(1, measured.run.blocks // 4) - 1]
    same = measured.best[ALL][row.run.blocks - 1]
    by_all = "the same" if same.first == row.run.first else block_words(same)
    twins = (
        f"in {twins_words(len(measured.twins))} the best distance for as many is "
        f"{number(row.twins)}"
        if measured.twins
        else "no untrained twin was measured"
    )
    told = ", ".join(
        f"{block_words(r.run)} ({number(r.distance)})" for r in rows[: max(_TOLD, row.run.blocks)]
    )
    statement = (
        f"Of all runs of {_blocks(row.run.blocks)}{under(measured.run)}, {block_words(row.run)} "
        f"turn{_s(row.run.blocks)} the last token of a passage least: angular distance "
        f"{number(row.distance)} half turns ({interval_words(row.distance_interval)}; "
        f"{usual.sample}; descriptive, no test; chosen as the smallest, so rather low); "
        f"by all tokens it is {by_all}; {twins}. By length: {told}. {CAUTION}."
    )
    plain = (
        f"If {_blocks(row.run.blocks)} had to go, going by how little the vector turns, "
        f"{block_words(row.run)} would be first in line. {CAUTION}: a small turn can be vital, "
        "so look at the change in loss before anything is dropped."
    )
    made = usual.finding(statement, plain, row.distance, row.distance_interval, unit="half turns")
    return replace(made, data=plan_list(rows))


def _influence(measured: Measured, usual: Usual) -> Finding:
    """The order of the blocks by Block Influence."""
    mean = measured.influence.values.mean(axis=0)
    order = np.argsort(mean, kind="stable") + 1
    least, most = int(order[0]), int(order[-1])
    _, interval = interval_of_mean(measured.influence.values[:, least - 1], measured.seed)
    twins = ""
    if measured.twin_influence is not None:
        beside = measured.twin_influence.mean(axis=(0, 1))
        twins = (
            f"; in {twins_words(len(measured.twin_influence))} it is smallest in block "
            f"{int(np.argmin(beside)) + 1} ({number(beside.min())}) and largest in block "
            f"{int(np.argmax(beside)) + 1} ({number(beside.max())})"
        )
    statement = (
        f"Block Influence (1 - cosine between the states before and after) is smallest in block "
        f"{least}, {number(mean[least - 1])} ({interval_words(interval)}; "
        f"{counted(len(measured.influence.units), 'passage', measured.influence.excluded)}; "
        f"descriptive, no test), and largest in block {most}, {number(mean[most - 1])}; from the "
        f"smallest: {_listed(order)}{twins}. {CAUTION}."
    )
    plain = f"Block {least} changes the direction of the vector least, block {most} most."
    return usual.finding(
        statement,
        plain,
        float(mean[least - 1]),
        interval,
        n=len(measured.influence.units),
        excluded=measured.influence.excluded,
    )


def _cost_of_blocks(measured: Measured, lost: Losses, usual: Usual) -> Finding:
    """What each block costs when it is skipped alone."""
    mean = lost.single.mean(axis=0)
    order = np.argsort(mean, kind="stable") + 1
    least, most = int(order[0]), int(order[-1])
    change, interval = interval_of_mean(lost.single[:, least - 1], measured.seed)
    _, most_interval = interval_of_mean(lost.single[:, most - 1], measured.seed)
    statement = (
        f"Skipped alone, block {least} costs least: the next-token loss changes by "
        f"{_signed(change)} {_NATS} ({interval_words(interval, _NATS)}); block {most} costs most, "
        f"{_signed(mean[most - 1])} ({interval_words(most_interval, _NATS)}). With nothing skipped "
        f"the loss is {number(lost.base.mean())} ({usual.sample}; {lost.tokens} tokens read; "
        f"descriptive, no test). From the least costly: {_listed(order)}."
    )
    plain = (
        f"Really leaving out one block at a time, block {least} is missed least and block {most} "
        "most in predicting the next token."
    )
    return usual.finding(statement, plain, change, interval)


def _cost_of_runs(lost: Losses, rows: Sequence[Row], usual: Usual) -> Finding:
    """What the best runs cost, by length."""
    row = rows[max(1, (len(rows) + 1) // 4) - 1]
    told = ", ".join(
        f"{block_words(r.run)} {_signed(r.change)}" for r in rows[: max(_TOLD, row.run.blocks)]
    )
    statement = (
        f"Skipping {block_words(row.run)}, of all runs of {_blocks(row.run.blocks)} the one that "
        f"turns the last token least, changes the next-token loss by {_signed(row.change)} {_NATS} "
        f"({interval_words(row.change_interval, _NATS)}; {usual.sample}; descriptive, no test), "
        f"from {number(lost.base.mean())}. By length: {told}. The model was not trained "
        "again afterwards."
    )
    plain = (
        "The loss says what dropping these blocks costs before any healing by further training; "
        "other runs of the same length were not tried and may cost less."
    )
    return usual.finding(statement, plain, row.change, row.change_interval)


def _least_of_both(measured: Measured, lost: Losses, usual: Usual) -> Finding:
    """Whether the block that turns least is the one that costs least."""
    turns = int(np.argmin(measured.influence.values.mean(axis=0))) + 1
    costs = int(np.argmin(lost.single.mean(axis=0))) + 1
    if turns == costs:
        change, interval = interval_of_mean(lost.single[:, turns - 1], measured.seed)
        statement = (
            f"Geometry and loss name the same block here: block {turns} has the smallest "
            f"influence and, skipped alone, costs least, {_signed(change)} {_NATS} "
            f"({interval_words(interval, _NATS)}; {usual.sample}; descriptive, no test). "
            f"{CAUTION}; that they agree was seen for this one block, on these texts."
        )
        plain = "Here the block that turns the vector least is also the one that is missed least."
        return usual.finding(statement, plain, change, interval)
    difference = lost.single[:, turns - 1] - lost.single[:, costs - 1]
    interval = mean_interval(difference, seed=measured.seed)
    clear = interval is not None and interval.low > 0
    verdict = (
        "Geometry and loss disagree"
        if clear
        else "Geometry and loss name different blocks, but not clearly"
    )
    statement = (
        f"{verdict}: the block of the smallest influence, {turns}, is not the least costly, "
        f"{costs}; skipping it costs {number(difference.mean())} {_NATS} more "
        f"({interval_words(interval, _NATS)}, paired; {usual.sample}; descriptive, no test; both "
        f"blocks were chosen on these texts, which the interval leaves aside). {CAUTION}."
    )
    ending = "a small turn can carry much" if clear else "but the two costs are not clearly apart"
    plain = (
        f"The block that turns the vector least (block {turns}) is not the one that is missed "
        f"least (block {costs}): {ending}."
    )
    return usual.finding(statement, plain, float(difference.mean()), interval)


def _agreement(measured: Measured, lost: Losses, usual: Usual) -> Finding:
    """How far the order by influence is that by loss."""
    influence, change = in_both(measured, lost)
    value, interval = rank_agreement(influence, change, seed=measured.seed)
    blocks = measured.run.blocks
    excluded = usual.excluded + len(lost.documents) - len(change)
    sample = f"{blocks} blocks; {counted(len(change), 'passage', excluded)}"
    if np.isnan(value):
        statement = (
            f"Whether influence and loss put the {_blocks(blocks)} in one order cannot be said "
            f"({sample}; fewer than 4 blocks, or no order among them)."
        )
        plain = "There are too few blocks to compare two orders of them."
    else:
        statement = (
            f"The order of the {_blocks(blocks)} by Block Influence and that by what skipping them "
            f"costs agree by a Spearman correlation of {coefficient(value)} "
            f"({interval_words(interval, 'r')}, which says how much it rests on these passages; "
            f"{sample}; descriptive, no test: the blocks are all there are). {CAUTION}."
        )
        plain = _agreement_plain(value)
    return usual.finding(
        statement,
        plain,
        value,
        interval,
        unit="Spearman correlation",
        n=len(change),
        excluded=excluded,
    )


def in_both(measured: Measured, lost: Losses) -> tuple[Floats, Floats]:
    """Influence and loss change of every block, [passages, L], of the passages that have both."""
    units = measured.influence.units.astype(np.int64)
    shared = np.intersect1d(units, lost.documents)
    return (
        measured.influence.values[np.isin(units, shared)],
        lost.single[np.isin(lost.documents, shared)],
    )


def _agreement_plain(value: float) -> str:
    if value >= 0.7:
        return (
            "By and large the blocks that turn the vector more are also those that are missed "
            "more; single blocks may still be out of order."
        )
    if value >= 0.3:
        return "How far a block turns the vector says something, not much, about what it is worth."
    return "How far a block turns the vector says next to nothing about what it is worth."


def _listed(order: Ints) -> str:
    """The first few of an order, and its end where it is short."""
    told = ", ".join(map(str, order[: 2 * _TOLD]))
    return told if len(order) <= 2 * _TOLD else f"{told}, ..."


def _blocks(count: int) -> str:
    return "1 block" if count == 1 else f"{count} blocks"


def _s(count: int) -> str:
    return "s" if count == 1 else ""


def _signed(value: float) -> str:
    text = number(value)
    return text if text.startswith("-") or text == "0" else f"+{text}"
