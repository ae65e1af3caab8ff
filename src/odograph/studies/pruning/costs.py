"""What skipping blocks costs, and whether geometry and loss agree: on the least block, on all.

Skipped is each block alone, and the runs that turn the state least.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.losses import CHANGE_AXIS, LINEAR, blocks_panel, changes_drawing
from odograph.figures.marks import Labels
from odograph.figures.profile import Curve
from odograph.figures.scatter import draw_log_scatter, draw_symlog_scatter
from odograph.folder.best_runs import ALL, BY, LAST
from odograph.folder.document_names import document_names
from odograph.folder.run_words import outliers_of
from odograph.folder.samples.blocks import (
    Blocks,
    PlanRow,
    blocks_of,
    extremes,
    interval_of_mean,
    plan,
)
from odograph.folder.samples.losses import Losses
from odograph.folder.selection import Floats, Means
from odograph.measures import MEASURES
from odograph.sentences.english import counted, plural, several
from odograph.sentences.record import LEAD, PRIMARY, Reading
from odograph.sentences.skipping import (
    BlockCosts,
    LeastBlocks,
    RunCost,
    agreement_words,
    block_costs_words,
    least_blocks_words,
    run_cost_words,
)
from odograph.sentences.turning_least import AUTHOR
from odograph.statistics.correlations.agreement import rank_agreement
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import Interval, PValue, bounds, known, known_bounds
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.pruning.blocks import NO_SKIP, TOLD, defaults_of_losses, named_run
from odograph.studies.questions.readings import held, mean_reading
from odograph.studies.questions.sinks import writers
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import single_test

_BELOW_LOG = f"{NO_SKIP}, at or below the end of a logarithmic axis"


def cost_of_blocks(analysis: Analysis) -> Answer:
    """What each block costs when it is skipped alone."""
    blocks = analysis.read(blocks_of)
    lost, skips = blocks.losses, analysis.run.manifest.get("skips") or {}
    if lost is None:
        return Answer(
            notes=["No block was skipped: --skip-blocks runs the texts without each in turn."]
        )
    note = (
        f"Blocks were skipped on {skips['passages']} of {skips['of_passages']} passages, drawn "
        f"by hash ({skips['tokens']} tokens; --tokens takes more), in {skips['ways']} "
        "ways; the model was not trained again afterwards."
    )
    return Answer([_blocks_claim(analysis, blocks, lost)], [_blocks_plot(blocks, lost)], [], [note])


def _blocks_claim(analysis: Analysis, blocks: Blocks, lost: Losses) -> Claim:
    mean, defaults = lost.single.mean(axis=0), defaults_of_losses(analysis, lost)
    chosen, on_half = blocks.chosen_change(lost)
    least, most = extremes(chosen)
    change, interval = interval_of_mean(lost.single[:, least - 1], blocks.run.seed)
    _, most_interval = interval_of_mean(lost.single[:, most - 1], blocks.run.seed)
    found = BlockCosts(
        mean,
        least,
        most,
        defaults.estimate(change, interval, defaults.n),
        most_interval,
        on_half,
        (float(lost.base.mean()), lost.tokens),
        writers(analysis.run),
    )
    return Claim(defaults.finding_of(block_costs_words(found), change, interval))


def _blocks_plot(blocks: Blocks, lost: Losses) -> Plot:
    layers = np.arange(1, blocks.run.blocks + 1)
    labels = Labels(
        "What skipping one block does to the loss", "block that is skipped", CHANGE_AXIS
    )
    curve = mean_curve("one block skipped", layers, lost.single, blocks.run.seed)
    count = several(len(lost.base), blocks.run.unit)
    return Plot(
        "pruning_loss",
        labels.title,
        f"Change in the mean next-token loss with one block skipped, {count}, "
        f"{lost.tokens:,} tokens, 95 % intervals (BCa). Nothing was trained again.",
        _BELOW_LOG,
        changes_drawing([curve], labels),
        unit=count,
    )


def cost_of_runs(analysis: Analysis) -> Answer:
    """What the runs that turn least cost, by length; nothing where no block was skipped."""
    blocks = analysis.read(blocks_of)
    lost = blocks.losses
    if lost is None:
        return Answer()
    rows = plan(blocks, ALL)
    skipped = [row for row in rows if np.isfinite(row.change)]
    claims = [_runs_claim(analysis, blocks, lost, rows, skipped)] if skipped else []
    return Answer(claims, [_runs_plot(blocks, lost)])


def _runs_claim(
    analysis: Analysis,
    blocks: Blocks,
    lost: Losses,
    rows: Sequence[PlanRow],
    skipped: Sequence[PlanRow],
) -> Claim:
    defaults, wanted = defaults_of_losses(analysis, lost), max(1, (len(rows) + 1) // 4)
    row = min(skipped, key=lambda r: abs(r.run.blocks - wanted))
    found = RunCost(
        named_run(row.run),
        row.run.blocks,
        defaults.estimate(row.change, row.change_interval, defaults.n),
        blocks.explored is not None,
        float(lost.base.mean()),
        [(named_run(r.run), r.change) for r in skipped if r.run.blocks <= TOLD or r is row],
        (len(rows) - len(skipped), len(rows)),
    )
    return Claim(defaults.finding_of(run_cost_words(found), row.change, row.change_interval))


def _runs_plot(blocks: Blocks, lost: Losses) -> Plot:
    labels = Labels(
        "What skipping the runs that turn least does to the loss", "blocks skipped", CHANGE_AXIS
    )
    count = several(len(lost.base), blocks.run.unit)
    return Plot(
        "pruning_best_runs",
        labels.title,
        "Change in the mean next-token loss with the least-turning run of n blocks skipped, "
        f"{count}, 95 % intervals (BCa): the run chosen by all tokens, and "
        f"by the last token ({AUTHOR}). Nothing was trained again.",
        _BELOW_LOG,
        changes_drawing([_runs_curve(blocks, by) for by in (ALL, LAST)], labels),
        unit=count,
    )


def _runs_curve(blocks: Blocks, by: str) -> Curve:
    rows = plan(blocks, by)
    low, high = np.array([bounds(row.change_interval) for row in rows]).T
    lengths, changes = [row.run.blocks for row in rows], [row.change for row in rows]
    return Curve(f"chosen by {BY[by]}", lengths, changes, low, high)


_UNTESTED = PValue("none: descriptive", None, 0)


def least_of_both(analysis: Analysis) -> Answer:
    """Whether the block that turns least is the one that costs least."""
    blocks = analysis.read(blocks_of)
    if blocks.losses is None:
        return Answer()
    claim = least_claim(blocks, blocks.losses, defaults_of_losses(analysis, blocks.losses))
    readings = _least_readings(blocks, blocks.losses, claim)
    return Answer([held(outliers_of(blocks.run), claim, readings, "block")])


def _least_readings(blocks: Blocks, lost: Losses, claim: Claim) -> list[Reading]:
    """The block that turns least in each other reading, and what skipping it costs.

    As in the claim: more than the least costly block where another is that, else all of it.
    """
    costs = int(np.argmin(blocks.chosen_change(lost)[0])) + 1
    beside = lost.single[:, costs - 1] if claim.places["low"] != costs else 0.0
    found = []
    for name, means in blocks.read.items():
        low, _ = extremes(means.values.mean(axis=0))
        values = lost.single[:, low - 1] - beside
        found.append(mean_reading(name, values, {"low": low}, seed=blocks.run.seed))
    return found


def least_claim(blocks: Blocks, lost: Losses, defaults: FindingDefaults) -> Claim:
    """The block of the smallest influence beside the least costly one."""
    chosen, on_half = blocks.chosen_change(lost)
    seed, turns = blocks.run.seed, int(np.argmin(blocks.chosen_influence)) + 1
    costs = int(np.argmin(chosen)) + 1
    own, other = lost.single[:, turns - 1], lost.single[:, costs - 1]
    change, interval = interval_of_mean(own, seed)
    values, tested = own, _UNTESTED
    if turns != costs:
        values, interval = own - other, inverted_interval(own - other, seed=seed)
        tested = single_test(values, seed=seed) if on_half else _UNTESTED
    changes = change, float(other.mean())
    estimate = defaults.estimate(values.mean(), interval, defaults.n)
    words = least_blocks_words(LeastBlocks(turns, costs, changes, estimate, tested, on_half))
    weight = LEAD if tested is _UNTESTED else PRIMARY
    made = defaults.finding_of(words, estimate.value, interval, weight=weight, **tested_as(tested))
    if turns == costs:
        return Claim(made, places={"low": turns})
    return Claim(
        replace(
            made,
            estimate_of="difference",
            data={f"block {turns}": changes[0], f"block {costs}": changes[1]},
        ),
        lambda: max_t_without(values[:, None], seed=seed),
        document_names(blocks.run, lost.documents),
        places={"low": turns},
    )


def agreement(analysis: Analysis) -> Answer:
    """How far the order of the blocks by influence is that by loss."""
    blocks = analysis.read(blocks_of)
    lost = blocks.losses
    if lost is None:
        return Answer()
    influence, change = _in_both(blocks.influence, lost)
    value, interval = rank_agreement(influence, change, seed=blocks.run.seed)
    defaults = defaults_of_losses(analysis, lost)
    excluded = defaults.excluded + len(lost.documents) - len(change)
    units = counted(len(change), analysis.run.unit)
    finding = defaults.finding_of(
        agreement_words(value, interval, blocks.run.blocks, units),
        value,
        interval,
        unit="Spearman correlation",
        n=len(change),
        excluded=excluded,
    )
    plots = (
        [_agreement_plot(influence, change, (value, interval), analysis.run.unit)]
        if len(change)
        else []
    )
    claim = held(
        outliers_of(blocks.run), Claim(finding), _agreement_readings(blocks, lost), "block"
    )
    return Answer([claim], plots)


def _agreement_readings(blocks: Blocks, lost: Losses) -> list[Reading]:
    """The agreement of both orders in the other readings of influence."""
    found = []
    for name, means in blocks.read.items():
        value, interval = rank_agreement(*_in_both(means, lost), seed=blocks.run.seed)
        found.append(Reading(name, known(value), known_bounds(interval)))
    return found


def _in_both(influence: Means, lost: Losses) -> tuple[Floats, Floats]:
    """Influence and loss change of every block, [passages, L], of the passages that have both."""
    units = influence.units.astype(np.int64)
    shared = np.intersect1d(units, lost.documents)
    return (
        influence.values[np.isin(units, shared)],
        lost.single[np.isin(lost.documents, shared)],
    )


def _agreement_plot(
    influence: Floats, change: Floats, found: tuple[float, Interval | None], unit: str
) -> Plot:
    count = several(len(change), unit)
    title = "Does the block that turns least cost least?"
    labels = Labels(title, MEASURES["influence"].axis_label, CHANGE_AXIS)
    panel = blocks_panel(influence, change, found)
    if all((values.mean(axis=0) > 0).all() for values in (influence, change)):
        drawing = later(draw_log_scatter, [panel], labels)
    else:
        drawing = later(draw_symlog_scatter, [panel], labels, linear=LINEAR)
    return Plot(
        "pruning_agreement",
        title,
        f"A point is a block: its mean influence and what skipping it does to the loss, {count}. "
        f"Interval of the correlation: bootstrap over {plural(unit)}.",
        "a correlation of 0: geometry says nothing about the loss",
        drawing,
        unit=f"blocks, over {count}",
    )
