"""The same words in random order, through the same model: what of a curve word order makes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from odograph.figures.profile import Band
from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, Means, profile_means
from odograph.sentences.english import several
from odograph.sentences.nulls import order_words, orders_label, orders_null
from odograph.studies.curves import null_band


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
        return several(len(self.orders), "order")

    @property
    def last(self) -> "RandomOrder":
        """The same of the last layer alone: for what is summed up along the layers already."""
        return RandomOrder(self.own[:, -1:], self.orders[..., -1:], self.excluded, self.names)


def in_random_order(
    run: Run, own: Means, expression: str, where: str = "true", from_layer: int = 1
) -> RandomOrder | None:
    """The same curve in the shuffled texts of a run; None where there are none, or none is left.

    `own` is the curve of the run itself, the others as in `profile_means`.
    """
    return random_orders(run, own, lambda one: profile_means(one, expression, where, from_layer))


def random_orders(run: Run, own: Means, read: Callable[[Run], Means]) -> RandomOrder | None:
    """As `in_random_order`, with `read` giving the curve of a shuffled run."""
    found = [read(one) for one in run.shuffled]
    if not found:
        return None
    shared = reduce(np.intersect1d, [own.units, *(means.units for means in found)])
    if not len(shared):
        return None
    mine, *orders = (means.values[np.isin(means.units, shared)] for means in (own, *found))
    excluded = len(own.units) - len(shared)
    return RandomOrder(mine, np.stack(orders), excluded, document_names(run, shared))


def random_order_bands(found: RandomOrder | None, layers: Ints) -> list[Band]:
    """5-95 % of the passages of all orders, and their mean; nothing where there are none."""
    if found is None:
        return []
    return [null_band(orders_label(len(found.orders)), layers, found.orders)]


def random_order_null(found: RandomOrder | None) -> list[str]:
    """The null in words, for captions; nothing where it is not shown."""
    return [] if found is None else orders_null(len(found.orders))


def with_random_order(null: str, found: RandomOrder | None) -> str:
    """A caption's null, and this one after it where it is shown."""
    return "; ".join([null, *random_order_null(found)])


def random_order_columns(found: RandomOrder | None, prefix: str = "") -> dict[str, Any]:
    """A column for each order: its mean by layer."""
    if found is None:
        return {}
    each = enumerate(found.orders.mean(axis=1), start=1)
    return {f"{prefix}shuffled_seed_{seed}": mean for seed, mean in each}


def beside_random_order(found: RandomOrder | None, unit: str, *, seed: int) -> str:
    """What random order gives of the mean over layers, as a sentence with a space before it.

    "" where there is none.
    """
    if found is None:
        return ""
    means = found.own.mean(axis=-1), found.orders.mean(axis=-1)
    return f" {order_words(*means, unit, seed=seed)}"
