"""The row of a family of ties that a finding speaks of: how it was chosen, and its test."""

from dataclasses import dataclass

import numpy as np

from odograph.sentences.record import Finding
from odograph.sentences.templates import p_value
from odograph.statistics.designs.one_sample import MeanProfile
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.statistics.permutation import p_alone
from odograph.statistics.values import Interval, PValue
from odograph.studies.contributions.measured import Measured, Ties
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.phrases import twin_null
from odograph.studies.random_order import order_words
from odograph.studies.selection import Floats
from odograph.studies.sensitivity import with_sensitivity
from odograph.studies.single_tests import single_test
from odograph.studies.split import largest_effect


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

    @property
    def choice(self) -> str:
        """What an interval says of the choice of its row."""
        return "" if self.chosen else ", that of the one row, not corrected for its choice"

    def without(self, seed: int) -> Without:
        """The same test without each passage."""
        if self.chosen:
            return max_t_without(self.values[:, self.column, None], seed=seed)
        return max_t_without(self.values, self.column, seed=seed)


def picked_row(
    ties: Ties, given: tuple[Floats, MeanProfile, Floats | None], rows: slice, seed: int
) -> Picked:
    """The row with the most on the first half and its single test; of a whole run, of all rows.

    given: the values of each passage [passages, all rows], their profile, and those of the first
    half, None of a whole run.
    """
    values, mean, explored = given
    first = None if explored is None else largest_effect(explored[:, rows])
    row = int(np.argmax(np.abs(mean.mean[rows]))) if first is None else first
    column = rows.start + row
    if not mean.family:
        tested = PValue(ties.without.test, None, 0)
    elif first is None:
        p = float(mean.p_max_t[column])
        alone = p_alone(values[:, column], p, seed=seed)
        tested = PValue(mean.test, p, mean.family, "correlations", alone)
    else:
        tested = single_test(values[:, column], seed=seed)
    return Picked(row, column, values, tested, first is not None)


def told_of(
    measured: Measured,
    ties: Ties,
    defaults: FindingDefaults,
    said: tuple[str, str, float],
    tested: tuple[Picked, Interval | None, str],
) -> Finding:
    """The finding: statement, plain, estimate; the row it is of, its interval and its null."""
    picked, interval, null = tested
    made = defaults.finding(
        *said,
        interval,
        unit="difference of r",
        n=ties.without.passages,
        excluded=ties.without.excluded_passages,
        null=f"{null}; {twin_null(measured.run)}",
        **tested_as(picked.tested),
    )
    return with_sensitivity(made, lambda: picked.without(measured.run.seed), ties.names)


def in_order_of(picked: Picked, orders: Floats, seed: int) -> str:
    """The value of the row in random order, where all its passages have one."""
    own, others = picked.values[:, picked.column], orders[..., picked.column]
    if others.shape[1] != len(own) or not np.isfinite(others).all():
        return ""
    return f" {order_words(own, others, 'r', seed=seed)}"
