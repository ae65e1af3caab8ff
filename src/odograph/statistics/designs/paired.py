"""Target against control, layer by layer: effect with interval, corrected p-values, and the table.

Both groups come from the same passages, so the comparison is paired. The independent t-tests of the
course stand beside it under their own names.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.errors import StudyError
from odograph.statistics.designs.one_sample import d_z_bounds
from odograph.statistics.intervals import (
    LEVEL,
    Floats,
    floats,
    mean_intervals,
    without_spread,
)
from odograph.statistics.judge import Cluster, at_layers, cluster_columns
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import (
    ALPHA,
    FEWEST_PAIRS,
    PERMUTATIONS,
    MeanTest,
    by_units,
    cluster_threshold,
    mean_test,
    paired_t,
)
from odograph.statistics.student import benjamini_hochberg, independent_t, two_sided_p
from odograph.statistics.values import Interval, PValue


@dataclass(frozen=True, eq=False)
class PairedProfile:
    """Target minus control at every layer: one value a layer in every array [L].

    The first nineteen fields (but `clusters`) are columns of `table()`. `tested` is what the p come
    from, with what it says of all layers together; `n` counts the pairs used,
    `excluded` those left out, `family` the layers tested together; `level` is that of both
    intervals; `threshold` the |t| from which a layer joins a cluster (NaN where none was tested).
    Numbers of layers: `absent` have no value at all, `no_difference` none in any pair,
    `same_difference` the same in every pair, but not 0.
    """

    layer: NDArray[np.int64]
    mean_target: Floats
    mean_control: Floats
    difference: Floats
    low: Floats
    high: Floats
    d_z: Floats
    d_z_low: Floats
    d_z_high: Floats
    t: Floats
    p_paired: Floats
    p_max_t: Floats
    p_bh: Floats
    t_student: Floats
    p_student: Floats
    t_welch: Floats
    p_welch: Floats
    clusters: tuple[Cluster, ...]
    tested: MeanTest
    n: int
    excluded: int
    family: int
    permutations: int
    level: float
    threshold: float
    absent: tuple[int, ...]
    no_difference: tuple[int, ...]
    same_difference: tuple[int, ...]

    @property
    def test(self) -> SignificanceTest:
        """The test of `p_max_t`."""
        return by_units(SignificanceTest.SIGN_FLIP_MAX_T, self.n)

    def simultaneous(self, index: int) -> Interval | None:
        """The interval of a layer that was picked because of its value; None where there is none.

        It holds at all layers of the family together, and leaves 0 out where `p_max_t` < .05.
        """
        return self.tested.simultaneous_at(self.difference, index)

    @property
    def found(self) -> NDArray[np.bool_]:
        """The layers with p < .05 after correction."""
        return np.asarray(np.nan_to_num(self.p_max_t, nan=1.0) < ALPHA)

    @property
    def sides(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """The layers of `found` in which the target has more, and in which it has less."""
        return self.found & (self.difference > 0), self.found & (self.difference < 0)

    def p_at(self, index: int, members: str = "layers") -> PValue:
        """The test of one layer, corrected for all of the family, and alone."""
        if not math.isfinite(self.p_max_t[index]):
            return PValue(SignificanceTest.NONE_FEW, None, self.family, members)
        return self.tested.p_at(index, self.test, self.family, members)

    def table(self) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
        """One row a layer: stable column names to arrays [L]; `cluster` is -1 outside clusters."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        own |= cluster_columns(self.layer, self.clusters)
        own["n"] = np.full(len(self.layer), self.n, dtype=np.int64)
        return {name: own[name] for name in COLUMNS}


COLUMNS = (
    *("layer", "mean_target", "mean_control", "difference", "low", "high"),
    *("d_z", "d_z_low", "d_z_high", "n", "t", "p_paired", "p_max_t", "p_bh"),
    *("cluster", "p_cluster", "t_student", "p_student", "t_welch", "p_welch"),
)


