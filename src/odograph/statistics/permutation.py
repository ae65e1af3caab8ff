"""Sign-flip permutation tests of paired differences: by layer (max-T), by region (cluster mass).

Under the null the sign of a pair's whole profile of differences is arbitrary, so signs are flipped
for all layers of a pair together and the dependence between layers is kept.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.statistics.intervals import Floats, floats, without_spread
from odograph.statistics.judge import Cluster, clusters_of, largest_p
from odograph.statistics.student import critical_t

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


# 2 ** (6 - 1) = 32 different flips: with fewer pairs no p-value can fall below .05.
FEWEST_PAIRS = 6
PERMUTATIONS = 10_000
# With so many p = .05 is known to +- .005.
CLUSTER_PERMUTATIONS = 2_000
CLUSTER_FORMING_P = 0.05
#: A p-value below it counts as found.
ALPHA = 0.05


def paired_t(differences: Floats) -> Floats:
    """The paired t of each layer, mean / (sd / sqrt n): [n, L] to [L], n - 1 degrees of freedom.

    All differences 0 gives 0; all equal but not 0, or fewer than two pairs, gives NaN.
    """
    n, width = differences.shape
    t = np.full(width, np.nan)
    if n < 2:
        return t
    flat = without_spread(differences)
    t[flat & ~differences.any(axis=0)] = 0.0
    spread = differences[:, ~flat]
    t[~flat] = spread.mean(axis=0) / (spread.std(axis=0, ddof=1) / np.sqrt(n))
    return t


def max_t(differences: Floats, *, seed: int, permutations: int = PERMUTATIONS) -> Floats:
    """Two-sided p of each layer, corrected for the number of layers: [n, L] to [L].

    p_l = share of sign flips whose largest |t| over layers reaches |t_l|; all 2^(n-1) flips where
    they are fewer than `permutations`. Layers without spread are not part of the family: p is 1
    where all differences are 0 and NaN where they are equal but not 0. Fewer than 6 pairs: all NaN.

    Raises: StudyError for a difference that is not finite.
    Source: Nichols & Holmes 2002; as mne.stats.permutation_t_test.
    """
    n, width = differences.shape
    p = np.full(width, np.nan)
    if n < FEWEST_PAIRS:
        return p
    flat = without_spread(differences)
    p[flat & ~differences.any(axis=0)] = 1.0
    if flat.all():
        return p
    _check_finite(differences)
    sizes = flipped_sizes(differences[:, ~flat], seed=seed, permutations=permutations)
    p[~flat] = largest_p(sizes, tie=0.0)
    return p


def sign_flip_p(values: Floats, *, seed: int, permutations: int = PERMUTATIONS) -> float | None:
    """Two-sided sign-flip p of a mean of 0 over units [n]; None for fewer than 6 or no spread."""
    p = float(max_t(floats(values)[:, None], seed=seed, permutations=permutations)[0])
    return p if np.isfinite(p) else None


def p_alone(values: Floats, corrected: float, *, seed: int) -> float:
    """The p of one column [n] of a family on its own: at most that after correction."""
    raw = sign_flip_p(values, seed=seed)
    return corrected if raw is None else min(raw, corrected)


def cluster_threshold(n: int) -> float:
    """The |t| from which a layer joins a cluster: two-sided p = .05 of one layer, n - 1 df."""
    return critical_t(CLUSTER_FORMING_P, n - 1)


def cluster_mass(
    differences: Floats, *, seed: int, permutations: int = CLUSTER_PERMUTATIONS
) -> tuple[Cluster, ...]:
    """Runs of neighbouring columns beyond the threshold, with mass (sum of t) and corrected p.

    Those above it come first, then those below. p = share of sign flips whose largest |mass|
    reaches the run's: it speaks for the curves as a whole, not for the run's edges. A column
    without spread is in no run. Fewer than 6 pairs: ().

    Raises: StudyError for a difference that is not finite.
    Source: Maris & Oostenveld 2007; as mne.stats.permutation_cluster_1samp_test.
    """
    n = len(differences)
    flat = without_spread(differences)
    if n < FEWEST_PAIRS or flat.all():
        return ()
    _check_finite(differences)
    threshold = cluster_threshold(n)
    if not (np.abs(paired_t(differences)[~flat]) > threshold).any():
        return ()
    t = flipped_t(differences[:, ~flat], seed=seed, permutations=permutations)
    beyond = np.zeros((len(t), len(flat)))
    beyond[:, ~flat] = np.where(np.abs(t) > threshold, t, 0.0)
    return tuple(sorted(clusters_of(beyond, tie=0.0), key=lambda run: run.mass < 0))


def _check_finite(differences: Floats) -> None:
    if not np.isfinite(differences).all():
        raise StudyError(
            "signs cannot be flipped",
            expected="differences that are all finite",
            given=f"{int((~np.isfinite(differences)).sum())} that are not",
            remedy="Leave those pairs out and count them.",
        )
