"""The difference between two independent groups, and its test, without each unit in turn."""

import numpy as np

from odograph.statistics.designs.contrasts import Mask, stratified_counts
from odograph.statistics.designs.unpaired import IndependentGroups, group_t, random_signs
from odograph.statistics.intervals import FEWEST_UNITS, Floats, without_spread
from odograph.statistics.leave_one_out import Left, PermutedDesign, Without, of_clusters, of_column
from odograph.statistics.permutation import (
    CLUSTER_FORMING_P,
    CLUSTER_PERMUTATIONS,
    FEWEST_BOOTSTRAP_T,
)
from odograph.statistics.student import critical_t


def column_without(values: Floats, first: Mask, column: int = 0, *, seed: int) -> Without:
    """The max-T p of a column of two groups [n, L]; with one column that of a single test."""
    return of_column(groups_design(values, first, seed=seed), column)


def region_without(values: Floats, first: Mask, *, seed: int) -> Without:
    """The smallest cluster p of two groups [n, L], 1 for no cluster."""
    return of_clusters(
        groups_design(values, first, seed=seed), critical_t(CLUSTER_FORMING_P, len(first) - 3)
    )


def groups_design(values: Floats, first: Mask, *, seed: int) -> PermutedDesign:
    """The design of the test of two groups: by the number of all units, as the test itself."""
    if min(first.sum(), (~first).sum()) < FEWEST_BOOTSTRAP_T:
        return FlippedGroups(values, first, seed=seed)
    return DrawnGroups(values, first, seed=seed)


class FlippedGroups:
    """The wild bootstrap of two groups [n, L] without a unit.

    The same signs serve all units: those of the units that are left are as random as before.
    """

    def __init__(self, values: Floats, first: Mask, *, seed: int) -> None:
        self.values, self.first, self.units = values, first, len(first)
        self.signs = random_signs(len(first), CLUSTER_PERMUTATIONS, seed)

    def without(self, unit: int) -> Left | None:
        """Difference and t without a unit; None for fewer than 6 left in a group."""
        kept = np.arange(self.units) != unit
        values, first = self.values[kept], self.first[kept]
        if min(first.sum(), (~first).sum()) < FEWEST_UNITS:
            return None
        sample = IndependentGroups(values, first, np.empty((len(first), 0)))
        tested = ~without_spread(values)
        t = np.zeros((len(self.signs) + 1, values.shape[1]))
        t[0, tested] = group_t(sample, tested)[0]
        t[1:, tested] = group_t(sample, tested, self.signs[:, kept])
        return Left(values[first].mean(axis=0) - values[~first].mean(axis=0), t)


class DrawnGroups:
    """The bootstrap-t of two groups [n, L] without a unit.

    Those draws are used that lack the unit: in them the others are drawn as they would be without
    it, and their sums are those that they were. Of 4,999 draws some 1,800 lack a unit.
    """

    def __init__(self, values: Floats, first: Mask, *, seed: int) -> None:
        self.flat, self.values = without_spread(values), values - values.mean(axis=0)
        self.first, self.units = first, len(first)
        self.counts = stratified_counts(first, seed=seed)
        self.sums = [self._drawn(own, self.values[own]) for own in (first, ~first)]
        self.squares = [self._drawn(own, self.values[own] ** 2) for own in (first, ~first)]

    def _drawn(self, own: Mask, values: Floats) -> Floats:
        """Means over the drawn units of a group, [draws, L]."""
        return np.asarray(self.counts[:, own] @ values / own.sum())

    def without(self, unit: int) -> Left:
        """Difference and t without a unit."""
        lacking, parts = self.counts[:, unit] == 0, []
        for own, sums, squares in zip(
            (self.first, ~self.first), self.sums, self.squares, strict=True
        ):
            left = self.values[own & (np.arange(self.units) != unit)]
            mean, drawn = left.mean(axis=0), sums[lacking]
            error = (squares[lacking] - drawn**2) / (own.sum() - 1)
            parts.append(
                (np.vstack([mean, drawn - mean]), np.vstack([_squared_error(left), error]))
            )
        (mean, error), (other, others) = parts
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (mean - other) / np.sqrt(np.maximum(error + others, 0))
        t = np.where(self.flat, 0.0, np.nan_to_num(t, nan=0.0, posinf=np.inf))
        return Left(mean[0] - other[0], t)


def _squared_error(values: Floats) -> Floats:
    """Of the mean of units [n, L]: [L]."""
    return np.asarray(values.var(axis=0, ddof=1) / len(values))
