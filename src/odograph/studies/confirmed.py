"""A block and a region chosen on the half to look at, and one test of each on the other half."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from odograph.sentences.record import Finding
from odograph.sentences.templates import (
    interval_words,
    number,
    p_words,
)
from odograph.statistics.designs.paired import paired_profile
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.halved import largest_effect
from odograph.studies.hinges import said_if_hinged
from odograph.studies.reporting import Usual, tested_as
from odograph.studies.selection import Floats, Pairs
from odograph.studies.single_tests import Singly, single_comparison, single_estimate, single_test

if TYPE_CHECKING:
    from odograph.studies.differences import Groups


@dataclass(frozen=True)
class Chosen:
    """What is measured in every block, the value it is tested against, and the passages' names."""

    measure: str
    null: float
    names: tuple[str, ...]


def confirmed_layer(usual: Usual, groups: "Groups") -> Finding | None:
    """The layer with the largest standardised difference on the first half; None for none."""
    explored = _explored(groups)
    index = largest_effect(explored.target - explored.control)
    if index is None:
        return None
    layer = int(groups.profile.layer[index])
    place = f"{groups.along} {layer}"
    return _confirmed(
        usual,
        groups,
        groups.differences[:, index],
        f"in {place}",
        f"{_capital(place)} was chosen on the first half, as the {groups.along} with the largest "
        f"standardised difference in its {_passages(explored)}; the numbers are those of the "
        "second.",
    )


def confirmed_region(usual: Usual, groups: "Groups") -> Finding:
    """The cluster of layers with the largest mass on the first half, averaged over its layers.

    Without a cluster there, the mean over all layers, which nothing was looked at for.
    """
    explored = _explored(groups)
    profile = paired_profile(
        explored.target, explored.control, explored.layers, seed=groups.seed, permutations=99
    )
    best = max(profile.clusters, key=lambda cluster: abs(cluster.mass), default=None)
    if best is None:
        return _confirmed(
            usual,
            groups,
            groups.differences.mean(axis=1),
            f"averaged over all {groups.along}s",
            f"In the {_passages(explored)} of the first half the curves differ in no cluster of "
            f"{groups.along}s, so that no region was chosen.",
        )
    layers = groups.profile.layer
    inside = (layers >= best.first_layer) & (layers <= best.last_layer)
    one = best.first_layer == best.last_layer
    where = (
        f"{groups.along} {best.first_layer}"
        if one
        else f"{groups.along}s {best.first_layer} to {best.last_layer}"
    )
    return _confirmed(
        usual,
        groups,
        groups.differences[:, inside].mean(axis=1),
        f"averaged over {where}",
        f"{_capital(where)} {'was' if one else 'were'} chosen on the first half, as the cluster "
        f"with the largest mass in its {_passages(explored)}; the numbers are those of the second.",
    )


def _explored(groups: "Groups") -> Pairs:
    if groups.explored is None:
        raise ValueError("the run was not halved")
    return groups.explored


def _passages(explored: Pairs) -> str:
    count = len(explored.passages)
    return f"{count} passage{'' if count == 1 else 's'}"


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _confirmed(usual: Usual, groups: "Groups", values: Floats, place: str, chosen: str) -> Finding:
    """One claim with one test: values are the differences of the second half, [passages]."""
    words = (groups.measure, groups.target, groups.control, place)
    found = Singly(words, values, groups.pairs.names, groups.pairs.excluded, more=chosen)
    return single_comparison(usual, found, seed=groups.seed)


def confirmed_mean(
    usual: Usual, values: Floats, explored: Floats, said: Chosen, *, seed: int
) -> Finding | None:
    """The block whose mean is farthest from `said.null` on the first half, tested on the second.

    Args:
        usual: of the study.
        values: of the second half, [passages, L].
        explored: of the first, [passages, L].
        said: what is measured, and against what.
        seed: of the flips and draws.
    """
    index = largest_effect(explored - said.null)
    if index is None:
        return None
    column, against = values[:, index], number(said.null)
    estimate = single_estimate(column, usual.unit, seed=seed)
    tested = single_test(column, seed=seed, null=said.null)
    statement = (
        f"In block {index + 1} {said.measure} is {number(estimate.value)}, against {against} "
        f"({interval_words(estimate.interval)}; {usual.sample}; {p_words(tested)}). Block "
        f"{index + 1} was chosen on the first half, as the one farthest from {against} "
        f"in standard errors in its {len(explored)} passages; the numbers are those of the second."
    )
    plain = (
        "A block that was chosen because it stands out is tested on passages that had no part in "
        "the choice."
    )
    made = usual.finding(
        statement,
        plain,
        estimate.value,
        estimate.interval,
        null=f"{against}: signs of the passages' differences from it are exchangeable",
        **tested_as(tested),
    )
    away = (column - said.null)[:, None]
    return said_if_hinged(made, lambda: max_t_without(away, seed=seed).of_p, said.names)
