"""The claims about one measure of two groups: how large, in which blocks, and what survives."""

from collections.abc import Callable
from dataclasses import replace
from typing import Unpack

import numpy as np

from odograph.folder.run_words import outliers_of, under
from odograph.folder.samples.lemmas import Lemmas
from odograph.folder.samples.two_groups import FREQUENCY_CALIPER, TwoGroups, groups_of, of_mean
from odograph.folder.selection import Floats
from odograph.sentences.differences import cancelled, cluster_test, sides
from odograph.sentences.english import several
from odograph.sentences.names import NO_DIFFERENCE, max_t_words
from odograph.sentences.nouns_adjectives import (
    HEAVIEST,
    LARGEST_T,
    ChosenBlocks,
    adjusted_words,
    averaged_words,
    chosen_blocks_words,
    group_curves_words,
    largest_words,
    matched_pairs_words,
)
from odograph.sentences.record import PRIMARY, TESTED, Finding, Words
from odograph.sentences.two_groups import (
    MORE,
    interval_percent,
    lemmas_words,
    ratio,
    sides_headline,
)
from odograph.statistics.designs.contrasts import adjusted_without
from odograph.statistics.designs.unpaired import (
    IndependentGroups,
    UnpairedProfile,
    unpaired_profile,
)
from odograph.statistics.designs.unpaired_without import column_without, region_without
from odograph.statistics.designs.versions import Compared, Version, percent, percent_of
from odograph.statistics.leave_one_out import Without, max_t_without
from odograph.statistics.permutation import PERMUTATIONS, cancels
from odograph.statistics.values import PValue
from odograph.studies.claim import Claim, twin_values
from odograph.studies.defaults import FindingDefaults, Overrides, tested_as
from odograph.studies.questions.readings import held
from odograph.studies.section import Analysis

NO_GROUP_DIFFERENCE = "no difference: the groups' means are equal"
#: Two groups of 150 lemmas are usual; a lemma is left out at the price of one sum.
MOST_LEMMAS = 400
# The choice needs where clusters are, not their p.
_FEW = 99


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    groups = analysis.read(groups_of)
    return analysis.defaults_over(
        sum(groups.sizes), excluded=groups.excluded, unit="%", null=NO_GROUP_DIFFERENCE, of="lemma"
    )


