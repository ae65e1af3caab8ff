"""The claims about one measure of two groups: how large, in which blocks, and what survives."""

import math
from dataclasses import replace

import numpy as np

from odograph.folder.run_words import outliers_of, under
from odograph.folder.samples.lemmas import MEASURES
from odograph.folder.samples.two_groups import FREQUENCY_CALIPER, Compared, TwoGroups, of_mean
from odograph.sentences.differences import cancelled, cluster_test, sides
from odograph.sentences.english import capital, several, span
from odograph.sentences.names import NO_DIFFERENCE, max_t_words
from odograph.sentences.numbers import number, p_value
from odograph.sentences.record import PRIMARY, TESTED, Finding
from odograph.sentences.two_groups import (
    MORE,
    beside_twins,
    change_words,
    clear,
    in_percent,
    in_random_order,
    interval_percent,
    not_shown,
    range_by_block,
    ratio,
    sample,
    sides_headline,
    tested,
    verdict,
    verdict_plain,
)
from odograph.statistics.designs.contrasts import adjusted_without
from odograph.statistics.designs.unpaired_without import column_without, region_without
from odograph.statistics.designs.versions import percent, percent_of
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import ALPHA, cancels
from odograph.studies.claim import Claim, twin_values
from odograph.studies.defaults import FindingDefaults
from odograph.studies.nouns_adjectives.two_groups import chosen_claims, lemma_claim, version_finding
from odograph.studies.questions.readings import held


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
    profile, names = compared.profile, groups.names
    where = sides(profile.difference, profile.p_max_t, MORE[compared.measure])
    headline = sides_headline(compared.measure, names, where)
    leading = replace(curves.finding, headline=headline, weight=PRIMARY, estimate_of=cancelled())
    behind = replace(mean.finding, weight=TESTED)
    return [replace(curves, finding=leading), replace(mean, finding=behind), *rest]


