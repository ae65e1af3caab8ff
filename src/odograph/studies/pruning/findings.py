"""The findings of the pruning study: what turns least, what costs least, and whether they agree."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from odograph.folder.best_runs import ALL, LAST
from odograph.sentences.record import Finding
from odograph.sentences.templates import coefficient, counted, interval_words, number
from odograph.statistics.correlations.agreement import rank_agreement
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import twins_words, under
from odograph.studies.pruning.loss_findings import cost_of_blocks, cost_of_runs, least_of_both
from odograph.studies.pruning.losses import Losses
from odograph.studies.pruning.measured import Measured, interval_of_mean
from odograph.studies.pruning.plan import Row, block_words, plan, plan_list
from odograph.studies.pruning.words import (
    CAUTION,
    NATS,
    TOLD,
    blocks_words,
    ending,
    ends,
    listed_blocks,
    on_first,
)
from odograph.studies.random_order import beside_random_order, named
from odograph.studies.selection import Floats

_NO_SKIP = "nothing skipped: a change of 0"


def findings(measured: Measured, defaults: FindingDefaults) -> list[Finding]:
    """All findings that the run allows, the list of blocks first."""
    rows = plan(measured, LAST)
    found: list[Finding | None] = [
        _best_runs(measured, rows, defaults),
        _influence(measured, defaults),
    ]
    if measured.losses is not None:
        lost = replace(
            defaults,
            n=len(measured.losses.base),
            excluded=measured.losses.excluded,
            unit=NATS,
            null=_NO_SKIP,
        )
        found += [
            cost_of_blocks(measured, measured.losses, lost),
            cost_of_runs(measured, rows, lost),
            least_of_both(measured, measured.losses, lost),
        ]
        found.append(_agreement(measured, measured.losses, lost))
    return [each for each in found if each is not None]


def _best_runs(measured: Measured, rows: Sequence[Row], defaults: FindingDefaults) -> Finding:
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
        f"{block_words(r.run)} ({number(r.distance)})" for r in rows[: max(TOLD, row.run.blocks)]
    )
    statement = (
        f"Of all runs of {blocks_words(row.run.blocks)}{under(measured.run)}, "
        f"{block_words(row.run)} turn{ending(row.run.blocks)} the last token of a passage least"
        f"{on_first(measured)}: angular distance {number(row.distance)} half turns "
        f"({interval_words(row.distance_interval)}; {defaults.sample}; descriptive, no test"
        f"{'; chosen as the smallest, so rather low' if measured.explored is None else ''}); "
        f"by all tokens it is {by_all}; {twins}. By length: {told}. {CAUTION}."
    )
    plain = (
        f"If {blocks_words(row.run.blocks)} had to go, going by how little the vector turns, "
        f"{block_words(row.run)} would be first in line. {CAUTION}: a small turn can be vital, "
        "so look at the change in loss before anything is dropped."
    )
    made = defaults.finding(
        statement, plain, row.distance, row.distance_interval, unit="half turns"
    )
    return replace(made, data=plan_list(rows))


def _influence(measured: Measured, defaults: FindingDefaults) -> Finding:
    """The order of the blocks by Block Influence."""
    mean = measured.influence.values.mean(axis=0)
    order = np.argsort(mean, kind="stable") + 1
    least, most = ends(measured.chosen_influence)
    _, interval = interval_of_mean(measured.influence.values[:, least - 1], measured.run.seed)
    twins = ""
    if measured.twin_influence is not None:
        beside = measured.twin_influence.mean(axis=(0, 1))
        twins = (
            f"; in {twins_words(len(measured.twin_influence))} it is smallest in block "
            f"{int(np.argmin(beside)) + 1} ({number(beside.min())}) and largest in block "
            f"{int(np.argmax(beside)) + 1} ({number(beside.max())})"
        )
    ordered = beside_random_order(measured.shuffled, "", seed=measured.run.seed)
    statement = (
        f"Block Influence (1 - cosine between the states before and after) is smallest in block "
        f"{least}{on_first(measured)}, {number(mean[least - 1])} ({interval_words(interval)}; "
        f"{counted(len(measured.influence.units), 'passage', measured.influence.excluded)}; "
        f"descriptive, no test), and largest in block {most}, {number(mean[most - 1])}; from the "
        f"smallest: {listed_blocks(order)}{twins}. {CAUTION}."
        f"{named('Averaged over the blocks', ordered)}"
    )
    plain = f"Block {least} changes the direction of the vector least, block {most} most."
    return defaults.finding(
        statement,
        plain,
        float(mean[least - 1]),
        interval,
        n=len(measured.influence.units),
        excluded=measured.influence.excluded,
    )


def _agreement(measured: Measured, lost: Losses, defaults: FindingDefaults) -> Finding:
    """How far the order by influence is that by loss."""
    influence, change = in_both(measured, lost)
    value, interval = rank_agreement(influence, change, seed=measured.run.seed)
    blocks = measured.run.blocks
    excluded = defaults.excluded + len(lost.documents) - len(change)
    sample = f"{blocks} blocks; {counted(len(change), 'passage', excluded)}"
    if np.isnan(value):
        statement = (
            f"Whether influence and loss put the {blocks_words(blocks)} in one order cannot be "
            f"said ({sample}; fewer than 4 blocks, or no order among them)."
        )
        plain = "There are too few blocks to compare two orders of them."
    else:
        rests = ", which says how much it rests on these passages" if interval else ""
        statement = (
            f"The order of the {blocks_words(blocks)} by Block Influence and that by what skipping "
            f"them costs agree by a Spearman correlation of {coefficient(value)} "
            f"({interval_words(interval, 'r')}{rests}; "
            f"{sample}; descriptive, no test: the blocks are all there are). {CAUTION}."
        )
        plain = _agreement_plain(value)
    return defaults.finding(
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
