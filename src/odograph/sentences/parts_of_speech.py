"""The words of findings by part of speech: how pieces meet words, and how far each kind turns."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from odograph.sentences.english import counted
from odograph.sentences.evidence import interval_words
from odograph.sentences.nulls import named, order_words, twins_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats
from odograph.statistics.values import Interval

_UNMATCHED = {
    "crossed": "crossed by a piece that covers other characters too",
    "uncovered": "with characters that no piece covers",
    "cut": "cut off or divided between two windows",
}
CONFOUNDED = (
    "tags also differ in position, word length and frequency, and many are compared: no test is "
    "made between them (the study nouns-adjectives takes two groups and adjusts)"
)


def tags_matched_words(by_status: Mapping[str, int], tags: int, measured: int) -> Words:
    """How many words have pieces of their own, of so many tags; measured: words with a state."""
    total = sum(by_status.values())
    matched = by_status["whole"] + by_status["split"]
    lost = "; ".join(f"{by_status[name]:,} {words}" for name, words in _UNMATCHED.items())
    share = f"{100 * matched / total:.1f} %"
    return Words(
        f"Of {total:,} words with {tags} tags, {matched:,} ({share}) have pieces of their own: "
        f"{by_status['whole']:,} are one whole piece, {by_status['split']:,} are split into "
        f"several (read at the last). Not matched: {lost}. States were measured of {measured:,} "
        f"words ({counted(total, 'word')}, {total - matched:,} not matched; descriptive, counts).",
        f"The tokenizer's pieces and the tagger's words are not the same: {share} of the words can "
        "be found among the pieces, and of those that are split only the last piece has seen the "
        "whole word.",
        f"{share} of the words have tokens of their own",
    )


@dataclass(frozen=True)
class SplitTag:
    """How many of the matched words of a tag are split into pieces."""

    tag: str
    split: int
    matched: int

    @property
    def share(self) -> float:
        """Of the matched words."""
        return self.split / self.matched

    @property
    def percent(self) -> str:
        """The same in a sentence."""
        return f"{100 * self.share:.0f} %"

    def __str__(self) -> str:
        """The tag with its numbers."""
        return f"{self.tag} ({self.split:,} of {self.matched:,} matched words, {self.percent})"


def split_words(tags: Sequence[SplitTag], fewest: int) -> Words:
    """Which tag is split most and which least, of those with at least so many matched words."""
    least, most = least_and_most_split(tags)
    n = sum(tag.matched for tag in tags)
    return Words(
        f"Most often split is {most}, least often {least}, of the {len(tags)} tags with at "
        f"least {fewest} matched words ({counted(n, 'word')}; descriptive, counts).",
        "How a word is cut into pieces goes with its tag, so what differs between tags may be what "
        "differs between whole and split words.",
        f"Words tagged {most.tag} are split most often, {most.percent} of them",
    )


def least_and_most_split(tags: Sequence[SplitTag]) -> tuple[SplitTag, SplitTag]:
    """The tag that is split least often, and the one that is most often; the first of equals."""
    return min(tags, key=lambda tag: tag.share), max(tags, key=lambda tag: tag.share)


def stateless_words(
    reasons: Sequence[tuple[str, Mapping[str, int], Mapping[str, int]]], words: int
) -> Words:
    """Of how many of so many words no state was taken, and why.

    reasons: each with how many words of every tag and of every form it took, the commonest first.
    """
    parts = [
        f"{sum(tags.values()):,} {_left_out(why)} ({_tags(tags)}; forms such as {_forms(forms)})"
        for why, tags, forms in reasons
    ]
    lost = sum(sum(tags.values()) for _, tags, _ in reasons)
    told = "The words without a state are counted, with the reason for each."
    if any(why == "crossed" for why, _, _ in reasons):
        told = (
            "Words that share a piece with other characters are left out, not guessed: no state "
            "is theirs alone."
        )
    return Words(
        f"No state was taken of {lost:,} of {words:,} words, by reason: {'; '.join(parts)} "
        f"({counted(words, 'word')}; descriptive, counts).",
        told,
        f"A state was taken of {words - lost:,} of {words:,} words",
    )


def _left_out(why: str) -> str:
    """The reason behind a number of words: "not drawn", "with no token before it"."""
    return f"with {why}" if why.startswith(("no ", "several ", "fewer ")) else why


def _tags(by_tag: Mapping[str, int]) -> str:
    named = ", ".join(f"{tag} {n:,}" for tag, n in Counter(by_tag).most_common(3))
    return named if len(by_tag) <= 3 else f"{named}, {len(by_tag) - 3} more tags"


def _forms(by_form: Mapping[str, int]) -> str:
    return ", ".join(f"'{form}' {n:,}" for form, n in Counter(by_form).most_common(3))


@dataclass(frozen=True)
class TagTurn:
    """How the words of a tag turn and step: means over its lemmas.

    Attributes:
        turned: summed over blocks, in degrees, with its interval.
        step: the geometric mean of its steps, in lengths of the state before.
        heading: by how many degrees these head away from it.
    """

    tag: str
    turned: float
    interval: Interval | None
    step: float
    heading: float

    def __str__(self) -> str:
        """How far it turns, with tag and interval."""
        interval = interval_words(self.interval, "degrees")
        return f"{number(self.turned)} ({self.tag}; {interval})"


@dataclass(frozen=True, eq=False)
class TurningTags:
    """The tags whose words turn least and most, of those with at least `fewest` lemmas.

    Attributes:
        least, most: these two.
        on_half: whether both were chosen on the first half.
        twins: the mean of every tag in each twin, in degrees, by its name; [twins].
        lemmas: of all these tags, each counted once a tag.
        order: what random order gives of them, `lemmas_in_random_order`.
        drawn: which documents they are of, a sentence behind the others; "" for all.
    """

    least: TagTurn
    most: TagTurn
    on_half: bool
    twins: Mapping[str, Floats]
    lemmas: int
    fewest: int
    order: str
    drawn: str = ""


def turning_words(found: TurningTags) -> Words:
    """How far the words of both tags turn and step, beside their twins; no test."""
    least, most = found.least, found.most
    lead, choice = "By tag, words turn between", "the intervals are not corrected for the choice of"
    choice = f"{choice} the extremes"
    if found.on_half:
        lead = "By tag, the words that turn least and most on the first half turn, on the second,"
        choice = "both tags were chosen on the first half"
    return Words(
        f"{lead} {least} and {most} degrees, summed over the blocks "
        f"(means over lemmas of the {len(found.twins)} tags with at least {found.fewest}; n = "
        f"{found.lemmas} lemmas, each counted once a tag; {choice}; descriptive). "
        f"{_beside_twins(found)}{found.order} Their steps are {number(least.step)} and "
        f"{number(most.step)} lengths of the state before (geometric means over blocks), and head "
        f"{number(least.heading)} and {number(most.heading)} degrees away from it.{found.drawn}",
        "The kinds of words differ in how far they are turned, and so they do in other ways: the "
        "picture says what is seen, not what makes it so.",
        f"Words tagged {most.tag} turn most, {number(most.turned)}, those tagged {least.tag} "
        f"least, {number(least.turned)} degrees",
    )


def lemmas_in_random_order(own: Floats, orders: Floats, seed: int) -> str:
    """What the same lemmas, [n], turn in each random order of the texts, [orders, n]."""
    return named("Over all these lemmas", f" {order_words(own, orders, 'degrees', seed=seed)}")


def _beside_twins(found: TurningTags) -> str:
    tags, twins = [*found.twins], np.array([*found.twins.values()])
    if not twins.shape[1]:
        return "No untrained twin was measured."
    seeds, spread = twins.mean(axis=1), found.most.turned - found.least.turned
    low, high, own = int(seeds.argmin()), int(seeds.argmax()), float(np.ptp(seeds))
    return (
        f"In {twins_words(twins.shape[1])} the same words lie between {number(seeds[low])} "
        f"({tags[low]}) and {number(seeds[high])} ({tags[high]}): a spread of "
        f"{number(own)} there and of {number(spread)}, {'larger' if spread > own else 'no larger'},"
        " in the model."
    )
