"""Flipped signs: the t of means under the null that every unit's profile is symmetric about 0.

Under that null the sign of a unit's whole profile is arbitrary, so signs are flipped for all layers
of a unit together and the dependence between layers is kept.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats

Signs = NDArray[np.int8]

# Sums of squares may differ from 0 by so much of the largest, by rounding alone.
_ROUNDING = 1e-14


def flipped_t(values: Floats, *, seed: int, permutations: int) -> Floats:
    """The t of each column under each flip, the data as they are first: [n, L] to [flips, L].

    For few units: all flips are numbered. Every value must be finite and every column must have a
    spread. A flip that leaves a column none has t = inf: it reaches whatever was observed.
    """
    n = len(values)
    squares = (values**2).mean(axis=0)
    observed = values.mean(axis=0) / (values.std(axis=0, ddof=1) / np.sqrt(n))
    means = _flips(n, seed, permutations).astype(np.float64) @ values / n
    return np.concatenate([observed[None], _t(means, squares, n)])


def parted_means(values: Floats, *, seed: int, permutations: int) -> Floats:
    """The mean of the units that a flip turns, and of those it leaves, the smaller first.

    Of one column, with the flips of `flipped_t`: [n] to [flips, 2]. The values minus a number m
    reach under the flip what they are themselves exactly where m lies between the two.

    Source: Hartigan 1969.
    """
    kept = _flips(len(values), seed, permutations) > 0
    count, total = kept.sum(axis=1), kept @ values
    means = total / count, (values.sum() - total) / (len(values) - count)
    return np.sort(np.stack(means, axis=1), axis=1)


def _t(means: Floats, squares: Floats, n: int) -> Floats:
    """The t of means [draws, L], from the means of the squares [L]."""
    variance = squares - means * means
    with np.errstate(divide="ignore", invalid="ignore"):
        t = means / np.sqrt(variance / (n - 1))
    return np.where(variance > _ROUNDING * squares, t, np.inf)


@lru_cache(maxsize=8)
def _flips(n: int, seed: int, permutations: int) -> Signs:
    """Different flips of n pairs, [flips, n], never the data as they are; kept for the next test.

    One fewer than `permutations`, or all 2^(n-1) - 1 where these are fewer: the other half gives
    the same sizes.
    """
    every = 2 ** (n - 1) - 1
    if every < permutations:
        return _numbered(np.arange(1, every + 1), n)
    generator = np.random.RandomState(seed)
    return _numbered(1 + generator.choice(every, permutations - 1, replace=False), n)


def _numbered(numbers: NDArray[np.integer], n: int) -> Signs:
    """The binary digits of each number, the highest first, as signs."""
    digits = (numbers[:, None] >> np.arange(n)[::-1]) & 1
    return (2 * digits - 1).astype(np.int8)
