"""The difference between two independent groups, and its test, without each unit in turn."""

import numpy as np

from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.unpaired import label_orders
from odograph.statistics.intervals import FEWEST_UNITS, Floats, without_spread
from odograph.statistics.leave_one_out import Left, Without, of_clusters, of_column
from odograph.statistics.permutation import CLUSTER_FORMING_P, CLUSTER_PERMUTATIONS
from odograph.statistics.student import critical_t


class PermutedLabels:
    """Labels permuted over the units that are left, for values [n, L] of two groups.

    Those permutations are used that leave the unit in its own group: the labels of the others are
    then permuted freely, in groups of the right size, and sums need only lose one unit's values.
    p = .05 is known to +- .01 from about 1,000 of them.
    """

    def __init__(
        self, values: Floats, first: Mask, *, seed: int, permutations: int = CLUSTER_PERMUTATIONS
    ) -> None:
        self.flat = without_spread(values)
        self.values, self.first = values - values.mean(axis=0), first
        self.units = len(first)
        self.labels = first[label_orders(len(first), permutations, seed)]
        self.sums = self.labels.astype(np.float64) @ self.values
        self.squares = (self.values**2).sum(axis=0)
        self.inside = self.labels.astype(np.float64) @ self.values**2

    def of_column(self, column: int = 0) -> Without:
        """The max-T p of a column; with one column that of a single test."""
        return of_column(self, column)

    def of_clusters(self) -> Without:
        """The smallest cluster p, 1 for no cluster."""
        return of_clusters(self, critical_t(CLUSTER_FORMING_P, self.units - 3))

    def without(self, unit: int) -> Left | None:
        """Difference and t without a unit; None for fewer than 6 left in a group."""
        own = self.values[unit]
        n_first = int(self.first.sum()) - int(self.first[unit])
        n_second = self.units - 1 - n_first
        if min(n_first, n_second) < FEWEST_UNITS:
            return None
        stays = self.labels[:, unit] == self.first[unit]
        inside = self.sums[stays] - (own if self.first[unit] else 0)
        total = -own  # all values add up to 0
        difference = inside / n_first - (total - inside) / n_second
        squares = self.inside[stays] - (own**2 if self.first[unit] else 0)
        others = self.squares - own**2 - squares
        with np.errstate(divide="ignore", invalid="ignore"):
            error = _error(inside, squares, n_first) + _error(total - inside, others, n_second)
            t = difference / np.sqrt(error)
        return Left(difference[0], np.where(self.flat, 0.0, np.nan_to_num(t, nan=0.0)))


def _error(sums: Floats, squares: Floats, n: int) -> Floats:
    """The squared standard error of the mean of n units, from the sums of values and squares."""
    return np.asarray(np.maximum(squares - sums**2 / n, 0) / (n * (n - 1)))
