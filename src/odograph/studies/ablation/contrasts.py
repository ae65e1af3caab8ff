"""What undoing costs, one against the other: turn and growth, block and turn, own and behind."""

from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.losses import CHANGE_AXIS, NATS
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference, draw_profile
from odograph.folder.document_names import document_names
from odograph.folder.run_words import twin_null
from odograph.folder.samples.worth import (
    Worth,
    turns_of_both,
    without_last,
    worth_behind,
    worth_of,
)
from odograph.folder.selection import Floats
from odograph.measures import BLOCK, GROWTH, TURN
from odograph.sentences.evidence import over_units
from odograph.sentences.record import PRIMARY
from odograph.sentences.undoing import (
    ShareOfBlocks,
    block_or_turn_words,
    share_of_blocks_words,
    turn_or_growth,
    turn_or_growth_headline,
    whole_blocks_worth,
)
from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.intervals import ratio_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.ablation.worth import defaults_of, names_of, read_twins
from odograph.studies.claim import Claim, by_twin
from odograph.studies.curves import mean_curve
from odograph.studies.defaults import tested_as
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import SingleContrast, single_claim
from odograph.studies.tidy import paired_table


def turn_against_growth(analysis: Analysis) -> Answer:
    """The turn against the growth, block by block and on the mean; nothing without the growth."""
    worth = analysis.read(worth_of)
    if GROWTH not in worth.change or len(worth.blocks) < 2:
        return Answer()
    twins, seed = analysis.once(read_twins), analysis.run.seed
    turn, growth = (without_last(worth.change[what]) for what in (TURN, GROWTH))
    profile = paired_profile(turn, growth, worth.blocks[:-1], seed=seed, excluded=worth.excluded)
    contrast = SingleContrast(
        (
            f"next-token loss, mean over blocks 1 to {worth.blocks[-1] - 1},",
            "the model with the turn undone",
            "the model with the growth undone",
            "on the same tokens",
        ),
        (turn - growth).mean(axis=1),
        names_of(analysis),
        worth.excluded,
        more=turn_or_growth(profile),
    )
    lead = single_claim(defaults_of(analysis), contrast, seed=seed)
    paired = [without_last(t.change[TURN] - t.change[GROWTH]).mean(axis=1) for t in twins]
    claims = [_weighed(lead, by_twin(paired)), *_shares(analysis, worth, twins)]
    title = "Turn undone against growth undone, block by block (nats a token)"
    return Answer(claims, [], [Table("ablation_turn_growth", title, paired_table(profile, "nats"))])


def _weighed(claim: Claim, twins: Floats) -> Claim:
    found = claim.finding
    estimate, p = found.estimate or 0.0, found.p_adjusted
    headline = turn_or_growth_headline(estimate, found.interval, p, found.unit)
    return replace(claim, finding=replace(found, weight=PRIMARY, headline=headline), twins=twins)


def _shares(analysis: Analysis, worth: Worth, twins: tuple[Worth, ...]) -> list[Claim]:
    """What turn and growth are worth, as a share of the whole blocks' worth."""
    whole = without_last(worth.change[BLOCK]).mean(axis=1)
    if whole.mean() <= 0:
        return []
    seeds = np.array([without_last(twin.change[BLOCK]).mean() for twin in twins])
    more = {TURN: whole_blocks_worth(whole.mean(), seeds, NATS), GROWTH: ""}
    return [_share(analysis, worth, what, whole, said) for what, said in more.items()]


def _share(analysis: Analysis, worth: Worth, what: str, whole: Floats, more: str) -> Claim:
    """One of them, with `more` said of whole blocks."""
    own = without_last(worth.change[what]).mean(axis=1)
    interval = ratio_interval(own, whole, seed=analysis.run.seed)
    defaults = defaults_of(analysis, unit="1")
    share = defaults.estimate(own.mean() / whole.mean(), interval, defaults.n)
    found = ShareOfBlocks(what, share, len(worth.blocks) - 1, _ratio(worth, what, 2))
    return Claim(defaults.finding_of(share_of_blocks_words(found, more), share.value, interval))


