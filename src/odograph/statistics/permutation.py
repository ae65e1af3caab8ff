"""Tests of means over units: by layer (max-T), and by region (cluster mass).

Which test it is follows from the number of units, never from a look at the data: the maximum of
|bootstrap-t| from 20 units on, flipped signs below. Flips are exact for differences that are
symmetric about 0 and err with skewed ones; the bootstrap-t holds its level there too, but loses
power with few units. Layers, regions and simultaneous intervals come from the same draws.
"""

from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.statistics.bootstrap_t import bootstrap_t
from odograph.statistics.intervals import Floats, floats, interval_of, without_spread
from odograph.statistics.judge import Cluster, Mask, critical_size, judge
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.sign_flips import flipped_t
from odograph.statistics.student import critical_t
from odograph.statistics.values import Interval, PValue, known

# 2 ** (6 - 1) = 32 different flips: with fewer pairs no p-value can fall below .05.
FEWEST_PAIRS = 6
#: From so many units on the maximum of |bootstrap-t| is the test, below it flipped signs.
FEWEST_BOOTSTRAP_T = 20
PERMUTATIONS = 10_000
# With so many p = .05 is known to +- .005.
CLUSTER_PERMUTATIONS = 2_000
CLUSTER_FORMING_P = 0.05
#: A p-value below it counts as found.
ALPHA = 0.05
#: Sample skewness beyond which flipped signs are said to be exact for symmetric differences only.
SKEWED = 1.0


