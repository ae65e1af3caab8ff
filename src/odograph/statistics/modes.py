"""Whether a distribution has one hump or more, and where the valley between two is.

The humps are those of a Gaussian kernel density. The test asks how far it must be smoothed until
one hump is left, and whether passages drawn anew from a density without a valley would need as
much. A passage is drawn with all its values, so that those of one passage, and of its layers, may
depend on each other.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from odograph.errors import StudyError
from odograph.statistics.intervals import FEWEST_UNITS, Floats, floats
from odograph.statistics.permutation import ALPHA

MODES_TEST = "critical bandwidth of one hump, passages resampled from a density without valley"
#: A hump holds at least this share of the values: what is less is a few values far out.
SMALLEST_HUMP = 0.01
RESAMPLES = 999

# Once so many resamples have more humps than one, the rest can only confirm a large p.
_ENOUGH = 20
# More values than that add to the time and not to the answer: whole units are drawn of them.
_MOST_VALUES = 10_000
_POINTS = 1536
# The widest bandwidth is half the range: two points merge at it. The finest is 3 points.
_BANDWIDTHS = 60
_HALVINGS = 12


@dataclass(frozen=True)
class Humps:
    """The humps of a distribution.

    Attributes:
        bandwidth: the critical one: with a wider kernel one hump is left; NaN where no bandwidth
            gives more.
        peaks: the places of the two humps, in the unit of the values, where the density is parted
            in two as finely as can be; the place of the one where it cannot be parted.
        valley: the place of the lowest density between them; NaN for one hump.
        n: values that are numbers.
        units: units with such a value.
        beyond: units with a value in the hump that holds fewer values; 0 for one hump.
        p: of one hump being all there is; None for fewer than 6 units or no spread.
    """

    bandwidth: float
    peaks: tuple[float, ...]
    valley: float
    n: int
    units: int
    beyond: int
    p: float | None

    @property
    def several(self) -> bool:
        """Whether p < .05, and 6 units or more have a part in the smaller hump."""
        return self.p is not None and self.p < ALPHA and self.beyond >= FEWEST_UNITS


def humps(values: ArrayLike, units: ArrayLike, *, seed: int, resamples: int = RESAMPLES) -> Humps:
    """The humps of values [n] that come from units [n] (passages), and the test of there being one.

    h is the critical bandwidth: the smallest at which a Gaussian kernel density has one hump. A
    hump of less than 1 % of the values is none. The null is the density with two humps levelled
    (its unimodal regression): values are moved to it by their quantiles. Units are drawn anew with
    all their moved values, and p is the share of such draws that have more than one hump at h: 20 /
    k where the 20th comes with draw k (Besag & Clifford 1991), else (c + 1) / (resamples + 1).

    Values that are not finite are left out. Above 10,000 values the test draws whole units.

    Raises: StudyError if values and units do not fit.
    Source: Silverman 1981 (critical bandwidth); Ameijeiras-Alonso, Crujeiras & Rodriguez-Casal 2019
        (a null without valley, as Silverman's own rejects flat densities too often).
    """
    column, of = floats(values), np.asarray(units)
    if column.ndim != 1 or column.shape != of.shape:
        raise StudyError(
            "humps cannot be looked for",
            expected="one value and its unit each",
            given=f"the shapes {column.shape} and {of.shape}",
        )
    finite = np.isfinite(column)
    column, of = column[finite], np.unique(of[finite], return_inverse=True)[1]
    count = int(of.max()) + 1 if len(of) else 0
    if not len(column) or np.ptp(column) <= 1e-7 * np.abs(column).max():
        return Humps(math.nan, tuple(column[:1].tolist()), math.nan, len(column), count, 0, None)
    scale = _Scale.of(column)
    counts = scale.counts(column)
    one = _critical(scale, counts, 1)
    if one is None:
        peak = scale.at(int(np.argmax(scale.smooth(counts, scale.finest))))
        p = 1.0 if count >= FEWEST_UNITS else None
        return Humps(math.nan, (peak,), math.nan, len(column), count, 0, p)
    fine, peaks, valley = _parted(scale, counts, one)
    p = None
    if count >= FEWEST_UNITS:
        p = _p(scale, *_fewer(column, of, seed), (one, fine), seed, resamples)
    above = column > valley
    beyond = len(np.unique(of[above if 2 * above.sum() <= len(column) else ~above]))
    return Humps(one, peaks, valley, len(column), count, beyond, p)


def holm(p: ArrayLike) -> Floats:
    """Holm's p of a family of tests, under any dependence; NaN is left out (Holm 1979)."""
    given = floats(p)
    order = np.argsort(given)[: int(np.isfinite(given).sum())]
    adjusted = np.full(given.shape, np.nan)
    steps = given[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps)) if len(order) else steps
    return adjusted


@dataclass(frozen=True)
class _Scale:
    """The points at which densities are known: three times the range, so that nothing wraps."""

    start: float
    gap: float
    range: float

    @classmethod
    def of(cls, values: Floats) -> "_Scale":
        wide = float(np.ptp(values))
        return cls(float(values.min()) - wide, 3 * wide / _POINTS, wide)

    def counts(self, values: Floats) -> Floats:
        places = np.clip(np.rint((values - self.start) / self.gap), 0, _POINTS - 1)
        return np.bincount(places.astype(np.int64), minlength=_POINTS).astype(np.float64)

    def at(self, index: int) -> float:
        return self.start + index * self.gap

    def smooth(self, counts: Floats, bandwidth: float) -> Floats:
        waves = 2 * np.pi * np.fft.rfftfreq(_POINTS, self.gap)
        kernel = np.exp(-0.5 * (waves * bandwidth) ** 2)
        smoothed: Floats = np.fft.irfft(np.fft.rfft(counts) * kernel, _POINTS)
        # The transform leaves noise where nothing is; it must not look like humps.
        return np.asarray(np.where(smoothed < 1e-9 * smoothed.max(), 0.0, smoothed), np.float64)

    @property
    def finest(self) -> float:
        return 3 * self.gap

    def bandwidths(self) -> Floats:
        return np.asarray(np.geomspace(self.range / 2, self.finest, _BANDWIDTHS), np.float64)

    def points(self) -> Floats:
        return np.asarray(self.start + self.gap * np.arange(_POINTS), np.float64)


