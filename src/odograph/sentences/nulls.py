"""What untrained twins and texts in random order give of a number, in the same words everywhere."""

from collections.abc import Sequence

from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import in_unit, quantity, unit_ending
from odograph.statistics.intervals import Floats
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.values import Interval

#: From this share of a difference on, a twin is said to show it too.
_TOO = 0.5


def twins_words(count: int) -> str:
    """How a sentence speaks of so many twins."""
    return "the untrained twin" if count == 1 else f"the {count} untrained twins"


def also_lie(count: int) -> str:
    """So many of what was found, to be followed by what they lie beyond as well."""
    return f"{count} also {'lies' if count == 1 else 'lie'}"


def twins_label(count: int, of: str = "") -> str:
    """So many twins in a legend: "untrained twins (3 seeds)"; `of` says what is drawn of them."""
    return "untrained twin (1 seed)" if count == 1 else f"untrained twins ({of}{count} seeds)"


def orders_label(count: int) -> str:
    """So many random orders in a legend."""
    return f"same words in random order ({several(count, 'order')})"


def orders_null(count: int) -> list[str]:
    """The random orders as a null in a caption; nothing where there are none."""
    return [f"the same words in random order, {several(count, 'order')}"] if count else []


def beside_twins(values: Floats | None, unit: str) -> str:
    """The mean of the twins, values [twins, passages], and the range of the seeds' means."""
    if values is None:
        return "no untrained twin was measured"
    seeds = values.reshape(len(values), -1).mean(axis=1)
    least, mean, most = (in_unit(v, unit) for v in (seeds.min(), seeds.mean(), seeds.max()))
    spread = f" (seeds {least} to {most})" if len(seeds) > 1 else ""
    return f"{twins_words(len(seeds))} {mean}{unit_ending(unit)}{spread}"


def seeds_beside(seeds: Floats, unit: str) -> str:
    """As `beside_twins`, of one number for each twin, [twins]; none without twins."""
    return beside_twins(seeds[:, None] if len(seeds) else None, unit)


def same_in_twins(seeds: Floats, unit: str) -> str:
    """The same difference in each twin, [twins], as a sentence; that none was measured, too."""
    return f"The same difference in twins: {seeds_beside(seeds, unit)}."


def difference_in_twins(seeds: Floats, unit: str) -> str:
    """The same difference in each twin, [twins], as a sentence with a space before it.

    Nothing without twins: that they are not there stands in a note, once.
    """
    return f" {same_in_twins(seeds, unit)}" if len(seeds) else ""


def as_in_twins(value: float, seeds: Floats, what: str = "difference") -> str:
    """What a plain sentence must add where untrained twins show the same, [seeds]."""
    if not len(seeds) or value == 0:
        return ""
    if float(seeds.mean()) / value >= _TOO:
        return (
            f" Untrained twins show such a {what} too, so most of it may be architecture and "
            "text, not what was learned."
        )
    if float((seeds / value).max()) >= _TOO:
        return (
            " Random weights differ among themselves: not all untrained twins show such a "
            f"{what}, but at least one does, so it need not be what was learned."
        )
    return ""


def in_order(orders: Sequence[str]) -> str:
    """Sentences of `beside_random_order` on both parts, each named: " Attention: the same ..."."""
    return "".join(named(*one) for one in zip(("Attention", "The MLP"), orders, strict=True))


def named(subject: str, said: str) -> str:
    """A sentence of `beside_random_order` with what it is of: " Averaged over blocks: the ..."."""
    return f" {subject}: {said[1:2].lower()}{said[2:]}" if said else ""


def order_words(own: Floats, orders: Floats, unit: str, *, seed: int) -> str:
    """One number a unit as the text stands, own [n], beside random order, orders [orders, n]."""
    interval = inverted_interval(own - orders.mean(axis=0), seed=seed)
    apart = float(own.mean() - orders.mean())
    return (
        f"{orders_give(orders, unit)}: {order_verdict(interval)} (the text as it stands minus it: "
        f"{in_unit(apart, unit)}{unit_ending(unit)}; {interval_words(interval, unit)})."
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


ORDER_PLAIN = (
    "A word in random order stands at another place and after other words; the difference is of "
    "all that together."
)


def order_contrast(measure: str, subject: str, orders: str) -> tuple[str, str, str, str]:
    """Measure, target, control and place of the text against its random orders, counted."""
    return (
        measure,
        f"{subject} in the text as it stands",
        f"{subject} among the same words in random order ({orders})",
        "in the same texts",
    )


def changed_by_order(measure: str, value: float, unit: str, *, shown: bool) -> str:
    """Whether a number is smaller or larger in random order: a headline.

    value: the text minus random order; shown: whether a difference is.
    """
    changed = "is not shown to change"
    if shown:
        changed = f"is {quantity(abs(value), unit)} {'smaller' if value > 0 else 'larger'}"
    return f"With the words in random order, the {measure} {changed}"


def beside_orders(interval: Interval | None, orders: Floats, unit: str) -> str:
    """What random orders, [orders, n], give, and on which side the text lies: a sentence."""
    return f"{orders_give(orders, unit)}: {order_verdict(interval)}."


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
    least, mean, most = (in_unit(float(v), unit) for v in (seeds.min(), seeds.mean(), seeds.max()))
    among = f" (orders {least} to {most})" if len(seeds) > 1 else ""
    return f"The same texts in random order give {mean}{unit_ending(unit)}{among}"
