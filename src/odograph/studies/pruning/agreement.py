"""Whether geometry and loss agree: on the least block, and on the order of all blocks."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.losses import CHANGE_AXIS, LINEAR, NATS, blocks_panel
from odograph.figures.marks import Labels
from odograph.figures.scatter import draw_log_scatter, draw_symlog_scatter
from odograph.folder.document_names import document_names
from odograph.folder.run_words import outliers_of
from odograph.folder.samples.blocks import Blocks, blocks_of, extremes, interval_of_mean
from odograph.folder.samples.losses import Losses
from odograph.folder.selection import Floats, Means
from odograph.measures import MEASURES
from odograph.sentences.english import counted, plural, several
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import coefficient, number, signed
from odograph.sentences.record import LEAD, PRIMARY, Reading
from odograph.sentences.skipping import (
    CAUTION,
    agreement_plain,
    agreement_words,
    choice_words,
    least_headline,
)
from odograph.statistics.correlations.agreement import rank_agreement
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.values import Interval, PValue, known, known_bounds
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.pruning.blocks import FIRST_HALF, defaults_of_losses
from odograph.studies.questions.readings import held, mean_reading
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import single_test

_UNTESTED = PValue("none: descriptive", None, 0)


def least_of_both(analysis: Analysis) -> Answer:
    """Whether the block that turns least is the one that costs least."""
    blocks = analysis.read(blocks_of)
    if blocks.losses is None:
        return Answer()
    claim = least_claim(blocks, blocks.losses, defaults_of_losses(analysis, blocks.losses))
    return Answer(
        [
            held(
                outliers_of(blocks.run),
                claim,
                _least_readings(blocks, blocks.losses, claim),
                "block",
            )
        ]
    )


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
    turns = int(np.argmin(blocks.chosen_influence)) + 1
    costs = int(np.argmin(chosen)) + 1
    if turns != costs:
        return _disagree(blocks, lost, (turns, costs), defaults, on_half=on_half)
    change, interval = interval_of_mean(lost.single[:, turns - 1], blocks.run.seed)
    statement = (
        f"Geometry and loss name the same block here: block {turns} has the smallest influence "
        f"and, skipped alone, costs least{FIRST_HALF if on_half else ''}, {signed(change)} {NATS} "
        f"({interval_words(interval, NATS)}; {defaults.sample}; descriptive, no test). "
        f"{CAUTION}; that they agree was seen for this one block, on these texts."
    )
    plain = "Here the block that turns the vector least is also the one that is missed least."
    headline = least_headline(turns, costs, change, change, clear=True)
    made = defaults.finding(statement, plain, change, interval, headline=headline, weight=LEAD)
    return Claim(made, places={"low": turns})


def _disagree(
    blocks: Blocks,
    lost: Losses,
    both: tuple[int, int],
    defaults: FindingDefaults,
    *,
    on_half: bool,
) -> Claim:
    """That the block which turns least costs more than another; chosen elsewhere it is tested."""
    turns, costs = both
    seed, difference = blocks.run.seed, lost.single[:, turns - 1] - lost.single[:, costs - 1]
    interval = inverted_interval(difference, seed=seed)
    change, least = (float(lost.single[:, block - 1].mean()) for block in both)
    clear = interval is not None and interval.low > 0
    tested = single_test(difference, seed=seed) if on_half else _UNTESTED
    statement = (
        f"{_DISAGREE if clear else _UNCLEAR}: the block of the smallest influence, {turns}, is "
        f"not the least costly, {costs}; skipping it costs {number(difference.mean())} {NATS} more "
        f"({interval_words(interval, NATS)}, paired; {defaults.sample}; "
        f"{choice_words(tested, on_half=on_half)}). {CAUTION}."
    )
    ending = "a small turn can carry much" if clear else "but the two costs are not clearly apart"
    plain = (
        f"The block that turns the vector least (block {turns}) is not the one that is missed "
        f"least (block {costs}): {ending}."
    )
    return Claim(
        defaults.finding(
            statement,
            plain,
            float(difference.mean()),
            interval,
            headline=least_headline(turns, costs, change, least, clear=clear),
            estimate_of="difference",
            data={f"block {turns}": change, f"block {costs}": least},
            weight=PRIMARY if on_half else LEAD,
            **tested_as(tested),
        ),
        lambda: max_t_without(difference[:, None], seed=seed),
        document_names(blocks.run, lost.documents),
        places={"low": turns},
    )


_DISAGREE = "Geometry and loss disagree"
_UNCLEAR = "Geometry and loss name different blocks, but not clearly"


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
    count = blocks.run.blocks
    sample = f"{count} blocks; {counted(len(change), analysis.run.unit)}"
    finding = defaults.finding(
        agreement_words(value, interval, several(count, "block"), sample),
        agreement_plain(value),
        value,
        interval,
        unit="Spearman correlation",
        headline=f"Small turns and small costs agree over blocks by r = {coefficient(value)}",
        n=len(change),
        excluded=excluded,
    )
    plots = [_plot(influence, change, (value, interval), analysis.run.unit)] if len(change) else []
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


def _plot(
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
