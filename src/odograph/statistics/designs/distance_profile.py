"""The distance between two groups over the layers: intervals, a test a layer, and regions."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.designs.contrasts import Mask
from odograph.statistics.designs.distances import LayerDistance, Redrawn, signed_root
from odograph.statistics.intervals import LEVEL, Floats, expanded_tail
from odograph.statistics.judge import Cluster, judge, reached
from odograph.statistics.keys import IntervalKind, SignificanceTest
from odograph.statistics.permutation import CLUSTER_FORMING_P
from odograph.statistics.values import Interval, IntervalMethod, PValue

BOOTSTRAP = IntervalKind.EXPANDED
FLIPS = SignificanceTest.SIGN_FLIP_UNITS
SHUFFLES = SignificanceTest.LABELS_UNITS


@dataclass(frozen=True)
class Region(Cluster):
    """Neighbouring layers beyond the threshold: the sum of standardised distances, and p.

    `p_pair` is corrected for the layers of this pair of groups, `p` for all pairs as well.
    """

    p_pair: float


@dataclass(frozen=True, eq=False)
class DistanceProfile:
    """Two groups at every state 0..L: arrays [L + 1].

    Attributes:
        layer: 0..L.
        squared: the unbiased squared distance.
        distance: its signed square root, in mean lengths of a state.
        low, high: 95 % bootstrap interval of `distance`; NaN with fewer than 6 units in a group.
        null_low, null_high: 5 and 95 % of `distance` under other labels.
        p: of the layer alone.
        p_max: corrected for all layers and for `comparisons` pairs of groups.
        regions: clusters of layers, p corrected in the same way.
        mean, mean_low, mean_high: of `distance` over the layers.
        paired, n_first, n_second: units of both groups; paired: sentences.
        comparisons: pairs of groups tested together.
        family: layers tested, times `comparisons`; 0 where nothing was tested.
        least: the least p that the draws can give, corrected for `comparisons`.
    """

    layer: NDArray[np.int64]
    squared: Floats
    distance: Floats
    low: Floats
    high: Floats
    null_low: Floats
    null_high: Floats
    p: Floats
    p_max: Floats
    regions: tuple[Region, ...]
    mean: float
    mean_low: float
    mean_high: float
    paired: bool
    n_first: int
    n_second: int
    comparisons: int
    family: int
    least: float | None = None

    @property
    def test(self) -> SignificanceTest:
        """The test of both p-values."""
        return FLIPS if self.paired else SHUFFLES

    def beyond(self, twins: Floats) -> tuple[Mask, Mask]:
        """At which states the interval lies above the range of twins, [twins, L+1], and below."""
        return self.low > twins.max(axis=0), self.high < twins.min(axis=0)


def distance_profile(
    layers: Iterable[LayerDistance],
    redrawn: Redrawn,
    sizes: tuple[int, int],
    *,
    comparisons: int = 1,
) -> DistanceProfile:
    """Intervals and tests over the layers 0..L of two groups with so many units.

    p-values are multiplied by `comparisons`, the pairs of groups tested together (Bonferroni).
    """
    found = list(layers)
    distance = np.array([layer.relative for layer in found])
    resampled = np.stack([layer.resampled for layer in found], axis=1)
    low, high = _bounds(resampled, min(sizes))
    mean_low, mean_high = _bounds(resampled.mean(axis=1, keepdims=True), min(sizes))
    permuted = np.stack([layer.permuted for layer in found], axis=1)
    lengths = np.array([layer.length for layer in found])
    tests = _tests(np.stack([layer.studentised for layer in found], axis=1), comparisons)
    return DistanceProfile(
        layer=np.arange(len(found)),
        squared=np.array([layer.squared for layer in found]),
        distance=distance,
        low=low,
        high=high,
        **_null(permuted, lengths),
        p=tests.p,
        p_max=tests.p_max,
        regions=tests.regions,
        mean=float(distance.mean()),
        mean_low=float(mean_low[0]),
        mean_high=float(mean_high[0]),
        paired=redrawn.paired,
        n_first=sizes[0],
        n_second=sizes[1],
        comparisons=comparisons,
        family=tests.layers * comparisons,
        least=comparisons / len(permuted) if len(permuted) else None,
    )


def _bounds(resampled: Floats, n: int) -> tuple[Floats, Floats]:
    """Percentile bounds of every column; NaN without draws, or where all draws are the same.

    A draw of one unit only, again and again, has no distance: up to 5 % of them are left out.
    Where the groups hardly differ it is too wide: it holds the truth more often than 95 %.

    Source: Hesterberg 2015 (expanded percentile interval).
    """
    bounds = np.full((2, resampled.shape[1]), np.nan)
    if len(resampled):
        known = np.isfinite(resampled).mean(axis=0) > 0.95
        spread = np.nanmax(resampled[:, known], axis=0) - np.nanmin(resampled[:, known], axis=0)
        size = np.nanmax(np.abs(resampled[:, known]), axis=0)
        known[known] = spread > 1e-7 * size
        tail = expanded_tail(n)
        bounds[:, known] = np.nanquantile(resampled[:, known], [tail, 1 - tail], axis=0)
    return bounds[0], bounds[1]


def percentile_interval(resampled: Floats, n: int) -> tuple[float, float]:
    """The bounds of one number from its resampled values [draws]; as those of every layer."""
    low, high = _bounds(resampled[:, None], n)
    return float(low[0]), float(high[0])


def regions_of(permuted: Floats, comparisons: int = 1) -> tuple[Region, ...]:
    """The regions of studentised distances [permutations, layers], the first row as observed."""
    return _tests(permuted, comparisons).regions


def _null(permuted: Floats, lengths: Floats) -> dict[str, Floats]:
    if not len(permuted):
        empty = np.full(len(lengths), np.nan)
        return {"null_low": empty, "null_high": empty}
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.percentile(signed_root(permuted) / lengths, [5, 95], axis=0)
    return {"null_low": low, "null_high": high}


@dataclass(frozen=True, eq=False)
class _Tests:
    p: Floats
    p_max: Floats
    regions: tuple[Region, ...]
    layers: int


def _tests(permuted: Floats, comparisons: int) -> _Tests:
    """Tests of [permutations, layers], whose first row is what was observed.

    Each layer's studentised squared distances are divided by their root mean square over all
    permutations. Per layer: against the largest such value over layers (max statistic). Regions:
    the sum over neighbouring layers, each beyond 95 % of its own permutations. Both one-sided,
    since a distance has no direction. A layer where no permutation changes anything is not tested:
    p is 1 where the groups are the same there, else NaN.

    Source: Nichols & Holmes 2002; Maris & Oostenveld 2007.
    """
    nothing = np.full(permuted.shape[1], np.nan)
    if not len(permuted):
        return _Tests(nothing, nothing.copy(), (), 0)
    scale = np.sqrt((permuted**2).mean(axis=0))
    tested = np.ptp(permuted, axis=0) > 1e-9 * scale
    p, p_max = nothing, nothing.copy()
    p[scale == 0] = p_max[scale == 0] = 1.0
    if not tested.any():
        return _Tests(p, p_max, (), 0)
    z = np.divide(permuted, scale, out=np.zeros(permuted.shape), where=tested)
    threshold = np.quantile(z, 1 - CLUSTER_FORMING_P, axis=0)
    found = judge(z, threshold=threshold, tested=tested, sided=1)
    p, p_max = (np.where(tested, own, p) for own in (found.p, found.p_max))
    regions = tuple(
        Region(c.first_layer, c.last_layer, c.mass, min(1.0, comparisons * c.p), c.p)
        for c in found.clusters
    )
    return _Tests(p, np.minimum(1, comparisons * p_max), regions, int(tested.sum()))


Span = tuple[int, int]


@dataclass(frozen=True)
class Chosen:
    """The distance in the layers that were chosen.

    Attributes:
        first_layer, last_layer: of the region; all layers where none was chosen.
        explored: units that the choice was made on.
        found: whether there was a cluster to choose.
        mean: the distance averaged over the layers, in mean lengths of a state.
        interval: of `mean`; None where there is none.
        tested: its p, corrected for the pairs of groups, which were not chosen.
    """

    first_layer: int
    last_layer: int
    explored: int
    found: bool
    mean: float
    interval: Interval | None
    tested: PValue


def largest_region(layers: Sequence[LayerDistance]) -> Span | None:
    """First and last layer of the cluster with the largest mass; None where there is none."""
    regions = regions_of(np.stack([layer.studentised for layer in layers], axis=1))
    best = max(regions, key=lambda region: region.mass, default=None)
    return None if best is None else (best.first_layer, best.last_layer)


def region_p(permuted: Floats) -> float:
    """The p of a distance averaged over layers, [permutations, layers], the first row observed.

    Each layer's squared distances are divided by their root mean square over all permutations.
    One-sided, as a distance has no direction. NaN where no permutation changes anything.
    """
    if not len(permuted):
        return math.nan
    scale = np.sqrt((permuted**2).mean(axis=0))
    tested = np.ptp(permuted, axis=0) > 1e-9 * scale
    if not tested.any():
        return math.nan
    mean = (permuted[:, tested] / scale[tested]).mean(axis=1)
    return float(reached(mean[:, None], mean[:1])[0])


def chosen_region(
    layers: Sequence[LayerDistance], span: Span | None, profile: DistanceProfile, explored: int
) -> Chosen:
    """The distance in the layers of a span (in all, where None), with its interval and its test."""
    first, last = span or (0, len(layers) - 1)
    inside = layers[first : last + 1]
    resampled = np.stack([layer.resampled for layer in inside], axis=1).mean(axis=1)
    p = region_p(np.stack([layer.studentised for layer in inside], axis=1))
    corrected = min(1.0, p * profile.comparisons)
    family = profile.comparisons
    test = SignificanceTest.NONE_UNITS_OR_SPREAD if math.isnan(p) else profile.test
    fewest = min(profile.n_first, profile.n_second)
    bounds = percentile_interval(resampled, fewest)
    known = np.isfinite(bounds).all() and not math.isnan(p)
    return Chosen(
        first,
        last,
        explored,
        span is not None,
        float(np.mean([layer.relative for layer in inside])),
        Interval(*bounds, LEVEL, IntervalMethod(BOOTSTRAP, fewest)) if known else None,
        PValue(
            test,
            None if not known else corrected,
            family,
            "pairs of groups",
            p,
            least=profile.least,
        ),
    )
