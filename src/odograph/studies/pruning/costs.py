"""What skipping blocks costs: each alone, and the runs that turn the state least."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.losses import CHANGE_AXIS, NATS, changes_drawing
from odograph.figures.marks import Labels
from odograph.figures.profile import Curve
from odograph.folder.best_runs import ALL, BY, LAST
from odograph.folder.samples.blocks import (
    Blocks,
    PlanRow,
    blocks_of,
    extremes,
    interval_of_mean,
    plan,
)
from odograph.folder.samples.losses import Losses
from odograph.sentences.english import ordered_blocks, several
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import number, signed
from odograph.statistics.values import bounds
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve
from odograph.studies.pruning.blocks import (
    AUTHOR,
    FIRST_HALF,
    NO_SKIP,
    TOLD,
    defaults_of_losses,
    named_run,
    on_first_half,
)
from odograph.studies.questions.sinks import writers
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer

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
    mean, seed, defaults = (
        lost.single.mean(axis=0),
        blocks.run.seed,
        defaults_of_losses(analysis, lost),
    )
    order, writer = np.argsort(mean, kind="stable") + 1, writers(analysis.run)
    chosen, on_half = blocks.chosen_change(lost)
    least, most = extremes(chosen)
    change, interval = interval_of_mean(lost.single[:, least - 1], seed)
    _, most_interval = interval_of_mean(lost.single[:, most - 1], seed)
    statement = (
        f"Skipped alone, block {least} costs least{FIRST_HALF if on_half else ''}: the next-token "
        f"loss changes by {signed(change)} {NATS} ({interval_words(interval, NATS)}); block {most} "
        f"costs most, {signed(mean[most - 1])} ({interval_words(most_interval, NATS)}). With "
        f"nothing skipped the loss is {number(lost.base.mean())} ({defaults.sample}; {lost.tokens} "
        f"tokens read; descriptive, no test). From the least costly: {ordered_blocks(order)}."
        f"{f' {writer}' if writer else ''}"
    )
    plain = (
        f"Really leaving out one block at a time, block {least} is missed least and block {most} "
        "most in predicting the next token."
    )
    headline = f"Block {least} is missed least: skipping it costs {number(change)} nats a token"
    return Claim(defaults.finding(statement, plain, change, interval, headline=headline))


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
    listed = ", ".join(
        f"{named_run(r.run)} {signed(r.change)}"
        for r in skipped
        if r.run.blocks <= TOLD or r is row
    )
    left = len(rows) - len(skipped)
    missing = (
        f" Of {left} of {len(rows)} lengths the run chosen here was not among those skipped."
        if left
        else ""
    )
    statement = (
        f"Skipping {named_run(row.run)}, of all runs of {several(row.run.blocks, 'block')} the one "
        f"that turns tokens least{on_first_half(blocks)}, changes the next-token loss by "
        f"{signed(row.change)} {NATS} "
        f"({interval_words(row.change_interval, NATS)}; {defaults.sample}; descriptive, no test), "
        f"from {number(lost.base.mean())}. By length: {listed}. The model was not trained "
        f"again afterwards.{missing}"
    )
    plain = (
        "The loss says what dropping these blocks costs before any healing by further training; "
        "other runs of the same length were not tried and may cost less."
    )
    headline = f"Skipping {named_run(row.run)} costs {number(row.change)} nats a token"
    return Claim(
        defaults.finding(statement, plain, row.change, row.change_interval, headline=headline)
    )


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
