"""The sign-flip max-T test over many pairs, some flips at a time: as mne's, in bounded memory."""

import numpy as np

from odograph.statistics.intervals import Floats

#: Pairs from which two flips alike are out of the question, so that none has to be remembered.
MANY = 64
_CHUNK_BYTES = 8 * 2**20


def largest_t_p(differences: Floats, *, seed: int, permutations: int) -> Floats:
    """Two-sided p of each column against the largest |t| of each flip: [n, L] to [L].

    The same flips, and the same formula, as `mne.stats.permutation_t_test`, which holds all flips
    at once (half a megabyte a pair). For 64 pairs or more, without NaN.
    """
    n = len(differences)
    squares = (differences**2).mean(axis=0)
    observed = _t(differences.mean(axis=0), squares, n)
    generator = np.random.RandomState(seed)
    reached = (observed.max() >= observed).astype(np.int64)  # the data as they are, as one flip
    left = permutations - 1
    while left:
        count = min(left, max(1, _CHUNK_BYTES // (8 * n)))
        signs = _signs(generator.uniform(size=(count, n)))
        largest = _t(signs @ differences / n, squares, n).max(axis=1)
        reached += (largest[:, None] >= observed).sum(axis=0)
        left -= count
    return np.asarray(reached / permutations)


def _t(mean: Floats, squares: Floats, n: int) -> Floats:
    """|t| of a mean, from the mean of the squares."""
    spread = np.sqrt(squares - mean * mean) * np.sqrt(n / (n - 1))
    return np.asarray(np.abs(mean) / (spread / np.sqrt(n)))


def _signs(uniform: Floats) -> Floats:
    """Flips of n pairs from n numbers: n - 1 signs, and whether all are turned round."""
    flipped = uniform < 0.5
    flipped[:, :-1] ^= flipped[:, -1:]
    return np.where(flipped, 1.0, -1.0)
