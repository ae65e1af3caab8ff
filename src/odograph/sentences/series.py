"""The sentences about an ordered series of runs: trend, change point, steepest depth."""

from dataclasses import dataclass

from odograph.sentences.english import capital, counted
from odograph.sentences.evidence import bracket, interval_words, p_words
from odograph.sentences.numbers import percent, quantity
from odograph.sentences.record import Words
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Interval, PValue


@dataclass(frozen=True)
class SeriesWords:
    """What a series is of.

    Attributes:
        measure: as a sentence names it: "rotation turned so far, after the last block".
        unit: of the measure.
        axis: what the members are ordered by: "training step".
        members: where they stand on it: ("0", "8", "512").
        n: how many units there are, and what they are called.
        unit_of_inference: what is counted.
    """

    measure: str
    unit: str
    axis: str
    members: tuple[str, ...]
    n: int
    unit_of_inference: str

    @property
    def sample(self) -> str:
        """The units in a bracket: "n = 54 passages"."""
        return counted(self.n, self.unit_of_inference)

    @property
    def slope_unit(self) -> str:
        """Of a slope: "degrees a member"."""
        return "a member" if self.unit == "1" else f"{self.unit} a member"

    @property
    def along(self) -> str:
        """The members: "along the training step, 7 members from 0 to 1953"."""
        ends = f"from {self.members[0]} to {self.members[-1]}"
        return f"along the {self.axis}, {len(self.members)} members {ends}"


@dataclass(frozen=True)
class TestedEstimate:
    """A number with its interval and test.

    Attributes:
        value: slope or difference.
        interval: of it.
        tested: its p.
        of_orders: in which share of the orders of the members it would be as marked.
    """

    value: float
    interval: Interval | None
    tested: PValue
    of_orders: float = 1.0

    @property
    def shown(self) -> bool:
        """Whether the test rejects."""
        return self.tested.made and self.tested.p is not None and self.tested.p < ALPHA

    @property
    def beyond_orders(self) -> bool:
        """Whether fewer than 5 % of the orders of the members show as much."""
        return self.of_orders < ALPHA


def _way(value: float) -> str:
    return "rises" if value > 0 else "falls"


def trend_words(words: SeriesWords, found: TestedEstimate, ends: tuple[float, float]) -> Words:
    """The trend with its test; ends: means of the first and of the last member."""
    return Words(
        _trend_sentence(words, found, ends),
        _trend_plain(words, found),
        _trend_headline(words, found),
    )


def _trend_headline(words: SeriesWords, found: TestedEstimate) -> str:
    if not found.shown:
        return f"No trend of the {words.measure} along the {words.axis} is shown"
    size = quantity(abs(found.value), words.slope_unit)
    return f"The {words.measure} {_way(found.value)} along the {words.axis} by {size}"


def _trend_sentence(words: SeriesWords, found: TestedEstimate, ends: tuple[float, float]) -> str:
    """The trend with its test; ends: means of the first and of the last member."""
    verb = f"{_way(found.value)} by" if found.shown else "has no trend that is shown: its slope is"
    shown = abs(found.value) if found.shown else found.value
    details = bracket(
        "slope on the rank of the member",
        interval_words(found.interval, words.slope_unit, words.n),
        words.sample,
        p_words(found.tested),
    )
    first, last = (quantity(end, words.unit) for end in ends)
    return (
        f"{capital(words.along)}, the {words.measure} {verb} {quantity(shown, words.slope_unit)} "
        f"{details}. The first member has {first}, the last {last}. {_orders(found)}"
    )


def _orders(found: TestedEstimate) -> str:
    """What the order of the members has to do with it: units alone cannot say that."""
    share = percent(found.of_orders)
    if found.shown and not found.beyond_orders:
        return (
            f"But {share} of all orders of these members show a trend as marked: that they differ "
            "is shown, that it goes by their order is not."
        )
    return f"Of all orders of these members, {share} show a trend as marked."


def _trend_plain(words: SeriesWords, found: TestedEstimate) -> str:
    if not found.shown:
        return (
            f"Whether the {words.measure} goes up or down along the {words.axis} cannot be told; "
            "that is no proof that it stays the same."
        )
    more = "more" if found.value > 0 else "less"
    if not found.beyond_orders:
        return (
            f"These models differ in the {words.measure}, but another order of them would often "
            "look like a trend as well."
        )
    return f"The later in the series, the {more}: so it is with the {words.measure}."


@dataclass(frozen=True)
class PlaceOfChange:
    """Where a change lies: the last member before, the first one after, and what fits better.

    stepped, straight: shares of the variance of the members' means that a step there, and a
    straight line on the rank, account for.
    """

    before: str
    after: str
    stepped: float
    straight: float


def change_point_words(words: SeriesWords, found: TestedEstimate, change: PlaceOfChange) -> Words:
    """The change point with its test, and whether a step or a line describes the series."""
    return Words(
        _change_sentence(words, found, change),
        _change_plain(words, found, change),
        _change_headline(words, found, change),
    )


