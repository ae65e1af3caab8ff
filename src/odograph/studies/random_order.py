"""The same words in random order, through the same model: what of a curve word order makes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from odograph.figures.profile import Band
from odograph.folder.run import Run
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import coefficient, number
from odograph.statistics.intervals import band, mean_interval
from odograph.statistics.values import Interval
from odograph.studies.passages import passage_names
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
        return orders_words(len(self.orders))

    @property
    def last(self) -> "RandomOrder":
        """The same of the last layer alone: for what is summed up along the layers already."""
        return RandomOrder(self.own[:, -1:], self.orders[..., -1:], self.excluded, self.names)


def orders_words(count: int) -> str:
    """So many orders in words: "1 order"."""
    return "1 order" if count == 1 else f"{count} orders"


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


def in_order(orders: Sequence[str], parts: tuple[str, str] = ("Attention", "The MLP")) -> str:
    """Sentences of `beside_random_order` on both parts, each named: " Attention: the same ..."."""
    return "".join(named(*one) for one in zip(parts, orders, strict=True))


def named(subject: str, said: str) -> str:
    """A sentence of `beside_random_order` with what it is of: " Averaged over blocks: the ..."."""
    return f" {subject}: {said[1:2].lower()}{said[2:]}" if said else ""


def order_words(own: Floats, orders: Floats, unit: str, *, seed: int) -> str:
    """One number a unit as the text stands, own [n], beside random order, orders [orders, n]."""
    interval = mean_interval(own - orders.mean(axis=0), seed=seed)
    apart = float(own.mean() - orders.mean())
    return (
        f"{orders_give(orders, unit)}: {order_verdict(interval)} (the text as it stands minus it: "
        f"{_shown(apart, unit)}{_ending(unit)}; {interval_words(interval, unit)})."
    )


def beyond_orders(interval: Interval | None, orders: Floats, unit: str) -> str:
    """What random orders give, [orders], of a number with its interval, as `beside_random_order`.

    For numbers that passages have together and not each alone. "" without orders.
    """
    if not len(orders):
        return ""
    said = "too few units to tell whether the text lies above or below it"
    if interval is not None:
        low, high = interval.low - float(orders.max()), interval.high - float(orders.min())
        said = order_verdict(Interval(low, high, interval.level, interval.method))
    return (
        f" {orders_give(orders[:, None], unit)}: {said} (by the interval of the text as it stands)."
    )


def order_verdict(interval: Interval | None) -> str:
    """On which side of its random order a text lies, by the interval of their paired difference."""
    if interval is None:
        return "too few units to tell whether the text lies above or below it"
    if interval.low <= 0 <= interval.high:
        return "the text is not shown to lie above or below it"
    return f"the text lies {'above' if interval.low > 0 else 'below'} it"


def orders_give(orders: Floats, unit: str) -> str:
    """What random orders give, orders [orders, n], to be followed by a verdict."""
    seeds = orders.mean(axis=1)
    least, mean, most = (_shown(float(v), unit) for v in (seeds.min(), seeds.mean(), seeds.max()))
    among = f" (orders {least} to {most})" if len(seeds) > 1 else ""
    return f"The same texts in random order give {mean}{_ending(unit)}{among}"


def _shown(value: float, unit: str) -> str:
    return coefficient(value) if unit == "r" else number(value)


def _ending(unit: str) -> str:
    return f" {unit}" if unit not in ("", "1", "r") else ""
