"""What each block is worth to the prediction: all of it undone, and each thing that it does."""

import numpy as np

from odograph.figures.losses import CHANGE_AXIS, LINEAR, NATS, undone_drawing
from odograph.figures.marks import Labels
from odograph.folder.run_words import twin_null
from odograph.folder.samples.worth import Worth, worth_of, zero_vectors
from odograph.folder.selection import Floats
from odograph.measures import BLOCK, UNDOABLE
from odograph.sentences.english import several
from odograph.sentences.evidence import over_units
from odograph.sentences.undoing import UNDOING_CAVEAT, UndoneBlocks, undone_blocks_words
from odograph.statistics.intervals import mean_interval
from odograph.studies.ablation.worth import chosen_worth, defaults_of, read_twins
from odograph.studies.claim import Claim, by_twin
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, mean_columns, stacked, tidy

_LABELS = {
    "turn": "turn undone",
    "growth": "growth undone",
    "attention": "attention undone",
    "mlp": "MLP undone",
    "block": "whole block undone",
}


def worth_of_blocks(analysis: Analysis) -> Answer:
    """Which block costs most and least when it is undone, beside the loss of the twins."""
    worth, twins = analysis.read(worth_of), analysis.once(read_twins)
    tables = [Table("ablation_blocks", "Each thing undone in each block", _columns(worth, twins))]
    plots = [_plot(analysis, worth, twins, "change"), _plot(analysis, worth, twins, "kl")]
    return Answer([_claim(analysis, worth, twins)], plots, tables, _notes(analysis))


def _claim(analysis: Analysis, worth: Worth, twins: tuple[Worth, ...]) -> Claim:
    change, (chosen, on_half) = worth.change[BLOCK], chosen_worth(analysis)
    order = np.argsort(chosen.change[BLOCK].mean(axis=0), kind="stable")
    least, most = int(order[0]), int(order[-1])
    mean, defaults = change.mean(axis=0), defaults_of(analysis)
    interval = mean_interval(change[:, most], seed=analysis.run.seed)
    found = UndoneBlocks(
        mean,
        least + 1,
        most + 1,
        defaults.estimate(mean[most], interval, defaults.n),
        on_half,
        float(worth.loss.mean()),
        np.array([twin.loss.mean() for twin in twins]),
    )
    finding = defaults.finding_of(undone_blocks_words(found), mean[most], interval)
    return Claim(finding, twins=by_twin([twin.change[BLOCK][:, most] for twin in twins]))


def _plot(analysis: Analysis, worth: Worth, twins: tuple[Worth, ...], what: str) -> Plot:
    """Lines of all that was undone, the twins' whole block as a band."""
    values: dict[str, Floats] = getattr(worth, what)
    curves = [
        mean_curve(_LABELS[name], worth.blocks, values[name], analysis.run.seed)
        for name in UNDOABLE
        if name in values
    ]
    own = [getattr(twin, what)[BLOCK] for twin in twins]
    is_loss = what == "change"
    title = (
        "What the prediction loses with something undone in one block"
        if is_loss
        else "How far the prediction moves with something undone in one block"
    )
    axis = CHANGE_AXIS if is_loss else "divergence from the model's own (nats a token)"
    return Plot(
        "ablation_worth" if is_loss else "ablation_divergence",
        title,
        f"Turn: direction as before the block. Growth: length as before it. Mean "
        f"{over_units(len(worth.documents), worth.run.unit)}. Band: the whole block undone in "
        "the twins. Beyond "
        f"{LINEAR:g} nats the axis is logarithmic.",
        twin_null(analysis.run),
        undone_drawing(
            curves,
            Labels(title, "block", axis),
            twin_bands(np.array(own) if own else None, worth.blocks),
        ),
        unit=several(len(worth.documents), worth.run.unit),
    )


def _columns(worth: Worth, twins: tuple[Worth, ...]) -> Columns:
    """One row a thing undone and block."""
    parts = [_part(worth, twins, what) for what in UNDOABLE if what in worth.change]
    return tidy(stacked(parts), n=len(worth.documents), excluded=worth.excluded, unit=NATS)


def _part(worth: Worth, twins: tuple[Worth, ...], what: str) -> Columns:
    columns: Columns = {
        "undone": np.full(len(worth.blocks), what),
        "layer": worth.blocks,
    }
    for name, values in (("loss_change", worth.change[what]), ("kl", worth.kl[what])):
        columns |= mean_columns(values, worth.run.seed, name)
    for name, read in (("loss_change", "change"), ("kl", "kl")):
        own = [getattr(twin, read)[what].mean(axis=0) for twin in twins]
        missing = np.full(len(worth.blocks), np.nan)
        columns[f"{name}_untrained"] = np.mean(own, axis=0) if own else missing
    return columns


def _notes(analysis: Analysis) -> list[str]:
    record, config = analysis.run.manifest["ablations"], analysis.run.manifest["config"]
    sinks = "undone and counted, too" if config["sinks"] == "too" else "left as they are"
    where = "at the targets alone" if config["at"] == "targets" else "at all tokens"
    zero = zero_vectors(analysis.run)
    zeros = f" {zero} times a state was zero and left as it was." if zero else ""
    return [
        f"{UNDOING_CAVEAT}. Nothing was trained again.",
        f"Undone {where}, in one block at a time, on {record['passages']} of "
        f"{record['of_passages']} passages, drawn by hash ({record['tokens']} tokens; --tokens "
        f"takes more); position 0 and attention sinks are {sinks} (--sinks).{zeros}",
    ]
