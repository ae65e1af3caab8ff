"""Whether the test of a distance rests on a single unit: the same permutations without each one.

Everything comes from the products between units, so that no state is read again and leaving out a
unit takes away one row of products: the result is that of the test itself, not a linear guess.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.designs.distances import PERMUTATIONS, Redrawn, signed_root
from odograph.statistics.intervals import FEWEST_UNITS, Floats
from odograph.statistics.leave_one_out import Without

#: From squared distances under other labels, [permutations, layers], the first row as they are.
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
    units = grams.shape[1]
    p, estimate = np.full((2, units), np.nan)
    labels = redrawn.labels
    left = _Paired(grams, _fewer(labels)) if redrawn.paired else _Apart(grams, labels)
    for unit in range(units):
        if left.fewest(unit) >= FEWEST_UNITS:
            squared = left.without(unit)
            p[unit], estimate[unit] = p_of(squared), signed_root(squared[0]).mean()
    return Without(p, estimate)


def _fewer(signs: Floats) -> Floats:
    """Drawn flips: half of them do, as many as the labels that leave a unit in its group."""
    return signs[: PERMUTATIONS // 2] if len(signs) == PERMUTATIONS else signs


class _Paired:
    """Signs flipped within sentences."""

    def __init__(self, grams: Floats, signs: Floats) -> None:
        self.grams, self.signs = grams, signs
        self.n = int(grams.shape[1])
        #: Under every flip and at every layer, [draws, layers].
        self.whole = np.stack([_quadratic(gram, signs) for gram in grams], axis=1)
        self.own = np.einsum("luu->lu", grams)

    def fewest(self, _: int) -> int:
        return self.n - 1

    def without(self, unit: int) -> Floats:
        """The squared distance without a sentence: [draws, layers]."""
        crossed = self.signs @ self.grams[:, :, unit].T * self.signs[:, unit, None]
        others = self.own.sum(axis=1) - self.own[:, unit]
        total = self.whole - 2 * crossed + self.own[:, unit] - others
        return np.asarray(total / ((self.n - 1) * (self.n - 2)))


class _Apart:
    """Labels permuted over the units of both groups."""

    def __init__(self, grams: Floats, first: Floats) -> None:
        self.grams, self.first = grams, first
        self.sizes = first[0].sum(), (1 - first[0]).sum()
        self.own = np.einsum("luu->lu", grams)
        self.squares = first @ self.own.T
        self.inside = np.stack([_quadratic(gram, first) for gram in grams], axis=1)
        self.whole = grams.sum(axis=(1, 2))
        # (1 - f)'G(1 - f) = 1'G1 - 2 f'G1 + f'Gf
        self.other = self.whole - 2 * first @ grams.sum(axis=2).T + self.inside

    def fewest(self, unit: int) -> int:
        return int(min(self._sizes(unit)))

    def _sizes(self, unit: int) -> tuple[float, float]:
        mine = self.first[0, unit]
        return self.sizes[0] - mine, self.sizes[1] - (1 - mine)

    def without(self, unit: int) -> Floats:
        """The squared distance without a unit: [draws that leave it in its group, layers]."""
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
        return np.asarray(within - 2 * across / (n * m))


def _quadratic(gram: Floats, rows: NDArray[np.float64]) -> Floats:
    return np.asarray(np.einsum("pn,pn->p", rows @ gram, rows))
