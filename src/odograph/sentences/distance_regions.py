"""Sentences about the distance of two groups in a region that was chosen on the other half."""

from dataclasses import replace

from odograph.sentences.distances import LENGTHS, Apart
from odograph.sentences.english import capital, counted, several, span
from odograph.sentences.evidence import interval_words, p_words
from odograph.sentences.names import name_of_test
from odograph.sentences.numbers import number
from odograph.sentences.record import Words
from odograph.statistics.designs.distance_profile import Chosen
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import PValue


def region_words(apart: Apart, chosen: Chosen) -> Words:
    """The distance in the region as a finding."""
    return Words(chosen_sentence(apart, chosen), _plain(apart, chosen))


def chosen_sentence(apart: Apart, chosen: Chosen) -> str:
    """The distance in the region with interval, n and test, and how the region was chosen."""
    first, last = chosen.first_layer, chosen.last_layer
    where = span("state", first, last)
    counts = several(chosen.explored, apart.unit)
    how = (
        f"{capital(where)} {'was' if first == last else 'were'} chosen on the first "
        f"half, as the cluster with the largest mass in its {counts}; the numbers are those of the "
        "second."
        if chosen.found
        else f"In the {counts} of the first half the groups differ in no cluster of states, so "
        "that no region was chosen."
    )
    said = f"The groups {_chosen_verb(chosen)} there. " if chosen.tested.made else ""
    return (
        f"Averaged over {where}, the means of {apart.names} stand {number(chosen.mean)} mean "
        f"{LENGTHS} apart in the full space ({apart.states}; noise-corrected; "
        f"{interval_words(chosen.interval)}; {counted(apart.n, apart.unit)}; "
        f"{p_words(chosen_test(chosen))}). {said}{how}"
    )


def chosen_test(chosen: Chosen) -> PValue:
    """The test of the chosen region, with how the pairs of groups are corrected for."""
    tested = chosen.tested
    over = ", Bonferroni over pairs of groups" if tested.family > 1 and tested.made else ""
    return replace(tested, test=f"{name_of_test(tested.test)}{over}")


def _plain(apart: Apart, chosen: Chosen) -> str:
    if not chosen.tested.made:
        return f"There is too little to test whether the paths of {apart.names} differ."
    return (
        f"Where the paths of {apart.names} stood apart most clearly in one half of the texts, they "
        f"{_chosen_verb(chosen)} in the other half."
        if chosen.found
        else f"Nothing stood out between {apart.names} in one half of the texts; over all layers "
        f"they {_chosen_verb(chosen)} in the other."
    )


def _chosen_verb(chosen: Chosen) -> str:
    p = chosen.tested.p
    return "differ" if p is not None and p < ALPHA else "are not shown to differ"
