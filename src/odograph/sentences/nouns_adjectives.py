"""What two groups of words differ in, in sentences: plain, adjusted, matched, block by block."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from odograph.sentences.differences import cluster_test
from odograph.sentences.english import capital, several, span
from odograph.sentences.evidence import chosen_words, p_words
from odograph.sentences.names import max_t_words
from odograph.sentences.numbers import number, p_value
from odograph.sentences.record import Words
from odograph.sentences.two_groups import (
    COVARIATES,
    MEASURES,
    change_of_ratio,
    clear,
    in_percent,
    not_shown,
    range_by_block,
    ratio,
    ratio_in_random_order,
    ratio_in_twins,
    sample,
    tested,
    verdict,
    verdict_plain,
)
from odograph.statistics.designs.balance import Balance
from odograph.statistics.designs.versions import Compared, Version, percent_of
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Interval, PValue

Names = tuple[str, str]


def averaged_words(compared: Compared, names: Names, blocks: str) -> Words:
    """The plain difference over all blocks, beside the twins; blocks: "8 blocks"."""
    plain = compared.plain
    found = ratio(compared.measure, names, plain.mean)
    statement = (
        f"Averaged over {blocks}, {found} "
        f"(ratio of geometric means over lemmas; {in_percent(plain.interval)}; "
        f"{tested(plain, names)}; unadjusted), "
        f"{range_by_block(plain)}. {not_shown(plain.interval)}"
        f"{ratio_in_twins(plain, compared.twins)}{ratio_in_random_order(compared.order_change)}"
    )
    if clear(plain.interval):
        headline = capital(found)
        more = "the two groups also differ in other ways, which the adjusted numbers take into"
        return Words(
            statement, f"{headline}, taking all blocks together; {more} account.", headline
        )
    both = f"the {MEASURES[compared.measure]} of {names[0]} and of {names[1]}"
    return Words(
        statement,
        f"Taking all blocks together, {both} cannot be told apart; single blocks may differ.",
        f"{capital(both)} cannot be told apart",
    )


def group_curves_words(compared: Compared, names: Names) -> Words:
    """That the curves differ as wholes, never where."""
    profile, plain = compared.profile, compared.plain
    what = "steps" if compared.measure == "step" else "rotation"
    average = (
        f"Averaged over all blocks the difference is {number(percent_of(plain.mean))} % "
        f"({in_percent(plain.interval)})."
    )
    told = f"There are too few words to test whether the two curves ({what}) differ."
    if profile.family:
        verb = _verb(compared)
        told = (
            f"Taken as a whole, the two curves ({what}) {verb} by more than chance labels would "
            "give."
        )
    return Words(f"{_clusters(compared, names, what)} {average}", told)


def _verb(compared: Compared) -> str:
    best = compared.best
    return "differ" if best is not None and best.p < ALPHA else "are not shown to differ"


def _clusters(compared: Compared, names: Names, what: str) -> str:
    profile, best = compared.profile, compared.best
    subject = f"The curves of the {what} of {names[0]} and {names[1]}"
    counts = sample(compared.plain, names)
    if not profile.family:
        return f"{subject} were not tested ({counts}: too few, or no spread)."
    test = f"{cluster_test(profile)}, family of {profile.family} layers"
    if best is None:
        return f"{subject} are not shown to differ: no cluster ({counts}; {test})."
    edges = span("block", best.first_layer, best.last_layer)
    return (
        f"{subject} {_verb(compared)} (cluster mass {number(best.mass)}; {counts}; "
        f"{p_value(best.p)}, {test}). The cluster with the smallest p covers {edges}; its edges "
        "are not tested."
    )


def largest_words(compared: Compared, names: Names, index: int) -> Words:
    """The block with the largest t, by its index, with what is left of it in the other versions."""
    profile = compared.profile
    block, p = int(profile.layer[index]), float(profile.p_max_t[index])
    found = ratio(compared.measure, names, float(profile.difference[index]))
    others = [
        f"{version.name} {number(percent_of(float(version.profile.difference[index])))} %"
        for version in compared.versions[1:]
    ]
    count = int((profile.p_max_t < ALPHA).sum())
    told = (
        f"Block {block} is where the two groups differ most clearly: there, {found}."
        if p < ALPHA
        else f"In no single block is the {MEASURES[compared.measure]} of the two groups shown to "
        "differ, when all blocks are looked at."
    )
    return Words(
        f"In block {block}, {found} ({in_percent(profile.simultaneous(index))}; "
        f"{sample(compared.plain, names)}; {p_value(p)}, {max_t_words(profile.test)}, family of "
        f"{profile.family} layers; unadjusted; {', '.join(others)}). It is the block with the "
        f"largest |t| ({profile.t[index]:.2f}); in {count} of {len(profile.layer)} blocks p < .05 "
        "after max-T, and the interval allows for the choice among them.",
        told,
    )


def adjusted_words(compared: Compared, names: Names, covariates: Sequence[str]) -> Words:
    """Whether the difference survives the adjustment for these covariates."""
    found = ratio(compared.measure, names, compared.adjusted.mean)
    listed = "; ".join(covariates) or "nothing, since no covariate varies"
    how = "taking position, word length, pieces and frequency into account"
    return Words(
        f"Adjusted by least squares for {listed}: over all blocks {found} "
        f"{_against_plain(compared, compared.adjusted, names)}",
        verdict_plain(compared.plain, compared.adjusted, how),
        f"At like position, length and frequency, {found}",
    )


def _against_plain(compared: Compared, version: Version, names: Names) -> str:
    """A version's interval and test, how far it is from the plain one, and what survives."""
    plain = compared.plain
    return (
        f"({in_percent(version.interval)}; {tested(version, names)}), against "
        f"{number(percent_of(plain.mean))} % unadjusted: {change_of_ratio(version.change)}. "
        f"{verdict(plain, version)}"
    )