def _ratio(worth: Worth, what: str, first: int) -> float | None:
    """The share over the blocks after so many; None where these are worth nothing together."""
    own, whole = (without_last(worth.change[w])[:, first:].sum() for w in (what, BLOCK))
    return float(own / whole) if whole > 0 else None


def block_against_turn(analysis: Analysis) -> Answer:
    """The whole block undone against its turn undone, block by block."""
    worth = analysis.read(worth_of)
    if len(worth.blocks) < 2:
        return Answer()
    whole, turn = (without_last(worth.change[what]) for what in (BLOCK, TURN))
    layers, seed = worth.blocks[:-1], analysis.run.seed
    profile = paired_profile(whole, turn, layers, seed=seed, excluded=worth.excluded)
    at = int(np.argmax(np.abs(profile.difference)))
    twins = [(t.change[BLOCK] - t.change[TURN])[:, at] for t in analysis.once(read_twins)]
    defaults = defaults_of(analysis)
    finding = defaults.finding_of(
        block_or_turn_words(profile, at, defaults.sample, NATS),
        float(profile.difference[at]),
        profile.simultaneous(at),
        estimate_of=f"difference in block {at + 1}",
        **tested_as(profile.p_at(at)),
    )
    claim = Claim(
        finding, lambda: max_t_without(whole - turn, seed=seed), names_of(analysis), by_twin(twins)
    )
    title = "The whole block undone against its turn undone, block by block (nats a token)"
    return Answer([claim], [], [Table("ablation_block_turn", title, paired_table(profile, "nats"))])


def own_against_behind(analysis: Analysis) -> Answer:
    """What undoing the targets' turns costs themselves, and the tokens behind them.

    Nothing where something was undone at all tokens.
    """
    if analysis.run.manifest["config"]["at"] != "targets":
        return Answer()
    own = analysis.read(worth_of)
    behind = worth_behind(own)
    if behind is None:
        return Answer()
    mine, others, documents = turns_of_both(own, behind)
    contrast = SingleContrast(
        (
            "rise of the loss, mean over blocks,",
            "the targets' own prediction",
            "the tokens behind them",
            "with the turn undone at the targets alone",
        ),
        (mine - others).mean(axis=1),
        document_names(analysis.run, documents),
        len(own.documents) - len(documents) + own.excluded,
    )
    both = replace(defaults_of(analysis), scope="")  # its words say whose predictions they are
    claim = single_claim(both, contrast, seed=analysis.run.seed)
    return Answer([_beside(claim, analysis)], [_plot(analysis, own, mine, others)])


def _beside(claim: Claim, analysis: Analysis) -> Claim:
    """With the same difference in the twins."""
    found = []
    for twin in analysis.once(read_twins):
        behind = worth_behind(twin)
        if behind is not None:
            mine, others, _ = turns_of_both(twin, behind)
            found.append((mine - others).mean(axis=1))
    return replace(claim, twins=by_twin(found))


def _plot(analysis: Analysis, own: Worth, mine: Floats, others: Floats) -> Plot:
    title = "The turn undone at the targets: who loses"
    curves = [
        mean_curve(name, own.blocks, values, analysis.run.seed)
        for name, values in (
            ("the target's own prediction", mine),
            ("the tokens behind it", others),
        )
    ]
    return Plot(
        "ablation_targets",
        title,
        f"Change in the next-token loss with the turn undone at the targets alone, mean "
        f"{over_units(len(mine), analysis.run.unit)}.",
        twin_null(analysis.run),
        later(
            draw_profile,
            curves,
            Labels(title, "block", CHANGE_AXIS),
            references=[Reference("nothing lost", 0)],
        ),
    )
