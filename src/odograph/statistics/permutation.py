"""Sign-flip permutation tests of paired differences: by layer (max-T), by region (cluster mass).

Under the null the sign of a pair's whole profile of differences is arbitrary, so signs are flipped
for all layers of a pair together and the dependence between layers is kept.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from odograph.statistics.flips import MANY, largest_t_p
from odograph.statistics.intervals import Floats, floats, without_spread

# 2 ** (6 - 1) = 32 different flips: with fewer pairs no p-value can fall below .05.
FEWEST_PAIRS = 6
PERMUTATIONS = 10_000
# mne takes the flips of a cluster test one by one (0.1 ms each); p = .05 is known to +- .005.
CLUSTER_PERMUTATIONS = 2_000
CLUSTER_FORMING_P = 0.05
#: A p-value below it counts as found.
ALPHA = 0.05


@dataclass(frozen=True)
class Run:
    """A run of neighbouring columns beyond the threshold: columns first..last, sum of t, and p."""

    first: int
    last: int
    mass: float
    p: float


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

    Source: Nichols & Holmes 2002; mne.stats.permutation_t_test.
    """
    n, width = differences.shape
    p = np.full(width, np.nan)
    if n < FEWEST_PAIRS:
        return p
    flat = without_spread(differences)
    p[flat & ~differences.any(axis=0)] = 1.0
    if flat.all():
        return p
    if n >= MANY and np.isfinite(differences).all():
        with np.errstate(divide="ignore", invalid="ignore"):
            p[~flat] = largest_t_p(differences[:, ~flat], seed=seed, permutations=permutations)
        return p
    import mne
    from mne.stats import permutation_t_test

    # The log level is set around the call: mne's own `verbose` comes too late for one message.
    # A flip that makes all differences of a layer equal has t = inf, which compares as it should.
    with mne.use_log_level("ERROR"), np.errstate(divide="ignore", invalid="ignore"):
        p[~flat] = permutation_t_test(
            differences[:, ~flat], n_permutations=permutations, seed=seed, verbose="ERROR"
        )[1]
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
    return float(stats.t.isf(CLUSTER_FORMING_P / 2, n - 1))


def cluster_mass(
    differences: Floats, *, seed: int, permutations: int = CLUSTER_PERMUTATIONS
) -> tuple[Run, ...]:
    """Runs of neighbouring layers beyond the threshold, with mass (sum of t) and corrected p.

    p = share of sign flips whose largest |mass| reaches the run's: it speaks for the curves as a
    whole, not for the run's edges. A layer without spread is in no run. Fewer than 6 pairs: ().

    Source: Maris & Oostenveld 2007; mne.stats.permutation_cluster_1samp_test.
    """
    n, width = differences.shape
    flat = without_spread(differences)
    if n < FEWEST_PAIRS or flat.all():
        return ()
    import mne
    from mne.stats import permutation_cluster_1samp_test

    # mne divides by the spread before it heeds `exclude`: flat columns borrow another's values.
    columns = np.where(flat, differences[:, [int(np.argmin(flat))]], differences)
    threshold = cluster_threshold(n)
    if not (np.abs(paired_t(columns)[~flat]) > threshold).any():
        return ()  # mne would warn that there is no cluster
    with mne.use_log_level("ERROR"), np.errstate(divide="ignore", invalid="ignore"):
        _, masks, p_values, _ = permutation_cluster_1samp_test(
            np.ascontiguousarray(columns),
            threshold=threshold,
            n_permutations=permutations,
            exclude=flat,
            out_type="mask",
            seed=seed,
            verbose="ERROR",
        )
    t = paired_t(columns)
    return tuple(
        _run(np.arange(width)[mask], t, float(p)) for mask, p in zip(masks, p_values, strict=True)
    )


def _run(columns: "np.ndarray[tuple[int, ...], np.dtype[np.int_]]", t: Floats, p: float) -> Run:
    return Run(int(columns[0]), int(columns[-1]), float(t[columns].sum()), p)
