"""The claims about one measure of two groups: how large, in which blocks, and what survives."""

import numpy as np

from odograph.folder.selection import Floats
from odograph.sentences.differences import cluster_test
from odograph.sentences.english import capital, several, span
from odograph.sentences.names import max_t_words
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import number, p_value
from odograph.sentences.record import PRIMARY, Finding, NullValue
from odograph.statistics.designs.unpaired_without import PermutedLabels
from odograph.statistics.permutation import ALPHA
from odograph.studies.claim import Claim, twin_values
from odograph.studies.defaults import FindingDefaults
from odograph.studies.nouns_adjectives.chosen import chosen_claims
from odograph.studies.nouns_adjectives.compared import (
    Compared,
    percent,
    percent_of,
)
from odograph.studies.nouns_adjectives.lemmas import MEASURES
from odograph.studies.nouns_adjectives.sentences import (
    clear,
    in_percent,
    in_random_order,
    interval_percent,
    not_shown,
    ratio,
    sample,
    tested,
)
from odograph.studies.nouns_adjectives.survival import adjusted_claim, matched_claim
from odograph.studies.nouns_adjectives.two_groups import TwoGroups, lemma_claim, of_mean
from odograph.studies.phrases import under


def measure_claims(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> list[Claim]:
    """All claims about one measure; region and block are chosen on the first half, if there is one.

    Of a whole run they are corrected for their choice.
    """
    found: list[Claim | None] = [_over_blocks(groups, compared, defaults)]
    if groups.explored is not None:
        found += chosen_claims(groups, compared.measure, defaults)
    else:
        found += [_curves(groups, compared, defaults), _largest(groups, compared, defaults)]
    found += [adjusted_claim(groups, compared, defaults), matched_claim(groups, compared, defaults)]
    return [claim for claim in found if claim is not None]


def _without(groups: TwoGroups, values: Floats) -> PermutedLabels:
    return PermutedLabels(values, groups.lemmas.first, seed=groups.run.seed)


def _over_blocks(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """The plain difference over all blocks, beside the twins."""
    plain, names = compared.plain, groups.names
    found = ratio(compared.measure, names, plain.mean)
    statement = (
        f"Averaged over {several(groups.run.blocks, 'block')}{under(groups.run)}, {found} "
        f"(ratio of geometric means over lemmas; {in_percent(plain.interval)}; "
        f"{tested(plain, names)}; {defaults.excluded} left out; unadjusted), {_range(compared)}. "
        f"{not_shown(plain.interval)}{_beside_twins(compared)}"
        f"{in_random_order(groups.lemmas, groups.orders, compared.measure, groups.run.seed)}"
    )
    told = (
        f"{capital(found)}, taking all blocks together; the two groups also differ in other ways, "
        "which the adjusted numbers take into account."
        if clear(plain.interval)
        else f"Taking all blocks together, the {MEASURES[compared.measure]} of {names[0]} and of "
        f"{names[1]} cannot be told apart; single blocks may differ."
    )
    made = defaults.finding(
        statement,
        told,
        percent_of(plain.mean),
        interval_percent(plain.interval),
        test=plain.test,
        family="1",
        p=plain.p,
        p_adjusted=plain.p,
        headline=capital(found) if clear(plain.interval) else _not_apart(compared, names),
        weight=PRIMARY,
        null_values=_twin_values(compared),
    )
    return mean_claim(groups, compared.measure, made)


def _not_apart(compared: Compared, names: tuple[str, str]) -> str:
    what = MEASURES[compared.measure]
    return f"The {what} of {names[0]} and of {names[1]} cannot be told apart"


def _twin_values(compared: Compared) -> tuple[NullValue, ...]:
    """The same difference in each untrained twin, in %."""
    return () if compared.twins is None else twin_values(percent(compared.twins.means))


def mean_claim(groups: TwoGroups, measure: str, finding: Finding) -> Claim:
    """A claim about the mean over blocks: labels permuted, again without each lemma."""
    values = of_mean(groups, measure)
    return lemma_claim(groups, finding, lambda: _without(groups, values).of_column())


def _range(compared: Compared) -> str:
    """The extremes over the blocks: a mean may hide that blocks differ in sign."""
    by_block = compared.plain.difference
    ends = (int(np.argmin(by_block)), int(np.argmax(by_block)))
    low, high = (f"{number(percent_of(float(by_block[k])))} % in block {k + 1}" for k in ends)
    return f"by block {low} to {high}"


def _beside_twins(compared: Compared) -> str:
    twins, plain = compared.twins, compared.plain
    if twins is None:
        return "No untrained twin was measured."
    seeds = [percent_of(float(mean)) for mean in twins.means]
    spread = f" (seeds {number(min(seeds))} to {number(max(seeds))} %)" if len(seeds) > 1 else ""
    band = f"{number(percent_of(twins.mean_low))} to {number(percent_of(twins.mean_high))} %"
    if twins.mean_low <= plain.mean <= twins.mean_high:
        ending = "the model shows no more than that"
    elif plain.interval is not None and (
        plain.interval.low > twins.mean_high or plain.interval.high < twins.mean_low
    ):
        ending = "the model's interval lies outside it"
    else:
        ending = "the model's interval overlaps it"
    return (
        f"In {twins_words(len(seeds))} it is {number(float(np.mean(seeds)))} %{spread}, 5 to 95 % "
        f"of resampled lemmas {band}: {ending}."
    )


def _curves(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """The region claim: the curves differ, never where."""
    profile, plain = compared.profile, compared.plain
    what = "steps" if compared.measure == "step" else "rotation"
    best = min(profile.clusters, key=lambda c: (c.p, -abs(c.mass)), default=None)
    differ = best is not None and best.p < ALPHA
    average = (
        f"Averaged over all blocks the difference is {number(percent_of(plain.mean))} % "
        f"({in_percent(plain.interval)})."
    )
    verb = "differ" if differ else "are not shown to differ"
    told = (
        f"Taken as a whole, the two curves ({what}) {verb} by more than chance labels would give."
        if profile.family
        else f"There are too few words to test whether the two curves ({what}) differ."
    )
    made = defaults.finding(
        f"{_clusters(groups, compared, what)} {average}",
        told,
        percent_of(plain.mean),
        interval_percent(plain.interval),
        test=cluster_test(profile) if profile.family else "none: too few units",
        family=f"{profile.family} layers" if profile.family else "none",
        p=None if best is None else best.p,
        p_adjusted=None if best is None else best.p,
    )
    values = groups.lemmas.values[compared.measure]
    return lemma_claim(groups, made, lambda: _without(groups, values).of_clusters())


def _clusters(groups: TwoGroups, compared: Compared, what: str) -> str:
    profile, names = compared.profile, groups.names
    subject = f"The curves of the {what} of {names[0]} and {names[1]}"
    counts = sample(compared.plain, names)
    if not profile.family:
        return f"{subject} were not tested ({counts}: too few, or no spread)."
    test = f"{cluster_test(profile)}, family of {profile.family} layers"
    best = min(profile.clusters, key=lambda c: (c.p, -abs(c.mass)), default=None)
    if best is None:
        return f"{subject} are not shown to differ: no cluster ({counts}; {test})."
    verb = "differ" if best.p < ALPHA else "are not shown to differ"
    edges = span("block", best.first_layer, best.last_layer)
    return (
        f"{subject} {verb} (cluster mass {number(best.mass)}; {counts}; {p_value(best.p)}, "
        f"{test}). The cluster with the smallest p covers {edges}; its edges are not tested."
    )


def _largest(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim | None:
    """The layer claim with the largest t, max-T corrected, with its adjusted and matched values."""
    profile, names = compared.profile, groups.names
    if not profile.family:
        return None
    index = int(np.nanargmax(np.abs(profile.t)))
    block, p = int(profile.layer[index]), float(profile.p_max_t[index])
    value = float(profile.difference[index])
    interval = profile.simultaneous(index)
    others = [f"adjusted {number(percent_of(float(compared.adjusted.difference[index])))} %"]
    if compared.matched is not None:
        others.append(f"matched {number(percent_of(float(compared.matched.difference[index])))} %")
    count = int((profile.p_max_t < ALPHA).sum())
    statement = (
        f"In block {block}, {ratio(compared.measure, names, value)} ({in_percent(interval)}; "
        f"{sample(compared.plain, names)}; {p_value(p)}, {max_t_words(profile.test)}, family of "
        f"{profile.family} layers; unadjusted; {', '.join(others)}). It is the block with the "
        f"largest |t| ({profile.t[index]:.2f}); in {count} of {len(profile.layer)} blocks p < .05 "
        "after max-T. The interval allows for its choice among the blocks."
    )
    told = (
        f"Block {block} is where the two groups differ most clearly: there, "
        f"{ratio(compared.measure, names, value)}."
        if p < ALPHA
        else f"In no single block is the {MEASURES[compared.measure]} of the two groups shown to "
        "differ, when all blocks are looked at."
    )
    made = defaults.finding(
        statement,
        told,
        percent_of(value),
        interval_percent(interval),
        test=max_t_words(profile.test),
        family=f"{profile.family} layers",
        p=float(profile.p[index]),
        p_adjusted=p,
    )
    values = groups.lemmas.values[compared.measure]
    return lemma_claim(groups, made, lambda: _without(groups, values).of_column(index))