def _change_headline(words: SeriesWords, found: TestedEstimate, change: PlaceOfChange) -> str:
    if not found.shown:
        return f"No change of the {words.measure} along the {words.axis} is shown"
    size = quantity(abs(found.value), words.unit)
    return (
        f"After {words.axis} {change.before} the {words.measure} is {size} "
        f"{'larger' if found.value > 0 else 'smaller'}"
    )


def _change_sentence(words: SeriesWords, found: TestedEstimate, change: PlaceOfChange) -> str:
    """The change point with its test, and whether a step or a line describes the series."""
    splits = len(words.members) - 1
    details = bracket(
        f"the largest |t| of {splits} splits",
        interval_words(found.interval, words.unit, words.n),
        words.sample,
        p_words(found.tested),
    )
    verb = "is" if found.shown else "is not shown to be"
    size = quantity(abs(found.value), words.unit)
    way = "larger" if found.value > 0 else "smaller"
    better = change.stepped > change.straight
    fit = (
        "a step there describes the members' means better than a straight line"
        if better
        else "a straight line describes the members' means at least as well as a step there, and a "
        "steady trend alone makes members before and after differ"
    )
    return (
        f"The {words.measure} {verb} {size} {way} in the members from {words.axis} {change.after} "
        f"on than in those up to {change.before} {details}. Of the variance between members a step "
        f"takes {percent(change.stepped)}, a line {percent(change.straight)}: {fit}."
    )


def _change_plain(words: SeriesWords, found: TestedEstimate, change: PlaceOfChange) -> str:
    if not found.shown:
        return f"No place in the series is shown to part the models in the {words.measure}."
    said = (
        f"The models from {words.axis} {change.after} on differ from those before in the "
        f"{words.measure}."
    )
    if change.stepped > change.straight:
        return said
    return f"{said} A slow and steady change would look like that, too."


def steepest_words(words: SeriesWords, found: TestedEstimate, where: str) -> Words:
    """The depth whose slope is largest beside its spread."""
    return Words(
        _steepest_sentence(words, found, where, found.tested.family),
        _steepest_plain(words, found, where),
        _steepest_headline(words, found, where),
    )


def _steepest_headline(words: SeriesWords, found: TestedEstimate, where: str) -> str:
    if not found.shown:
        return f"At no depth is a trend of the {words.measure} along the {words.axis} shown"
    size = quantity(abs(found.value), words.slope_unit)
    return f"{capital(where)} the {words.measure} {_way(found.value)} most plainly, by {size}"


def _steepest_sentence(words: SeriesWords, found: TestedEstimate, where: str, family: int) -> str:
    """The depth whose slope is largest beside its spread."""
    verb = _way(found.value) if found.shown else "is not shown to change"
    details = bracket(
        f"slope {quantity(found.value, words.slope_unit)}",
        interval_words(found.interval, words.slope_unit, words.n),
        words.sample,
        p_words(found.tested),
    )
    return (
        f"Of {family} places along the depth, the {words.measure} {where} has the slope that is "
        f"largest beside its spread: {words.along}, it {verb} {details}."
    )


def _steepest_plain(words: SeriesWords, found: TestedEstimate, where: str) -> str:
    if not found.shown:
        return f"At no depth is the {words.measure} shown to go up or down along the series."
    way = "up" if found.value > 0 else "down"
    return f"Along the series the {words.measure} {where} goes {way} most plainly."


def ends_words(
    words: SeriesWords, value: float, interval: Interval | None, ends: tuple[float, float]
) -> Words:
    """The last member and the first of a series that is too short for a test."""
    return Words(
        _ends_sentence(words, value, interval, ends),
        _ends_plain(words),
        _ends_headline(words, value),
    )


def _ends_headline(words: SeriesWords, value: float) -> str:
    more = "more" if value > 0 else "less"
    return (
        f"At {words.axis} {words.members[-1]} the {words.measure} is "
        f"{quantity(abs(value), words.unit)} {more} than at {words.members[0]}"
    )


def _ends_sentence(
    words: SeriesWords, value: float, interval: Interval | None, ends: tuple[float, float]
) -> str:
    """The last member and the first of a series that is too short for a test."""
    first, last = (quantity(end, words.unit) for end in ends)
    details = bracket(
        f"difference {quantity(value, words.unit)}",
        interval_words(interval, words.unit, words.n),
        words.sample,
        "descriptive, no test",
    )
    return (
        f"{capital(words.along)}, the {words.measure} goes from {first} in the first member to "
        f"{last} in the last {details}."
    )


def _ends_plain(words: SeriesWords) -> str:
    return f"So few models show how the {words.measure} goes, not that it goes by the {words.axis}."


def too_short(members: int, fewest: int) -> str:
    """Why nothing is tested in a short series."""
    return (
        f"Trend and change point are tested in a series of {fewest} members or more; this one has "
        f"{members}: it is shown, not tested."
    )
