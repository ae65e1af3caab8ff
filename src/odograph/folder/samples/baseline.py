"""Tokens of different documents in one layer, which neighbours are held against."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.drawn_pairs import DrawnPairs, exact_cosines, pairs_of_documents
from odograph.folder.run import Run
from odograph.folder.samples.neighbours import ANGLE, beside
from odograph.folder.selection import Floats, Means, profile_means
from odograph.statistics.intervals import band
from odograph.statistics.joint_pairs import JointPairs, difference_interval
from odograph.statistics.values import Interval


@dataclass(frozen=True)
class Baseline:
    """Tokens of different documents in one layer: mean, 5-95 % and exact mean cosine, [L + 1] each.

    `cosine` is that of all pairs of tokens, `drawn` the number of drawn pairs a layer, `pairs` what
    they are.
    """

    mean: Floats
    low: Floats
    high: Floats
    cosine: Floats
    drawn: int
    pairs: DrawnPairs


def read_baseline(run: Run) -> Baseline | None:
    """The drawn pairs of each state 0..L; None where none were drawn."""
    pairs = pairs_of_documents(run)
    states = np.arange(run.blocks + 1)
    by_layer = [pairs.angle[pairs.layer == state] for state in states]
    drawn = min(map(len, by_layer))
    if not drawn:
        return None
    bounds = [band(found) for found in by_layer]
    low, high = (np.array([float(b[side]) for b in bounds]) for side in (0, 1))
    mean = np.array([found.mean() for found in by_layer])
    return Baseline(mean, low, high, exact_cosines(run), drawn, pairs)


def interval_against(every: Means, apart: Floats, found: Baseline, seed: int) -> Interval | None:
    """That of the difference, texts and drawn pairs resampled together.

    None for fewer than 6 texts, or where they leave a layer without a pair.
    """
    units = every.units.astype(np.int64)
    pairs = found.pairs.of(units)
    if len(np.unique(pairs.layer)) < len(every.layers):
        return None
    first, second = (np.searchsorted(units, of) for of in (pairs.first, pairs.second))
    joint = JointPairs(pairs.angle, pairs.layer, first, second)
    return difference_interval(apart, joint, seed=seed)


def apart_from_twins_baseline(run: Run) -> Floats:
    """How far neighbours stand from such tokens in each untrained twin, [twins]."""
    apart = []
    for twin in run.untrained:
        baseline = read_baseline(twin)
        near = profile_means(twin, ANGLE, beside(run, 1), from_layer=0)
        if baseline is not None:
            apart.append(float(near.values.mean() - baseline.mean.mean()))
    return np.array(apart)
