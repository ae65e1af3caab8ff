"""The pictures of the parts of speech."""

from collections.abc import Sequence

from odograph.corpus.matching import STATUSES
from odograph.figures.bars import Share, draw_bars
from odograph.figures.dots import DotPanel, draw_dots
from odograph.figures.drawing import later
from odograph.figures.marks import Dot, Labels
from odograph.studies.parts_of_speech.measured import Measured, TagMean
from odograph.studies.phrases import twin_null
from odograph.studies.result import Plot

LABELS = {
    "turned": "turned over all blocks (degrees)",
    "relative_step": "step / state before it (geometric mean)",
}
_STATUS_WORDS = {
    "whole": "one whole piece",
    "split": "split into pieces",
    "crossed": "crossed by a piece",
    "uncovered": "not covered",
    "cut": "cut off",
}


def plots(measured: Measured) -> list[Plot]:
    """The counts, and the measures by tag where words were measured."""
    return [_counts(measured), *_means(measured)]


def _counts(measured: Measured) -> Plot:
    counts = measured.counts
    shares = [
        Share(_STATUS_WORDS[status], counts.by_status[status])
        for status in STATUSES
        if status in ("whole", "split") or counts.by_status[status].any()
    ]
    title = "How the words of each tag meet the tokenizer's pieces"
    return Plot(
        "parts_of_speech_words",
        title,
        f"Share of the words of each tag, {measured.total} words in all; on the right how many. A "
        "word that a piece crosses shares that piece with other characters and is not measured.",
        "none: counts",
        later(draw_bars, list(counts.tags), shares, Labels(title, "share of the tag's words (%)")),
        unit=f"{measured.total} words",
    )


def _means(measured: Measured) -> list[Plot]:
    first = next(iter(measured.means.values()))
    if not first:
        return []
    panels = [
        DotPanel(
            LABELS[name],
            [_dot(mean) for mean in means],
            [_twin(mean) for mean in means if len(mean.twins)],
        )
        for name, means in measured.means.items()
    ]
    title = "How far words turn and step, by tag"
    rows = [f"{mean.tag} ({mean.lemmas})" for mean in first]
    return [
        Plot(
            "parts_of_speech_turned",
            title,
            "Mean over lemmas (their number in brackets) with its 95 % interval (BCa; none below 6 "
            "lemmas), read at a word's last piece. Descriptive: tags also differ in position, "
            "length and frequency, and no test is made between them.",
            twin_null(measured.run),
            later(draw_dots, rows, panels, Labels(title, ""), null=_twin_label(first)),
        )
    ]


def _twin_label(means: Sequence[TagMean]) -> str:
    seeds = len(means[0].twins)
    return "untrained twin (1 seed)" if seeds == 1 else f"untrained twins (mean, range of {seeds})"


def _dot(mean: TagMean) -> Dot:
    if mean.interval is None:
        return Dot(mean.mean)
    return Dot(mean.mean, mean.interval.low, mean.interval.high)


def _twin(mean: TagMean) -> Dot:
    return Dot(float(mean.twins.mean()), float(mean.twins.min()), float(mean.twins.max()))
