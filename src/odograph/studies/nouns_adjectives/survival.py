"""Whether a difference of two groups survives adjusting for covariates, and matching."""

import math

from odograph.sentences.names import NO_DIFFERENCE
from odograph.sentences.numbers import number
from odograph.sentences.record import Finding
from odograph.statistics.designs.contrasts import adjusted_without
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.nouns_adjectives.compared import (
    FREQUENCY_CALIPER,
    Compared,
    percent_of,
)
from odograph.studies.nouns_adjectives.sentences import (
    change_words,
    in_percent,
    interval_percent,
    ratio,
    tested,
    verdict,
    verdict_plain,
)
from odograph.studies.nouns_adjectives.two_groups import TwoGroups, lemma_claim, of_mean


def adjusted_claim(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
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
    lemmas, values = groups.lemmas, of_mean(groups, compared.measure)[:, 0]
    return lemma_claim(
        groups, made, lambda: adjusted_without(values, lemmas.first, lemmas.covariates)
    )


def _unadjusted(compared: Compared) -> str:
    return f"{number(percent_of(compared.plain.mean))} % unadjusted"


def matched_claim(groups: TwoGroups, compared: Compared, defaults: FindingDefaults) -> Claim:
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
    return _pair_claim(groups, compared.measure, made)


def _pair_claim(groups: TwoGroups, measure: str, made: Finding) -> Claim:
    """A claim about matched pairs: tested by flips of their signs, again without each pair."""
    values, pairing, names = of_mean(groups, measure), groups.pairing, groups.lemmas.names
    pairs = [f"{names[a]}, {names[b]}" for a, b in zip(pairing.first, pairing.second, strict=True)]
    apart = values[pairing.first] - values[pairing.second]
    return Claim(made, lambda: max_t_without(apart, seed=groups.run.seed), pairs)
