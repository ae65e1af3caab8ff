"""Where undoing the turn and leaving out the block cost different amounts."""

import numpy as np

from odograph.figures.losses import NATS
from odograph.folder.samples.worth import without_last
from odograph.measures import BLOCK, TURN
from odograph.sentences.english import layers_named
from odograph.sentences.evidence import bracket, interval_words, p_words
from odograph.sentences.numbers import number
from odograph.statistics.designs.paired import PairedProfile, paired_profile
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import PValue
from odograph.studies.ablation.worth import defaults_of, names_of, read_twins, read_worth
from odograph.studies.claim import Claim, by_twin
from odograph.studies.defaults import tested_as
from odograph.studies.result import Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import paired_table


def block_against_turn(analysis: Analysis) -> Answer:
    """The whole block undone against its turn undone, block by block."""
    worth = analysis.once(read_worth)
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
    more, less = _where(profile)
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
            headline=_headline(tested, estimate, at + 1),
            estimate_of=f"difference in block {at + 1}",
            **tested_as(tested),
        ),
        lambda: max_t_without(whole - turn, seed=seed),
        names_of(analysis),
        by_twin(twins),
    )
    title = "The whole block undone against its turn undone, block by block (nats a token)"
    return Answer([claim], [], [Table("ablation_block_turn", title, paired_table(profile, "nats"))])


def _headline(tested: PValue, estimate: float, block: int) -> str:
    if tested.p is not None and tested.p >= ALPHA:
        return "Undoing all of a block and undoing its turn are not shown to differ in cost"
    more = "more" if estimate > 0 else "less"
    size = number(abs(estimate))
    return f"Undoing all of block {block} costs {size} nats {more} than undoing its turn alone"


def _where(profile: PairedProfile) -> list[str]:
    """In which blocks the whole costs more, and in which the turn."""
    return [layers_named(profile.found & (sign * profile.difference > 0)) for sign in (1, -1)]
