"""A profile beside its untrained twins, layer by layer: in which it lies beyond them, and a test.

The test over seeds of claims about a difference by layer.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from odograph.folder.selection import Floats, Ints
from odograph.sentences.english import plural
from odograph.sentences.seeds import beyond_twins_words, scope_words, shared_words
from odograph.sentences.verdicts import DESCRIBES
from odograph.statistics.designs.seeds import SeedTest
from odograph.statistics.permutation import ALPHA, CLUSTER_PERMUTATIONS, MeanTest, mean_test
from odograph.studies.claim import Claim, twin_values
from odograph.studies.groups import Groups
from odograph.studies.sample import Quantity, Sample
from odograph.studies.section import Analysis, Answer, Section


def beyond_twins(asked: Quantity) -> Section:
    """In which layers the leading profile lies beyond its twins; nothing without twins."""

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        tested = sample.nulls.over_seeds
        return Answer() if tested is None else Answer([_claim(analysis, sample, tested)])

    return section


def _claim(analysis: Analysis, sample: Sample, tested: SeedTest) -> Claim:
    """The layer where the model and its twins differ most clearly, and in which they differ."""
    asked, layer, first = sample.quantity, tested.clearest, int(sample.layers[0])
    whole, value = analysis.defaults(sample), float(tested.value[layer])
    defaults = replace(whole, n=tested.units)
    fewer = () if whole.n == tested.units else (shared_words(tested, whole.units(whole.n)),)
    subject = f"{asked.measure} of {sample.subject}"
    finding = defaults.finding_of(
        beyond_twins_words(tested, subject, (asked.along, first), asked.unit, defaults.sample),
        value,
        evidence=fewer,
        data={f"{asked.along}s_beyond": int((tested.side != 0).sum())},
        show={"minus": True, "layer": first + layer},
    )
    return Claim(finding, seeds=(tested, layer), members=plural(asked.along))


def curves_beside_twins(claim: Claim, groups: Groups) -> Claim:
    """The claim about whole curves with the layer where they differ most from the twins'."""
    tested = groups.nulls.over_seeds
    values = None if tested is None else tested.twins.mean(axis=1)
    beside = _with_values(claim, groups, values)
    if tested is None:
        return beside
    rejected = _rejected(groups, lambda test: min((c.p for c in test.clusters), default=1.0))
    clearest = int(groups.profile.layer[tested.clearest])
    members = f"{beside.members}, most clearly in {groups.along} {clearest}"
    return replace(beside, seeds=(tested, tested.clearest), rejected=rejected, members=members)


def layer_beside_twins(claim: Claim, groups: Groups, index: int) -> Claim:
    """The claim about a layer that was picked because of its size: Holm over all layers."""
    tested = groups.nulls.over_seeds
    beside = _with_values(claim, groups, None if tested is None else tested.twins[:, index])
    if tested is None:
        return beside
    rejected = _rejected(groups, lambda test: float(np.nanmin(test.p_max)))
    return replace(beside, seeds=(tested, index), rejected=rejected)


def mean_beside_twins(claim: Claim, groups: Groups, columns: Ints) -> Claim:
    """The claim about the mean over layers that were chosen elsewhere: one test."""
    tested = groups.nulls.over_seeds
    values = None if tested is None else tested.twins[:, columns].mean(axis=1)
    beside = _with_values(claim, groups, values)
    if tested is None or values is None:
        return beside
    single = tested.of(lambda layers: layers[..., columns].mean(axis=-1))
    return replace(beside, seeds=(single, 0))


def _with_values(claim: Claim, groups: Groups, values: Floats | None) -> Claim:
    """The claim with what each twin gives of it, [twins], what its test holds for, and its layers.

    Without twins a difference between words is described: there is no null of learning.
    """
    finding = (
        replace(claim.finding, verdict=DESCRIBES)
        if values is None
        else replace(claim.finding, null_values=twin_values(values))
    )
    scope, members = scope_words(groups.words), plural(groups.along)
    return replace(claim, finding=finding, scope=scope, members=members)


def _rejected(groups: Groups, p_of: Callable[[MeanTest], float]) -> tuple[int, int] | None:
    """In how many twins the same test over documents rejects, and of how many."""
    if groups.nulls.twins is None or not groups.profile.family:
        return None
    tests = [
        mean_test(twin, seed=groups.seed, permutations=CLUSTER_PERMUTATIONS)
        for twin in groups.nulls.twins
    ]
    known = [p_of(test) for test in tests if np.isfinite(test.p_max).any()]
    return sum(p < ALPHA for p in known), len(known)