def _humps(density: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The points of the humps that are large enough [k], and of the valleys between [k - 1]."""
    rises, falls = density[1:-1] > density[:-2], density[1:-1] >= density[2:]
    peaks = np.flatnonzero(rises & falls) + 1
    valleys = _valleys(density, peaks)
    total = np.append(0.0, density.cumsum())
    shares = np.diff(total[np.concatenate([[0], valleys, [len(density)]])]) / total[-1]
    kept = peaks[shares >= SMALLEST_HUMP]
    return kept, _valleys(density, kept)


def _valleys(density: Floats, peaks: NDArray[np.int64]) -> NDArray[np.int64]:
    between = pairwise(peaks.tolist())
    return np.array([a + int(np.argmin(density[a:b])) for a, b in between], dtype=np.int64)


def _number(scale: _Scale, counts: Floats, bandwidth: float) -> int:
    return len(_humps(scale.smooth(counts, bandwidth))[0])


def _critical(scale: _Scale, counts: Floats, most: int) -> float | None:
    """The smallest bandwidth that leaves `most` humps; None where even the finest does."""
    wide = None
    for fine in scale.bandwidths():
        if _number(scale, counts, fine) > most:
            break
        wide = fine
    else:
        return None
    if wide is None:
        return float(fine)
    for _ in range(_HALVINGS):
        middle = math.sqrt(wide * fine)
        wide, fine = (wide, middle) if _number(scale, counts, middle) > most else (middle, fine)
    return float(wide)


def _parted(scale: _Scale, counts: Floats, one: float) -> tuple[float, tuple[float, float], float]:
    """The finest bandwidth that leaves two humps, their places, and that of the valley."""
    two = _critical(scale, counts, 2) or scale.finest
    # Where smaller humps come and go, the finest may leave one: then just under the critical one.
    for bandwidth in (two, one * (1 - 1e-3), one * (1 - 1e-2)):
        density = scale.smooth(counts, bandwidth)
        peaks, valleys = _humps(density)
        if len(peaks) >= 2:
            break
    deepest = int(np.argmin(density[valleys]))
    places = scale.at(int(peaks[deepest])), scale.at(int(peaks[deepest + 1]))
    return bandwidth, places, scale.at(int(valleys[deepest]))


def _fewer(values: Floats, units: NDArray[np.int64], seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """The values of as many units, drawn whole, as the test can hold; all where they are few."""
    if len(values) <= _MOST_VALUES:
        return values, units
    sizes = np.bincount(units)
    order = np.random.default_rng([seed, 1]).permutation(len(sizes))
    within = int(np.searchsorted(sizes[order].cumsum(), _MOST_VALUES, side="right"))
    kept = np.isin(units, order[: max(FEWEST_UNITS, within)])
    return values[kept], np.unique(units[kept], return_inverse=True)[1]


def _p(
    scale: _Scale,
    values: Floats,
    units: NDArray[np.int64],
    bandwidths: tuple[float, float],
    seed: int,
    resamples: int,
) -> float:
    """The p of one hump, from the critical bandwidth and that of the density with two."""
    one, fine = bandwidths
    moved = _levelling(scale, values, fine)
    found = 0
    for draw, resampled in enumerate(_resampled(values, units, fine, seed, resamples), 1):
        found += _number(scale, scale.counts(moved(resampled)), one) > 1
        if found == _ENOUGH:
            return _ENOUGH / draw
    return (found + 1) / (resamples + 1)


def _levelling(scale: _Scale, values: Floats, bandwidth: float) -> Callable[[Floats], Floats]:
    """The map, by quantiles, from the density of a bandwidth to that density without valleys."""
    density = scale.smooth(scale.counts(values), bandwidth)
    top = int(np.argmax(density))
    level = np.concatenate(
        [
            isotonic_regression(density[:top]).x if top else density[:0],
            isotonic_regression(density[top:], increasing=False).x,
        ]
    )
    points = scale.points()
    given, wanted = (np.append(0.0, d).cumsum() / d.sum() for d in (density, level))
    edges = np.append(points, points[-1] + scale.gap) - scale.gap / 2
    rising = np.append(True, np.diff(wanted) > 0)

    def move(drawn: Floats) -> Floats:
        quantiles = np.interp(drawn, edges, given)
        return np.asarray(np.interp(quantiles, wanted[rising], edges[rising]))

    return move


def _resampled(
    values: Floats, units: NDArray[np.int64], bandwidth: float, seed: int, resamples: int
) -> Iterator[Floats]:
    """Values of units drawn with replacement, each moved by normal noise of the bandwidth."""
    generator = np.random.default_rng(seed)
    order = np.argsort(units, kind="stable")
    groups = np.split(values[order], np.bincount(units).cumsum()[:-1])
    for _ in range(resamples):
        drawn = generator.integers(len(groups), size=len(groups))
        moved = np.concatenate([groups[unit] for unit in drawn])
        yield moved + bandwidth * generator.standard_normal(len(moved))
