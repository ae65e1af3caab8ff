"""The findings of nouns against adjectives: how large, in which blocks, and what survives."""

import math

import numpy as np

from odograph.sentences.differences import cluster_test
from odograph.sentences.names import NO_DIFFERENCE, max_t_words
from odograph.sentences.record import Finding
from odograph.sentences.templates import number, p_value
from odograph.statistics.permutation import ALPHA
from odograph.studies.defaults import FindingDefaults
from odograph.studies.nouns_adjectives.balance import balance_finding
from odograph.studies.nouns_adjectives.chosen import chosen_findings
from odograph.studies.nouns_adjectives.compared import (
    FREQUENCY_CALIPER,
    Compared,
    bca_interval,
    percent_of,
)
from odograph.studies.nouns_adjectives.hinging import (
    of_adjusted,
    of_block,
    of_curves,
    of_mean,
    of_pairs,
)
from odograph.studies.nouns_adjectives.lemmas import MEASURES
from odograph.studies.nouns_adjectives.measured import Measured
from odograph.studies.nouns_adjectives.orders import in_random_order
from odograph.studies.nouns_adjectives.path_findings import far_apart
from odograph.studies.nouns_adjectives.sentences import (
    change_words,
    clear,
    in_percent,
    interval_percent,
    not_shown,
    ratio,
    sample,
    tested,
    verdict,
    verdict_plain,
)
from odograph.studies.phrases import blocks_counted, capital, twins_words, under

NO_LABELS = "no difference: the labels of the lemmas are exchangeable"


def findings(measured: Measured, defaults: FindingDefaults) -> list[Finding]:
    """All findings that the run allows, the leading one first."""
    found: list[Finding | None] = []
    for comparison in measured.comparisons:
        found += [
            _over_blocks(measured, comparison, defaults),
            *_curves_and_largest(measured, comparison, defaults),
            _adjusted(measured, comparison, defaults),
            _matched(measured, comparison, defaults),
        ]
    found.append(balance_finding(measured, defaults))
    if measured.paths is not None:
        for view in measured.paths.views:
            found += far_apart(measured.paths, view, defaults)
    return [each for each in found if each is not None]


def _curves_and_largest(
    measured: Measured, compared: Compared, defaults: FindingDefaults
) -> list[Finding | None]:
    """The region and the block: chosen on the first half, or corrected for their choice."""
    if measured.explored is not None:
        return [*chosen_findings(measured, compared.measure, defaults)]
    return [_curves(measured, compared, defaults), _largest(measured, compared, defaults)]


def _over_blocks(measured: Measured, compared: Compared, defaults: FindingDefaults) -> Finding:
    """The plain difference over all blocks, beside the twins."""
    plain, names = compared.plain, measured.names
    found = ratio(compared.measure, names, plain.mean)
    statement = (
        f"Averaged over {blocks_counted(measured.run.blocks)}{under(measured.run)}, {found} "
        f"(ratio of geometric means over lemmas; {in_percent(plain.interval)}; "
        f"{tested(plain, names)}; {defaults.excluded} left out; unadjusted), {_range(compared)}. "
        f"{not_shown(plain.interval)}{_beside_twins(compared)}"
        f"{in_random_order(measured.lemmas, measured.orders, compared.measure, measured.run.seed)}"
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
    )
    return of_mean(measured, compared.measure, made)


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


def _curves(measured: Measured, compared: Compared, defaults: FindingDefaults) -> Finding:
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
        f"{_clusters(measured, compared, what)} {average}",
        told,
        percent_of(plain.mean),
        interval_percent(plain.interval),
        test=cluster_test(profile) if profile.family else "none: too few units",
        family=f"{profile.family} layers" if profile.family else "none",
        p=None if best is None else best.p,
        p_adjusted=None if best is None else best.p,
    )
    return of_curves(measured, compared.measure, made)


def _clusters(measured: Measured, compared: Compared, what: str) -> str:
    profile, names = compared.profile, measured.names
    subject = f"The curves of the {what} of {names[0]} and {names[1]}"
    counts = sample(compared.plain, names)
    if not profile.family:
        return f"{subject} were not tested ({counts}: too few, or no spread)."
    test = f"{cluster_test(profile)}, family of {profile.family} layers"
    best = min(profile.clusters, key=lambda c: (c.p, -abs(c.mass)), default=None)
    if best is None:
        return f"{subject} are not shown to differ: no cluster ({counts}; {test})."
    verb = "differ" if best.p < ALPHA else "are not shown to differ"
    edges = (
        f"block {best.first_layer}"
        if best.first_layer == best.last_layer
        else f"blocks {best.first_layer} to {best.last_layer}"
    )
    return (
        f"{subject} {verb} (cluster mass {number(best.mass)}; {counts}; {p_value(best.p)}, "
        f"{test}). The cluster with the smallest p covers {edges}; its edges are not tested."
    )


