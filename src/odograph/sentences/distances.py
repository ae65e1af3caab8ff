"""Sentences about paths and the distance between groups, as `wording` has them for all studies."""

import math
from dataclasses import dataclass

import numpy as np

from odograph.sentences.english import counted, span
from odograph.sentences.evidence import interval_words
from odograph.sentences.names import name_of_test
from odograph.sentences.numbers import number, p_value, percent
from odograph.statistics.designs.distance_profile import (
    BOOTSTRAP,
    DistanceProfile,
    Region,
)
from odograph.statistics.intervals import LEVEL, Floats
from odograph.statistics.permutation import ALPHA, CLUSTER_FORMING_P
from odograph.statistics.values import Interval, IntervalMethod

LENGTHS = "state lengths"
_MAX_STATISTIC = "max statistic over layers"
_CLUSTER = f"cluster mass over neighbouring layers (one-layer p < {CLUSTER_FORMING_P:g})"


@dataclass(frozen=True)
class Apart:
    """Two groups in one view, with what a sentence needs.

    Attributes:
        first, second: the groups as they stand in a sentence.
        states: what was looked at: "states", "states scaled to length 1".
        unit: of inference.
        excluded: units left out.
        twins: the mean distance of each untrained twin over the layers; empty without twins.
    """

    first: str
    second: str
    states: str
    unit: str
    excluded: int
    profile: DistanceProfile
    twins: Floats

    @property
    def names(self) -> str:
        """Both groups."""
        return f"{self.first} and {self.second}"

    @property
    def n(self) -> int:
        """Units of both groups; paired: of one."""
        return self.profile.n_first + (0 if self.profile.paired else self.profile.n_second)

    @property
    def interval(self) -> Interval | None:
        """Of the mean distance over the layers."""
        low, high = self.profile.mean_low, self.profile.mean_high
        if not (math.isfinite(low) and math.isfinite(high)):
            return None
        fewest = min(self.profile.n_first, self.profile.n_second)
        return Interval(low, high, LEVEL, IntervalMethod(BOOTSTRAP, fewest))

    @property
    def best(self) -> Region | None:
        """The region with the smallest p, the larger mass first; none without an interval."""
        regions = self.profile.regions if self.interval is not None else ()
        return min(regions, key=lambda r: (r.p, -r.mass), default=None)

    @property
    def beyond_twins(self) -> bool:
        """Whether the mean distance is larger than that of every twin; without twins False."""
        return len(self.twins) > 0 and self.profile.mean > float(self.twins.max())


def apart_sentence(apart: Apart) -> str:
    """The mean distance, what the cluster test says of the groups, and the twins."""
    profile = apart.profile
    if math.isnan(profile.mean):
        return (
            f"The distance between {apart.names} cannot be had without two units of each "
            f"({_sample(apart)})."
        )
    return (
        f"Averaged over states 0 to {len(profile.layer) - 1}, the means of {apart.names} stand "
        f"{number(profile.mean)} mean {LENGTHS} apart in the full space ({apart.states}; "
        f"noise-corrected, 0 on average without a difference; {interval_words(apart.interval)}; "
        f"{_sample(apart)}): {_course(profile)}. {_tested(apart)} {_beside_twins(apart)}"
    )


def _course(profile: DistanceProfile) -> str:
    """The distance at both ends, and where it is smallest and largest, each with its number."""
    named = {0: "at state 0", len(profile.distance) - 1: "at the last"}
    for index, what in (
        (int(np.argmin(profile.distance)), "the smallest"),
        (int(np.argmax(profile.distance)), "the largest"),
    ):
        place = named.get(index, f"at state {profile.layer[index]}")
        named[index] = f"{place} ({what})"
    return ", ".join(f"{number(float(profile.distance[k]))} {named[k]}" for k in sorted(named))


def _sample(apart: Apart) -> str:
    profile = apart.profile
    if profile.paired:
        return f"{counted(apart.n, apart.unit)}, paired"
    sizes = f"{profile.n_first} and {profile.n_second}"
    return f"{counted(apart.n, apart.unit)}, {sizes}, not paired"


def _tested(apart: Apart) -> str:
    profile, best = apart.profile, apart.best
    if not profile.family or apart.interval is None:
        return "The groups were not tested."
    family = f"{cluster_test(profile)}, family of {family_words(profile)}"
    if best is None:
        return f"The groups are not shown to differ: no cluster ({family})."
    where = span("layer", best.first_layer, best.last_layer)
    verb = "differ" if best.p < ALPHA else "are not shown to differ"
    p = p_value(best.p, profile.least)
    return (
        f"The groups {verb} (cluster mass {number(best.mass)}; {p}, {family}). The "
        f"cluster with the smallest p covers {where}; its edges are not tested."
    )


def cluster_test(profile: DistanceProfile) -> str:
    """The test by regions, with how the layers and the pairs of groups are corrected for."""
    return f"{name_of_test(profile.test)}, {_CLUSTER}{_over_pairs(profile)}"


def max_test(profile: DistanceProfile) -> str:
    """The test by layer, in the same way."""
    return f"{name_of_test(profile.test)}, {_MAX_STATISTIC}{_over_pairs(profile)}"


def _over_pairs(profile: DistanceProfile) -> str:
    return ", Bonferroni over pairs of groups" if profile.comparisons > 1 else ""


