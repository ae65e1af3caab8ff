"""The distance between two groups, and its test, without each unit in turn."""

from collections.abc import Callable

import numpy as np

from odograph.statistics.designs.distances import (
    PERMUTATIONS,
    Errors,
    Redrawn,
    divided,
    quadratic,
    signed_root,
)
from odograph.statistics.intervals import FEWEST_UNITS, Floats
from odograph.statistics.leave_one_out import Left, Without, leave_one_out

#: From studentised squared distances, [permutations, layers], the first row as they are.
PValueOf = Callable[[Floats], float]


def distances_without(grams: Floats, redrawn: Redrawn, p_of: PValueOf) -> Without:
    """The p and the mean distance (sign and order only) without each unit in turn.

    Paired, the signs of the others are as random as before. Otherwise those permutations are used
    that leave the unit in its own group: the labels of the others are then permuted freely, in
    groups of the right size. With 1,000 of them p = .05 is known to +- .007.

    Args:
        grams: products between units at every layer, [layers, units, units]: of the differences
            where paired, else of the first group's states and then the second's.
        redrawn: the labels.
        p_of: the test.
    """
    labels = redrawn.labels
    design = _Paired(grams, _fewer(labels)) if redrawn.paired else _Unpaired(grams, labels)
    return leave_one_out(design, p_of, lambda distance: float(distance.mean()))


def _fewer(signs: Floats) -> Floats:
    """Drawn flips: half of them do, as many as the labels that leave a unit in its group."""
    return signs[: PERMUTATIONS // 2] if len(signs) == PERMUTATIONS else signs


class _Paired:
    """Signs flipped within sentences."""

    def __init__(self, grams: Floats, signs: Floats) -> None:
        self.grams, self.signs = grams, signs
        self.units = int(grams.shape[1])
        #: Under every flip and at every layer, [draws, layers].
        self.whole = np.stack([quadratic(gram, signs) for gram in grams], axis=1)
        self.own = np.einsum("luu->lu", grams)

    def without(self, unit: int) -> Left | None:
        """Distance and its square without a sentence; None for fewer than 6 that are left."""
        if self.units - 1 < FEWEST_UNITS:
            return None
        crossed = self.signs @ self.grams[:, :, unit].T * self.signs[:, unit, None]
        others = self.own.sum(axis=1) - self.own[:, unit]
        total = self.whole - 2 * crossed + self.own[:, unit] - others
        squared = total / ((self.units - 1) * (self.units - 2))
        return Left(signed_root(squared[0]), squared)


class _Unpaired:
    """Labels permuted over the units of both groups."""

    def __init__(self, grams: Floats, first: Floats) -> None:
        self.grams, self.first = grams, first
        self.units = int(grams.shape[1])
        self.sizes = first[0].sum(), (1 - first[0]).sum()
        self.own = np.einsum("luu->lu", grams)
        self.squares = first @ self.own.T
        self.inside = np.stack([quadratic(gram, first) for gram in grams], axis=1)
        self.whole = grams.sum(axis=(1, 2))
        self.errors = [Errors(gram, first) for gram in grams]
        # (1 - f)'G(1 - f) = 1'G1 - 2 f'G1 + f'Gf
        self.other = self.whole - 2 * first @ grams.sum(axis=2).T + self.inside

    def _sizes(self, unit: int) -> tuple[float, float]:
        mine = self.first[0, unit]
        return self.sizes[0] - mine, self.sizes[1] - (1 - mine)

    def without(self, unit: int) -> Left | None:
        """Distance and its square without a unit, of draws that leave it in its group.

        None for fewer than 6 that are left in a group.
        """
        if min(self._sizes(unit)) < FEWEST_UNITS:
            return None
        stays = np.flatnonzero(self.first[:, unit] == self.first[0, unit])
        rows, own = self.grams[:, :, unit], self.own[:, unit]
        with_first = self.first[stays] @ rows.T
        with_other = rows.sum(axis=1) - with_first
        inside, other, squares = self.inside[stays], self.other[stays], self.squares[stays]
        across = (self.whole - inside - other) / 2
        if self.first[0, unit]:
            inside, across = inside - 2 * with_first + own, across - with_other
            squares = squares - own
        else:
            other, across = other - 2 * with_other + own, across - with_first
        n, m = self._sizes(unit)
        rest = self.own.sum(axis=1) - own - squares
        within = (inside - squares) / (n * (n - 1)) + (other - rest) / (m * (m - 1))
        squared = np.asarray(within - 2 * across / (n * m))
        error = np.stack([each.without(unit, stays) for each in self.errors], axis=1)
        return Left(signed_root(squared[0]), divided(squared, error))
