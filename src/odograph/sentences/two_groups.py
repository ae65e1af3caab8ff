"""The sentences about two groups of words: ratios in %, and whether a difference survives."""

import math

import numpy as np

from odograph.sentences.differences import MOST_WORDS
from odograph.sentences.english import capital, several
from odograph.sentences.evidence import interval_words
from odograph.sentences.names import name_of_test
from odograph.sentences.nulls import order_verdict, twins_words
from odograph.sentences.numbers import number, p_value
from odograph.statistics.designs.versions import (
    Change,
    NullDifferences,
    OrderChange,
    Version,
    percent,
    percent_of,
)
from odograph.statistics.values import Interval

#: More and less of each measure.
MORE = {"step": ("longer", "shorter"), "rotation": ("more", "less")}

#: The measures in a sentence.
MEASURES = {"step": "length of the steps", "rotation": "rotation"}

#: What could stand between the groups, in a sentence.
COVARIATES = {
    "text_position": "position in the text (tokens)",
    "tokens_before": "tokens read before the word",
    "log_length": "length of the word (log of characters)",
    "pieces": "number of pieces",
    "log_frequency": "frequency (log of count + 1)",
}

PLURALS = {
    "NOUN": "nouns",
    "ADJ": "adjectives",
    "VERB": "verbs",
    "ADV": "adverbs",
    "PROPN": "proper nouns",
    "PRON": "pronouns",
    "ADP": "adpositions",
    "AUX": "auxiliaries",
    "DET": "determiners",
    "NUM": "numerals",
}


def group_words(tag: str) -> str:
    """How a sentence speaks of the words of a tag: `nouns`, `words tagged SYM`."""
    return PLURALS.get(tag, f"words tagged {tag}")


def ratio(measure: str, names: tuple[str, str], logarithm: float) -> str:
    """Which group has more, by how many %: "nouns turn 4.2 % more than adjectives"."""
    size = f"{number(abs(percent_of(logarithm)))} %"
    more = MORE[measure][0 if logarithm >= 0 else 1]
    first, second = names
    if measure == "step":
        return f"the steps of {first} are {size} {more} than those of {second}"
    return f"{first} turn {size} {more} than {second}"


def interval_percent(interval: Interval | None) -> Interval | None:
    """An interval of logarithms in %."""
    if interval is None:
        return None
    low, high = percent_of(interval.low), percent_of(interval.high)
    return Interval(low, high, interval.level, interval.method)


def in_percent(interval: Interval | None) -> str:
    """The interval in words, in %."""
    return interval_words(interval_percent(interval), "%")


def tested(version: Version, names: tuple[str, str]) -> str:
    """Units, p and test of the mean over blocks, with both groups' sizes."""
    units = sample(version, names)
    if not math.isfinite(version.p):
        return f"{units}; no p-value: fewer than 6 units in a group, or no spread"
    return f"{units}; {p_value(version.p)}, {name_of_test(version.test)}, a single test"


def sample(version: Version, names: tuple[str, str]) -> str:
    """The units of a version: "n = 300 lemmas, 150 nouns and 150 adjectives"."""
    if version.name == "matched":
        return f"n = {version.n:,} pairs of lemmas"
    return lemmas_words(version.sizes, names)


def lemmas_words(sizes: tuple[int, int], names: tuple[str, str]) -> str:
    """So many lemmas of both groups: "n = 300 lemmas, 150 nouns and 150 adjectives"."""
    return f"n = {sum(sizes):,} lemmas, {sizes[0]:,} {names[0]} and {sizes[1]:,} {names[1]}"


def verdict(plain: Version, other: Version) -> str:
    """Whether the difference survives, from both estimates and the interval of their change.

    A share that is left is named where the plain interval leaves 0 out: else there is no difference
    that could survive. What is compared are estimates, never whether each has a small p.
    """
    moved = other.change is not None and clear(other.change.interval)
    if not clear(plain.interval):
        return f"The unadjusted interval holds 0: {_without_difference(other, moved=moved)}."
    left = f"{100 * other.mean / plain.mean:.0f} % of it (on the log scale) is left"
    if clear(other.interval) and other.mean * plain.mean > 0:
        return f"The difference survives: {left}."
    if clear(other.interval):
        return f"The difference does not survive, it turns round: {left}."
    if moved:
        return (
            f"The difference does not survive: {left}, which may be nothing, and the change itself "
            "is clear of 0."
        )
    return (
        f"Whether the difference survives stays open: {left}, its interval holds 0, and the "
        "change may be nothing as well."
    )


