"""Two independent groups of units, layer by layer: difference, interval and tests.

From 20 units a group on units are drawn again within their groups (bootstrap-t); with fewer, and
beside covariates, the residuals have their signs flipped (wild bootstrap). All layers of a unit
stay together, so that their dependence is kept. The statistic is studentised by what each unit
varies on its own (Welch's t), so that groups may differ in size and in spread: permuted labels,
which are exact for groups that are alike, err in 10 to 25 % where the smaller one has four times
the spread.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.statistics.bootstrap_t import welch_t
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
    FEWEST_BOOTSTRAP_T,
    PERMUTATIONS,
)
from odograph.statistics.student import critical_t
from odograph.statistics.values import Interval, IntervalMethod

RESAMPLES = SignificanceTest.BOOTSTRAP_T_GROUPS
FLIPS = SignificanceTest.WILD_GROUPS
RESIDUALS = SignificanceTest.WILD_RESIDUALS
# Beside the largest square, a variance is 0 up to so much.
_ROUNDING = 1e-12


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
        p: of the layer alone.
        p_max_t: corrected for all layers.
        clusters: runs of neighbouring layers beyond `threshold`, p corrected for all runs.
        resampled: the differences of drawn units, [draws, L].
        n_first, n_second: units.
        family: layers tested together; 0 where nothing was tested.
        freedom: degrees of freedom.
        threshold: |t| with which a layer joins a cluster; NaN where none was tested.
        critical: the |t| beyond which p_max_t < .05.
        test: how the null was drawn.
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

    def of_test(self) -> Interval | None:
        """The interval of a single layer that belongs to its test: without 0 where p < .05."""
        found = self.simultaneous(0)
        return found and replace(found, method=IntervalMethod(IntervalKind.OF_TEST))

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

    layers: their numbers, neighbouring, [L]; permutations: the data as they are among them;
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
    tests = _tests(sample, drawn, seed, permutations)
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
        test=test_of(sample),
    )


def test_of(sample: IndependentGroups) -> SignificanceTest:
    """How the null is drawn: by covariates and the size of the smaller group, never by a look."""
    if sample.covariates.shape[1]:
        return RESIDUALS
    return FLIPS if min(sample.sizes) < FEWEST_BOOTSTRAP_T else RESAMPLES


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


def _tests(sample: IndependentGroups, counts: Floats, seed: int, permutations: int) -> _Tests:
    """All tests; clusters with the columns as layers."""
    width = sample.values.shape[1]
    t, p, p_max = (np.full(width, np.nan) for _ in range(3))
    tested = ~without_spread(sample.values)
    freedom = len(sample.first) - 2 - int(independent_columns(sample.covariates).sum())
    if min(sample.sizes) < FEWEST_UNITS or not tested.any() or freedom < 1:
        return _Tests(t, p, p_max, (), 0, freedom, np.nan, np.nan)
    signs = random_signs(len(sample.first), permutations - 1, seed)
    drawn = _drawn_t(sample, tested, counts, signs)
    t[tested] = drawn[0]
    threshold = critical_t(CLUSTER_FORMING_P, freedom)
    full = np.zeros((len(drawn), width))
    full[:, tested] = drawn
    found = judge(full, threshold=threshold, tested=tested)
    family = int(tested.sum())
    critical = critical_size(np.abs(drawn), ALPHA)
    return _Tests(t, found.p, found.p_max, found.clusters, family, freedom, threshold, critical)


def _drawn_t(sample: IndependentGroups, tested: Mask, counts: Floats, signs: Floats) -> Floats:
    """The t where the groups do not differ, [draws, L], the first row as it is."""
    if test_of(sample) == RESAMPLES:
        null = welch_t(sample.values[:, tested], sample.first, counts)
    else:
        null = group_t(sample, tested, signs)
    return np.concatenate([group_t(sample, tested), null])


def group_t(sample: IndependentGroups, tested: Mask, signs: Floats | None = None) -> Floats:
    """The t of the group at the tested layers, as it is [1, L], or of flipped residuals [draws, L].

    Q is an orthonormal basis of constant, covariates and, last, the group, g its last column:
    t = g'Y / sqrt(sum_i g_i^2 e_i^2 / (1 - h_i)), e the residuals of Y after Q, h the leverages. Y
    are the values, or the residuals of the values after Q with the signs [draws, n]. Without
    covariates t is Welch's.

    Source: MacKinnon & White 1985 (HC2); Davidson & Flachaire 2008 (wild bootstrap).
    """
    columns = sample.covariates[:, independent_columns(sample.covariates)]
    others = np.column_stack([np.ones(len(columns)), columns - columns.mean(axis=0)])
    basis, _ = np.linalg.qr(others / np.linalg.norm(others, axis=0))
    group = _apart(sample.first.astype(float)[:, None], basis)
    basis = np.column_stack([basis, group / np.linalg.norm(group)])
    values = sample.values[:, tested] - sample.values[:, tested].mean(axis=0)
    if signs is None:
        return _robust_t(basis, np.ones((1, len(values))), values)
    return _robust_t(basis, signs, _apart(values, basis))


def random_signs(n: int, draws: int, seed: int) -> Floats:
    """Signs of n units, [draws, n]."""
    return np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, n))


def _apart(columns: Floats, basis: Floats) -> Floats:
    """The columns without what lies in the basis; twice, against rounding."""
    left = columns - basis @ (basis.T @ columns)
    return np.asarray(left - basis @ (basis.T @ left))


def _robust_t(basis: Floats, signs: Floats, values: Floats) -> Floats:
    """The t of the last column of the basis [n, columns], of values [n, L] with signs: [draws, L].

    The variance is a sum over units of weight times squared error, multiplied out: the errors are
    the signed values minus what the basis says of them.
    """
    leverage = np.minimum((basis**2).sum(axis=1), 1 - _ROUNDING)
    weight = (basis[:, -1] ** 2 / (1 - leverage))[:, None]
    found = np.stack([signs @ (column[:, None] * values) for column in basis.T], axis=1)
    weighed = (weight * basis).T
    crossed = np.stack([signs @ (column[:, None] * values) for column in weighed], axis=1)
    variance = (weight * values**2).sum(axis=0) - 2 * (found * crossed).sum(axis=1)
    variance += np.einsum("dcl,ce,del->dl", found, weighed @ basis, found, optimize=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = found[:, -1] / np.sqrt(variance)
    return np.where(variance > _ROUNDING * (values**2).max(axis=0) * weight.sum(), t, np.inf)


def mean_profile_sample(sample: IndependentGroups) -> IndependentGroups:
    """The same units with one number each: the mean over the layers."""
    return IndependentGroups(
        floats(sample.values.mean(axis=1))[:, None], sample.first, sample.covariates
    )
