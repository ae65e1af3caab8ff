"""Gaussian kernel densities on a grid, their humps, and the bandwidths that leave so many."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats

#: A hump holds at least this share of the values: what is less is a few values far out.
SMALLEST_HUMP = 0.01

_POINTS = 1536
# The widest bandwidth is half the range: two points merge at it. The finest is 3 points.
_BANDWIDTHS = 60
_HALVINGS = 12


@dataclass(frozen=True)
class Scale:
    """The points at which densities are known: three times the range, so that nothing wraps."""

    start: float
    gap: float
    range: float

    @classmethod
    def of(cls, values: Floats) -> "Scale":
        """The scale of values that differ."""
        wide = float(np.ptp(values))
        return cls(float(values.min()) - wide, 3 * wide / _POINTS, wide)

    def counts(self, values: Floats) -> Floats:
        """How many values are nearest to each point."""
        places = np.clip(np.rint((values - self.start) / self.gap), 0, _POINTS - 1)
        return np.bincount(places.astype(np.int64), minlength=_POINTS).astype(np.float64)

    def at(self, index: int) -> float:
        """The place of a point, in the unit of the values."""
        return self.start + index * self.gap

    def smooth(self, counts: Floats, bandwidth: float) -> Floats:
        """The density of counts, with a Gaussian kernel of this bandwidth."""
        waves = 2 * np.pi * np.fft.rfftfreq(_POINTS, self.gap)
        kernel = np.exp(-0.5 * (waves * bandwidth) ** 2)
        smoothed: Floats = np.fft.irfft(np.fft.rfft(counts) * kernel, _POINTS)
        # The transform leaves noise where nothing is; it must not look like humps.
        return np.asarray(np.where(smoothed < 1e-9 * smoothed.max(), 0.0, smoothed), np.float64)

    @property
    def finest(self) -> float:
        """The smallest bandwidth: three points."""
        return 3 * self.gap

    def bandwidths(self) -> Floats:
        """From the widest bandwidth to the finest."""
        return np.asarray(np.geomspace(self.range / 2, self.finest, _BANDWIDTHS), np.float64)

    def points(self) -> Floats:
        """The places of all points."""
        return np.asarray(self.start + self.gap * np.arange(_POINTS), np.float64)


def humps_of(density: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
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


def number_of_humps(scale: Scale, counts: Floats, bandwidth: float) -> int:
    """How many humps the density of counts has."""
    return len(humps_of(scale.smooth(counts, bandwidth))[0])


def critical_bandwidth(scale: Scale, counts: Floats, most: int) -> float | None:
    """The smallest bandwidth that leaves `most` humps; None where even the finest does."""
    wide = None
    for fine in scale.bandwidths():
        if number_of_humps(scale, counts, fine) > most:
            break
        wide = fine
    else:
        return None
    if wide is None:
        return float(fine)
    for _ in range(_HALVINGS):
        middle = math.sqrt(wide * fine)
        wide, fine = (
            (wide, middle) if number_of_humps(scale, counts, middle) > most else (middle, fine)
        )
    return float(wide)


def bandwidth_below(scale: Scale, counts: Floats, bandwidth: float) -> float:
    """The critical bandwidth of one hump where it is below this one; else this one."""
    if number_of_humps(scale, counts, bandwidth) > 1:
        return bandwidth
    fine = scale.finest
    if number_of_humps(scale, counts, fine) <= 1:
        return fine
    for _ in range(_HALVINGS):
        middle = math.sqrt(bandwidth * fine)
        one = number_of_humps(scale, counts, middle) <= 1
        bandwidth, fine = (middle, fine) if one else (bandwidth, middle)
    return float(bandwidth)


def parted(scale: Scale, counts: Floats, one: float) -> tuple[float, tuple[float, float], float]:
    """The finest bandwidth that leaves two humps, their places, and that of the valley."""
    two = critical_bandwidth(scale, counts, 2) or scale.finest
    # Where smaller humps come and go, the finest may leave one: then just under the critical one.
    for bandwidth in (two, one * (1 - 1e-3), one * (1 - 1e-2)):
        density = scale.smooth(counts, bandwidth)
        peaks, valleys = humps_of(density)
        if len(peaks) >= 2:
            break
    deepest = int(np.argmin(density[valleys]))
    places = scale.at(int(peaks[deepest])), scale.at(int(peaks[deepest + 1]))
    return bandwidth, places, scale.at(int(valleys[deepest]))
