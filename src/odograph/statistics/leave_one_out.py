"""Whether a sign-flip test rests on a single unit: the test again without each one."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.designs.unpaired import clusters_in
from odograph.statistics.intervals import Floats, floats, without_spread
from odograph.statistics.permutation import (
    ALPHA,
    CLUSTER_PERMUTATIONS,
    FEWEST_PAIRS,
    PERMUTATIONS,
    cluster_threshold,
)

#: With more units no single one is looked for: the time grows with their number, its weight falls.
MOST_UNITS = 200
# Sums over the same numbers in another order may differ in the last digits.
_TIE = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Without:
    """The test without each unit in turn: arrays [n].

    `p` is NaN where fewer than 6 units would be left; `estimate` is that without the unit, NaN
    where there is none.
    """

    p: Floats
    estimate: Floats

    @property
    def of_p(self) -> "Without":
        """Without estimates: for what is tested against another value than 0."""
        return replace(self, estimate=np.full(len(self.p), np.nan))


@dataclass(frozen=True)
class Hinge:
    """The unit on which a finding hinges.

    Attributes:
        unit: its number among the units; the one without which p is largest.
        p: without it; NaN where too few units would be left.
        estimate: without it.
        others: how many units it hinges on besides this one.
    """

    unit: int
    p: float
    estimate: float
    others: int


def hinge(without: Without, estimate: float) -> Hinge | None:
    """The unit without which p >= .05, there is no p, or the estimate has another sign."""
    lost = ~(without.p < ALPHA) | (np.sign(without.estimate) * np.sign(estimate) < 0)
    if not lost.any():
        return None
    units = np.flatnonzero(lost)
    unit = int(units[np.argmax(np.nan_to_num(without.p[units], nan=2.0))])
    return Hinge(unit, float(without.p[unit]), float(without.estimate[unit]), len(units) - 1)


def max_t_without(
    values: Floats, column: int = 0, *, seed: int, permutations: int = PERMUTATIONS
) -> Without:
    """The max-T p of one column of [n, L] without each unit; with L = 1 that of a single test.

    The same flips serve all: those of the units that are left are as random as before. Columns
    without spread are not part of the family.
    """
    table = _with_spread(values)
    column = int((~without_spread(floats(values)))[:column].sum())
    signs = _signs(len(table), seed, permutations)
    sums, squares = signs @ table, (table**2).sum(axis=0)
    p = np.full(len(table), np.nan)
    if len(table) > FEWEST_PAIRS:
        for unit, own in enumerate(table):
            with np.errstate(divide="ignore", invalid="ignore"):
                size = np.abs(sums - np.outer(signs[:, unit], own)) / np.sqrt(squares - own**2)
            # |t| grows with this size, in the same way in all columns.
            size = np.nan_to_num(size, nan=0.0)
            p[unit] = (size.max(axis=1) >= _TIE * size[0, column]).mean()
    return Without(p, _means_without(table[:, column]))


def cluster_without(
    values: Floats,
    *,
    seed: int,
    permutations: int = CLUSTER_PERMUTATIONS,
    inside: tuple[int, int] | None = None,
) -> Without:
    """The smallest cluster p of [n, L] without each unit, 1 for no cluster.

    inside: first and last column of the clusters that are looked at; the null is of all columns.
    There is no estimate: that the curves differ has no sign.
    """
    table = floats(values)
    flat = without_spread(table)
    signs = _signs(len(table), seed, permutations)
    sums, squares = signs @ table, (table**2).sum(axis=0)
    p, left = np.full(len(table), np.nan), len(table) - 1
    if left >= FEWEST_PAIRS:
        threshold = cluster_threshold(left)
        for unit, own in enumerate(table):
            total = sums - np.outer(signs[:, unit], own)
            with np.errstate(divide="ignore", invalid="ignore"):
                spread = (squares - own**2) - total**2 / left
                t = total * np.sqrt((left - 1) / left) / np.sqrt(np.maximum(spread, 0))
            beyond = np.where((np.abs(t) > threshold) & ~flat, t, 0.0)
            p[unit] = min(
                (
                    found.p
                    for found in clusters_in(beyond)
                    if inside is None or inside[0] <= found.first_layer <= inside[1]
                ),
                default=1.0,
            )
    return Without(p, np.full(len(table), np.nan))


def _with_spread(values: Floats) -> Floats:
    table = floats(values)
    return np.asarray(table[:, ~without_spread(table)])


def _means_without(values: Floats) -> Floats:
    return np.asarray((values.sum() - values) / max(len(values) - 1, 1))


def _signs(n: int, seed: int, permutations: int) -> NDArray[np.float64]:
    """Flips of n units, [flips, n]: all, but for the sign of all, where these are fewer."""
    if 2 ** (n - 1) <= permutations:
        bits = np.arange(2 ** (n - 1))[:, None] >> np.arange(n)
        return np.asarray(1.0 - 2.0 * (bits & 1))
    drawn = 1.0 - 2.0 * np.random.default_rng(seed).integers(2, size=(permutations, n))
    drawn[0] = 1.0
    return np.asarray(drawn)
