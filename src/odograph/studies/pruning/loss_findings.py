"""What skipping blocks costs, beside how little they turn the state."""

from collections.abc import Sequence

import numpy as np

from odograph.sentences.record import Finding
from odograph.sentences.templates import interval_words, number, p_words
from odograph.statistics.intervals import mean_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import PValue
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.passages import passage_names
from odograph.studies.pruning.losses import Losses
from odograph.studies.pruning.measured import Measured, interval_of_mean
from odograph.studies.pruning.plan import Row, block_words
from odograph.studies.pruning.words import (
    CAUTION,
    FIRST,
    NATS,
    TOLD,
    blocks_words,
    ends,
    listed_blocks,
    on_first,
    signed,
)
from odograph.studies.sensitivity import with_sensitivity
from odograph.studies.single_tests import single_test


def cost_of_blocks(measured: Measured, lost: Losses, defaults: FindingDefaults) -> Finding:
    """What each block costs when it is skipped alone."""
    mean = lost.single.mean(axis=0)
    order = np.argsort(mean, kind="stable") + 1
    chosen, halved = measured.chosen_change(lost)
    least, most = ends(chosen)
    where = FIRST if halved else ""
    change, interval = interval_of_mean(lost.single[:, least - 1], measured.run.seed)
    _, most_interval = interval_of_mean(lost.single[:, most - 1], measured.run.seed)
    statement = (
        f"Skipped alone, block {least} costs least{where}: the next-token loss changes by "
        f"{signed(change)} {NATS} ({interval_words(interval, NATS)}); block {most} costs most, "
        f"{signed(mean[most - 1])} ({interval_words(most_interval, NATS)}). With nothing skipped "
        f"the loss is {number(lost.base.mean())} ({defaults.sample}; {lost.tokens} tokens read; "
        f"descriptive, no test). From the least costly: {listed_blocks(order)}."
    )
    plain = (
        f"Really leaving out one block at a time, block {least} is missed least and block {most} "
        "most in predicting the next token."
    )
    return defaults.finding(statement, plain, change, interval)


def cost_of_runs(
    measured: Measured, rows: Sequence[Row], defaults: FindingDefaults
) -> Finding | None:
    """What the best runs cost, by length; None where none of them was skipped."""
    lost, wanted = measured.losses, max(1, (len(rows) + 1) // 4)
    skipped = [r for r in rows if np.isfinite(r.change)]
    if lost is None or not skipped:
        return None
    row = min(skipped, key=lambda r: abs(r.run.blocks - wanted))
    told = ", ".join(
        f"{block_words(r.run)} {signed(r.change)}"
        for r in skipped
        if r.run.blocks <= max(TOLD, row.run.blocks)
    )
    left = len(rows) - len(skipped)
    missing = (
        f" Of {left} of {len(rows)} lengths the run chosen here was not among those skipped."
        if left
        else ""
    )
    statement = (
        f"Skipping {block_words(row.run)}, of all runs of {blocks_words(row.run.blocks)} the one "
        f"that turns the last token least{on_first(measured)}, changes the next-token loss by "
        f"{signed(row.change)} {NATS} "
        f"({interval_words(row.change_interval, NATS)}; {defaults.sample}; descriptive, no test), "
        f"from {number(lost.base.mean())}. By length: {told}. The model was not trained "
        f"again afterwards.{missing}"
    )
    plain = (
        "The loss says what dropping these blocks costs before any healing by further training; "
        "other runs of the same length were not tried and may cost less."
    )
    return defaults.finding(statement, plain, row.change, row.change_interval)


def least_of_both(measured: Measured, lost: Losses, defaults: FindingDefaults) -> Finding:
    """Whether the block that turns least is the one that costs least."""
    chosen, halved = measured.chosen_change(lost)
    turns = int(np.argmin(measured.chosen_influence)) + 1
    costs = int(np.argmin(chosen)) + 1
    where = FIRST if halved else ""
    if turns == costs:
        change, interval = interval_of_mean(lost.single[:, turns - 1], measured.run.seed)
        statement = (
            f"Geometry and loss name the same block here: block {turns} has the smallest "
            f"influence and, skipped alone, costs least{where}, {signed(change)} {NATS} "
            f"({interval_words(interval, NATS)}; {defaults.sample}; descriptive, no test). "
            f"{CAUTION}; that they agree was seen for this one block, on these texts."
        )
        plain = "Here the block that turns the vector least is also the one that is missed least."
        return defaults.finding(statement, plain, change, interval)
    return _disagree(measured, lost, (turns, costs), defaults, halved=halved)


def _disagree(
    measured: Measured,
    lost: Losses,
    blocks: tuple[int, int],
    defaults: FindingDefaults,
    *,
    halved: bool,
) -> Finding:
    """That the block which turns least costs more than another; chosen elsewhere it is tested."""
    turns, costs = blocks
    difference = lost.single[:, turns - 1] - lost.single[:, costs - 1]
    interval = mean_interval(difference, seed=measured.run.seed)
    clear = interval is not None and interval.low > 0
    verdict = (
        "Geometry and loss disagree"
        if clear
        else "Geometry and loss name different blocks, but not clearly"
    )
    tested = single_test(difference, seed=measured.run.seed) if halved else _UNTESTED
    said, chosen = (
        (p_words(tested), "both blocks were chosen on the first half")
        if halved
        else (
            "descriptive, no test",
            "both blocks were chosen on these texts, which the interval leaves aside",
        )
    )
    statement = (
        f"{verdict}: the block of the smallest influence, {turns}, is not the least costly, "
        f"{costs}; skipping it costs {number(difference.mean())} {NATS} more "
        f"({interval_words(interval, NATS)}, paired; {defaults.sample}; {said}; {chosen}). "
        f"{CAUTION}."
    )
    ending = "a small turn can carry much" if clear else "but the two costs are not clearly apart"
    plain = (
        f"The block that turns the vector least (block {turns}) is not the one that is missed "
        f"least (block {costs}): {ending}."
    )
    made = defaults.finding(
        statement, plain, float(difference.mean()), interval, **tested_as(tested)
    )
    return with_sensitivity(
        made,
        lambda: max_t_without(difference[:, None], seed=measured.run.seed),
        passage_names(measured.run, lost.documents),
    )


_UNTESTED = PValue("none: descriptive", None, 0)
