"""The lemmas of two groups and what is compared of them: as it is, adjusted, and matched."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from odograph.folder.samples.lemmas import Lemmas
from odograph.folder.samples.two_groups import TwoGroups, groups_of
from odograph.folder.selection import Floats
from odograph.sentences.english import span
from odograph.sentences.evidence import chosen_words, p_words
from odograph.sentences.record import Finding
from odograph.sentences.two_groups import in_percent, interval_percent, ratio
from odograph.statistics.designs.unpaired import (
    IndependentGroups,
    UnpairedProfile,
    unpaired_profile,
)
from odograph.statistics.designs.unpaired_without import column_without
from odograph.statistics.designs.versions import (
    Version,
    percent_of,
)
from odograph.statistics.leave_one_out import Without
from odograph.statistics.values import PValue
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults, Overrides, tested_as
from odograph.studies.section import Analysis

NO_GROUP_DIFFERENCE = "no difference: the groups' means are equal"
#: Two groups of 150 lemmas are usual; a lemma is left out at the price of one sum.
MOST_LEMMAS = 400


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    groups = analysis.read(groups_of)
    return analysis.defaults_over(
        sum(groups.sizes), excluded=groups.excluded, unit="%", null=NO_GROUP_DIFFERENCE, of="lemma"
    )


def version_finding(
    defaults: FindingDefaults,
    version: Version,
    statement: str,
    plain: str,
    **overrides: Unpack[Overrides],
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
    return defaults.finding(statement, plain, value, interval, **(tested | overrides))


def lemma_claim(groups: TwoGroups, finding: Finding, without: Callable[[], Without]) -> Claim:
    """A claim about lemmas: its test is made again without each of them."""
    return Claim(finding, without, groups.lemmas.names.tolist(), most=MOST_LEMMAS)


# The choice needs where clusters are, not their p.
_FEW = 99


@dataclass(frozen=True, eq=False)
class _Place:
    """Blocks that were chosen: which (numbers from 1), and what is said of the choice."""

    first: int
    last: int
    said: str

    @property
    def words(self) -> str:
        """In a sentence: "block 3", "blocks 2 to 5"."""
        return span("block", self.first, self.last)


def chosen_claims(groups: TwoGroups, measure: str, defaults: FindingDefaults) -> list[Claim]:
    """Of a halved run, the region and the block of one measure, chosen on its first half."""
    explored = groups.explored
    if explored is None:
        return []
    profile = _profile(explored, explored.values[measure], groups.run.seed)
    places = [_region(profile, explored), _block(profile, explored)]
    return [_confirmed(groups, measure, place, defaults) for place in places if place is not None]


def _profile(lemmas: Lemmas, values: Floats, seed: int) -> UnpairedProfile:
    layers = np.arange(1, values.shape[1] + 1)
    sample = IndependentGroups(values, lemmas.first, np.empty((len(values), 0)))
    return unpaired_profile(sample, layers, seed=seed, permutations=_FEW)


def _lemmas(explored: Lemmas) -> str:
    return f"{len(explored.names)} lemmas"


def _region(profile: UnpairedProfile, explored: Lemmas) -> _Place:
    best = max(profile.clusters, key=lambda found: abs(found.mass), default=None)
    count = _lemmas(explored)
    if best is None:
        said = f"In the {count} of the first half the curves differ in no cluster of blocks, so "
        return _Place(1, len(profile.layer), f"{said}that no region was chosen.")
    place = _Place(best.first_layer, best.last_layer, "")
    many = best.first_layer != best.last_layer
    said = chosen_words(place.words, "the cluster with the largest mass", count, several=many)
    return _Place(place.first, place.last, said)


def _block(profile: UnpairedProfile, explored: Lemmas) -> _Place | None:
    if not np.isfinite(profile.t).any():
        return None
    block = int(profile.layer[int(np.nanargmax(np.abs(profile.t)))])
    said = chosen_words(f"block {block}", "the one with the largest |t|", _lemmas(explored))
    return _Place(block, block, said)


def _confirmed(groups: TwoGroups, measure: str, place: _Place, defaults: FindingDefaults) -> Claim:
    """The difference of the lemmas of the second half in the chosen blocks: one test."""
    lemmas, names, seed = groups.lemmas, groups.names, groups.run.seed
    values = lemmas.values[measure][:, place.first - 1 : place.last].mean(axis=1)[:, None]
    nothing = np.empty((len(values), 0))
    profile = unpaired_profile(
        IndependentGroups(values, lemmas.first, nothing), np.array([1]), seed=seed
    )
    value, interval = float(profile.difference[0]), profile.of_test()
    known = bool(np.isfinite(profile.p[0]))
    test = profile.test if known else "none: fewer than 6 units in a group, or no spread"
    tested = PValue(test, float(profile.p[0]) if known else None, 1)
    first, second = groups.sizes
    statement = (
        f"In {place.words}, {ratio(measure, names, value)} ({in_percent(interval)}; n = "
        f"{first + second} lemmas, {first} {names[0]} and {second} {names[1]}; {p_words(tested)}; "
        f"unadjusted). {place.said}"
    )
    plain = (
        "Blocks that were chosen because they stand out are tested on lemmas that had no part in "
        "the choice."
    )
    made = defaults.finding(
        statement, plain, percent_of(value), interval_percent(interval), **tested_as(tested)
    )
    return lemma_claim(groups, made, lambda: column_without(values, lemmas.first, seed=seed))
