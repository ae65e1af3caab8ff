"""What a curve is held against in a run: untrained twins, and the same words in random order.

Random order says what of a curve word order makes: the same words through the same model.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.selection import Floats, Means, in_common
from odograph.sentences.english import several
from odograph.sentences.nulls import order_words, orders_null
from odograph.statistics.designs.seeds import SeedTest, seed_test
from odograph.statistics.intervals import band


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


def random_orders(run: Run, own: Means, read: Callable[[Run], Means]) -> RandomOrder | None:
    """The curve of a run in its shuffled texts; None where there are none, or none is left.

    `own` is that of the run itself, `read` gives it of a shuffled run.
    """
    found = [read(one) for one in run.shuffled]
    if not found:
        return None
    shared = reduce(np.intersect1d, [own.units, *(means.units for means in found)])
    if not len(shared):
        return None
    mine, *orders = (means.values[np.isin(means.units, shared)] for means in (own, *found))
    excluded = len(own.units) - len(shared)
    return RandomOrder(mine, np.stack(orders), excluded, document_names(run, shared))


@dataclass(frozen=True, eq=False)
class Nulls:
    """A curve in the untrained twins and in random order.

    Attributes:
        twins: [twins, units, layers], in the units that all of them have; None for none.
        own: of the model in these units, [units, layers]; None without twins.
        shuffled: in random order; None where it was not measured.
    """

    twins: Floats | None = None
    own: Floats | None = None
    shuffled: RandomOrder | None = None

    @property
    def over_seeds(self) -> SeedTest | None:
        """The mean curve against those of the twins, layer by layer; None without twins."""
        if self.twins is None or self.own is None:
            return None
        return seed_test(self.own.mean(axis=0), self.twins.mean(axis=1), len(self.own))

    def words(self, run: Run) -> str:
        """Both in words, for captions."""
        return with_random_order(twin_null(run), self.shuffled)

    def columns(self, name: str) -> dict[str, Any]:
        """Both by layer, as columns beside that of the name."""
        return null_columns(name, self.twins, self.shuffled)


NO_NULLS = Nulls()


def read_nulls(run: Run, own: Means, read: Callable[[Run], Means]) -> Nulls:
    """The nulls of a curve: `own` is that of the run, `read` gives it of a twin or an order."""
    drawn, twins = beside_twins(own, [read(twin) for twin in run.untrained])
    return Nulls(twins, drawn, random_orders(run, own, read))


def beside_twins(own: Means, twins: Sequence[Means]) -> tuple[Floats | None, Floats | None]:
    """A model and its twins in the units that all have: [units, ...] and [twins, units, ...].

    Both None without twins, or without a unit in common.
    """
    joint = in_common([own, *twins]) if twins else None
    return (None, None) if joint is None else (joint[0], joint[1:])


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


def null_columns(
    name: str, twins: Floats | None, shuffled: RandomOrder | None = None
) -> dict[str, Any]:
    """The nulls of a measure by layer, to stand behind its own columns.

    twins: [twins, passages, L]; their bounds are 5 and 95 % of the passages of all of them.
    """
    columns: dict[str, Any] = {}
    if twins is not None:
        below, above = band(twins.reshape(-1, twins.shape[-1]))
        columns[f"{name}_untrained"] = np.asarray(np.nanmean(twins, axis=(0, 1)))
        columns |= {f"{name}_untrained_low": below, f"{name}_untrained_high": above}
    return columns | random_order_columns(shuffled, f"{name}_")
