"""The chosen words, their states in common axes, and how far every two groups stand apart."""

from odograph.folder.kept_words import Words, chosen_words
from odograph.folder.run import Run
from odograph.folder.run_words import outliers_of
from odograph.folder.samples.group_distances import GroupDistance, group_distances
from odograph.folder.samples.states_in_axes import View, read_view
from odograph.folder.word_states import LENS, RAW, READ_UNITS, UNIT, VIEWS
from odograph.measures import CENTRED, TRIMMED
from odograph.sentences.distance_regions import chosen_test, region_words
from odograph.sentences.distances import (
    LENGTHS,
    Apart,
    apart_words,
    distance_cluster_test,
    distance_family,
)
from odograph.sentences.record import PRIMARY
from odograph.statistics.designs.distances import MOST_PRODUCTS
from odograph.studies.claim import Claim, twin_values
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.section import Analysis

#: What the states of a view are, in a sentence.
STATES = {
    RAW: "states",
    UNIT: "states scaled to length 1",
    LENS: "states after the final norm",
}

STATES |= {
    READ_UNITS[TRIMMED]: f"{STATES[UNIT]}, without outlier coordinates",
    READ_UNITS[CENTRED]: f"{STATES[UNIT]}, about the mean state",
}


def unit_readings(run: Run) -> tuple[str, ...]:
    """The readings of the unit view beside the raw one.

    None without outlier coordinates, or where the pilot's states are not those of the stream.
    """
    if run.manifest["convention"] != "stream" or not outliers_of(run).coordinates:
        return ()
    return tuple(run.manifest["pilot"]["readings"])


def views_of(analysis: Analysis) -> dict[str, View]:
    """Every view by its name, read a part of the vectors at a time."""
    words = analysis.read(chosen_words)
    return {name: read_view(analysis.run, words, name) for name in VIEWS}


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    words = analysis.read(chosen_words)
    return analysis.defaults_over(words.units, excluded=words.left_out, of=words.unit)


def distances_of(analysis: Analysis) -> list[GroupDistance]:
    """Every pair of groups in the raw and in the unit view, this one in all its readings."""
    words, run = analysis.read(chosen_words), analysis.run
    views = (RAW, UNIT, *(READ_UNITS[reading] for reading in unit_readings(run)))
    return [one for view in views for one in group_distances(run, words, view)]


NO_LABELS = "no difference: the labels of the groups are exchangeable"


def distance_claims(
    apart: Apart, distance: GroupDistance, defaults: FindingDefaults
) -> list[Claim]:
    """How far two groups stand apart; of a halved run, in layers chosen on its first half, too."""
    found = [_over_layers(apart, distance, defaults)]
    if distance.chosen is not None:
        found.append(_in_chosen(apart, distance, defaults))
    return found


def apart_of(words: Words, distance: GroupDistance, names: tuple[str, str], states: str) -> Apart:
    """Two groups as sentences need them: their names there, and what was looked at."""
    twins = distance.twins.mean(axis=1)
    return Apart(*names, states, words.unit, words.left_out, distance.profile, twins)


def _over_layers(apart: Apart, distance: GroupDistance, defaults: FindingDefaults) -> Claim:
    """The mean distance over all layers, tested by clusters of layers."""
    profile = distance.profile
    tested = bool(profile.family) and apart.interval is not None
    best = apart.best if tested else None
    made = defaults.finding_of(
        apart_words(apart, distance.orders.mean(axis=1), named=distance.view != RAW),
        profile.mean,
        apart.interval,
        unit=f"mean {LENGTHS}",
        n=apart.n,
        excluded=apart.excluded,
        test=distance_cluster_test(profile) if tested else "none: too few units, or no spread",
        family=distance_family(profile) if tested else "none",
        null=NO_LABELS,
        p=best.p_pair if best else None,
        p_adjusted=best.p if best else None,
        estimate_of="distance",
        weight=PRIMARY,
        null_values=twin_values(apart.twins),
    )
    pairs = profile.comparisons
    return Claim(made, distance.without, distance.names, most=MOST_PRODUCTS, among=pairs)


def _in_chosen(apart: Apart, distance: GroupDistance, defaults: FindingDefaults) -> Claim:
    """The distance in the layers chosen on the first half: one test."""
    chosen = distance.chosen
    if chosen is None:
        raise ValueError("the run was not halved")
    made = defaults.finding_of(
        region_words(apart, chosen),
        chosen.mean,
        chosen.interval,
        unit=f"mean {LENGTHS}",
        n=apart.n,
        excluded=apart.excluded,
        null=NO_LABELS,
        **tested_as(chosen_test(chosen)),
    )
    return Claim(made, distance.without_chosen, distance.names, most=MOST_PRODUCTS)
