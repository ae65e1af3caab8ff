"""Whether a test rests on a single unit: the test again without each one, whatever the design."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.bootstrap_t import resampled_t
from odograph.statistics.intervals import (
    Floats,
    fewer_resamples,
    floats,
    resampled_counts,
    without_spread,
)
from odograph.statistics.judge import clusters_of, reached
from odograph.statistics.permutation import (
    ALPHA,
    FEWEST_BOOTSTRAP_T,
    FEWEST_PAIRS,
    PERMUTATIONS,
    cluster_threshold,
    paired_t,
)

#: With more units no single one is looked for: the time grows with their number, its weight falls.
MOST_UNITS = 200


@dataclass(frozen=True, eq=False)
class Left:
    """What a design gives without one unit.

    Attributes:
        estimate: [layers].
        drawn: the permuted statistic, [draws, layers], the first row as observed; None where too
            few units are left for a test.
    """

    estimate: Floats
    drawn: Floats | None


class PermutedDesign(Protocol):
    """A design whose permuted statistic can be had again without one unit."""

    @property
    def units(self) -> int:
        """How many units there are."""

    def without(self, unit: int) -> Left | None:
        """Estimate and permuted statistic without a unit; None where too few are left."""


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
class DecisiveUnit:
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


def decisive_unit(without: Without, estimate: float) -> DecisiveUnit | None:
    """The unit without which p >= .05, there is no p, or the estimate has another sign."""
    lost = ~(without.p < ALPHA) | (np.sign(without.estimate) * np.sign(estimate) < 0)
    if not lost.any():
        return None
    units = np.flatnonzero(lost)
    unit = int(units[np.argmax(np.nan_to_num(without.p[units], nan=2.0))])
    return DecisiveUnit(unit, float(without.p[unit]), float(without.estimate[unit]), len(units) - 1)


def no_estimate(_: Floats) -> float:
    """That curves differ has no sign."""
    return float("nan")


def leave_one_out(
    design: PermutedDesign,
    p_of: Callable[[Floats], float],
    estimate_of: Callable[[Floats], float] = no_estimate,
) -> Without:
    """P and estimate without each unit of a design.

    Args:
        design: gives estimate and permuted statistic without a unit.
        p_of: the test, of a permuted statistic [draws, layers].
        estimate_of: one number, of an estimate [layers].
    """
    p, estimate = np.full((2, design.units), np.nan)
    for unit in range(design.units):
        left = design.without(unit)
        if left is None:
            continue
        estimate[unit] = estimate_of(left.estimate)
        if left.drawn is not None:
            p[unit] = p_of(left.drawn)
    return Without(p, estimate)


def of_column(design: PermutedDesign, column: int = 0) -> Without:
    """The max-T p of one column without each unit; with one column that of a single test."""

    def p_of(t: Floats) -> float:
        size = np.abs(t)
        return float(reached(size.max(axis=1), size[0, column]))

    return leave_one_out(design, p_of, lambda estimate: float(estimate[column]))


def of_clusters(
    design: PermutedDesign, threshold: float, inside: tuple[int, int] | None = None
) -> Without:
    """The smallest cluster p without each unit, 1 for no cluster; there is no estimate.

    inside: first and last column of the clusters that are looked at; the null is of all columns.
    """

    def p_of(t: Floats) -> float:
        runs = clusters_of(np.where(np.abs(t) > threshold, t, 0.0))
        return min(
            (r.p for r in runs if inside is None or inside[0] <= r.first_layer <= inside[1]),
            default=1.0,
        )

    return leave_one_out(design, p_of)


class SignFlips:
    """Flipped signs of paired differences [n, L], or of values whose mean is tested against 0.

    The same flips serve all units: those of the units that are left are as random as before.
    Columns without spread are not part of the family: their t is 0.
    """

    def __init__(self, values: Floats, *, seed: int, permutations: int) -> None:
        self.values = floats(values)
        self.units = len(self.values)
        self.flat = without_spread(self.values)
        self.signs = _signs(self.units, seed, permutations)
        self.sums, self.squares = self.signs @ self.values, (self.values**2).sum(axis=0)

    def without(self, unit: int) -> Left:
        """Mean and t without a pair; no t for fewer than 6 that are left."""
        own, left = self.values[unit], self.units - 1
        estimate = np.asarray((self.values.sum(axis=0) - own) / max(left, 1))
        if left < FEWEST_PAIRS:
            return Left(estimate, None)
        total = self.sums - np.outer(self.signs[:, unit], own)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread = (self.squares - own**2) - total**2 / left
            t = total * np.sqrt((left - 1) / left) / np.sqrt(np.maximum(spread, 0))
        return Left(estimate, np.where(self.flat, 0.0, np.nan_to_num(t, nan=0.0, posinf=np.inf)))


class Resamples:
    """The bootstrap-t of values [n, L] whose mean is tested against 0.

    Those draws are used that lack the unit: in them the others are drawn as they would be without
    it. Of 10,000 draws some 3,700 lack a unit, by which p = .05 is known to +- .004. Columns
    without spread are not part of the family: their t is 0.
    """

    def __init__(self, values: Floats, *, seed: int, permutations: int) -> None:
        self.values = floats(values)
        self.units = len(self.values)
        self.flat = without_spread(self.values)
        chunks = resampled_counts(self.units, seed, fewer_resamples(self.units, permutations - 1))
        self.counts = np.concatenate([counts.astype(np.float64) for counts in chunks])

    def without(self, unit: int) -> Left:
        """Mean and t without a unit."""
        kept = np.arange(self.units) != unit
        values = self.values[kept]
        estimate = np.asarray(values.mean(axis=0))
        counts = self.counts[self.counts[:, unit] == 0][:, kept]
        t = resampled_t(values - estimate, counts)
        drawn = np.concatenate([paired_t(values)[None], t])
        return Left(
            estimate, np.where(self.flat, 0.0, np.nan_to_num(drawn, nan=0.0, posinf=np.inf))
        )


def mean_design(values: Floats, *, seed: int) -> PermutedDesign:
    """The permuted design of the test of a mean: by the number of all units, as the test itself."""
    design = SignFlips if len(values) < FEWEST_BOOTSTRAP_T else Resamples
    return design(values, seed=seed, permutations=PERMUTATIONS)


def max_t_without(values: Floats, column: int = 0, *, seed: int) -> Without:
    """The max-T p of one column of [n, L] without each unit; with L = 1 that of a single test."""
    return of_column(mean_design(values, seed=seed), column)


def cluster_without(values: Floats, *, seed: int, inside: tuple[int, int] | None = None) -> Without:
    """The smallest cluster p of [n, L] without each unit, 1 for no cluster."""
    design = mean_design(values, seed=seed)
    return of_clusters(design, cluster_threshold(max(design.units - 1, 2)), inside)


def _signs(n: int, seed: int, permutations: int) -> NDArray[np.float64]:
    """Flips of n units, [flips, n]: all, but for the sign of all, where these are fewer."""
    if 2 ** (n - 1) <= permutations:
        bits = np.arange(2 ** (n - 1))[:, None] >> np.arange(n)
        return np.asarray(1.0 - 2.0 * (bits & 1))
    drawn = 1.0 - 2.0 * np.random.default_rng(seed).integers(2, size=(permutations, n))
    drawn[0] = 1.0
    return np.asarray(drawn)
