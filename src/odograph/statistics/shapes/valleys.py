"""Whether a valley that was seen elsewhere is there: shares of values at two humps and between.

A density without a valley is nowhere lower than on the lower of two sides of a place. So the mean
of it over a stretch between two humps is at least that over an equal stretch around one of them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.statistics.intervals import Floats, floats
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.statistics.permutation import mean_p

VALLEY_TEST = SignificanceTest.VALLEY


@dataclass(frozen=True, eq=False)
class Valley:
    """Two humps and the valley between, at places that were chosen beforehand.

    Attributes:
        near, valley, far: their places.
        half: half the width of the stretches around them, which do not touch.
        drops: share of a unit's values around the near, and the far hump, minus that around the
            valley: [units, 2].
    """

    near: float
    valley: float
    far: float
    half: float
    drops: Floats

    @property
    def smaller(self) -> int:
        """The side with the smaller mean drop."""
        return int(np.argmin(self.drops.mean(axis=0)))

    def p(self, seed: int) -> float | None:
        """That there is no valley: 1 where a side does not drop; None for fewer than 6 units.

        Both sides must drop (intersection-union test), so that the larger of two p-values counts,
        each that of a single test.
        """
        each = [mean_p(side, seed=seed) for side in self.drops.T]
        known = [p for p in each if p is not None]
        if len(known) < 2:
            return None
        return max(known) if (self.drops.mean(axis=0) > 0).all() else 1.0

    def without(self, seed: int, tests: int = 1) -> Without:
        """The same without each unit, times `tests`."""
        sides = [max_t_without(side[:, None], seed=seed) for side in self.drops.T]
        p = np.maximum(sides[0].p, sides[1].p)
        lower = np.minimum(sides[0].estimate, sides[1].estimate)
        corrected = np.minimum(1.0, tests * np.where(lower > 0, p, 1.0))
        return Without(np.where(np.isfinite(p), corrected, np.nan), lower)


def valley_at(values: ArrayLike, units: ArrayLike, places: tuple[float, float, float]) -> Valley:
    """The shares of values [n] of units [n] at chosen places: near hump, valley, far hump."""
    column, of = floats(values), np.unique(np.asarray(units), return_inverse=True)[1]
    near, valley, far = places
    half = min(valley - near, far - valley) / 2
    shares = [_share(np.abs(column - place) <= half, of) for place in (near, valley, far)]
    drops = np.stack([shares[0] - shares[1], shares[2] - shares[1]], axis=1)
    return Valley(near, valley, far, half, drops)


def _share(inside: NDArray[np.bool_], of: NDArray[np.int64]) -> Floats:
    return np.asarray(np.bincount(of, weights=inside) / np.bincount(of))
