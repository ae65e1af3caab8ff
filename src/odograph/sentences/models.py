"""The sentences about two models: always about their difference, never about one of them alone.

That a test rejects in one model and not in another says nothing about their difference.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from odograph.sentences.differences import profile_note
from odograph.sentences.english import capital, counted, listed, span
from odograph.sentences.evidence import interval_words
from odograph.sentences.names import cluster_words
from odograph.sentences.numbers import number, p_value, quantity
from odograph.sentences.record import Words
from odograph.statistics.designs.models import (
    CLUSTER_DEPTHS,
    MAX_T_DEPTHS,
)
from odograph.statistics.designs.paired import PairedProfile
from odograph.statistics.intervals import Floats
from odograph.statistics.judge import Cluster
from odograph.statistics.permutation import ALPHA, by_units
from odograph.statistics.values import Estimate, Interval, PValue

#: Where models are compared, in a sentence.
PLACES = "at the same places of the same texts"


@dataclass(frozen=True)
class ModelPair:
    """Two models, one of `pairs` that are tested together, and what is compared over depths.

    Attributes:
        measure: as a sentence names it: "rotation turned so far".
        names: of the model and of the first one, from which it is taken.
        depths: relative depths of the profile's columns.
        pairs: how many pairs of models the family has.
        unit: what is counted.
    """

    measure: str
    names: tuple[str, str]
    depths: Floats
    pairs: int
    unit: str = "passage"

    @property
    def family(self) -> str:
        """The family in words: "2 pairs of models x 4 depths"."""
        pairs = "1 pair" if self.pairs == 1 else f"{self.pairs} pairs"
        return f"{pairs} of models x {len(self.depths)} depths"


def cluster_depths(profile: PairedProfile) -> str:
    """The cluster test over depths in words, with the threshold that formed the clusters."""
    return cluster_words(by_units(CLUSTER_DEPTHS, profile.n), profile.threshold, along="depth")


def largest_cluster(profile: PairedProfile) -> Cluster | None:
    """The cluster with the smallest p, of these the one with most mass."""
    return min(profile.clusters, key=lambda one: (one.p, -abs(one.mass)), default=None)


def same_everywhere(profile: PairedProfile) -> bool:
    """Whether the two models have the same values at every depth."""
    return not profile.family and bool((profile.difference == 0).all())


def model_curves_words(profile: PairedProfile, pair: ModelPair, mean: Estimate) -> Words:
    """What the cluster test says about the curves of two models; mean: of their difference."""
    return Words(
        f"{model_curves_sentence(profile, pair)} Averaged over the compared depths the difference "
        f"is {quantity(mean.value, mean.unit)} ({interval_words(mean.interval, mean.unit)}).",
        model_curves_plain(profile, pair),
        _model_curves_headline(profile, pair),
    )


def model_curves_sentence(profile: PairedProfile, pair: ModelPair) -> str:
    """What the cluster test says about the curves of two models as wholes."""
    subject = f"Over relative depth, the curves of the {pair.measure} of {' and '.join(pair.names)}"
    counts = counted(profile.n, pair.unit)
    if math.isnan(profile.threshold):
        return f"{subject} were not tested ({counts}; {profile_note(profile) or 'too few texts'})."
    if same_everywhere(profile):
        return f"{subject} are the same at every depth ({counts}; no test: nothing differs)."
    method = f"{cluster_depths(profile)}, family of {profile.family} comparisons ({pair.family})"
    best = largest_cluster(profile)
    if best is None:
        return f"{subject} do not differ in any cluster ({counts}; {method})."
    verb = "differ" if best.p < ALPHA else "are not shown to differ"
    where = span(
        "relative depth",
        f"{pair.depths[best.first_layer - 1]:.2g}",
        f"{pair.depths[best.last_layer - 1]:.2g}",
    )
    return (
        f"{subject} {verb} (largest cluster at {where}, mass {number(best.mass)}; {counts}; "
        f"{p_value(best.p)}, {method})."
    )


def _model_curves_headline(profile: PairedProfile, pair: ModelPair) -> str:
    """The same in one clause."""
    best = largest_cluster(profile)
    if same_everywhere(profile):
        verb = "are the same"
    elif math.isnan(profile.threshold):
        verb = "were not tested"
    elif best is not None and best.p < ALPHA:
        verb = "differ as wholes"
    else:
        verb = "are not shown to differ"
    return f"{' and '.join(pair.names)} {verb} in {pair.measure}"


def model_curves_plain(profile: PairedProfile, pair: ModelPair) -> str:
    """The same to a student, without symbols."""
    both = " and ".join(pair.names)
    if math.isnan(profile.threshold):
        return f"There are too few texts to test whether the curves of {both} differ."
    if same_everywhere(profile):
        return f"Read at the same share of their depth, {both} are the same in the {pair.measure}."
    best = largest_cluster(profile)
    if best is not None and best.p < ALPHA:
        return (
            f"Read at the same share of their depth, {both} differ in the {pair.measure} by more "
            "than chance would give."
        )
    return (
        f"Read at the same share of their depth, {both} cannot be told apart in the {pair.measure} "
        "by this test; that is no proof that they are equal."
    )


def depth_p(profile: PairedProfile, index: int, pair: ModelPair) -> PValue:
    """The p of one depth, corrected for all depths and pairs."""
    p = float(profile.p_max_t[index])
    if math.isnan(p):
        return PValue("none: too few texts, or no spread", None, profile.family)
    found = profile.p_at(index, f"comparisons ({pair.family})")
    return replace(found, test=by_units(MAX_T_DEPTHS, profile.n))


def why_this_depth(rejected: int, depths: int) -> str:
    """How the depth was chosen, and at how many of all depths the test rejects."""
    return (
        "It is the depth whose difference is largest beside its spread over the same texts; at "
        f"{rejected} of {depths} depths p < .05 after max-T, and the interval allows "
        "for the choice among them."
    )


def depth_words(depth: float) -> str:
    """A relative depth in a sentence: "at relative depth 0.75"."""
    return f"at relative depth {depth:.2g}"


def versions_differ(versions: Mapping[str, Mapping[str, str]]) -> str:
    """That runs were measured by other versions, each by the name of its run; "" if they were not.

    The last digits of a number are those of libraries; how it is taken is of odograph.
    """
    libraries = dict.fromkeys(library for own in versions.values() for library in own)
    of = {one: [own.get(one, "unknown") for own in versions.values()] for one in libraries}
    differing = {library: each for library, each in of.items() if len({*each}) > 1}
    if not differing:
        return ""
    each = [
        f"{name} by {listed([f'{library} {own[k]}' for library, own in differing.items()])}"
        for k, name in enumerate(versions)
    ]
    return (
        f"The runs were measured by other versions: {'; '.join(each)}. What all have, defined "
        "alike, is compared."
    )


def unmatched_words(
    measure: str, unit: str, runs: Sequence[tuple[str, float, Interval | None, str]]
) -> Words:
    """Runs that share no text: name, mean, its interval and the units of each."""
    said = [
        f"{name} {number(mean)} ({interval_words(interval, unit)}; {sample})"
        for name, mean, interval, sample in runs
    ]
    return Words(
        f"Mean over layers of the {measure} (unit: {unit}), each run on its own texts: "
        f"{'; '.join(said)}; descriptive, no test: the runs share no place of a text.",
        "The runs are of different texts, so a difference between them may be one of the texts.",
        _range_of_models(measure, unit, {name: mean for name, mean, _, _ in runs}),
    )


def _range_of_models(measure: str, unit: str, means: Mapping[str, float]) -> str:
    """The least and the largest mean, as a headline."""
    least, largest = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    ending = "" if unit == "1" else f" {unit}"
    low, high = number(means[least]), number(means[largest])
    ends = f"{low}{ending} for {least} to {high} for {largest}"
    return f"{capital(measure)} averages {ends}, on different texts"


def read_in(drawn: str) -> str:
    """Where models were compared, a sentence behind every statement; "" where in all texts.

    drawn: as `Shared.drawn`.
    """
    return f"Read in {drawn}." if drawn else ""


def matched_texts(compared: int, every: str, drawn: str) -> str:
    """How many texts are compared, of how many: of all that the runs have, or of drawn ones.

    every: "24 passages", of any run. drawn: as `Shared.drawn`.
    """
    if not drawn:
        return f"{compared:,} of {every} are in all runs and have a place to compare"
    read = f"of those that all runs have, {drawn}, were read"
    return f"{read}; {compared:,} of them have a place to compare"


def matching_words(texts: str, places: int, shares: str) -> list[str]:
    """How texts, tokens and layers of models were matched, and how the models are tested.

    texts: as `matched_texts` says it; shares: of each model's tokens in these, in words.
    """
    return [
        f"Texts are matched by what they say: {texts}.",
        "Tokens are matched by the character they end at: the models are compared at "
        f"{places:,} places ({shares} in these texts; position 0 and sinks of any model left "
        "out).",
        "Layers are matched by relative depth, state / number of blocks; between the states of a "
        "deeper model its curve is read as linear.",
        "That a test rejects in one model and not in another is no difference between them: here "
        "each difference is tested itself, paired by text.",
    ]
