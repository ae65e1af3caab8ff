"""Two independent groups of units, layer by layer: difference, interval and permutation tests.

Without covariates the labels of the units are permuted; with covariates the residuals of what the
covariates say are (Freedman & Lane 1983). All layers of a unit are permuted together, so the
dependence between layers is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

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
from odograph.statistics.designs.paired import Cluster
from odograph.statistics.intervals import FEWEST_UNITS, Floats, floats, without_spread
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import CLUSTER_FORMING_P, PERMUTATIONS
from odograph.statistics.student import critical_t

LABELS = SignificanceTest.LABELS
RESIDUALS = SignificanceTest.FREEDMAN_LANE
# Permuted rows held at once: 16 MB.
_CHUNK = 2_000_000


@dataclass(frozen=True, eq=False)
class Sample:
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
    sample: Sample,
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
        clusters=_at_layers(tests.clusters, layers),
        resampled=resampled,
        n_first=sample.sizes[0],
        n_second=sample.sizes[1],
        family=tests.family,
        freedom=tests.freedom,
        threshold=tests.threshold,
        test=RESIDUALS if sample.covariates.shape[1] else LABELS,
    )


def _at_layers(clusters: Iterable[Cluster], layers: NDArray[np.int64]) -> tuple[Cluster, ...]:
    """Clusters of columns as clusters of layers."""
    return tuple(
        Cluster(int(layers[c.first_layer]), int(layers[c.last_layer]), c.mass, c.p)
        for c in clusters
    )


def _check(sample: Sample, layers: NDArray[np.int64]) -> None:
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


def _tests(sample: Sample, seed: int, permutations: int) -> _Tests:
    """All tests; clusters with the columns as layers."""
    width = sample.values.shape[1]
    t, p, p_max = (np.full(width, np.nan) for _ in range(3))
    tested = ~without_spread(sample.values)
    freedom = len(sample.first) - 2 - int(independent_columns(sample.covariates).sum())
    if min(sample.sizes) < FEWEST_UNITS or not tested.any() or freedom < 1:
        return _Tests(t, p, p_max, (), 0, freedom, float("nan"))
    drawn = permuted_t(sample, tested, seed=seed, permutations=permutations)
    size = np.abs(drawn)
    # Sums over the same numbers in another order may differ in the last digits.
    least = size[0] - 1e-9
    t[tested], p[tested] = drawn[0], (size >= least).mean(axis=0)
    p_max[tested] = (size.max(axis=1)[:, None] >= least).mean(axis=0)
    threshold = critical_t(CLUSTER_FORMING_P, freedom)
    full = np.zeros((len(drawn), width))
    full[:, tested] = np.where(size > threshold, drawn, 0)
    return _Tests(t, p, p_max, clusters_in(full), int(tested.sum()), freedom, threshold)


def permuted_t(sample: Sample, tested: Mask, *, seed: int, permutations: int) -> Floats:
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


def clusters_in(beyond: Floats) -> tuple[Cluster, ...]:
    """Runs of neighbouring columns of one sign, 0 ending a run, in the first of the rows.

    p is the share of rows whose largest |sum| reaches that of the run.
    """
    largest = np.zeros(len(beyond))
    for sign in (1.0, -1.0):
        running = np.zeros(len(beyond))
        for column in beyond.T:
            running = np.where(sign * column > 0, running + sign * column, 0)
            largest = np.maximum(largest, running)
    row, found = beyond[0], []
    edges = np.flatnonzero(np.diff(np.sign(row), prepend=0, append=0))
    for start, end in pairwise(edges):
        mass = float(row[start:end].sum())
        if mass:
            p = float((largest >= abs(mass) - 1e-9).mean())
            found.append(Cluster(int(start), int(end) - 1, mass, p))
    return tuple(found)


def mean_profile_sample(sample: Sample) -> Sample:
    """The same units with one number each: the mean over the layers."""
    return Sample(floats(sample.values.mean(axis=1))[:, None], sample.first, sample.covariates)