def paired_profile(
    target: ArrayLike,
    control: ArrayLike,
    layers: ArrayLike,
    *,
    seed: int,
    excluded: int = 0,
    permutations: int = PERMUTATIONS,
) -> PairedProfile:
    """Target minus control at every layer over paired passages, in the unit of the values.

    target, control: [n, L], row i of both from passage i; layers: [L], neighbouring. Rows with a
    NaN are left out and added to `excluded` (pairs dropped before). Per layer: both means, mean
    difference with BCa interval, d_z with interval, paired t, max-T p, BH p, clusters,
    and the course's Student and Welch tests. Fewer than 6 pairs: no p-values; fewer than 2: nothing
    but means. All differences 0: difference 0, p 1; all equal but not 0: t, d_z and p are NaN.

    Raises: StudyError if shapes disagree or layers are not neighbouring.
    """
    first, second, numbers = floats(target), floats(control), np.asarray(layers, dtype=np.int64)
    _check(first, second, numbers)
    whole = np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    absent = numbers[~(np.isfinite(first) & np.isfinite(second)).any(axis=0) & (len(first) > 0)]
    first, second = first[whole], second[whole]
    n = len(first)
    tested = mean_test(first - second, seed=seed, permutations=permutations)
    columns = _effects(first, second, seed) | _tests(first, second)
    flat = without_spread(first - second) & (n > 1)
    none = flat & ~(first - second).any(axis=0)
    return PairedProfile(
        layer=numbers,
        **columns,
        p_max_t=tested.p_max,
        clusters=at_layers(tested.clusters, numbers),
        tested=tested,
        n=n,
        excluded=excluded + int((~whole).sum()),
        family=int((~without_spread(first - second)).sum()) if n >= FEWEST_PAIRS else 0,
        permutations=permutations,
        level=LEVEL,
        threshold=cluster_threshold(n) if n >= FEWEST_PAIRS else float("nan"),
        absent=tuple(absent.tolist()),
        no_difference=tuple(numbers[none].tolist()),
        same_difference=tuple(numbers[flat & ~none].tolist()),
    )


def _check(target: Floats, control: Floats, layers: NDArray[np.int64]) -> None:
    if target.ndim != 2 or target.shape != control.shape or layers.shape != target.shape[1:]:
        raise StudyError(
            "target and control cannot be paired",
            expected="two arrays [pairs, layers] and one number a layer",
            given=f"{target.shape}, {control.shape} and {layers.shape}",
        )
    if (np.diff(layers) != 1).any():
        raise StudyError(
            "clusters need neighbouring layers",
            expected="layer numbers that rise by one",
            given=str(layers.tolist()),
        )


def _mean(values: Floats) -> Floats:
    if not len(values):
        return np.full(values.shape[1], np.nan)
    return np.asarray(values.mean(axis=0))


def _effects(target: Floats, control: Floats, seed: int) -> dict[str, Floats]:
    differences = target - control
    n = len(differences)
    low, high = mean_intervals(differences, seed=seed)
    t = paired_t(differences)
    d_z_low, d_z_high = d_z_bounds(differences, t)
    return {
        "mean_target": _mean(target),
        "mean_control": _mean(control),
        "difference": _mean(differences),
        "low": low,
        "high": high,
        "t": t,
        "d_z": t / np.sqrt(max(n, 1)),
        "d_z_low": d_z_low,
        "d_z_high": d_z_high,
    }


def _tests(target: Floats, control: Floats) -> dict[str, Floats]:
    differences = target - control
    p_paired = _paired_p(paired_t(differences), len(differences))
    # Like max-T: a layer without any difference has p 1 and is not counted in the family.
    equal = (p_paired == 1) & without_spread(differences)
    t_student, p_student = _independent(target, control, equal_var=True)
    t_welch, p_welch = _independent(target, control, equal_var=False)
    return {
        "p_paired": p_paired,
        "p_bh": np.where(equal, 1.0, benjamini_hochberg(np.where(equal, np.nan, p_paired))),
        "t_student": t_student,
        "p_student": p_student,
        "t_welch": t_welch,
        "p_welch": p_welch,
    }


def _paired_p(t: Floats, n: int) -> Floats:
    if n < FEWEST_PAIRS:
        return np.full(len(t), np.nan)
    return two_sided_p(t, n - 1)


def _independent(target: Floats, control: Floats, *, equal_var: bool) -> tuple[Floats, Floats]:
    """Independent two-sample t and p by layer: Student if `equal_var`, else Welch."""
    n, width = target.shape
    t, p = np.full((2, width), np.nan)
    if n < 2:
        return t, p
    flat = without_spread(target) & without_spread(control)
    same = flat & (target == control).all(axis=0)
    t[same], p[same] = 0.0, 1.0
    if not flat.all():
        t[~flat], p[~flat] = independent_t(target[:, ~flat], control[:, ~flat], equal_var=equal_var)
    if n < FEWEST_PAIRS:
        p[:] = np.nan
    return t, p
