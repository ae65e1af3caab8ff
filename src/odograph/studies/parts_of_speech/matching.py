"""Which words have pieces of their own, which are split, and which have no state at all."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from odograph.corpus.matching import STATUSES
from odograph.figures.bars import Share, draw_bars
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.folder.requirements import require_table
from odograph.folder.run import Run
from odograph.folder.samples.tag_means import TagMeans, tag_means
from odograph.folder.samples.tagged_words import Counts, Unmatched, unmatched_words, word_counts
from odograph.sentences.record import Finding
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns

#: Below so many words a tag is not named as the one that is split most or least.
_ENOUGH_WORDS = 20
_DESCRIPTIVE = "none: descriptive, counts"
_MEANINGS = {
    "crossed": "crossed by a piece that covers other characters too",
    "uncovered": "with characters that no piece covers",
    "cut": "cut off or divided between two windows",
}
_STATUS_WORDS = {
    "whole": "one whole piece",
    "split": "split into pieces",
    "crossed": "crossed by a piece",
    "uncovered": "not covered",
    "cut": "cut off",
}


def require_words(run: Run) -> None:
    """Nothing, if words of the texts were tagged.

    Raises:
        StudyError: there is none.
    """
    require_table(
        run,
        "words",
        "the run has no tagged words",
        expected="a run made with --tags",
        remedy="Measure it with --tags conllu, column or spacy:NAME.",
    )


def means_of(analysis: Analysis) -> TagMeans:
    """How far the words of every tag turn and step."""
    return tag_means(analysis.run, analysis.read(word_counts).tags)


def _defaults(analysis: Analysis) -> FindingDefaults:
    """What findings about counts share."""
    return analysis.defaults_over(analysis.read(word_counts).total, null="none: counts", of="word")


def matching(analysis: Analysis) -> Answer:
    """How words meet pieces, by tag."""
    counts, defaults = analysis.read(word_counts), _defaults(analysis)
    found = [_matching(counts, defaults), _splitting(counts, defaults)]
    table = Table("parts_of_speech", "Words by tag, and how pieces meet them", _columns(counts))
    claims = [Claim(each) for each in found if each is not None]
    return Answer(claims, [_plot(counts)], [table])


def without_state(analysis: Analysis) -> Answer:
    """Which words have no state of their own, by reason, tag and form."""
    unmatched, defaults = unmatched_words(analysis.run), _defaults(analysis)
    table = Table(
        "parts_of_speech_unmatched",
        "Words without a state of their own, by form, tag and reason",
        {
            "text": [each.text for each in unmatched],
            "tag": [each.tag for each in unmatched],
            "reason": [each.why for each in unmatched],
            "words": np.array([each.count for each in unmatched], np.int64),
        },
    )
    total = analysis.read(word_counts).total
    claims = [Claim(_without_state(unmatched, total, defaults))] if unmatched else []
    return Answer(claims, tables=[table])


def _matching(counts: Counts, defaults: FindingDefaults) -> Finding:
    """How many words have pieces of their own."""
    total = counts.total
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
        headline=f"{_percent(matched, total)} of the words have tokens of their own",
        unit="share of words",
        excluded=total - matched,
        test=_DESCRIPTIVE,
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"


def _splitting(counts: Counts, defaults: FindingDefaults) -> Finding | None:
    """Which tags are split most and least."""
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
        headline=f"Words tagged {counts.tags[most]} are split most often, "
        f"{100 * share[most]:.0f} % of them",
        n=n,
        excluded=counts.total - n,
        test=_DESCRIPTIVE,
    )


def _without_state(
    unmatched: Sequence[Unmatched], words: int, defaults: FindingDefaults
) -> Finding:
    reasons: Counter[str] = Counter()
    tags: dict[str, Counter[str]] = {}
    forms: dict[str, Counter[str]] = {}
    for each in unmatched:
        reasons[each.why] += each.count
        tags.setdefault(each.why, Counter())[each.tag] += each.count
        forms.setdefault(each.why, Counter())[each.text.lower()] += each.count
    parts = [
        f"{count} {why} ({_most(tags[why])}; forms such as {_most(forms[why], quoted=True)})"
        for why, count in reasons.most_common()
    ]
    total = sum(reasons.values())
    return defaults.finding(
        f"No state was taken of {total:,} of {words:,} words, by reason: {'; '.join(parts)} "
        f"(n = {words:,} words; descriptive, counts).",
        "Words that share a piece with other characters are left out, not guessed: no state is "
        "theirs alone."
        if "crossed" in reasons
        else "The words without a state are counted, with the reason for each.",
        total / words,
        unit="share of words",
        headline=f"A state was taken of {words - total:,} of {words:,} words",
        data={"words_with_state": words - total},
        test=_DESCRIPTIVE,
    )


def _most(counted: Counter[str], *, quoted: bool = False) -> str:
    named = counted.most_common(3)
    shown = [f"'{name}' {n}" if quoted else f"{name} {n}" for name, n in named]
    rest = "" if quoted or len(counted) <= 3 else f", {len(counted) - 3} more tags"
    return ", ".join(shown) + rest


def _plot(counts: Counts) -> Plot:
    shares = [
        Share(_STATUS_WORDS[status], counts.by_status[status])
        for status in STATUSES
        if status in ("whole", "split") or counts.by_status[status].any()
    ]
    title = "How the words of each tag meet the tokenizer's pieces"
    return Plot(
        "parts_of_speech_words",
        title,
        f"Share of the words of each tag, {counts.total:,} words in all; on the right how many. A "
        "word that a piece crosses shares that piece with other characters and is not measured.",
        "none: counts",
        later(draw_bars, list(counts.tags), shares, Labels(title, "share of the tag's words (%)")),
        unit=f"{counts.total:,} words",
    )


def _columns(counts: Counts) -> Columns:
    return {
        "tag": list(counts.tags),
        "words": counts.words,
        "lemmas": counts.lemmas,
        **{status: counts.by_status[status] for status in STATUSES},
        "measured": counts.measured,
        "share_measured": counts.measured / counts.words,
    }
