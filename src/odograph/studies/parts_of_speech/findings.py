"""The findings on parts of speech: how words meet pieces, and how the tags compare, described."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from odograph.sentences.record import Finding
from odograph.sentences.templates import interval_words, number
from odograph.studies.defaults import FindingDefaults
from odograph.studies.parts_of_speech.measured import Measured, TagMean
from odograph.studies.phrases import twins_words
from odograph.studies.random_order import named, order_words

#: Below so many words or lemmas a tag is not named as the largest or smallest.
_ENOUGH_WORDS, _ENOUGH_LEMMAS = 20, 6
CONFOUNDED = (
    "tags also differ in position, word length and frequency, and many are compared: no test is "
    "made between them (the study nouns-adjectives takes two groups and adjusts)"
)
_DESCRIPTIVE = "none: descriptive, counts"
_MEANINGS = {
    "crossed": "crossed by a piece that covers other characters too",
    "uncovered": "with characters that no piece covers",
    "cut": "cut off or divided between two windows",
}
_WHAT = {
    "turned": ("turn", "degrees, summed over the blocks", "degrees"),
    "relative_step": ("step", "lengths of the state before, in a block (geometric mean)", "1"),
}


def findings(measured: Measured, defaults: FindingDefaults) -> list[Finding]:
    """All findings that the run allows, the counts first."""
    found: list[Finding | None] = [_matching(measured, defaults), _splitting(measured, defaults)]
    found.append(_without_state(measured, defaults))
    found += [_by_tag(measured, name, defaults) for name in measured.means]
    return [each for each in found if each is not None]


def _matching(measured: Measured, defaults: FindingDefaults) -> Finding:
    """How many words have pieces of their own."""
    counts, total = measured.counts, measured.total
    matched = int(counts.matched.sum())
    by_status = {name: int(values.sum()) for name, values in counts.by_status.items()}
    lost = "; ".join(f"{by_status[name]} {words}" for name, words in _MEANINGS.items())
    statement = (
        f"Of {total} words with {len(counts.tags)} tags, {matched} ({_percent(matched, total)}) "
        f"have pieces of their own: {by_status['whole']} are one whole piece, {by_status['split']} "
        f"are split into several (read at the last). Not matched: {lost}. States were measured of "
        f"{int(counts.measured.sum())} words (n = {total} words, {total - matched} not matched; "
        "descriptive, counts)."
    )
    plain = (
        "The tokenizer's pieces and the tagger's words are not the same: "
        f"{_percent(matched, total)} of the words can be found among the pieces, and of those that "
        "are split only the last piece has seen the whole word."
    )
    return defaults.finding(
        statement,
        plain,
        matched / total,
        unit="share of words",
        n=total,
        unit_of_inference="word",
        excluded=total - matched,
        test=_DESCRIPTIVE,
        null="none: counts",
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"


def _splitting(measured: Measured, defaults: FindingDefaults) -> Finding | None:
    """Which tags are split most and least."""
    counts = measured.counts
    named = [i for i, n in enumerate(counts.matched) if n >= _ENOUGH_WORDS]
    if len(named) < 2:
        return None
    share = counts.by_status["split"] / np.maximum(counts.matched, 1)
    most, least = max(named, key=lambda i: share[i]), min(named, key=lambda i: share[i])
    if share[most] == share[least]:
        return None
    rows = [
        f"{counts.tags[i]} ({counts.by_status['split'][i]} of {counts.matched[i]} matched words, "
        f"{100 * share[i]:.0f} %)"
        for i in (most, least)
    ]
    n = int(counts.matched[named].sum())
    return defaults.finding(
        f"Most often split is {rows[0]}, least often {rows[1]}, of the {len(named)} tags with at "
        f"least {_ENOUGH_WORDS} matched words (n = {n} words; descriptive, counts).",
        "How a word is cut into pieces goes with its tag, so what differs between tags may be what "
        "differs between whole and split words.",
        float(share[most] - share[least]),
        unit="difference of shares",
        n=n,
        unit_of_inference="word",
        excluded=measured.total - n,
        test=_DESCRIPTIVE,
        null="none: counts",
    )


def _without_state(measured: Measured, defaults: FindingDefaults) -> Finding | None:
    """Which words have no state of their own, by reason, tag and form."""
    if not measured.unmatched:
        return None
    reasons: Counter[str] = Counter()
    tags: dict[str, Counter[str]] = {}
    forms: dict[str, Counter[str]] = {}
    for each in measured.unmatched:
        reasons[each.why] += each.count
        tags.setdefault(each.why, Counter())[each.tag] += each.count
        forms.setdefault(each.why, Counter())[each.text.lower()] += each.count
    parts = [
        f"{count} {why} ({_most(tags[why])}; forms such as {_most(forms[why], quoted=True)})"
        for why, count in reasons.most_common()
    ]
    total = sum(reasons.values())
    return defaults.finding(
        f"No state was taken of {total} of {measured.total} words, by reason: {'; '.join(parts)} "
        f"(n = {measured.total} words; descriptive, counts).",
        "Words that share a piece with other characters are left out, not guessed: no state is "
        "theirs alone."
        if "crossed" in reasons
        else "The words without a state are counted, with the reason for each.",
        total / measured.total,
        unit="share of words",
        n=measured.total,
        unit_of_inference="word",
        test=_DESCRIPTIVE,
        excluded=0,
        null="none: counts",
    )


def _most(counted: Counter[str], *, quoted: bool = False) -> str:
    named = counted.most_common(3)
    shown = [f"'{name}' {n}" if quoted else f"{name} {n}" for name, n in named]
    rest = "" if quoted or len(counted) <= 3 else f", {len(counted) - 3} more tags"
    return ", ".join(shown) + rest


def _by_tag(measured: Measured, name: str, defaults: FindingDefaults) -> Finding | None:
    """The tags with the largest and the smallest mean, beside their twins; no test."""
    means = [mean for mean in measured.means[name] if mean.lemmas >= _ENOUGH_LEMMAS]
    if len(means) < 2:
        return None
    explored = None if measured.explored is None else measured.explored[name]
    least, most = _ends(means, explored)
    verb, what, unit = _WHAT[name]
    lemmas = sum(mean.lemmas for mean in means)
    lead, choice = _choice(verb, explored)
    statement = (
        f"{lead} {_mean(least, unit)} and {_mean(most, unit)} {what} (means "
        f"over lemmas of the {len(means)} tags with at least {_ENOUGH_LEMMAS}; n = {lemmas} "
        f"lemmas, each counted once a tag; {measured.sinks} words at position 0 or sinks left out; "
        f"{choice}). {_twins(means, most.mean - least.mean)}{_in_order(measured, name, means)} "
        f"Descriptive: {CONFOUNDED}."
    )
    plain = (
        "The kinds of words differ in how far they are turned, and so they do in other ways: the "
        "picture says what is seen, not what makes it so."
        if name == "turned"
        else "The kinds of words differ in how long their steps are beside the state; the picture "
        "says what is seen, not what makes it so."
    )
    return defaults.finding(
        statement,
        plain,
        most.mean - least.mean,
        unit=unit,
        n=lemmas,
        excluded=measured.sinks,
    )


def _ends(means: list[TagMean], explored: Mapping[str, float] | None) -> tuple[TagMean, TagMean]:
    """The tags with the smallest and the largest mean; of a halved run, on its first half."""
    known = [mean for mean in means if explored is None or mean.tag in explored] or means

    def by(mean: TagMean) -> float:
        return mean.mean if explored is None else explored.get(mean.tag, mean.mean)

    return min(known, key=by), max(known, key=by)


def _choice(verb: str, explored: Mapping[str, float] | None) -> tuple[str, str]:
    """How the sentence begins, and what it says of the choice of the tags."""
    if explored is None:
        correction = "the intervals are not corrected for the choice of the extremes"
        return f"By tag, words {verb} between", correction
    return (
        f"By tag, the words that {verb} least and most on the first half {verb}, on the second,",
        "both tags were chosen on the first half",
    )


def _in_order(measured: Measured, name: str, means: list[TagMean]) -> str:
    """The same lemmas in random order, over all tags that are told."""
    order = measured.orders.get(name)
    if order is None:
        return ""
    told = np.isin(order.tags, [mean.tag for mean in means])
    if not told.any():
        return ""
    unit = _WHAT[name][2]
    words = order_words(order.own[told], order.orders[:, told], unit, seed=measured.run.seed)
    return named("Over all these lemmas", f" {words}")


def _mean(mean: TagMean, unit: str) -> str:
    return f"{number(mean.mean)} ({mean.tag}; {interval_words(mean.interval, unit)})"


def _twins(means: list[TagMean], spread: float) -> str:
    twins = np.array([mean.twins for mean in means])
    if not twins.shape[1]:
        return "No untrained twin was measured."
    seeds = twins.mean(axis=1)
    low, high = int(seeds.argmin()), int(seeds.argmax())
    own = float(np.ptp(seeds))
    beside = "larger" if spread > own else "no larger"
    return (
        f"In {twins_words(twins.shape[1])} the same words lie between {number(seeds[low])} "
        f"({means[low].tag}) and {number(seeds[high])} ({means[high].tag}): a spread of "
        f"{number(own)} there and of {number(spread)}, {beside}, in the model."
    )
