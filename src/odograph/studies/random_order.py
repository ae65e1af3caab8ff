"""The same words in random order, through the same model: what of a curve word order makes."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from odograph.figures.profile import Band
from odograph.run.results import Run
from odograph.statistics.intervals import band, mean_interval
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import sign_flip_p
from odograph.statistics.results import Estimate, Finding
from odograph.statistics.wording import (
    Contrast,
    PValue,
    difference_plain,
    difference_sentence,
    number,
)
from odograph.studies.halved import SINGLE_TEST
from odograph.studies.hinges import said_if_hinged
from odograph.studies.passages import passage_names
from odograph.studies.reporting import NO_DIFFERENCE, Usual
from odograph.studies.selection import Floats, Ints, Means, profile_means


@dataclass(frozen=True, eq=False)
class RandomOrder:
    """A curve in the text as it stands and in random order, in the passages that have both.

    Attributes:
        own: as the text stands, [passages, layers].
        orders: of each random order, [orders, passages, layers].
        excluded: passages without a usable token in some order.
        names: of the passages.
    """

    own: Floats
    orders: Floats
    excluded: int
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """The orders, counted."""
        return "1 order" if len(self.orders) == 1 else f"{len(self.orders)} orders"


def in_random_order(
    run: Run, own: Means, expression: str, where: str = "true", from_layer: int = 1
) -> RandomOrder | None:
    """The same curve in the shuffled texts of a run; None where there are none, or none is left.

    `own` is the curve of the run itself, the others as in `profile_means`.
    """
    found = [profile_means(one, expression, where, from_layer) for one in run.shuffled]
    if not found:
        return None
    shared = reduce(np.intersect1d, [own.units, *(means.units for means in found)])
    if not len(shared):
        return None
    mine, *orders = (means.values[np.isin(means.units, shared)] for means in (own, *found))
    excluded = len(own.units) - len(shared)
    return RandomOrder(mine, np.stack(orders), excluded, passage_names(run, shared))


def random_order_bands(found: RandomOrder | None, layers: Ints) -> list[Band]:
    """5-95 % of the passages of all orders, and their mean; nothing where there are none."""
    if found is None:
        return []
    low, high = band(found.orders.reshape(-1, found.orders.shape[-1]))
    mean = np.asarray(found.orders.mean(axis=(0, 1)))
    return [Band(f"same words in random order ({found.words})", layers, low, high, mean)]


def random_order_null(found: RandomOrder | None) -> list[str]:
    """The null in words, for captions; nothing where it is not shown."""
    return [] if found is None else [f"the same words in random order, {found.words}"]


def random_order_columns(found: RandomOrder | None) -> dict[str, Any]:
    """A column for each order: its mean by layer."""
    if found is None:
        return {}
    each = enumerate(found.orders.mean(axis=1), start=1)
    return {f"shuffled_seed_{seed}": mean for seed, mean in each}


def random_order_finding(
    usual: Usual, found: RandomOrder, names: tuple[str, str], *, seed: int, summed: bool
) -> Finding:
    """The text as it stands minus the same words in random order: one number a passage, one test.

    Args:
        usual: of the study.
        found: both curves.
        names: of the measure and of what has it: "angle", "'her'".
        seed: of flips and draws.
        summed: whether layers are added up; else they are averaged.
    """
    gather = np.sum if summed else np.mean
    mixed = gather(found.orders.mean(axis=0), axis=1)
    values = gather(found.own, axis=1) - mixed
    interval, p = mean_interval(values, seed=seed), sign_flip_p(values, seed=seed)
    test = SINGLE_TEST if p is not None else "none: too few passages, or no spread"
    estimate = Estimate(float(values.mean()), usual.unit, len(values), "passage", interval)
    contrast = Contrast(
        names[0],
        f"{names[1]} in the text as it stands",
        f"{names[1]} among the same words in random order ({found.words})",
        "in the same passages",
        estimate,
        found.excluded,
    )
    said = f"In random order it is {number(float(mixed.mean()))} {usual.unit}."
    made = usual.finding(
        f"{difference_sentence(contrast, PValue(test, p, 1))} {said}",
        f"{difference_plain(contrast)} A word in random order stands at another place and after "
        "other words; the difference is of all that together.",
        estimate.value,
        interval,
        n=len(values),
        excluded=found.excluded,
        test=test,
        family="1" if p is not None else "none",
        p=p,
        p_adjusted=p,
        null=NO_DIFFERENCE,
    )
    return said_if_hinged(made, lambda: max_t_without(values[:, None], seed=seed), found.names)
