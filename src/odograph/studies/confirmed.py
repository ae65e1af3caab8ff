"""A block and a region chosen on the half to look at, and one test of each on the other half."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from odograph.statistics.intervals import mean_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.paired import paired_profile
from odograph.statistics.permutation import sign_flip_p
from odograph.statistics.results import Estimate, Finding
from odograph.statistics.wording import (
    Contrast,
    PValue,
    difference_plain,
    difference_sentence,
    interval_words,
    number,
    p_words,
)
from odograph.studies.halved import SINGLE_TEST, largest_effect
from odograph.studies.hinges import said_if_hinged
from odograph.studies.reporting import NO_DIFFERENCE, Usual
from odograph.studies.selection import Floats, Pairs

if TYPE_CHECKING:
    from odograph.studies.differences import Groups


@dataclass(frozen=True)
class Chosen:
    """What is measured in every block, the value it is tested against, and the passages' names."""

    measure: str
    null: float
    names: tuple[str, ...]


_TOO_FEW = "none: too few pairs, or no spread"


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
    interval = mean_interval(values, seed=groups.seed)
    p = sign_flip_p(values, seed=groups.seed)
    estimate = Estimate(float(values.mean()), usual.unit, len(values), "passage", interval)
    contrast = Contrast(
        groups.measure, groups.target, groups.control, place, estimate, groups.pairs.excluded
    )
    test = SINGLE_TEST if p is not None else _TOO_FEW
    made = usual.finding(
        f"{difference_sentence(contrast, PValue(test, p, 1))} {chosen}",
        difference_plain(contrast),
        estimate.value,
        interval,
        test=test,
        family="1" if p is not None else "none",
        p=p,
        p_adjusted=p,
        null=NO_DIFFERENCE,
    )
    return said_if_hinged(
        made,
        lambda: max_t_without(np.asarray(values)[:, None], seed=groups.seed),
        groups.pairs.names,
    )


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
    column = values[:, index]
    interval, p = mean_interval(column, seed=seed), sign_flip_p(column - said.null, seed=seed)
    test = SINGLE_TEST if p is not None else "none: too few passages, or no spread"
    value = float(column.mean())
    statement = (
        f"In block {index + 1} {said.measure} is {number(value)}, against {number(said.null)} "
        f"({interval_words(interval)}; {usual.sample}; {p_words(PValue(test, p, 1))}). Block "
        f"{index + 1} was chosen on the first half, as the one farthest from {number(said.null)} "
        f"in standard errors in its {len(explored)} passages; the numbers are those of the second."
    )
    plain = (
        "A block that was chosen because it stands out is tested on passages that had no part in "
        "the choice."
    )
    made = usual.finding(
        statement,
        plain,
        value,
        interval,
        test=test,
        family="1" if p is not None else "none",
        p=p,
        p_adjusted=p,
        null=f"{number(said.null)}: signs of the passages' differences from it are exchangeable",
    )
    away = (column - said.null)[:, None]
    return said_if_hinged(made, lambda: max_t_without(away, seed=seed).of_p, said.names)
