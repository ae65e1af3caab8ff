"""The findings on two groups' distance, as trajectories and groups of drawn words have them."""

from odograph.sentences.distance_regions import chosen_plain, chosen_sentence, chosen_test
from odograph.sentences.distances import (
    LENGTHS,
    Apart,
    apart_plain,
    apart_sentence,
    cluster_test,
    family_words,
)
from odograph.sentences.record import Finding
from odograph.statistics.designs.distances import MOST_PRODUCTS
from odograph.studies.defaults import FindingDefaults, tested_as
from odograph.studies.random_order import beyond_orders
from odograph.studies.sensitivity import with_sensitivity
from odograph.studies.trajectories.partings import Parting
from odograph.studies.trajectories.words import Words

NO_LABELS = "no difference: the labels of the groups are exchangeable"


def apart_findings(
    words: Words, parting: Parting, names: tuple[str, str], states: str, defaults: FindingDefaults
) -> list[Finding]:
    """How far two groups stand apart; of a halved run, in the layers chosen on its first half, too.

    names: of the groups in a sentence; states: what was looked at.
    """
    twins = parting.twins.mean(axis=1)
    apart = Apart(*names, states, words.unit, words.left_out, parting.profile, twins)
    found = [_over_layers(apart, parting, defaults)]
    if parting.chosen is not None:
        found.append(_in_chosen(apart, parting, defaults))
    return found


def _over_layers(apart: Apart, parting: Parting, defaults: FindingDefaults) -> Finding:
    """The mean distance over all layers, tested by clusters of layers."""
    profile = parting.profile
    tested = bool(profile.family) and apart.interval is not None
    best = apart.best if tested else None
    orders = beyond_orders(apart.interval, parting.orders.mean(axis=1), f"mean {LENGTHS}")
    made = defaults.finding(
        f"{apart_sentence(apart)}{orders}",
        apart_plain(apart),
        profile.mean,
        apart.interval,
        unit=f"mean {LENGTHS}",
        n=apart.n,
        excluded=apart.excluded,
        test=cluster_test(profile) if tested else "none: too few units, or no spread",
        family=family_words(profile) if tested else "none",
        null=NO_LABELS,
        p=best.p_pair if best else None,
        p_adjusted=best.p if best else None,
    )
    return with_sensitivity(made, parting.without, parting.names, MOST_PRODUCTS)


def _in_chosen(apart: Apart, parting: Parting, defaults: FindingDefaults) -> Finding:
    """The distance in the layers chosen on the first half: one test."""
    chosen = parting.chosen
    if chosen is None:
        raise ValueError("the run was not halved")
    made = defaults.finding(
        chosen_sentence(apart, chosen),
        chosen_plain(apart, chosen),
        chosen.mean,
        chosen.interval,
        unit=f"mean {LENGTHS}",
        n=apart.n,
        excluded=apart.excluded,
        null=NO_LABELS,
        **tested_as(chosen_test(chosen)),
    )
    return with_sensitivity(made, parting.without_chosen, parting.names, MOST_PRODUCTS)
