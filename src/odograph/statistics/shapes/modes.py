"""Whether a distribution has one hump or more, and where the valley between two is.

The humps are those of a Gaussian kernel density. The test asks how far it must be smoothed until
one hump is left, and whether passages drawn anew from a density without a valley would need as
much. A passage is drawn with all its values, so that those of one passage, and of its layers, may
depend on each other.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.errors import StudyError
from odograph.statistics.intervals import FEWEST_UNITS, Floats, floats
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.leave_one_out import Without
from odograph.statistics.permutation import ALPHA
from odograph.statistics.shapes.density import (
    Scale,
    bandwidth_below,
    critical_bandwidth,
    number_of_humps,
    parted,
)

MODES_TEST = SignificanceTest.ONE_HUMP
RESAMPLES = 999

# Once so many resamples have more humps than one, the rest can only confirm a large p.
_ENOUGH = 20
# More values than that add to the time and not to the answer: whole units are drawn of them.
_MOST_VALUES = 10_000


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
    found = _seen(column, of, count)
    if found.fine is None:
        return found.humps
    if count < FEWEST_UNITS:
        return found.humps
    widths = found.humps.bandwidth, found.fine
    p = _p(found.scale, *_fewer(column, of, seed), widths, seed, resamples)
    return replace(found.humps, p=p)


@dataclass(frozen=True)
class _Seen:
    """What is seen of the humps before the test; `fine` is None where there is one alone."""

    humps: Humps
    scale: Scale
    fine: float | None


def _seen(column: Floats, of: NDArray[np.int64], count: int) -> _Seen:
    """The humps of values that differ, untested: p is 1 for a single hump, else None."""
    scale = Scale.of(column)
    counts = scale.counts(column)
    one = critical_bandwidth(scale, counts, 1)
    if one is None:
        peak = scale.at(int(np.argmax(scale.smooth(counts, scale.finest))))
        p = 1.0 if count >= FEWEST_UNITS else None
        alone = Humps(math.nan, (peak,), math.nan, len(column), count, 0, p)
        return _Seen(alone, scale, None)
    fine, peaks, valley = parted(scale, counts, one)
    above = column > valley
    beyond = len(np.unique(of[above if 2 * above.sum() <= len(column) else ~above]))
    return _Seen(Humps(one, peaks, valley, len(column), count, beyond, None), scale, fine)


def parted_at(values: ArrayLike) -> tuple[float, float, float] | None:
    """Where values [n] are parted best: near hump, valley, far hump; None for a single hump."""
    column = floats(values)
    column = column[np.isfinite(column)]
    if not len(column) or np.ptp(column) <= 1e-7 * np.abs(column).max():
        return None
    found = _seen(column, np.zeros(len(column), np.int64), 1).humps
    if len(found.peaks) < 2:
        return None
    return found.peaks[0], found.valley, found.peaks[1]


def humps_without(
    values: ArrayLike, units: ArrayLike, found: Humps, *, seed: int, tests: int = 1
) -> Without:
    """The test of one hump without each unit, p times `tests`: arrays over the units in order.

    The critical bandwidth is had again without the unit, exactly. It is held against the draws that
    the test itself makes, from all units: their null has lost one unit of n, which moves it by the
    order of 1/n, while the bandwidth moves by all that the unit does. As p falls where the
    bandwidth grows, it is only had where it may pass .05; elsewhere it is that of `found`.
    """
    column, of = floats(values), np.asarray(units)
    finite = np.isfinite(column)
    column, of = column[finite], np.unique(of[finite], return_inverse=True)[1]
    count = int(of.max()) + 1
    nothing = np.full(count, np.nan)
    if count <= FEWEST_UNITS or found.p is None:
        return Without(nothing, nothing)
    seen = _seen(column, of, count)
    if seen.fine is None:
        return Without(nothing, nothing)
    scale, fine, usual = seen.scale, seen.fine, min(1.0, tests * found.p)
    counts, draws = scale.counts(column), _fewer(column, of, seed)
    left = [counts - scale.counts(column[of == unit]) for unit in range(count)]
    widths = np.array([bandwidth_below(scale, one, found.bandwidth) for one in left])

    def p_of(width: float) -> float:
        return min(1.0, tests * _p(scale, *draws, (width, fine), seed, RESAMPLES))

    return Without(_largest_first(widths, found.bandwidth, p_of, usual), nothing)


def _largest_first(
    widths: Floats, all_units: float, p_of: Callable[[float], float], usual: float
) -> Floats:
    """P of each width, had for the finest and where it may pass .05; else `usual`, or at least .05.

    p falls as widths grow, so that halving the ordered widths finds where it passes .05.
    """
    p, order = np.full(len(widths), usual), np.argsort(widths, kind="stable")
    if widths[order[0]] >= all_units:
        return p
    p[order[0]] = p_of(float(widths[order[0]]))
    low, high = 0, len(widths) if p[order[0]] >= ALPHA else 0
    while low < high:
        middle = (low + high) // 2
        beyond = widths[order[middle]] < all_units and p_of(float(widths[order[middle]])) >= ALPHA
        low, high = (middle + 1, high) if beyond else (low, middle)
    p[order[1:low]] = ALPHA
    return p


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
    scale: Scale,
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
        found += number_of_humps(scale, scale.counts(moved(resampled)), one) > 1
        if found == _ENOUGH:
            return _ENOUGH / draw
    return (found + 1) / (resamples + 1)


def _levelling(scale: Scale, values: Floats, bandwidth: float) -> Callable[[Floats], Floats]:
    """The map, by quantiles, from the density of a bandwidth to that density without valleys."""
    from scipy.optimize import isotonic_regression  # slow to import, and not always needed

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
