"""What is looked at, the ties of its lengths, and the row of ties that a claim is about."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from odograph.folder.expressions import relative_size
from odograph.folder.run_words import twin_null
from odograph.folder.samples.part_lengths import attention_shares
from odograph.folder.samples.ties import PARTS, Ties
from odograph.folder.selection import Floats, columns_of, profile_means
from odograph.sentences.names import name_of_test
from odograph.sentences.nulls import order_words
from odograph.sentences.record import Words
from odograph.sentences.ties import PickedTie
from odograph.statistics.correlations.coefficients import METHODS
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.correlations.sums import ShuffledTies
from odograph.statistics.designs.one_sample import MeanProfile, largest_effect
from odograph.statistics.designs.seeds import SeedTest
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.statistics.values import PValue
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.profile import Profile, read_profile
from odograph.studies.result import Table
from odograph.studies.section import Analysis
from odograph.studies.single_tests import single_test
from odograph.studies.tidy import by_seed, tidy


@dataclass(frozen=True, eq=False)
class Picked:
    """The row that a finding speaks of, among the values of all rows of its family.

    `values` are those of each passage, [passages, rows]; `column` is the row's place in them.
    """

    tie: PickedTie
    column: int
    values: Floats

    def without(self, seed: int) -> Without:
        """The same test without each passage."""
        if self.tie.chosen:
            return max_t_without(self.values[:, self.column, None], seed=seed)
        return max_t_without(self.values, self.column, seed=seed)

    def in_order(self, orders: Floats, seed: int) -> str:
        """Its value in random order, [orders, passages, rows]; "" where some passage lacks it."""
        own, others = self.values[:, self.column], orders[..., self.column]
        if others.shape[1] != len(own) or not np.isfinite(others).all():
            return ""
        return f" {order_words(own, others, 'r', seed=seed)}"


def picked_row(
    ties: Ties, family: tuple[Floats, MeanProfile, Floats | None], rows: slice, seed: int
) -> Picked:
    """The row with the most on the first half and its single test; of a whole run, of all rows.

    family: the values of each passage [passages, all rows], their profile, and those of the
    exploration half, None of a whole run.
    """
    values, mean, explored = family
    first = None if explored is None else largest_effect(explored[:, rows])
    row = int(np.argmax(np.abs(mean.mean[rows]))) if first is None else first
    column = rows.start + row
    if not mean.family:
        tested = PValue(ties.without.test, None, 0)
    elif first is None:
        tested = mean.p_at(column, "correlations")
    else:
        tested = single_test(values[:, column], seed=seed)
    because_of_value = first is None and mean.family
    interval = mean.simultaneous(column) if because_of_value else mean.interval_at(column)
    value = float(mean.mean[column])
    tie = PickedTie(row, ties.blocks, value, interval, tested, chosen=first is not None)
    return Picked(tie, column, values)


def picked_claim(
    analysis: Analysis,
    ties: Ties,
    picked: Picked,
    words: Words,
    null: str,
    over_seeds: SeedTest | None,
) -> Claim:
    """The claim about the row.

    over_seeds: the test of all rows against those of untrained twins; None without twins.
    """
    tie = picked.tie
    finding = defaults_of(analysis).finding_of(
        words,
        tie.value,
        tie.interval,
        unit="difference of r",
        n=ties.without.n,
        excluded=ties.excluded,
        null=f"{null}; {twin_null(analysis.run)}",
        estimate_of="difference where it is largest",
        **tested_as(tie.tested),
    )
    return Claim(
        finding,
        lambda: picked.without(analysis.run.seed),
        ties.names,
        seeds=None if over_seeds is None else (over_seeds, tie.row),
        members="correlations",
    )


TWINS = "untrained twins"
RANDOM_ORDER = "same words in random order"


def ties_null(analysis: Analysis, ties: Ties) -> str:
    """The nulls of a picture of correlations."""
    null = analysis.once(share).nulls.words(analysis.run)
    return f"{null}; cosines dealt out anew ({ties.cosines.draws} draws)"


def sizes(analysis: Analysis) -> dict[str, Profile]:
    """The length of each part's step in units of the state before the block."""
    run = analysis.run
    before = "stream_norm" if "stream_norm" in columns_of(run, "layers") else "norm"
    steps = dict(zip(PARTS, ("attention_step", "mlp_step"), strict=True))
    return {
        part: read_profile(
            run,
            partial(profile_means, expression=relative_size(step, before)),
        )
        for part, step in steps.items()
    }


def share(analysis: Analysis) -> Profile:
    """Attention's share of |a + m|^2: the sum of |a|^2 + a.m over that of |a + m|^2, by passage.

    The MLP's is 1 minus it. A share lies below 0 or above 1 where the other part, being longer,
    points against it.
    """
    return read_profile(analysis.run, attention_shares)


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    return analysis.once(share).defaults(analysis, twin_null(analysis.run))


def ties_table(ties: Ties) -> Table:
    """Rows: method, part, layer; every array of `ties` is [2, 2 L] in that order."""
    title = "Correlation of each part's length with that of the whole step, by layer"
    return Table("contributions_ties", title, _ties_columns(ties))


def _ties_columns(ties: Ties) -> dict[str, Any]:
    beyond, without, blocks = ties.beyond, ties.without, ties.blocks
    size = without.r.size
    columns: dict[str, Any] = {
        "method": np.repeat(METHODS, without.r.shape[1]),
        "part": np.tile(np.repeat([p.lower() for p in PARTS], blocks), 2),
        "layer": np.tile(np.arange(1, blocks + 1), 4),
        **_with_bounds("r", without.r, without),
        "p": without.p.ravel(),
        "p_max_t": without.p_max_t.ravel(),
        **_with_bounds("r_with_first", ties.with_first.r, ties.with_first),
        **_with_bounds("r_cosines_shuffled", ties.cosines.mean, ties.cosines),
        "r_pairs_shuffled": ties.pairs.mean.ravel(),
        "beyond": beyond.mean,
        "beyond_low": beyond.low,
        "beyond_high": beyond.high,
        "beyond_p_max_t": beyond.p_max_t,
        "tokens": np.full(size, ties.without.tokens),
        **_untrained(ties),
        **_random_order(ties),
        "beyond_test": np.full(size, name_of_test(beyond.test)),
        "beyond_family": np.full(size, beyond.family),
    }
    return tidy(
        columns,
        n=without.n,
        excluded=ties.excluded,
        unit="r",
        test=without.test,
        family=without.family,
    )


def _with_bounds(name: str, values: Floats, of: Correlations | ShuffledTies) -> dict[str, Any]:
    """The column and its bounds."""
    return {name: values.ravel(), f"{name}_low": of.low.ravel(), f"{name}_high": of.high.ravel()}


def _untrained(ties: Ties) -> dict[str, Any]:
    """The means of the untrained twins; nothing where there are none."""
    if ties.twins is None or ties.twins_beyond is None:
        return {}
    return {
        "r_untrained": ties.twins.mean(axis=(0, 1)).ravel(),
        "beyond_untrained": ties.twins_beyond.mean(axis=(0, 1)).ravel(),
    }


def _random_order(ties: Ties) -> dict[str, Any]:
    """The mean of each random order; nothing where there is none."""
    if ties.shuffled is None or ties.shuffled_beyond is None:
        return {}
    r, beyond = (
        [np.nanmean(order, axis=0).ravel() for order in values]
        for values in (ties.shuffled, ties.shuffled_beyond)
    )
    return by_seed("r_shuffled", r) | by_seed("beyond_shuffled", beyond)