def matched_pairs_words(
    compared: Compared, names: Names, tags: Names, lemmas: int, caliper: float
) -> Words:
    """Whether the difference survives in pairs of like frequency.

    lemmas: of both groups; caliper: by how much the logarithms of a pair's counts may differ.
    """
    version = compared.matched
    rule = (
        f"counts + 1 within a factor of {math.exp(caliper):.2f}, as many pieces, "
        "otherwise as alike as can be"
    )
    if version is None:
        return Words(
            f"No two lemmas could be matched ({rule}; n = {lemmas:,} lemmas): there is no matched "
            "comparison.",
            "The two groups have no words of like frequency and length in pieces.",
        )
    found = ratio(compared.measure, names, version.mean)
    return Words(
        f"In {version.n} pairs of one {tags[0]} and one {tags[1]} lemma ({rule}; "
        f"{lemmas - 2 * version.n} of {lemmas} lemmas have no partner), over all blocks {found} "
        f"{_against_plain(compared, version, names)}",
        verdict_plain(compared.plain, version, "pairing words of like frequency"),
        f"In {several(version.n, 'pair')} of words of like frequency, {found}",
    )


#: What makes blocks stand out on the first half.
HEAVIEST, LARGEST_T = "the cluster with the largest mass", "the one with the largest |t|"


@dataclass(frozen=True)
class ChosenBlocks:
    """Blocks, numbered from 1, that stand out among so many lemmas of the first half.

    why: `HEAVIEST` or `LARGEST_T`; "" where nothing stood out, so that all blocks are taken.
    """

    first: int
    last: int
    lemmas: int
    why: str = ""

    @property
    def place(self) -> str:
        """In a sentence: "block 3", "blocks 2 to 5"."""
        return span("block", self.first, self.last)

    @property
    def choice(self) -> str:
        """How they were chosen, as a sentence."""
        if not self.why:
            return (
                f"In the {self.lemmas} lemmas of the first half the curves differ in no cluster of "
                "blocks, so that no region was chosen."
            )
        several = self.first != self.last
        return chosen_words(self.place, self.why, f"{self.lemmas} lemmas", several=several)


def chosen_blocks_words(
    chosen: ChosenBlocks, found: str, interval: Interval | None, counts: str, tested: PValue
) -> Words:
    """The difference, `found`, in blocks chosen on the first half; counts: the units tested."""
    return Words(
        f"In {chosen.place}, {found} ({in_percent(interval)}; {counts}; {p_words(tested)}; "
        f"unadjusted). {chosen.choice}",
        "Blocks that were chosen because they stand out are tested on lemmas that had no part in "
        "the choice.",
    )


def balance_words(found: Sequence[Balance], names: Names, counts: str) -> Words:
    """In what else the groups differ: all covariates, and in the headline the largest."""
    parts = [
        f"{COVARIATES[one.name]} {number(one.first)} and {number(one.second)} "
        f"({number(one.apart)} sd"
        + ("" if math.isnan(one.matched) else f"; {number(one.matched)} in pairs")
        + ")"
        for one in found
    ]
    most = COVARIATES[max(found, key=lambda one: abs(one.apart)).name].split(" (")[0]
    return Words(
        f"What could stand between {names[0]} and {names[1]}, means and standardised differences "
        f"({counts}; descriptive, no test): {'; '.join(parts)}.",
        f"Apart from what they are, the two groups differ most in {most}; no list of such "
        "differences is complete.",
        f"Apart from what they are, {names[0]} and {names[1]} differ most in {most}",
    )
