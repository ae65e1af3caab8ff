"""The difference by layer beside the same in untrained twins: the test over seeds of its claims."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from odograph.folder.selection import Floats, Ints
from odograph.sentences.record import DESCRIBES
from odograph.sentences.seeds import scope_words
from odograph.statistics.designs.seeds import seed_test
from odograph.statistics.permutation import ALPHA, CLUSTER_PERMUTATIONS, MeanTest, mean_test
from odograph.studies.claim import Claim, twin_values
from odograph.studies.groups import Groups


def curves_beside_twins(claim: Claim, groups: Groups) -> Claim:
    """The claim about whole curves with the layer where they differ most from the twins'."""
    tested, claim = groups.over_seeds, replace(claim, scope=scope_words(groups.words))
    if tested is None:
        return _alone(claim)
    beside = _with_values(claim, tested.twins.mean(axis=1))
    rejected = _rejected(groups, lambda test: min((c.p for c in test.clusters), default=1.0))
    return replace(beside, seeds=(tested, tested.clearest), rejected=rejected)


def layer_beside_twins(claim: Claim, groups: Groups, index: int) -> Claim:
    """The claim about a layer that was picked because of its size: Holm over all layers."""
    tested, claim = groups.over_seeds, replace(claim, scope=scope_words(groups.words))
    if tested is None:
        return _alone(claim)
    beside = _with_values(claim, tested.twins[:, index])
    rejected = _rejected(groups, lambda test: float(np.nanmin(test.p_max)))
    return replace(beside, seeds=(tested, index), rejected=rejected)


def mean_beside_twins(claim: Claim, groups: Groups, columns: Ints) -> Claim:
    """The claim about the mean over layers that were chosen elsewhere: one test."""
    tested, claim = groups.over_seeds, replace(claim, scope=scope_words(groups.words))
    if tested is None:
        return _alone(claim)
    values = tested.twins[:, columns].mean(axis=1)
    single = seed_test(tested.value[columns].mean(keepdims=True), values[:, None])
    return replace(_with_values(claim, values), seeds=(single, 0))


def _alone(claim: Claim) -> Claim:
    """Without twins a difference between words is described: there is no null of learning."""
    return replace(claim, finding=replace(claim.finding, verdict=DESCRIBES))


def _with_values(claim: Claim, values: Floats) -> Claim:
    return replace(claim, finding=replace(claim.finding, null_values=twin_values(values)))


def _rejected(groups: Groups, p_of: Callable[[MeanTest], float]) -> tuple[int, int] | None:
    """In how many twins the same test over documents rejects, and of how many."""
    if groups.twins is None or not groups.profile.family:
        return None
    tests = [
        mean_test(twin, seed=groups.seed, permutations=CLUSTER_PERMUTATIONS)
        for twin in groups.twins
    ]
    known = [p_of(test) for test in tests if np.isfinite(test.p_max).any()]
    return sum(p < ALPHA for p in known), len(known)
