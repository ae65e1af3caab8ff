"""A region of layers chosen beforehand, and the one test of the distance between two groups in it.

Chosen on passages that have no part in the test, the region needs no correction for its choice.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.statistics.designs.distance_profile import (
    BOOTSTRAP,
    DistanceProfile,
    percentile_interval,
    regions_of,
)
from odograph.statistics.designs.distances import LayerDistance
from odograph.statistics.intervals import LEVEL, Floats
from odograph.statistics.judge import reached
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.values import Interval, IntervalMethod, PValue

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
    regions = regions_of(np.stack([layer.permuted for layer in layers], axis=1))
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
    p = region_p(np.stack([layer.permuted for layer in inside], axis=1))
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
        PValue(test, None if not known else corrected, family, "pairs of groups", p),
    )