def measure_claims(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> list[Claim]:
    """All claims about one measure; region and block are chosen on the first half, if there is one.

    Of a whole run they are corrected for their choice.
    """
    defaults = replace(defaults, measure=compared.measure)
    found: list[Claim | None] = [_over_blocks(groups, compared, defaults)]
    if groups.explored is not None:
        found += chosen_claims(groups, compared.measure, defaults)
    else:
        found += [_curves(groups, compared, defaults), _largest(groups, compared, defaults)]
    found += [_adjusted(groups, compared, defaults), _matched(groups, compared, defaults)]
    claims = [claim for claim in found if claim is not None]
    profile, mean = compared.profile, claims[0].finding.interval
    if groups.explored is None and cancels(mean, profile.difference, profile.p_max_t):
        return _curves_first(groups, compared, claims)
    return claims


def _curves_first(groups: TwoGroups, compared: Compared, claims: list[Claim]) -> list[Claim]:
    """The curves before the mean over blocks, which hides blocks on both sides of 0."""
    mean, curves, *rest = claims
    profile = compared.profile
    where = sides(profile.difference, profile.p_max_t, MORE[compared.measure])
    headline = sides_headline(compared.measure, groups.names, where)
    leading = replace(curves.finding, headline=headline, weight=PRIMARY, estimate_of=cancelled())
    behind = replace(mean.finding, weight=TESTED)
    return [replace(curves, finding=leading), replace(mean, finding=behind), *rest]


def _version(
    defaults: FindingDefaults, version: Version, words: Words, **overrides: Unpack[Overrides]
) -> Finding:
    """The finding of a version's mean over blocks, in %, with its single test."""
    tested: Overrides = {
        "estimate_of": "mean difference over blocks",
        "test": version.test,
        "family": "1",
        "p": version.p,
        "p_adjusted": version.p,
    }
    value, interval = percent_of(version.mean), interval_percent(version.interval)
    return defaults.finding_of(words, value, interval, **(tested | overrides))


def _lemma_claim(groups: TwoGroups, finding: Finding, without: Callable[[], Without]) -> Claim:
    """A claim about lemmas: its test is made again without each of them."""
    return Claim(finding, without, groups.lemmas.names.tolist(), most=MOST_LEMMAS)


def _over_blocks(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """The plain difference over all blocks, beside the twins."""
    blocks = f"{several(groups.run.blocks, 'block')}{under(groups.run)}"
    made = _version(
        defaults,
        compared.plain,
        averaged_words(compared, groups.names, blocks),
        weight=PRIMARY,
        # The same difference in each untrained twin, in %.
        null_values=() if compared.twins is None else twin_values(percent(compared.twins.means)),
    )
    claim = mean_claim(groups, compared.measure, made)
    read = groups.readings if compared.measure == "rotation" else ()
    return held(outliers_of(groups.run), claim, read, "block")


def mean_claim(groups: TwoGroups, measure: str, finding: Finding) -> Claim:
    """A claim about the mean over blocks, its test again without each lemma."""
    values, first, seed = of_mean(groups, measure), groups.lemmas.first, groups.run.seed
    return _lemma_claim(groups, finding, lambda: column_without(values, first, seed=seed))


def _curves(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """The region claim: the curves differ, never where."""
    profile, best = compared.profile, compared.best
    made = _version(
        defaults,
        compared.plain,
        group_curves_words(compared, groups.names),
        test=cluster_test(profile) if profile.family else "none: too few units",
        family=f"{profile.family} layers" if profile.family else "none",
        p=None if best is None else best.p,
        p_adjusted=None if best is None else best.p,
    )
    values, first = groups.lemmas.values[compared.measure], groups.lemmas.first
    return _lemma_claim(groups, made, lambda: region_without(values, first, seed=groups.run.seed))


def _largest(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim | None:
    """The layer claim with the largest t, max-T corrected, with its adjusted and matched values."""
    profile = compared.profile
    if not profile.family:
        return None
    index = int(np.nanargmax(np.abs(profile.t)))
    made = defaults.finding_of(
        largest_words(compared, groups.names, index),
        percent_of(float(profile.difference[index])),
        interval_percent(profile.simultaneous(index)),
        test=max_t_words(profile.test),
        family=f"{profile.family} layers",
        p=float(profile.p[index]),
        p_adjusted=float(profile.p_max_t[index]),
    )
    values, first = groups.lemmas.values[compared.measure], groups.lemmas.first
    claim = _lemma_claim(
        groups, made, lambda: column_without(values, first, index, seed=groups.run.seed)
    )
    return replace(claim, places={"largest difference": int(profile.layer[index])})


def _adjusted(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """Whether the difference survives the adjustment."""
    made = _version(
        defaults,
        compared.adjusted,
        adjusted_words(compared, groups.names, groups.adjusted_for),
        null="no difference beside the covariates",
    )
    lemmas, values = groups.lemmas, of_mean(groups, compared.measure)[:, 0]
    return _lemma_claim(
        groups, made, lambda: adjusted_without(values, lemmas.first, lemmas.covariates)
    )


def _matched(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """Whether the difference survives in pairs of like frequency: tested by flips of their signs.

    Again without each pair.
    """
    matched, total = compared.matched, sum(groups.sizes)
    words = matched_pairs_words(compared, groups.names, groups.tags, total, FREQUENCY_CALIPER)
    if matched is None:
        return Claim(defaults.finding_of(words, None))
    made = _version(
        defaults,
        matched,
        words,
        n=matched.n,
        unit_of_inference="pair of lemmas",
        excluded=defaults.excluded + total - 2 * matched.n,
        null=NO_DIFFERENCE,
    )
    values, names = of_mean(groups, compared.measure), groups.lemmas.names
    first, second = groups.pairing.first, groups.pairing.second
    pairs = [f"{names[a]}, {names[b]}" for a, b in zip(first, second, strict=True)]
    apart = values[first] - values[second]
    return Claim(made, lambda: max_t_without(apart, seed=groups.run.seed), pairs)


def chosen_claims(groups: TwoGroups, measure: str, defaults: FindingDefaults) -> list[Claim]:
    """Of a halved run, the region and the block of one measure, chosen on its first half."""
    explored = groups.explored
    if explored is None:
        return []
    profile = _profile(explored, explored.values[measure], groups.run.seed, _FEW)
    count = len(explored.names)
    places = [_region(profile, count), _block(profile, count)]
    return [_confirmed(groups, measure, place, defaults) for place in places if place is not None]


def _profile(
    lemmas: Lemmas, values: Floats, seed: int, draws: int = PERMUTATIONS
) -> UnpairedProfile:
    layers = np.arange(1, values.shape[1] + 1)
    sample = IndependentGroups(values, lemmas.first, np.empty((len(values), 0)))
    return unpaired_profile(sample, layers, seed=seed, permutations=draws)


def _region(profile: UnpairedProfile, lemmas: int) -> ChosenBlocks:
    """The heaviest cluster among so many lemmas, or all blocks."""
    best = max(profile.clusters, key=lambda found: abs(found.mass), default=None)
    if best is None:
        return ChosenBlocks(1, len(profile.layer), lemmas)
    return ChosenBlocks(best.first_layer, best.last_layer, lemmas, HEAVIEST)


def _block(profile: UnpairedProfile, lemmas: int) -> ChosenBlocks | None:
    """The block that stands out most among so many lemmas."""
    if not np.isfinite(profile.t).any():
        return None
    block = int(profile.layer[int(np.nanargmax(np.abs(profile.t)))])
    return ChosenBlocks(block, block, lemmas, LARGEST_T)


def _confirmed(
    groups: TwoGroups, measure: str, place: ChosenBlocks, defaults: FindingDefaults
) -> Claim:
    """The difference of the lemmas of the second half in the chosen blocks: one test."""
    lemmas, seed = groups.lemmas, groups.run.seed
    values = lemmas.values[measure][:, place.first - 1 : place.last].mean(axis=1)[:, None]
    profile = _profile(lemmas, values, seed)
    value, interval = float(profile.difference[0]), profile.of_test()
    known = bool(np.isfinite(profile.p[0]))
    test = profile.test if known else "none: fewer than 6 units in a group, or no spread"
    tested = PValue(test, float(profile.p[0]) if known else None, 1)
    counts, found = lemmas_words(groups.sizes, groups.names), ratio(measure, groups.names, value)
    words = chosen_blocks_words(place, found, interval, counts, tested)
    made = defaults.finding_of(
        words, percent_of(value), interval_percent(interval), **tested_as(tested)
    )
    return _lemma_claim(groups, made, lambda: column_without(values, lemmas.first, seed=seed))