def _over_blocks(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """The plain difference over all blocks, beside the twins."""
    plain, names = compared.plain, groups.names
    found = ratio(compared.measure, names, plain.mean)
    statement = (
        f"Averaged over {several(groups.run.blocks, 'block')}{under(groups.run)}, {found} "
        f"(ratio of geometric means over lemmas; {in_percent(plain.interval)}; "
        f"{tested(plain, names)}; unadjusted), "
        f"{range_by_block(plain)}. {not_shown(plain.interval)}"
        f"{beside_twins(plain, compared.twins)}{in_random_order(compared.order_change)}"
    )
    headline = told = capital(found)
    told += (
        ", taking all blocks together; the two groups also differ in other ways, which the "
        "adjusted numbers take into account."
    )
    if not clear(plain.interval):
        both = f"the {MEASURES[compared.measure]} of {names[0]} and of {names[1]}"
        headline = f"{capital(both)} cannot be told apart"
        told = f"Taking all blocks together, {both} cannot be told apart; single blocks may differ."
    made = version_finding(
        defaults,
        plain,
        statement,
        told,
        headline=headline,
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
    return lemma_claim(groups, finding, lambda: column_without(values, first, seed=seed))


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
    made = version_finding(
        defaults,
        plain,
        f"{_clusters(groups, compared, what)} {average}",
        told,
        test=cluster_test(profile) if profile.family else "none: too few units",
        family=f"{profile.family} layers" if profile.family else "none",
        p=None if best is None else best.p,
        p_adjusted=None if best is None else best.p,
    )
    values, first = groups.lemmas.values[compared.measure], groups.lemmas.first
    return lemma_claim(groups, made, lambda: region_without(values, first, seed=groups.run.seed))


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
    others = [
        f"{version.name} {number(percent_of(float(version.profile.difference[index])))} %"
        for version in compared.versions[1:]
    ]
    count = int((profile.p_max_t < ALPHA).sum())
    statement = (
        f"In block {block}, {ratio(compared.measure, names, value)} ({in_percent(interval)}; "
        f"{sample(compared.plain, names)}; {p_value(p)}, {max_t_words(profile.test)}, family of "
        f"{profile.family} layers; unadjusted; {', '.join(others)}). It is the block with the "
        f"largest |t| ({profile.t[index]:.2f}); in {count} of {len(profile.layer)} blocks p < .05 "
        "after max-T, and the interval allows for the choice among them."
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
    values, first = groups.lemmas.values[compared.measure], groups.lemmas.first
    claim = lemma_claim(
        groups, made, lambda: column_without(values, first, index, seed=groups.run.seed)
    )
    return replace(claim, places={"largest difference": block})


def _adjusted(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """Whether the difference survives the adjustment."""
    adjusted, names = compared.adjusted, groups.names
    listed = "; ".join(groups.adjusted_for) or "nothing, since no covariate varies"
    statement = (
        f"Adjusted by least squares for {listed}: over all blocks "
        f"{ratio(compared.measure, names, adjusted.mean)} ({in_percent(adjusted.interval)}; "
        f"{tested(adjusted, names)}), against {_unadjusted(compared)}: "
        f"{change_words(adjusted.change)}. {verdict(compared.plain, adjusted)}"
    )
    how = "taking position, word length, pieces and frequency into account"
    made = version_finding(
        defaults,
        adjusted,
        statement,
        verdict_plain(compared.plain, adjusted, how),
        headline="At like position, length and frequency, "
        f"{ratio(compared.measure, names, adjusted.mean)}",
        null="no difference beside the covariates",
    )
    lemmas, values = groups.lemmas, of_mean(groups, compared.measure)[:, 0]
    return lemma_claim(
        groups, made, lambda: adjusted_without(values, lemmas.first, lemmas.covariates)
    )


def _unadjusted(compared: Compared) -> str:
    return f"{number(percent_of(compared.plain.mean))} % unadjusted"


def _matched(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
    """Whether the difference survives in pairs of like frequency."""
    matched, names = compared.matched, groups.names
    rule = (
        f"counts + 1 within a factor of {math.exp(FREQUENCY_CALIPER):.2f}, as many pieces, "
        "otherwise as alike as can be"
    )
    total = sum(groups.sizes)
    if matched is None:
        return Claim(
            defaults.finding(
                f"No two lemmas could be matched ({rule}; n = {total} lemmas): there is no matched "
                "comparison.",
                "The two groups have no words of like frequency and length in pieces.",
                None,
            )
        )
    statement = (
        f"In {matched.n} pairs of one {groups.tags[0]} and one {groups.tags[1]} lemma "
        f"({rule}; {total - 2 * matched.n} of {total} lemmas have no partner), over all blocks "
        f"{ratio(compared.measure, names, matched.mean)} ({in_percent(matched.interval)}; "
        f"{tested(matched, names)}), against {_unadjusted(compared)}: "
        f"{change_words(matched.change)}. {verdict(compared.plain, matched)}"
    )
    made = version_finding(
        defaults,
        matched,
        statement,
        verdict_plain(compared.plain, matched, "pairing words of like frequency"),
        headline=f"In {several(matched.n, 'pair')} of words of like frequency, "
        f"{ratio(compared.measure, names, matched.mean)}",
        n=matched.n,
        unit_of_inference="pair of lemmas",
        excluded=defaults.excluded + total - 2 * matched.n,
        null=NO_DIFFERENCE,
    )
    return _pair_claim(groups, compared.measure, made)


def _pair_claim(groups: TwoGroups, measure: str, made: Finding) -> Claim:
    """A claim about matched pairs: tested by flips of their signs, again without each pair."""
    values, pairing, names = of_mean(groups, measure), groups.pairing, groups.lemmas.names
    pairs = [f"{names[a]}, {names[b]}" for a, b in zip(pairing.first, pairing.second, strict=True)]
    apart = values[pairing.first] - values[pairing.second]
    return Claim(made, lambda: max_t_without(apart, seed=groups.run.seed), pairs)