def _without_difference(other: Version, *, moved: bool) -> str:
    if not clear(other.interval):
        return "there is no clear difference that could survive"
    if moved:
        return "there was no clear difference before; here there is one, and the change is clear"
    return (
        "there was no clear difference that could survive. The interval here leaves 0 out, but the "
        "change between the two may be nothing: they do not contradict each other"
    )


def verdict_plain(plain: Version, other: Version, how: str) -> str:
    """The same to a student."""
    moved = other.change is not None and clear(other.change.interval)
    if not clear(plain.interval):
        if not clear(other.interval):
            return f"There is no clear difference, neither before nor after {how}."
        return f"A difference is clearer after {how} than before" + (
            "." if moved else ", but the two numbers hardly differ."
        )
    if clear(other.interval) and other.mean * plain.mean > 0:
        return f"The difference is still there after {how}."
    if clear(other.interval):
        return f"After {how} the difference points the other way."
    if moved:
        return f"After {how} no clear difference is left: what was compared had other differences."
    return f"After {how} the difference is too uncertain to say whether it is still there."


def change_of_ratio(change: Change | None) -> str:
    """By how much the estimate moved, with its interval."""
    if change is None:
        return "no change known"
    points = "percentage points"
    return (
        f"a change by {number(change.value)} {points} ({interval_words(change.interval, points)})"
    )


def clear(interval: Interval | None) -> bool:
    """Whether an interval leaves 0 out."""
    return interval is not None and not interval.low <= 0 <= interval.high


def not_shown(interval: Interval | None) -> str:
    """What must stand beside a ratio that may go either way."""
    if interval is None or clear(interval):
        return ""
    return "The interval holds 0: no difference is shown. "


def range_by_block(version: Version) -> str:
    """The extremes over the blocks: a mean may hide that blocks differ in sign."""
    by_block = percent(version.profile.difference)
    ends = (int(np.argmin(by_block)), int(np.argmax(by_block)))
    low, high = (f"{number(float(by_block[k]))} % in block {k + 1}" for k in ends)
    return f"by block {low} to {high}"


def ratio_in_twins(plain: Version, twins: NullDifferences | None) -> str:
    """The same difference in the twins, and whether the model's lies in their band."""
    if twins is None:
        return "No untrained twin was measured."
    seeds = [percent_of(float(mean)) for mean in twins.means]
    spread = f" (seeds {number(min(seeds))} to {number(max(seeds))} %)" if len(seeds) > 1 else ""
    band = f"{number(percent_of(twins.mean_low))} to {number(percent_of(twins.mean_high))} %"
    if twins.mean_low <= plain.mean <= twins.mean_high:
        ending = "the model shows no more than that"
    elif plain.interval is not None and (
        plain.interval.low > twins.mean_high or plain.interval.high < twins.mean_low
    ):
        ending = "the model's interval lies outside it"
    else:
        ending = "the model's interval overlaps it"
    return (
        f"In {twins_words(len(seeds))} it is {number(float(np.mean(seeds)))} %{spread}, 5 to 95 % "
        f"of resampled lemmas {band}: {ending}."
    )


def ratio_in_random_order(change: OrderChange | None) -> str:
    """The difference over all blocks in random order, a sentence with a space before it; or "".

    Whether the text lies beyond it: by the interval of the change, lemma by lemma.
    """
    if change is None:
        return ""
    return (
        f" The same words in random order ({several(change.orders, 'order')}) give "
        f"{number(percent_of(change.given))} %: {order_verdict(change.interval)} (ratio to it: "
        f"{number(percent_of(change.apart))} %; {in_percent(change.interval)})."
    )


def sides_headline(measure: str, names: tuple[str, str], where: str) -> str:
    """In which blocks the first group has more and in which less, `where` in words.

    What it is compared with is left out where there are no words left for it.
    """
    steps = measure == "step"
    said = f"The steps of {names[0]} are {where}" if steps else f"{capital(names[0])} turn {where}"
    whole = f"{said} than {'those of ' if steps else ''}{names[1]}"
    return whole if len(whole.split()) <= MOST_WORDS else said
