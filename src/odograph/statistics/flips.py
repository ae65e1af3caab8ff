"""Sign flips of paired differences, and t under each of them.

The same flips in the same order, and the same formulas, as `mne.stats.permutation_t_test` and
`permutation_cluster_1samp_test`, so the same p-values to the last digit; but flips are drawn some
at a time in bounded memory, and once where several tests share them. A test holds one against the
other.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from odograph.statistics.intervals import Floats

Signs = NDArray[np.int8]

#: Pairs from which two flips alike are out of the question, so that none has to be remembered.
MANY = 64
# Up to it mne draws flips by their number, above it sign by sign.
_NUMBERED = 20
_CHUNK_BYTES = 8 * 2**20


def flipped_sizes(differences: Floats, *, seed: int, permutations: int) -> Floats:
    """The |t| of each column under each flip, the data as they are first: [n, L] to [flips, L].

    Every value must be finite. A flip that makes all differences of a column equal has t = inf,
    which compares as it should.
    """
    n = len(differences)
    squares = (differences**2).mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = [_size(differences.mean(axis=0), squares, n)[None]]
        sizes += [
            _size(signs @ differences / n, squares, n) for signs in _flips(n, seed, permutations)
        ]
    return np.concatenate(sizes)


def flipped_t(differences: Floats, *, seed: int, permutations: int) -> Floats:
    """The t of each column under each flip, the data as they are first: [n, L] to [flips, L].

    Every column must have a spread. A flip that leaves none has t = 0, as mne has it.
    """
    n = len(differences)
    squares = (differences**2).sum(axis=0)
    observed = differences.mean(axis=0) / np.sqrt(differences.var(axis=0, ddof=1) / n)
    found = [observed[None]]
    for signs in _flips(n, seed, permutations):
        # Row by row as mne does it: a product of all rows at once may differ in the last digit.
        means = np.array([row @ differences for row in signs]) / n
        spread = np.maximum(squares - n * means * means, 0.0)
        t = np.zeros_like(means)
        some = spread > 0
        t[some] = means[some] / np.sqrt(spread[some]) * np.sqrt(n * (n - 1))
        found.append(t)
    return np.concatenate(found)


def _size(mean: Floats, squares: Floats, n: int) -> Floats:
    """|t| of a mean, from the mean of the squares."""
    spread = np.sqrt(squares - mean * mean) * np.sqrt(n / (n - 1))
    return np.asarray(np.abs(mean) / (spread / np.sqrt(n)))


def _flips(n: int, seed: int, permutations: int) -> Iterator[Floats]:
    """Different flips of n pairs, some [flips, n] at a time; never the data as they are.

    One fewer than `permutations`, or all 2^(n-1) - 1 where these are fewer.
    """
    if n < MANY:
        yield _different(n, seed, permutations).astype(np.float64)
        return
    generator, left = np.random.RandomState(seed), permutations - 1
    while left:
        count = min(left, max(1, _CHUNK_BYTES // (8 * n)))
        yield _signs(generator.uniform(size=(count, n))).astype(np.float64)
        left -= count


@lru_cache(maxsize=8)
def _different(n: int, seed: int, permutations: int) -> Signs:
    """Flips of fewer than 64 pairs, none twice; 0.6 MB at most, kept for the next test."""
    every = 2 ** (n - 1) - 1
    if every < permutations:
        return _numbered(np.arange(1, every + 1), n)
    generator = np.random.RandomState(seed)
    if n <= _NUMBERED:
        return _numbered(1 + generator.choice(every, permutations - 1, replace=False), n)
    drawn = _signs(generator.uniform(size=(permutations - 1, n)))
    # Turned so that the last sign is always the same, two flips are alike or they are not.
    alike = np.unique(np.packbits(drawn == drawn[:, -1:], axis=1), axis=0)
    return drawn if len(alike) == len(drawn) else _one_by_one(n, seed, permutations)


def _numbered(numbers: NDArray[np.integer], n: int) -> Signs:
    """The binary digits of each number, the highest first, as signs."""
    digits = (numbers[:, None] >> np.arange(n)[::-1]) & 1
    return (2 * digits - 1).astype(np.int8)


def _signs(uniform: Floats) -> Signs:
    """Flips of n pairs from n numbers: n - 1 signs, and whether all are turned round."""
    flipped = uniform < 0.5
    flipped[:, :-1] ^= flipped[:, -1:]
    return np.where(flipped, 1, -1).astype(np.int8)


def _one_by_one(n: int, seed: int, permutations: int) -> Signs:
    """Flips drawn one after the other, where one that was there before is drawn anew."""
    generator, seen = np.random.RandomState(seed), set[bytes]()
    kept: list[Floats] = []
    while len(kept) < permutations - 1:
        uniform = generator.uniform(size=n - 1)
        alike = (uniform < 0.5).tobytes()
        if alike not in seen:
            seen.add(alike)
            kept.append(np.append(uniform, generator.uniform()))
    return _signs(np.array(kept))
