"""One condition minus another, in one or several columns: paired units, or two groups of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.designs.unpaired import IndependentGroups, unpaired_profile
from odograph.statistics.designs.unpaired_without import column_without
from odograph.statistics.intervals import Floats, interval_of
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.statistics.values import Interval, PValue, known


@dataclass(frozen=True, eq=False)
class ConditionTest:
    """The first condition minus the second: arrays [columns].

    Attributes:
        difference: of the means.
        low, high: of a column by itself, 95 % (BCa over units).
        p, p_max: of a column by itself, and corrected for all columns; NaN where none was tested.
        family: columns tested together; 0 where there were too few units, or no spread.
        test: how p_max was had.
        units: how many units there are; of two groups, of both together.
        simultaneous: the interval of a column that was picked because of its value.
        without: the test of a column without each unit in turn.
        least: the least p the draws can give.
        d_z: the difference in standard deviations of its units, where they are paired.
    """

    difference: Floats
    low: Floats
    high: Floats
    p: Floats
    p_max: Floats
    family: int
    test: SignificanceTest
    units: int
    simultaneous: Callable[[int], Interval | None]
    without: Callable[[int], Without]
    least: float | None = None
    d_z: Floats | None = None

    @property
    def largest(self) -> int | None:
        """The column with the smallest p, of equal ones that with the largest difference."""
        if not np.isfinite(self.p_max).any():
            return None
        p = np.where(np.isfinite(self.p_max), self.p_max, np.inf)
        return int(np.lexsort((-np.abs(self.difference), p))[0])

    def interval(self, column: int) -> Interval | None:
        """The interval of a column that was fixed beforehand."""
        return interval_of(self.low[column], self.high[column], IntervalKind.BCA)

    def tested(self, column: int, members: str, comparisons: int) -> PValue:
        """The test of a column, corrected for all columns and, by Bonferroni, for comparisons."""
        family = self.family * comparisons
        if not self.family or not np.isfinite(self.p_max[column]):
            return PValue(SignificanceTest.NONE_UNITS_OR_SPREAD, None, 1)
        return PValue(
            self.test,
            min(1.0, float(self.p_max[column]) * comparisons),
            family,
            members,
            alone=float(self.p[column]),
            least=None if self.least is None else self.least * comparisons,
            d_z=None if self.d_z is None else known(float(self.d_z[column])),
        )


def paired_conditions(first: Floats, second: Floats, *, seed: int) -> ConditionTest:
    """Row i of both from unit i, [n, columns]: the mean difference over units.

    Fewer than 6 units, or no spread: no p.
    """
    found = paired_profile(first, second, np.arange(first.shape[1]), seed=seed)
    differences = first - second
    return ConditionTest(
        found.difference,
        found.low,
        found.high,
        found.tested.p,
        found.p_max_t,
        found.family,
        found.test,
        found.n,
        found.simultaneous,
        lambda column: max_t_without(differences, column, seed=seed),
        found.tested.least,
        found.d_z,
    )


def separate_conditions(first: Floats, second: Floats, *, seed: int) -> ConditionTest:
    """Units of two groups, [n, columns] and [m, columns]: drawn or flipped within both, Welch's t.

    Fewer than 6 units in a group, or no spread: no p.
    """
    values = np.concatenate([first, second])
    is_first = np.arange(len(values)) < len(first)
    sample = IndependentGroups(values, is_first, np.empty((len(values), 0)))
    found = unpaired_profile(sample, np.arange(first.shape[1]), seed=seed)
    return ConditionTest(
        found.difference,
        found.low,
        found.high,
        found.p,
        found.p_max_t,
        found.family,
        found.test,
        len(values),
        found.simultaneous,
        lambda column: column_without(values, is_first, column, seed=seed),
    )
