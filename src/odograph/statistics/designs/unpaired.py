"""Two independent groups of units, layer by layer: difference, interval and permutation tests.

Without covariates the labels of the units are permuted; with covariates the residuals of what the
covariates say are (Freedman & Lane 1983). All layers of a unit are permuted together, so the
dependence between layers is kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.statistics.designs.contrasts import (
    Mask,
    contrast,
    contrast_intervals,
    independent_columns,
    resampled_contrasts,
    stratified_counts,
)
from odograph.statistics.intervals import FEWEST_UNITS, Floats, floats, without_spread
from odograph.statistics.judge import Cluster, at_layers, judge
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.leave_one_out import Left, Without, of_clusters, of_column
from odograph.statistics.permutation import CLUSTER_FORMING_P, CLUSTER_PERMUTATIONS, PERMUTATIONS
from odograph.statistics.student import critical_t

LABELS = SignificanceTest.LABELS
RESIDUALS = SignificanceTest.FREEDMAN_LANE
# Permuted rows held at once: 16 MB.
_CHUNK = 2_000_000


@dataclass(frozen=True, eq=False)
class IndependentGroups:
    """Units of two groups.

    Attributes:
        values: [n, L], a row a unit, every value finite.
        first: whether a unit is of the first group, [n].
        covariates: what is adjusted for, [n, k]; k = 0 for nothing.
    """

    values: Floats
    first: Mask
    covariates: Floats

    @property
    def sizes(self) -> tuple[int, int]:
        """Units of the first and of the second group."""
        return int(self.first.sum()), int((~self.first).sum())


@dataclass(frozen=True, eq=False)
class UnpairedProfile:
    """The first group minus the second at every layer: one value a layer in every array [L].

    Attributes:
        layer: numbers of the layers.
        difference: of the means, or the coefficient of the group beside the covariates.
        low, high: its 95 % interval (BCa over units).
        t: of the difference, with `freedom` degrees of freedom.
        p: of the layer alone, by permutation.
        p_max_t: corrected for all layers.
        clusters: runs of neighbouring layers beyond `threshold`, p corrected for all runs.
        resampled: the differences of drawn units, [draws, L].
        n_first, n_second: units.
        family: layers tested together; 0 where nothing was tested.
        freedom: degrees of freedom.
        threshold: |t| with which a layer joins a cluster; NaN where none was tested.
        test: the permutation.
    """

    layer: NDArray[np.int64]
    difference: Floats
    low: Floats
    high: Floats
    t: Floats
    p: Floats
    p_max_t: Floats
    clusters: tuple[Cluster, ...]
    resampled: Floats
    n_first: int
    n_second: int
    family: int
    freedom: int
    threshold: float
    test: SignificanceTest


def unpaired_profile(
    sample: IndependentGroups,
    layers: NDArray[np.int64],
    *,
    seed: int,
    permutations: int = PERMUTATIONS,
    counts: Floats | None = None,
) -> UnpairedProfile:
    """The difference between two groups at every layer, in the unit of the values.

    layers: their numbers, neighbouring, [L]; permutations: the labels as they are among them;
    counts: how often each unit is drawn, for bootstraps that are to share their draws.
    Fewer than 6 units in a group: no interval and no p. A layer at which all units are equal is not
    tested: p is NaN.

    Raises:
        StudyError: shapes disagree, or a value is not finite.
    """
    _check(sample, layers)
    drawn = stratified_counts(sample.first, seed=seed) if counts is None else counts
    resampled = resampled_contrasts(sample.values, sample.first, sample.covariates, drawn)
    parts = (sample.values, sample.first, sample.covariates)
    low, high = contrast_intervals(*parts, resampled)
    tests = _tests(sample, seed, permutations)
    return UnpairedProfile(
        layer=layers,
        difference=contrast(*parts),
        low=low,
        high=high,
        t=tests.t,
        p=tests.p,
        p_max_t=tests.p_max_t,
        clusters=at_layers(tests.clusters, layers),
        resampled=resampled,
        n_first=sample.sizes[0],
        n_second=sample.sizes[1],
        family=tests.family,
        freedom=tests.freedom,
        threshold=tests.threshold,
        test=RESIDUALS if sample.covariates.shape[1] else LABELS,
    )


def _check(sample: IndependentGroups, layers: NDArray[np.int64]) -> None:
    rows, width = sample.values.shape
    shapes = (sample.first.shape, sample.covariates.shape[:1], np.shape(layers))
    finite = np.isfinite(sample.values).all() and np.isfinite(sample.covariates).all()
    if shapes != ((rows,), (rows,), (width,)) or not finite or min(sample.sizes) < 1:
        raise StudyError(
            "two groups cannot be compared",
            expected="finite values [units, layers], a group and covariates for each unit, and two "
            "groups that are not empty",
            given=f"{rows} units ({sample.sizes[0]} and {sample.sizes[1]}) at {width} layers",
        )


@dataclass(frozen=True, eq=False)
class _Tests:
    t: Floats
    p: Floats
    p_max_t: Floats
    clusters: tuple[Cluster, ...]
    family: int
    freedom: int
    threshold: float


def _tests(sample: IndependentGroups, seed: int, permutations: int) -> _Tests:
    """All tests; clusters with the columns as layers."""
    width = sample.values.shape[1]
    t, p, p_max = (np.full(width, np.nan) for _ in range(3))
    tested = ~without_spread(sample.values)
    freedom = len(sample.first) - 2 - int(independent_columns(sample.covariates).sum())
    if min(sample.sizes) < FEWEST_UNITS or not tested.any() or freedom < 1:
        return _Tests(t, p, p_max, (), 0, freedom, float("nan"))
    drawn = permuted_t(sample, tested, seed=seed, permutations=permutations)
    t[tested] = drawn[0]
    threshold = critical_t(CLUSTER_FORMING_P, freedom)
    full = np.zeros((len(drawn), width))
    full[:, tested] = drawn
    found = judge(full, threshold=threshold, tested=tested)
    family = int(tested.sum())
    return _Tests(t, found.p, found.p_max, found.clusters, family, freedom, threshold)


def permuted_t(sample: IndependentGroups, tested: Mask, *, seed: int, permutations: int) -> Floats:
    """The t of the group at the tested layers, [permutations, L]; the first row as it is.

    With R the residuals of the values after covariates and constant, Q an orthonormal basis of
    these and g the group made orthogonal to Q with length 1: t = g'PR / sqrt((|R|^2 - |Q'PR|^2 -
    (g'PR)^2) / df) for a permutation P. Without covariates R are deviations from the mean.
    """
    columns = sample.covariates[:, independent_columns(sample.covariates)]
    others = np.column_stack([np.ones(len(columns)), columns - columns.mean(axis=0)])
    basis, _ = np.linalg.qr(others / np.linalg.norm(others, axis=0))
    group = _apart(sample.first.astype(float)[:, None], basis)
    basis = np.column_stack([basis, group / np.linalg.norm(group)])
    values = sample.values[:, tested]
    residual = _apart(values - values.mean(axis=0), basis[:, :-1])
    freedom = len(values) - basis.shape[1]
    orders = label_orders(len(values), permutations, seed)
    chunk = max(1, _CHUNK // basis.size)
    return np.concatenate(
        [
            _t_of(basis[orders[start : start + chunk]], residual, freedom)
            for start in range(0, permutations, chunk)
        ]
    )


def label_orders(n: int, permutations: int, seed: int) -> NDArray[np.int64]:
    """Orders of n units, [permutations, n], the first as they are."""
    generator = np.random.default_rng(seed)
    orders = generator.permuted(np.tile(np.arange(n), (permutations, 1)), axis=1)
    orders[0] = np.arange(n)
    return orders


def _apart(columns: Floats, basis: Floats) -> Floats:
    """The columns without what lies in the basis; twice, against rounding."""
    left = columns - basis @ (basis.T @ columns)
    return np.asarray(left - basis @ (basis.T @ left))


def _t_of(moved: Floats, residual: Floats, freedom: int) -> Floats:
    """The t for permuted rows of the basis, [draws, n, columns] and [n, L] to [draws, L]."""
    found = np.einsum("dnc,nl->dcl", moved, residual, optimize=True)
    along = found[:, -1]
    left = (residual**2).sum(axis=0) - (found**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(along / np.sqrt(np.maximum(left, 0) / freedom))


def mean_profile_sample(sample: IndependentGroups) -> IndependentGroups:
    """The same units with one number each: the mean over the layers."""
    return IndependentGroups(
        floats(sample.values.mean(axis=1))[:, None], sample.first, sample.covariates
    )


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
        between = difference**2 * n_first * n_second / (self.units - 1)
        within = self.squares - own**2 - total**2 / (self.units - 1) - between
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.sign(difference) * np.sqrt(between / np.maximum(within, 0) * (self.units - 3))
        return Left(difference[0], np.where(self.flat, 0.0, np.nan_to_num(t, nan=0.0)))
