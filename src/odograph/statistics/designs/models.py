"""Curves of models with different numbers of blocks: one grid of relative depths, joint tests.

State l of L stands at the relative depth l / L: 0 is what enters the first block, 1 what leaves the
last. Only what has no scale can be compared so, and of what is counted by block only the sum: a
model with twice the blocks takes twice the steps to the same depth.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from odograph.errors import StudyError
from odograph.statistics.designs.paired import PairedProfile, paired_profile
from odograph.statistics.intervals import Floats, without_spread
from odograph.statistics.judge import Cluster
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import PERMUTATIONS, MeanTest, max_t, mean_test

MAX_T_DEPTHS = SignificanceTest.SIGN_FLIP_MAX_T_DEPTHS
MAX_T_PAIRS = SignificanceTest.SIGN_FLIP_MAX_T_MEASURES
CLUSTER_DEPTHS = SignificanceTest.SIGN_FLIP_CLUSTER_DEPTHS


def common_depths(blocks: Sequence[int]) -> Floats:
    """The relative depths 0, 1/G .. 1 at which models are compared: [G + 1].

    G is the number of blocks of the shallowest model: between its states nothing was measured.

    >>> common_depths([4, 12]).tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    return np.linspace(0, 1, min(blocks) + 1)


def at_depths(profiles: Floats, depths: Floats) -> Floats:
    """Values at the states 0..L [..., L + 1] read at relative depths: [..., depths].

    Between two states the value is linear in the depth; at a state it is the state's own.

    Raises:
        StudyError: a depth outside 0..1, or no block.

    >>> at_depths(np.array([[0.0, 10.0, 40.0]]), np.array([0.25, 0.5, 1.0])).tolist()
    [[5.0, 10.0, 40.0]]
    """
    blocks = profiles.shape[-1] - 1
    if blocks < 1 or depths.min() < 0 or depths.max() > 1:
        raise StudyError(
            "values cannot be read at relative depths",
            expected="two states or more, and depths from 0 to 1",
            given=f"{blocks + 1} states, depths {depths.min():g} to {depths.max():g}",
        )
    # Rounded: 3 * (1 / 3) must be a state, not a place just before it.
    place = np.round(depths * blocks, 9)
    below = np.minimum(np.floor(place).astype(np.int64), blocks - 1)
    share = place - below
    return np.asarray((1 - share) * profiles[..., below] + share * profiles[..., below + 1])


def paired_models(
    first: Floats,
    others: Sequence[Floats],
    *,
    seed: int,
    excluded: int = 0,
    permutations: int = PERMUTATIONS,
) -> tuple[PairedProfile, ...]:
    """Each model minus the first at every depth, all tested together: one profile a pair.

    first, others: [n, depths], row i of all from passage i. Effects and intervals as
    `paired_profile` has them; `p_max_t` and the clusters' p are corrected for all depths of all
    pairs, and `family` counts these. `layer` is the number of the depth from 1 on. Signs are
    flipped for all pairs of a passage together.
    """
    numbers = np.arange(1, first.shape[1] + 1)
    found = [
        paired_profile(
            other, first, numbers, seed=seed, excluded=excluded, permutations=permutations
        )
        for other in others
    ]
    if len(found) < 2:
        return tuple(found)
    differences = [other - first for other in others]
    tests = _joint(differences, seed, permutations)
    family = sum(profile.family for profile in found)
    return tuple(
        replace(profile, p_max_t=own.p_max, clusters=own.clusters, tested=own, family=family)
        for profile, own in zip(found, tests, strict=True)
    )


def paired_values(differences: Floats, *, seed: int) -> Floats:
    """P of each column of differences [n, columns], max-T over all of them: [columns].

    NaN where nothing could be tested: fewer than 6 passages, or no spread.
    """
    return max_t(differences, seed=seed)


def family_size(differences: Floats) -> int:
    """How many of the columns [n, columns] have a spread: the size of the family."""
    return int((~without_spread(differences)).sum())


def _joint(differences: Sequence[Floats], seed: int, permutations: int) -> list[MeanTest]:
    """The test of all pairs together, pair by pair; clusters numbered from 1 in each."""
    width = differences[0].shape[1]
    # A column without spread is in no cluster: between two pairs it keeps them apart.
    gap = np.zeros((len(differences[0]), 1))
    columns = np.hstack([part for own in differences for part in (own, gap)])
    tested = mean_test(columns, seed=seed, permutations=permutations)
    found: list[list[Cluster]] = [[] for _ in differences]
    for run in tested.clusters:
        pair, start = divmod(run.first_layer, width + 1)
        length = run.last_layer - run.first_layer
        found[pair].append(Cluster(start + 1, start + 1 + length, run.mass, run.p))
    return [
        replace(tested.of(slice(k * (width + 1), k * (width + 1) + width)), clusters=tuple(own))
        for k, own in enumerate(found)
    ]