def family_words(profile: DistanceProfile) -> str:
    """The size of the family: "27 (9 layers, 3 pairs of groups)"."""
    pairs = profile.comparisons
    layers = profile.family // pairs
    what = "pair" if pairs == 1 else "pairs"
    return f"{profile.family} ({layers} layers, {pairs} {what} of groups)"


def _beside_twins(apart: Apart) -> str:
    if not len(apart.twins):
        return "No untrained twin was measured."
    mean, low, high = (float(f(apart.twins)) for f in (np.mean, np.min, np.max))
    seeds = f" (seeds {number(low)} to {number(high)})" if len(apart.twins) > 1 else ""
    who = "an untrained twin" if len(apart.twins) == 1 else f"{len(apart.twins)} untrained twins"
    if apart.beyond_twins:
        return f"In {who} it is {number(mean)}{seeds}: less."
    shown = apart.interval is None or (apart.best is not None and apart.best.p < ALPHA)
    why = ": different words enter as different vectors, trained or not" if shown else ""
    return f"In {who} it is {number(mean)}{seeds}, no less{why}."


def apart_plain(apart: Apart) -> str:
    """The same to a student, without symbols."""
    profile, best = apart.profile, apart.best
    if not profile.family or apart.interval is None:
        return f"There is too little to test whether the paths of {apart.names} differ."
    if best is None or best.p >= ALPHA:
        return (
            f"The paths of {apart.names} do not stand apart by more than swapping the labels would "
            "give."
        )
    said = f"The paths of {apart.names} stand apart by more than swapping the labels would give."
    if not len(apart.twins):
        return said
    if apart.beyond_twins:
        return f"{said} A network with random weights keeps them less far apart."
    return (
        f"{said} A network with random weights keeps them at least as far apart: the words enter "
        "it as different vectors."
    )


@dataclass(frozen=True)
class Picture:
    """What two planes hold, as shares of variance: the one that is drawn, the mean path's own.

    Attributes:
        states: what was looked at.
        first, second: of the mean path, along the first two axes of its own.
        drawn: of all words at all layers, along each of the two axes that are drawn, PC1 and PC2.
        blocks, width: L and the dimensions.
        walk: 5 to 95 % of random walks with steps as long.
        equal, limit: of a walk of L equal steps, and of an endless one.
        twins: of the mean path of each untrained twin.
        sample: the units in a sentence.
    """

    states: str
    first: float
    second: float
    drawn: tuple[float, float]
    blocks: int
    width: int
    walk: tuple[float, float]
    equal: float
    limit: float
    twins: Floats
    sample: str

    @property
    def plane(self) -> float:
        """What the first two axes of its own hold of the mean path."""
        return self.first + self.second

    @property
    def only_walk(self) -> bool:
        """Whether the plane holds no more than 95 % of random walks reach."""
        return self.plane <= self.walk[1]

    @property
    def only_twins(self) -> bool:
        """Whether an untrained twin reaches as much."""
        return len(self.twins) > 0 and self.plane <= float(self.twins.max())


def picture_sentence(picture: Picture) -> str:
    """What is drawn, and how flat the mean path is beside walks and twins, with the verdict."""
    twins = "no untrained twin was measured"
    if len(picture.twins):
        low, high = float(picture.twins.min()), float(picture.twins.max())
        twins = f"untrained twins {percent(low)} to {percent(high)}"
        if len(picture.twins) == 1:
            twins = f"the untrained twin {percent(low)}"
    return (
        f"The axes that are drawn, PC1 and PC2 of one fit to all words at all layers "
        f"({picture.states}), hold {percent(picture.drawn[0])} and {percent(picture.drawn[1])}, "
        f"together {percent(sum(picture.drawn))}, of the variance. The mean path by itself has "
        f"{percent(picture.first)} and {percent(picture.second)}, together "
        f"{percent(picture.plane)}, in the first two axes of its own, which are not drawn; random "
        f"walks of {picture.blocks} steps as long in {picture.width} dimensions "
        f"{percent(picture.walk[0])} to {percent(picture.walk[1])} (5-95 %), a walk of equal "
        f"steps {percent(picture.equal)}, an endless one {percent(picture.limit)}; {twins} "
        f"({picture.sample}; descriptive, no test): {_verdict(picture)}."
    )


def picture_headline(picture: Picture) -> str:
    """The share of what is drawn, and how flat the mean path is."""
    return (
        f"Of all {picture.states}, two drawn axes hold {percent(sum(picture.drawn))}, the mean "
        f"path's own {percent(picture.plane)}"
    )


def _verdict(picture: Picture) -> str:
    if picture.only_walk:
        return "no more than a random walk gives"
    if picture.only_twins:
        return "more than a random walk gives, but no more than an untrained twin"
    others = "a random walk or an untrained twin gives" if len(picture.twins) else "a walk gives"
    return f"more than {others}"


def picture_plain(picture: Picture) -> str:
    """The same to a student, without symbols."""
    if picture.only_walk:
        return (
            "Caution: a point that wanders at random gives such a picture too. Do not read meaning "
            "into its arcs; look at the distances."
        )
    if picture.only_twins:
        return (
            "Caution: a network with random weights gives such a picture too. Do not read meaning "
            "into its arcs; look at the distances."
        )
    return (
        "The path keeps more to one plane than one that wanders at random, but what sets the "
        "groups apart shows in the distances, not in the arcs."
    )
