"""Sentences about the distance between two groups of words, over all layers and beside nulls."""

import math
from dataclasses import dataclass

import numpy as np

from odograph.sentences.english import counted, layers_named, span
from odograph.sentences.evidence import interval_words
from odograph.sentences.names import name_of_test
from odograph.sentences.nulls import beyond_orders, twins_words
from odograph.sentences.numbers import number, p_value
from odograph.sentences.record import Words
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
    family = f"{distance_cluster_test(profile)}, family of {distance_family(profile)}"
    if best is None:
        return f"The groups are not shown to differ: no cluster ({family})."
    where = span("layer", best.first_layer, best.last_layer)
    verb = "differ" if best.p < ALPHA else "are not shown to differ"
    p = p_value(best.p, profile.least)
    return (
        f"The groups {verb} (cluster mass {number(best.mass)}; {p}, {family}). The "
        f"cluster with the smallest p covers {where}; its edges are not tested."
    )


def distance_cluster_test(profile: DistanceProfile) -> str:
    """The test by regions, with how the layers and the pairs of groups are corrected for."""
    return f"{name_of_test(profile.test)}, {_CLUSTER}{_over_pairs(profile)}"


def distance_max_test(profile: DistanceProfile) -> str:
    """The test by layer, in the same way."""
    return f"{name_of_test(profile.test)}, {_MAX_STATISTIC}{_over_pairs(profile)}"


def _over_pairs(profile: DistanceProfile) -> str:
    return ", Bonferroni over pairs of groups" if profile.comparisons > 1 else ""


def distance_family(profile: DistanceProfile) -> str:
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
    who = twins_words(len(apart.twins))
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


def apart_words(apart: Apart, orders: Floats, *, named: bool) -> Words:
    """The mean distance as a finding, beside the mean of each random order, [orders].

    named: whether the headline says which states are meant.
    """
    p = None if apart.best is None else apart.best.p
    verb = "part ways" if p is not None and p < ALPHA else "are not shown to part ways"
    states = f", {apart.states}" if named else ""
    return Words(
        f"{apart_sentence(apart)}{beyond_orders(apart.interval, orders, f'mean {LENGTHS}')}",
        apart_plain(apart),
        f"The paths of {apart.names} {verb}{states}",
    )


def states_beyond_twins(apart: Apart, twins: Floats, more: float, counts: str) -> Words:
    """At how many states the distance leaves the range of the twins, [twins, L+1].

    more: by how much it is larger than theirs on average; counts: "n = 54 passages".
    """
    above, below = apart.profile.beyond(twins)
    where = f"{int((above | below).sum())} of {len(above)} states"
    return Words(
        f"At {where} the 95 % interval of the distance "
        f"between {apart.names} lies outside the range of {twins_words(len(twins))} (farther apart "
        f"at {layers_named(above, 'state', 0)}; closer at {layers_named(below, 'state', 0)}); on "
        f"average the model's distance minus the twins' is {number(more)} mean {LENGTHS} "
        f"(descriptive, no test; {counts}).",
        f"Different words stand apart in a network with random weights too; for {apart.names}, "
        "what training adds or takes away is the difference from it.",
        f"At {where} the distance between {apart.names} is not that of untrained networks",
    )
