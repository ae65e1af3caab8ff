"""Five ways to compare two curves: false alarms, and how much of a true difference each finds.

The published comparison names 54 sentences and 48 autocorrelated layers, and no more. Memory,
correlation within a sentence, size and extent of the difference were set so that the numbers of its
uncorrected t-tests come out; those of max-T and cluster mass are then a test (the extent was fitted
to BH as well).
"""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from calibration.rows import FALSE_ALARMS, Row, averaged, counted, like
from calibration.simulated import LAYERS, Floats, remembering
from odograph.statistics.designs.paired import benjamini_hochberg
from odograph.statistics.permutation import cluster_mass, max_t, paired_t

SENTENCES, MEMORY, ALIKE, EFFECT, DIFFERENT = 54, 0.9, 0.6, 0.39, slice(16, 32)
FLIPS = 200
#: Method: false alarms and share of true layers found, as published.
PUBLISHED = {
    "independent t, uncorrected": (0.04, 0.42),
    "paired t, uncorrected": (0.55, 0.81),
    "paired t, BH": (0.03, 0.59),
    "max-T": (0.04, 0.39),
    "cluster mass": (0.05, 0.69),
}
SETTING = f"{LAYERS} layers, memory {MEMORY:g}, correlation within a sentence {ALIKE:g}"
THERE = f"d_z {EFFECT:g} in {DIFFERENT.stop - DIFFERENT.start} of {SETTING}"


def rows(runs: int) -> Iterator[Row]:
    """False alarms and the share of true layers found, by analysis."""
    rng = np.random.default_rng(54)
    alarms: dict[str, list[bool]] = {name: [] for name in PUBLISHED}
    shares: dict[str, list[float]] = {name: [] for name in PUBLISHED}
    for run in range(runs):
        for effect in (0.0, EFFECT):
            found = analysed(*curves(rng, effect), seed=run)
            for name, layers in found.items():
                if effect:
                    shares[name].append(float(layers[DIFFERENT].mean()))
                else:
                    alarms[name].append(bool(layers.any()))
    for name, (false, true) in PUBLISHED.items():
        row = counted(FALSE_ALARMS, name, SENTENCES, f"published: {SETTING}", alarms[name])
        own = {**row.__dict__, "nominal": false, "verdict": like(row.estimate, false)}
        yield Row(**own)
        yield averaged(name, SENTENCES, f"published: {THERE}", shares[name], true)


def curves(rng: np.random.Generator, effect: float) -> tuple[Floats, Floats]:
    """Target and control of every sentence, [54, 48] each."""
    sentence, target, control = (
        remembering(rng.normal(size=(SENTENCES, LAYERS)), MEMORY) for _ in range(3)
    )
    shared = np.sqrt(ALIKE) * sentence
    target, control = shared + np.sqrt(1 - ALIKE) * target, shared + np.sqrt(1 - ALIKE) * control
    target[:, DIFFERENT] += effect * np.sqrt(2 * (1 - ALIKE))
    return target, control


def analysed(target: Floats, control: Floats, *, seed: int) -> dict[str, np.ndarray]:
    """Which layers each of the analyses finds, [48]."""
    difference = target - control
    p = 2 * stats.t.sf(np.abs(paired_t(difference)), SENTENCES - 1)
    clusters = np.zeros(LAYERS, dtype=bool)
    for run in cluster_mass(difference, seed=seed, permutations=FLIPS):
        clusters[run.first_layer : run.last_layer + 1] |= run.p <= 0.05
    found = (
        stats.ttest_ind(target, control).pvalue <= 0.05,
        p <= 0.05,
        benjamini_hochberg(p) <= 0.05,
        max_t(difference, seed=seed, permutations=FLIPS) <= 0.05,
        clusters,
    )
    return dict(zip(PUBLISHED, found, strict=True))
