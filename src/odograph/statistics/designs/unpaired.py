"""Two independent groups of units, layer by layer: difference, interval and permutation tests.

Without covariates the labels of the units are permuted; with covariates the residuals of what the
covariates say are (Freedman & Lane 1983). All layers of a unit are permuted together, so the
dependence between layers is kept. The statistic is studentised by what each unit varies on its own
(Welch's t), so that groups may differ in spread and in size.
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
from odograph.statistics.intervals import FEWEST_UNITS, Floats, floats, interval_of, without_spread
from odograph.statistics.judge import Cluster, at_layers, critical_size, judge
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.permutation import (
    ALPHA,
    CLUSTER_FORMING_P,
    PERMUTATIONS,
)
from odograph.statistics.student import critical_t
from odograph.statistics.values import Interval

LABELS = SignificanceTest.LABELS
RESIDUALS = SignificanceTest.FREEDMAN_LANE
# Beside the largest square, a variance is 0 up to so much.
_ROUNDING = 1e-12
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
        t: Welch's, of the difference; beside covariates its counterpart (HC2).
        p: of the layer alone, by permutation.
        p_max_t: corrected for all layers.
        clusters: runs of neighbouring layers beyond `threshold`, p corrected for all runs.
        resampled: the differences of drawn units, [draws, L].
        n_first, n_second: units.
        family: layers tested together; 0 where nothing was tested.
        freedom: degrees of freedom.
        threshold: |t| with which a layer joins a cluster; NaN where none was tested.
        critical: the |t| beyond which p_max_t < .05.
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
    critical: float
    test: SignificanceTest

    def simultaneous(self, index: int) -> Interval | None:
        """The interval of a layer that was picked because of its value; None where there is none.

        It holds at all layers of the family together, and leaves 0 out where `p_max_t` < .05.
        """
        value, t = float(self.difference[index]), float(self.t[index])
        reach = self.critical * abs(value / t) if t else float("nan")
        return interval_of(value - reach, value + reach, IntervalKind.SIMULTANEOUS)


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
        critical=tests.critical,
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
    critical: float


def _tests(sample: IndependentGroups, seed: int, permutations: int) -> _Tests:
    """All tests; clusters with the columns as layers."""
    width = sample.values.shape[1]
    t, p, p_max = (np.full(width, np.nan) for _ in range(3))
    tested = ~without_spread(sample.values)
    freedom = len(sample.first) - 2 - int(independent_columns(sample.covariates).sum())
    if min(sample.sizes) < FEWEST_UNITS or not tested.any() or freedom < 1:
        return _Tests(t, p, p_max, (), 0, freedom, np.nan, np.nan)
    drawn = permuted_t(sample, tested, seed=seed, permutations=permutations)
    t[tested] = drawn[0]
    threshold = critical_t(CLUSTER_FORMING_P, freedom)
    full = np.zeros((len(drawn), width))
    full[:, tested] = drawn
    found = judge(full, threshold=threshold, tested=tested)
    family = int(tested.sum())
    critical = critical_size(np.abs(drawn), ALPHA)
    return _Tests(t, found.p, found.p_max, found.clusters, family, freedom, threshold, critical)


def permuted_t(sample: IndependentGroups, tested: Mask, *, seed: int, permutations: int) -> Floats:
    """The t of the group at the tested layers, [permutations, L]; the first row as it is.

    With R the residuals of the values after covariates and constant, Q an orthonormal basis of
    these and g the group made orthogonal to Q with length 1: t = g'PR / sqrt(sum_i g_i^2 e_i^2 /
    (1 - h_i)) for a permutation P, e the residuals of PR after Q and g, h the leverages. Without
    covariates R are deviations from the mean, and t is Welch's.

    Source: Janssen 1997; Chung & Romano 2013; DiCiccio & Romano 2017 (beside covariates);
    MacKinnon & White 1985 (HC2).
    """
    columns = sample.covariates[:, independent_columns(sample.covariates)]
    others = np.column_stack([np.ones(len(columns)), columns - columns.mean(axis=0)])
    basis, _ = np.linalg.qr(others / np.linalg.norm(others, axis=0))
    group = _apart(sample.first.astype(float)[:, None], basis)
    basis = np.column_stack([basis, group / np.linalg.norm(group)])
    values = sample.values[:, tested]
    residual = _apart(values - values.mean(axis=0), basis[:, :-1])
    orders = label_orders(len(values), permutations, seed)
    chunk = max(1, _CHUNK // basis.size)
    return np.concatenate(
        [
            _robust_t(basis, orders[start : start + chunk], residual)
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


def _robust_t(basis: Floats, orders: NDArray[np.int64], residual: Floats) -> Floats:
    """The t for permuted rows of the basis [n, columns], of residuals [n, L]: [draws, L].

    The variance is a sum over units of weight times squared error, multiplied out: the errors are
    the residuals minus what the permuted basis says of them.
    """
    leverage = np.minimum((basis**2).sum(axis=1), 1 - _ROUNDING)
    weight = basis[:, -1] ** 2 / (1 - leverage)
    moved = basis[orders]
    found = np.einsum("dnc,nl->dcl", moved, residual, optimize=True)
    crossed = np.einsum("dnc,nl->dcl", (weight[:, None] * basis)[orders], residual, optimize=True)
    between = basis.T @ (weight[:, None] * basis)
    variance = weight[orders] @ residual**2
    variance -= 2 * (found * crossed).sum(axis=1)
    variance += np.einsum("dcl,ce,del->dl", found, between, found, optimize=True)
    scale = (residual**2).max(axis=0) * weight.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        t = found[:, -1] / np.sqrt(variance)
    return np.where(variance > _ROUNDING * scale, t, np.inf)


def mean_profile_sample(sample: IndependentGroups) -> IndependentGroups:
    """The same units with one number each: the mean over the layers."""
    return IndependentGroups(
        floats(sample.values.mean(axis=1))[:, None], sample.first, sample.covariates
    )
