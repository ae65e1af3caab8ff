"""Whether a test of two independent groups rests on a single unit: the test again without each."""

from collections.abc import Callable

import numpy as np

from odograph.statistics.designs.contrasts import Mask, independent_columns
from odograph.statistics.designs.unpaired import clusters_in, label_orders
from odograph.statistics.intervals import FEWEST_UNITS, Floats, without_spread
from odograph.statistics.leave_one_out import Without
from odograph.statistics.permutation import CLUSTER_FORMING_P, CLUSTER_PERMUTATIONS
from odograph.statistics.student import critical_t, two_sided_p

# Sums over the same numbers in another order may differ in the last digits.
_TIE = 1 - 1e-9


class UnpairedWithout:
    """Labels permuted over the units that are left, for values [n, L] of two groups.

    Those permutations are used that leave the unit in its own group: the labels of the others are
    then permuted freely, in groups of the right size, and sums need only lose one unit's values.
    p = .05 is known to +- .01 from about 1,000 of them.
    """

    def __init__(
        self,
        values: Floats,
        first: Mask,
        *,
        seed: int,
        permutations: int = CLUSTER_PERMUTATIONS,
    ) -> None:
        self.flat = without_spread(values)
        self.values, self.first = values - values.mean(axis=0), first
        self.labels = first[label_orders(len(first), permutations, seed)]
        self.sums = self.labels.astype(np.float64) @ self.values
        self.squares = (self.values**2).sum(axis=0)

    def of_column(self, column: int = 0) -> Without:
        """The max-T p of a column; with one column that of a single test."""

        def p_of(t: Floats) -> float:
            size = np.abs(t)
            return float((size.max(axis=1) >= _TIE * size[0, column]).mean())

        return self._each(p_of, column)

    def of_clusters(self) -> Without:
        """The smallest cluster p, 1 for no cluster; there is no estimate: curves have no sign."""
        threshold = critical_t(CLUSTER_FORMING_P, len(self.first) - 3)

        def p_of(t: Floats) -> float:
            beyond = np.where(np.abs(t) > threshold, t, 0.0)
            return min((found.p for found in clusters_in(beyond)), default=1.0)

        return self._each(p_of, None)

    def _each(self, p_of: Callable[[Floats], float], column: int | None) -> Without:
        p, estimate = np.full((2, len(self.first)), np.nan)
        for unit in range(len(self.first)):
            sizes = self._sizes(unit)
            if min(sizes) < FEWEST_UNITS:
                continue
            difference, t = self._without(unit, sizes)
            p[unit] = p_of(t)
            estimate[unit] = np.nan if column is None else difference[0, column]
        return Without(p, estimate)

    def _sizes(self, unit: int) -> tuple[int, int]:
        first = int(self.first.sum()) - int(self.first[unit])
        return first, len(self.first) - 1 - first

    def _without(self, unit: int, sizes: tuple[int, int]) -> tuple[Floats, Floats]:
        """Difference and t without a unit, [draws that leave it in its group, L]."""
        own, n = self.values[unit], sum(sizes)
        stays = self.labels[:, unit] == self.first[unit]
        inside = self.sums[stays] - (own if self.first[unit] else 0)
        total = -own  # all values add up to 0
        difference = inside / sizes[0] - (total - inside) / sizes[1]
        between = difference**2 * sizes[0] * sizes[1] / n
        within = self.squares - own**2 - total**2 / n - between
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.sign(difference) * np.sqrt(between / np.maximum(within, 0) * (n - 2))
        return difference, np.where(self.flat, 0.0, np.nan_to_num(t, nan=0.0))


def adjusted_without(values: Floats, first: Mask, covariates: Floats) -> Without:
    """The p of the group beside covariates, by Student's t, without each unit: values [n].

    The least-squares fit is made again without the unit. Freedman and Lane's permutation of
    residuals comes to the same p as the t-test where residuals are near normal and in large samples
    anyway, at a thousandth of the time; whether p passes .05 is all that is asked here.
    """
    used = covariates[:, independent_columns(covariates)]
    design = np.column_stack([first.astype(float), used - used.mean(axis=0), np.ones(len(first))])
    p, estimate = np.full((2, len(first)), np.nan)
    for unit in range(len(first)):
        kept = np.arange(len(first)) != unit
        if min(first[kept].sum(), (~first[kept]).sum()) >= FEWEST_UNITS:
            p[unit], estimate[unit] = _fitted(values[kept], design[kept])
    return Without(p, estimate)


def _fitted(values: Floats, design: Floats) -> tuple[float, float]:
    """P and coefficient of the first column."""
    size = np.linalg.norm(design, axis=0)
    scaled = design / size
    found, _, rank, _ = np.linalg.lstsq(scaled, values)
    freedom = len(values) - int(rank)
    if rank < design.shape[1] or freedom < 1:
        return np.nan, np.nan
    residual = values - scaled @ found
    variance = float(residual @ residual) / freedom * np.linalg.inv(scaled.T @ scaled)[0, 0]
    p = float(two_sided_p(found[:1] / np.sqrt(variance), freedom)[0])
    return p, float(found[0] / size[0])
