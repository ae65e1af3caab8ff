"""The row of a family of ties that a claim is about, and the nulls in pictures of ties."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.run_words import twin_null
from odograph.folder.samples.ties import PARTS, Ties
from odograph.folder.selection import Floats
from odograph.sentences.evidence import interval_words
from odograph.sentences.nulls import order_words
from odograph.sentences.numbers import coefficient, p_value
from odograph.statistics.designs.one_sample import MeanProfile, largest_effect
from odograph.statistics.designs.seeds import SeedTest
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.statistics.values import Interval, PValue
from odograph.studies.claim import Claim
from odograph.studies.contributions.quantities import defaults_of, share
from odograph.studies.defaults import tested_as
from odograph.studies.section import Analysis
from odograph.studies.single_tests import single_test

NAMES = dict(zip(PARTS, ("attention", "the MLP"), strict=True))


@dataclass(frozen=True, eq=False)
class Picked:
    """The row that a finding speaks of, its test, and what is said of its choice.

    `values` are those of all rows of the family, [passages, rows]; `column` is the row's place.
    """

    row: int
    column: int
    values: Floats
    tested: PValue
    chosen: bool

    @property
    def ending(self) -> str:
        """The p behind an interval."""
        p = self.tested.p
        return f"; {p_value(p)}" if p is not None and self.tested.made else ""

    def interval_in(self, mean: MeanProfile) -> Interval | None:
        """That of the row; simultaneous over all rows where it was picked because of its value."""
        if not self.chosen and mean.family:
            return mean.simultaneous(self.column)
        return mean.interval_at(self.column)

    def without(self, seed: int) -> Without:
        """The same test without each passage."""
        if self.chosen:
            return max_t_without(self.values[:, self.column, None], seed=seed)
        return max_t_without(self.values, self.column, seed=seed)


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
    return Picked(row, column, values, tested, first is not None)


def picked_claim(
    analysis: Analysis,
    ties: Ties,
    words: tuple[str, str, float],
    headline: str,
    tested: tuple[Picked, Interval | None, str],
    over_seeds: SeedTest | None,
) -> Claim:
    """The claim: statement, plain, estimate; the row it is of, its interval and its null.

    over_seeds: the test of all rows against those of untrained twins; None without twins.
    """
    picked, interval, null = tested
    finding = defaults_of(analysis).finding(
        *words,
        interval,
        unit="difference of r",
        n=ties.without.n,
        excluded=ties.without.excluded_documents,
        null=f"{null}; {twin_null(analysis.run)}",
        headline=headline,
        estimate_of="difference where it is largest",
        **tested_as(picked.tested),
    )
    return Claim(
        finding,
        lambda: picked.without(analysis.run.seed),
        ties.names,
        seeds=None if over_seeds is None else (over_seeds, picked.row),
        members="correlations",
    )


def tie_words(ties: Ties, method: int, row: int) -> str:
    """One correlation with its interval."""
    interval = interval_words(ties.without.interval_at(method, row), "r")
    return f"{coefficient(float(ties.without.r[method, row]))} ({interval})"


def in_order_of(picked: Picked, orders: Floats, seed: int) -> str:
    """The value of the row in random order, where all its passages have one."""
    own, others = picked.values[:, picked.column], orders[..., picked.column]
    if others.shape[1] != len(own) or not np.isfinite(others).all():
        return ""
    return f" {order_words(own, others, 'r', seed=seed)}"


TWINS = "untrained twins"
RANDOM_ORDER = "same words in random order"


def ties_null(analysis: Analysis, ties: Ties) -> str:
    """The nulls of a picture of correlations."""
    null = analysis.once(share).nulls.words(analysis.run)
    return f"{null}; cosines dealt out anew ({ties.cosines.draws} draws)"
