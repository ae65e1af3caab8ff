"""Which words have pieces of their own, which are split, and which have no state at all."""

from collections import Counter, defaultdict
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
from odograph.sentences.parts_of_speech import (
    SplitTag,
    least_and_most_split,
    split_words,
    stateless_words,
    tags_matched_words,
)
from odograph.sentences.record import Finding
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns

#: Below so many words a tag is not named as the one that is split most or least.
_ENOUGH_WORDS = 20
_DESCRIPTIVE = "none: descriptive, counts"
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
    by_status = {name: int(values.sum()) for name, values in counts.by_status.items()}
    matched = int(counts.matched.sum())
    return defaults.finding_of(
        tags_matched_words(by_status, len(counts.tags), int(counts.measured.sum())),
        matched / counts.total,
        unit="share of words",
        excluded=counts.total - matched,
        test=_DESCRIPTIVE,
    )


def _splitting(counts: Counts, defaults: FindingDefaults) -> Finding | None:
    """Which tags are split most and least."""
    rows = zip(counts.tags, counts.by_status["split"], counts.matched, strict=True)
    tags = [SplitTag(tag, int(split), int(n)) for tag, split, n in rows if n >= _ENOUGH_WORDS]
    if len(tags) < 2:
        return None
    least, most = least_and_most_split(tags)
    if most.share == least.share:
        return None
    n = sum(tag.matched for tag in tags)
    return defaults.finding_of(
        split_words(tags, _ENOUGH_WORDS),
        most.share - least.share,
        unit="difference of shares",
        n=n,
        excluded=counts.total - n,
        test=_DESCRIPTIVE,
    )


def _without_state(
    unmatched: Sequence[Unmatched], words: int, defaults: FindingDefaults
) -> Finding:
    tags: dict[str, Counter[str]] = defaultdict(Counter)
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for each in unmatched:
        tags[each.why][each.tag] += each.count
        forms[each.why][each.text.lower()] += each.count
    by_count = sorted(tags, key=lambda why: -tags[why].total())
    lost = sum(each.count for each in unmatched)
    return defaults.finding_of(
        stateless_words([(why, tags[why], forms[why]) for why in by_count], words),
        lost / words,
        unit="share of words",
        data={"words_with_state": words - lost},
        test=_DESCRIPTIVE,
    )


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
