"""How much of a block's worth is its turn: against its growth, and against the whole block."""

from dataclasses import replace

import numpy as np

from odograph.figures.losses import NATS
from odograph.folder.samples.worth import Worth, without_last, worth_of
from odograph.folder.selection import Floats
from odograph.measures import BLOCK, GROWTH, TURN
from odograph.sentences.evidence import bracket, interval_words, is_shown, p_words
from odograph.sentences.nulls import seeds_beside
from odograph.sentences.numbers import number
from odograph.sentences.record import PRIMARY
from odograph.sentences.undoing import block_or_turn_headline, blocks_of_each_sign, turn_or_growth
from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.intervals import ratio_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.ablation.worth import defaults_of, names_of, read_twins
from odograph.studies.claim import Claim, by_twin
from odograph.studies.defaults import tested_as
from odograph.studies.result import Table
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
    finding = claim.finding
    size = number(abs(finding.estimate or 0.0))
    headline = "Undoing the turn and undoing the growth of a block are not shown to differ in cost"
    if is_shown(finding.p_adjusted, finding.interval):
        more = "more" if (finding.estimate or 0.0) > 0 else "less"
        headline = f"Undoing a block's turn costs {size} {NATS} {more} than undoing its growth"
    return replace(claim, finding=replace(finding, weight=PRIMARY, headline=headline), twins=twins)


def _shares(analysis: Analysis, worth: Worth, twins: tuple[Worth, ...]) -> list[Claim]:
    """What turn and growth are worth, as a share of the whole blocks' worth."""
    whole = without_last(worth.change[BLOCK]).mean(axis=1)
    if whole.mean() <= 0:
        return []
    return [_share(analysis, worth, twins, what, whole) for what in (TURN, GROWTH)]


def _share(
    analysis: Analysis, worth: Worth, twins: tuple[Worth, ...], what: str, whole: Floats
) -> Claim:
    own = without_last(worth.change[what]).mean(axis=1)
    interval = ratio_interval(own, whole, seed=analysis.run.seed)
    share, defaults = float(own.mean() / whole.mean()), defaults_of(analysis, unit="1")
    later = _ratio(worth, what, 2)
    rest = "" if later is None else f"; without blocks 1 and 2, {number(later)}"
    seeds = np.array([without_last(twin.change[BLOCK]).mean() for twin in twins])
    statement = (
        f"Undoing the {what} alone costs {number(share)} times what undoing whole blocks costs, "
        f"over blocks 1 to {worth.blocks[-1] - 1} ({interval_words(interval)}; {defaults.sample}; "
        f"descriptive, no test){rest}."
    )
    if what == TURN:
        statement += (
            f" On the mean a whole block is worth {number(whole.mean())} {NATS}; of what it is "
            f"worth in twins no share is taken: {seeds_beside(seeds, NATS)}."
        )
    plain = (
        f"A share of 1 says that the {what} of a block carries all that the block is worth, 0 that "
        "it carries nothing; shares need not add up to 1."
    )
    headline = f"Undoing the {what} alone costs {number(share)} times what undoing blocks costs"
    return Claim(defaults.finding(statement, plain, share, interval, headline=headline))


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
    tested = profile.p_at(at)
    interval = profile.simultaneous(at)
    defaults, estimate = defaults_of(analysis), float(profile.difference[at])
    more, less = blocks_of_each_sign(profile)
    statement = (
        f"Leaving out the block and undoing its turn alone disagree most in block {at + 1}: the "
        f"whole costs {number(abs(estimate))} {NATS} {'more' if estimate > 0 else 'less'} than "
        f"the turn "
        f"{bracket(interval_words(interval, NATS), defaults.sample, p_words(tested))}. The whole "
        f"costs more in {more}, the turn in {less} (p < .05)."
    )
    plain = (
        "Where both cost the same, what a block does for the prediction is to turn the vector; "
        "where they differ, its length matters too, or the turn alone upsets what comes later."
    )
    claim = Claim(
        defaults.finding(
            statement,
            plain,
            estimate,
            interval,
            headline=block_or_turn_headline(tested, estimate, at + 1),
            estimate_of=f"difference in block {at + 1}",
            **tested_as(tested),
        ),
        lambda: max_t_without(whole - turn, seed=seed),
        names_of(analysis),
        by_twin(twins),
    )
    title = "The whole block undone against its turn undone, block by block (nats a token)"
    return Answer([claim], [], [Table("ablation_block_turn", title, paired_table(profile, "nats"))])
