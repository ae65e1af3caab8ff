"""Curves of tokens laid over each other at a place that each token has of its own.

Held against the same with the places permuted among tokens of like position: what remains is what
goes with the place itself, not with where such places lie or where in a text they do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats, band

Ints = NDArray[np.int64]
#: Tokens of like position among which places are permuted.
_ALIKE = 40


@dataclass(frozen=True, eq=False)
class Aligned:
    """Mean curves around the place, and what permuted places give of them.

    Attributes:
        offsets: columns from the place, 0 at it, [k].
        curve: of each unit, [units, k].
        expected: the mean of the same over all permutations, exact, [units, k].
        low, high: 5-95 % of the permutations' mean over units, [k].
    """

    offsets: Ints
    curve: Floats
    expected: Floats
    low: Floats
    high: Floats

    @property
    def beyond(self) -> Floats:
        """The curve minus what permuted places give on the mean, [units, k]."""
        return self.curve - self.expected


def aligned(
    values: Floats,
    place: Ints,
    position: Ints,
    unit: Ints,
    *,
    reach: int,
    seed: int,
    permutations: int = 999,
) -> Aligned:
    """Curves [tokens, columns] laid over each other at a place of each token.

    A unit's curve is the sum over its tokens over how many permuted places give on the mean, so
    that its expectation under permutation is exact. Offsets at which some unit can have no token
    are left out.

    Args:
        values: of the tokens, [tokens, columns].
        place: the column of each token, from 0.
        position: of each token in its text.
        unit: of each token, from 0.
        reach: columns on each side.
        seed: of the permutations.
        permutations: for the band.
    """
    alike = _alike(position)
    offsets = np.arange(-reach, reach + 1)
    chances = _chances(place, alike, values.shape[1])
    expected = np.stack([_expected(values, chances[alike], int(k)) for k in offsets], axis=1)
    counts = np.stack(
        [_expected(np.ones_like(values), chances[alike], int(k)) for k in offsets], axis=1
    )
    total, count = (_sums(v, unit) for v in (expected, counts))
    kept = (count > 0).all(axis=0)
    rng = np.random.default_rng([seed, 18])
    drawn = []
    for _ in range(permutations):
        curve = _sums(_around(values, _permuted(place, alike, rng), offsets), unit)
        drawn.append((curve[:, kept] / count[:, kept]).mean(axis=0))
    own = _sums(_around(values, place, offsets), unit)
    low, high = band(np.array(drawn))
    return Aligned(
        offsets[kept], own[:, kept] / count[:, kept], total[:, kept] / count[:, kept], low, high
    )


def _alike(position: Ints) -> Ints:
    """The group of like position of each token, from 0: neighbours in the order of positions."""
    groups = max(1, len(position) // _ALIKE)
    order = np.argsort(position, kind="stable")
    group = np.empty(len(position), dtype=np.int64)
    group[order] = np.arange(len(position)) * groups // len(position)
    return group


def _chances(place: Ints, alike: Ints, columns: int) -> Floats:
    """How often a place occurs in each group, as a share, [groups, columns]."""
    counts = np.zeros((int(alike.max()) + 1, columns))
    np.add.at(counts, (alike, place), 1.0)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _expected(values: Floats, chances: Floats, offset: int) -> Floats:
    """The mean over places of a token's value `offset` columns from them, 0 outside: [tokens]."""
    columns = values.shape[1]
    first, last = max(0, -offset), min(columns, columns - offset)
    if first >= last:
        return np.zeros(len(values))
    moved = values[:, first + offset : last + offset] * chances[:, first:last]
    return np.asarray(moved.sum(axis=1))


def _around(values: Floats, place: Ints, offsets: Ints) -> Floats:
    """Each token's values around its place, 0 outside, [tokens, offsets]."""
    columns = place[:, None] + offsets
    inside = (columns >= 0) & (columns < values.shape[1])
    found = np.take_along_axis(values, np.clip(columns, 0, values.shape[1] - 1), axis=1)
    return np.where(inside, found, 0.0)


def _permuted(place: Ints, alike: Ints, rng: np.random.Generator) -> Ints:
    """The places drawn again, each to another token of its group."""
    drawn = np.empty_like(place)
    # Sorted by group, and inside it at random.
    drawn[np.lexsort((rng.random(len(place)), alike))] = place[np.argsort(alike, kind="stable")]
    return drawn


def _sums(values: Floats, unit: Ints) -> Floats:
    """Sums over the tokens of each unit, [tokens, k] to [units, k]."""
    totals = np.zeros((int(unit.max()) + 1, values.shape[1]))
    np.add.at(totals, unit, values)
    return totals