def _largest(measured: Measured, compared: Compared, defaults: FindingDefaults) -> Finding | None:
    """The layer claim with the largest t, max-T corrected, with its adjusted and matched values."""
    profile, names = compared.profile, measured.names
    if not profile.family:
        return None
    index = int(np.nanargmax(np.abs(profile.t)))
    block, p = int(profile.layer[index]), float(profile.p_max_t[index])
    value = float(profile.difference[index])
    interval = bca_interval(profile.low[index], profile.high[index], min(measured.sizes))
    others = [f"adjusted {number(percent_of(float(compared.adjusted.difference[index])))} %"]
    if compared.matched is not None:
        others.append(f"matched {number(percent_of(float(compared.matched.difference[index])))} %")
    count = int((profile.p_max_t < ALPHA).sum())
    statement = (
        f"In block {block}, {ratio(compared.measure, names, value)} ({in_percent(interval)}; "
        f"{sample(compared.plain, names)}; {p_value(p)}, {max_t_words(profile.test)}, family of "
        f"{profile.family} layers; unadjusted; {', '.join(others)}). It is the block with the "
        f"largest |t| ({profile.t[index]:.2f}); in {count} of {len(profile.layer)} blocks p < .05 "
        "after max-T. The interval is that of the one block, not corrected for its choice."
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
    return of_block(measured, compared.measure, index, made)


def _adjusted(measured: Measured, compared: Compared, defaults: FindingDefaults) -> Finding:
    """Whether the difference survives the adjustment."""
    adjusted, names = compared.adjusted, measured.names
    listed = "; ".join(measured.adjusted_for) or "nothing, since no covariate varies"
    statement = (
        f"Adjusted by least squares for {listed}: over all blocks "
        f"{ratio(compared.measure, names, adjusted.mean)} ({in_percent(adjusted.interval)}; "
        f"{tested(adjusted, names)}), against {_unadjusted(compared)}: "
        f"{change_words(adjusted.change)}. {verdict(compared.plain, adjusted)}"
    )
    how = "taking position, word length, pieces and frequency into account"
    made = defaults.finding(
        statement,
        verdict_plain(compared.plain, adjusted, how),
        percent_of(adjusted.mean),
        interval_percent(adjusted.interval),
        test=adjusted.test,
        family="1",
        null="no difference beside the covariates: residuals are exchangeable",
        p=adjusted.p,
        p_adjusted=adjusted.p,
    )
    return of_adjusted(measured, compared.measure, made)


def _unadjusted(compared: Compared) -> str:
    return f"{number(percent_of(compared.plain.mean))} % unadjusted"


def _matched(measured: Measured, compared: Compared, defaults: FindingDefaults) -> Finding:
    """Whether the difference survives in pairs of like frequency."""
    matched, names = compared.matched, measured.names
    rule = (
        f"counts + 1 within a factor of {math.exp(FREQUENCY_CALIPER):.2f}, as many pieces, "
        "otherwise as alike as can be"
    )
    total = sum(measured.sizes)
    if matched is None:
        return defaults.finding(
            f"No two lemmas could be matched ({rule}; n = {total} lemmas): there is no matched "
            "comparison.",
            "The two groups have no words of like frequency and length in pieces.",
            None,
        )
    statement = (
        f"In {matched.n} pairs of one {measured.groups[0]} and one {measured.groups[1]} lemma "
        f"({rule}; {total - 2 * matched.n} of {total} lemmas have no partner), over all blocks "
        f"{ratio(compared.measure, names, matched.mean)} ({in_percent(matched.interval)}; "
        f"{tested(matched, names)}), against {_unadjusted(compared)}: "
        f"{change_words(matched.change)}. {verdict(compared.plain, matched)}"
    )
    made = defaults.finding(
        statement,
        verdict_plain(compared.plain, matched, "pairing words of like frequency"),
        percent_of(matched.mean),
        interval_percent(matched.interval),
        n=matched.n,
        unit_of_inference="pair of lemmas",
        excluded=defaults.excluded + total - 2 * matched.n,
        test=matched.test,
        family="1",
        null=NO_DIFFERENCE,
        p=matched.p,
        p_adjusted=matched.p,
    )
    return of_pairs(measured, compared.measure, made)