@dataclass(frozen=True, eq=False)
class MeanTest:
    """A test of means of 0 at every layer: arrays [L].

    Attributes:
        t: of the mean.
        p, p_max: of a layer alone, and corrected for all. 1 where all values are 0; NaN where they
            are equal but not 0, and everywhere with fewer than 6 units.
        critical: the |t| beyond which p_max < .05; infinite where no t would be enough, NaN where
            nothing was tested.
        clusters: of neighbouring columns, those above the threshold first.
        least: the least p that the draws can give.
        p_bootstrap: the corrected p by the bootstrap-t, where signs were flipped and a layer is
            skewed; None elsewhere.
        units: how many the means are over.
    """

    t: Floats
    p: Floats
    p_max: Floats
    critical: float
    clusters: tuple[Cluster, ...]
    p_bootstrap: Floats | None = None
    least: float | None = None
    units: int = 0

    def of(self, columns: slice) -> "MeanTest":
        """The same test, of some of its columns only; without clusters."""
        beside = None if self.p_bootstrap is None else self.p_bootstrap[columns]
        t, p, p_max = self.t[columns], self.p[columns], self.p_max[columns]
        return MeanTest(t, p, p_max, self.critical, (), beside, self.least, self.units)

    def bootstrap_p(self, column: int) -> float | None:
        """What the bootstrap-t gives beside flipped signs; None where units are not skewed."""
        return None if self.p_bootstrap is None else float(self.p_bootstrap[column])

    def simultaneous(self, mean: Floats) -> tuple[Floats, Floats]:
        """Bounds that hold at all layers together, [L], [L]: they leave 0 out where p_max < .05.

        NaN where there is no p, or no finite bound.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = self.critical * np.abs(mean / self.t)
        known = np.isfinite(reach) & np.isfinite(self.p_max)
        reach = np.where(known, reach, np.nan)
        return mean - reach, mean + reach

    def simultaneous_at(self, mean: Floats, column: int) -> Interval | None:
        """The interval of a column that was picked because of its mean, [L]; None for none."""
        low, high = self.simultaneous(mean)
        return interval_of(low[column], high[column], IntervalKind.SIMULTANEOUS)

    def p_at(
        self, column: int, test: SignificanceTest, family: int, members: str = "layers"
    ) -> PValue:
        """The p of one column, corrected for all of the family, and alone."""
        p, alone = float(self.p_max[column]), float(self.p[column])
        beside, d_z = self.bootstrap_p(column), float(self.t[column] / np.sqrt(self.units))
        return PValue(test, p, family, members, alone, beside, self.least, d_z=known(d_z))


def mean_test(values: Floats, *, seed: int, permutations: int = PERMUTATIONS) -> MeanTest:
    """Whether means over units differ from 0, [n, L]: layers, clusters and what bounds them.

    p_l = share of draws whose largest |t| over layers reaches |t_l|; all 2^(n-1) flips where they
    are fewer than `permutations`. Layers without spread are not part of the family.

    Raises: StudyError for a value that is not finite.
    Source: Nichols & Holmes 2002; Maris & Oostenveld 2007; Hall 1992; as mne.stats for n < 20.
    """
    n, width = values.shape
    p, p_max, t = np.full(width, np.nan), np.full(width, np.nan), paired_t(values)
    if n < FEWEST_PAIRS:
        return MeanTest(t, p, p_max, np.nan, (), units=n)
    flat = without_spread(values)
    p[flat & ~values.any(axis=0)] = p_max[flat & ~values.any(axis=0)] = 1.0
    if flat.all():
        return MeanTest(t, p, p_max, np.nan, (), units=n)
    _check_finite(values)
    own = drawn_t(values[:, ~flat], seed=seed, permutations=permutations)
    drawn = np.zeros((len(own), width))
    drawn[:, ~flat] = own
    found = judge(drawn, threshold=cluster_threshold(n), tested=~flat)
    p[~flat], p_max[~flat] = found.p[~flat], found.p_max[~flat]
    clusters = tuple(sorted(found.clusters, key=lambda run: run.mass < 0))
    beside = _beside(values, ~flat, seed, permutations)
    critical = critical_size(np.abs(own), ALPHA)
    return MeanTest(t, p, p_max, critical, clusters, beside, 1 / len(own), n)


def drawn_t(values: Floats, *, seed: int, permutations: int) -> Floats:
    """The t of each column where the mean is 0, [draws, L], the first row as observed."""
    if len(values) < FEWEST_BOOTSTRAP_T:
        return flipped_t(values, seed=seed, permutations=permutations)
    resampled = bootstrap_t(values, seed=seed, resamples=permutations - 1)
    return np.concatenate([paired_t(values)[None], resampled])


def _beside(values: Floats, tested: Mask, seed: int, permutations: int) -> Floats | None:
    """The corrected p by the bootstrap-t, [L], of few units with skewed differences."""
    own = values[:, tested]
    if len(own) >= FEWEST_BOOTSTRAP_T or (np.abs(sample_skewness(own)) <= SKEWED).all():
        return None
    resampled = bootstrap_t(own, seed=seed, resamples=permutations - 1)
    p = np.full(values.shape[1], np.nan)
    p[tested] = judge(np.concatenate([paired_t(own)[None], resampled])).p_max
    return p


def sample_skewness(values: Floats) -> Floats:
    """The third moment over the cube of the standard deviation: [n, L] to [L]; needs a spread."""
    centred = values - values.mean(axis=0)
    return np.asarray((centred**3).mean(axis=0) / (centred**2).mean(axis=0) ** 1.5)


def by_units(test: SignificanceTest, n: int) -> SignificanceTest:
    """The key of a test of means over n units: that of flipped signs, or of the bootstrap-t."""
    if n < FEWEST_BOOTSTRAP_T:
        return test
    return SignificanceTest(test.replace("sign_flip", "bootstrap_t"))


def paired_t(differences: Floats) -> Floats:
    """The paired t of each layer, mean / (sd / sqrt n): [n, L] to [L], n - 1 degrees of freedom.

    All differences 0 gives 0; all equal but not 0, or fewer than two pairs, gives NaN.
    """
    n, width = differences.shape
    t = np.full(width, np.nan)
    if n < 2:
        return t
    flat = without_spread(differences)
    t[flat & ~differences.any(axis=0)] = 0.0
    spread = differences[:, ~flat]
    t[~flat] = spread.mean(axis=0) / (spread.std(axis=0, ddof=1) / np.sqrt(n))
    return t


def cohens_d_z(values: Floats) -> float | None:
    """The mean over units, [n], in their standard deviations; None without spread, or of one."""
    return known(float(paired_t(values[:, None])[0] / np.sqrt(len(values))))


def max_t(differences: Floats, *, seed: int, permutations: int = PERMUTATIONS) -> Floats:
    """Two-sided p of each layer, corrected for the number of layers: `mean_test` has more."""
    return mean_test(differences, seed=seed, permutations=permutations).p_max


def mean_p(values: Floats, *, seed: int, permutations: int = PERMUTATIONS) -> float | None:
    """Two-sided p of a mean of 0 over units [n]; None for fewer than 6 or no spread."""
    p = float(max_t(floats(values)[:, None], seed=seed, permutations=permutations)[0])
    return p if np.isfinite(p) else None


def cluster_threshold(n: int) -> float:
    """The |t| from which a layer joins a cluster: two-sided p = .05 of one layer, n - 1 df."""
    return critical_t(CLUSTER_FORMING_P, n - 1)


def cluster_mass(
    differences: Floats, *, seed: int, permutations: int = PERMUTATIONS
) -> tuple[Cluster, ...]:
    """Runs of neighbouring columns beyond the threshold, with mass (sum of t) and corrected p.

    Those above it come first, then those below. p = share of draws whose largest |mass| reaches the
    run's: it speaks for the curves as a whole, not for the run's edges. A column without spread is
    in no run. Fewer than 6 pairs: ().
    """
    return mean_test(differences, seed=seed, permutations=permutations).clusters


def _check_finite(values: Floats) -> None:
    if not np.isfinite(values).all():
        raise StudyError(
            "means cannot be tested",
            expected="values that are all finite",
            given=f"{int((~np.isfinite(values)).sum())} that are not",
            remedy="Leave those units out and count them.",
        )


def single_test_of(n: int) -> SignificanceTest:
    """The one test of a mean over n units."""
    return by_units(SignificanceTest.SIGN_FLIP_MEAN, n)


def both_signs(difference: Floats, p: Floats) -> bool:
    """Whether some layers are shown to lie above 0 and others below: by corrected p's, [L]."""
    found = np.nan_to_num(p, nan=1.0) < ALPHA
    return bool((found & (difference > 0)).any() and (found & (difference < 0)).any())


def cancels(mean: tuple[float, float] | None, difference: Floats, p: Floats) -> bool:
    """Whether layers are shown on both sides of 0 while their mean, by its interval, is not."""
    holds = mean is not None and mean[0] <= 0 <= mean[1]
    return holds and both_signs(difference, p)
