"""How often anything at all is found where nothing is there."""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from calibration.rows import FALSE_ALARMS, Row, counted
from calibration.simulated import LAYERS, MEMORY, Floats, sentences
from odograph.statistics.designs.paired import benjamini_hochberg
from odograph.statistics.permutation import cluster_mass, max_t, paired_t

SIZES = (20, 54, 150)
# With 100 flips, the observed one among them, the level is .05 exactly, as it is with 10,000.
FLIPS = 100
MAX_T, CLUSTER, BH = "max-T", "cluster mass", "paired t, BH"
UNCORRECTED = "paired t, uncorrected"
METHODS = (MAX_T, CLUSTER, BH, UNCORRECTED)
OFTEN_ENOUGH = (MAX_T, CLUSTER, UNCORRECTED)


def rows(runs: int) -> Iterator[Row]:
    """False alarms of every analysis at every n, and where their assumptions are stretched.

    BH alone is quick and so is simulated four times as often; also with independent layers, where
    it comes near its bound, and with normal ones, where its p-values are exact.
    """
    for n in SIZES:
        yield from one(n, runs, methods=OFTEN_ENOUGH)
        for memory, noise in ((MEMORY, "heavy"), (0.0, "heavy"), (0.0, "normal")):
            yield from one(n, 4 * runs, memory=memory, noise=noise, methods=(BH,))
    yield from one(20, runs // 2, memory=0.0, methods=(MAX_T, CLUSTER))
    yield from one(20, runs // 2, noise="skewed", methods=METHODS[:3])


def one(
    n: int,
    runs: int,
    *,
    memory: float = MEMORY,
    noise: str = "heavy",
    methods: tuple[str, ...] = METHODS[:3],
    seed: int = 1,
) -> Iterator[Row]:
    """False alarms over `runs` texts of n sentences."""
    rng = np.random.default_rng([seed, n, int(100 * memory), len(noise)])
    alarms: dict[str, list[bool]] = {method: [] for method in methods}
    for run in range(runs):
        target, control = sentences(rng, n, memory=memory, noise=noise)
        for method in methods:
            alarms[method].append(smallest_p(method, target - control, run) <= 0.05)
    setting = f"{LAYERS} layers, memory {memory:g}, {noise} noise, 1 to 3 tokens a sentence"
    for method in methods:
        yield counted(FALSE_ALARMS, method, n, setting, alarms[method])


def smallest_p(method: str, difference: Floats, seed: int) -> float:
    """The smallest p over layers (over clusters) of paired differences [n, layers]."""
    if method == MAX_T:
        return float(max_t(difference, seed=seed, permutations=FLIPS).min())
    if method == CLUSTER:
        runs = cluster_mass(difference, seed=seed, permutations=FLIPS)
        return min((run.p for run in runs), default=1.0)
    p = 2 * stats.t.sf(np.abs(paired_t(difference)), len(difference) - 1)
    return float((benjamini_hochberg(p) if method == BH else p).min())
