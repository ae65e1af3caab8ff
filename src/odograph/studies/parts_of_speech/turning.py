"""How the tags compare in how far their words turn and step: described, beside their twins."""

from collections.abc import Mapping

import numpy as np

from odograph.figures.dots import DotPanel, draw_dots
from odograph.figures.drawing import later
from odograph.figures.marks import Dot, Labels
from odograph.folder.run_words import twin_null
from odograph.folder.samples.tag_means import TagMean, TagMeans
from odograph.folder.samples.tagged_words import MEASURES, Order
from odograph.sentences.english import capital
from odograph.sentences.nulls import twins_label
from odograph.sentences.parts_of_speech import (
    CONFOUNDED,
    TagTurn,
    TurningTags,
    lemmas_in_random_order,
    turning_words,
)
from odograph.statistics.values import bounds
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.parts_of_speech.matching import means_of
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, by_seed, stacked, tidy

#: Below so many lemmas a tag is not named as the largest or smallest.
_ENOUGH_LEMMAS = 6
_UNITS = {"turned": "degrees", "relative_step": "1", "heading": "degrees"}
_LABELS = {
    "turned": "turned over all blocks (degrees)",
    "relative_step": "step / state before it (geometric mean)",
    "heading": "heading of the step (degrees)",
}


def turning(analysis: Analysis) -> Answer:
    """The measures by tag, where words were measured."""
    means = analysis.once(means_of)
    defaults, null = analysis.defaults_over(means.lemmas, of="lemma"), twin_null(analysis.run)
    claims = [_claim(analysis, means, defaults)]
    rows = [
        _columns(name, mean, means.orders.get(name)) for name in MEASURES for mean in means.of[name]
    ]
    title = "How far words turn and step by tag: means over lemmas"
    tables = [Table("parts_of_speech_measures", title, stacked(rows))] if rows else []
    plots = [_plot(means, null)] if means.of["turned"] else []
    return Answer([c for c in claims if c is not None], plots, tables, _notes(analysis, means))


def _notes(analysis: Analysis, means: TagMeans) -> list[str]:
    run, config = analysis.run, analysis.run.manifest["config"]
    notes = [
        f"Tags: {run.manifest['corpus'].get('tagger') or config['tags']}. Words are matched to "
        "pieces by characters.",
    ]
    if run.manifest["exclusions"]["passages_windowed"]:
        notes.append("A word near the beginning of its window has read little before it.")
    if config["groups"]:
        groups = ", ".join(config["groups"])
        notes.append(
            f"The table has all words of the texts; states were taken of words drawn of the groups "
            f"{groups} only, each read after at most {config['context']} tokens."
        )
    elif config["select"] == "targets":
        notes.append("States were taken of targets and the tokens before them only.")
    if means.drawn.left_out:
        notes.append(f"How far words turn was read in {means.drawn.counted}.")
    if means.orders:
        notes.append(
            "In random order the pieces of a split word are torn apart; its last piece is read "
            "there, too. A word drawn with its context stands anywhere in it."
        )
    notes.append(f"{capital(CONFOUNDED)}.")
    return notes


def _claim(analysis: Analysis, found: TagMeans, defaults: FindingDefaults) -> Claim | None:
    """The tags that turn most and least, with the steps of both, beside their twins; no test.

    Rotation and relative step are nearly one measure: they are one finding, with the heading.
    """
    name, unit = "turned", "degrees"
    means = [mean for mean in found.of[name] if mean.lemmas >= _ENOUGH_LEMMAS]
    if len(means) < 2:
        return None
    explored = None if found.explored is None else found.explored[name]
    least, most = (_turn(found, mean) for mean in _extremes(means, explored))
    tags = TurningTags(
        least,
        most,
        on_half=explored is not None,
        twins={mean.tag: mean.twins for mean in means},
        lemmas=sum(mean.lemmas for mean in means),
        fewest=_ENOUGH_LEMMAS,
        order=_in_order(found.orders.get(name), means, analysis.run.seed),
        drawn=found.drawn.sentence,
    )
    finding = defaults.finding_of(
        turning_words(tags),
        most.turned - least.turned,
        unit=unit,
        n=tags.lemmas,
        excluded=found.sinks,
        show={"measure": name},
        data={"most": most.turned, "least": least.turned},
    )
    return Claim(finding)


def _extremes(
    means: list[TagMean], explored: Mapping[str, float] | None
) -> tuple[TagMean, TagMean]:
    """The tags with the smallest and the largest mean; of a halved run, on its first half."""
    known = [mean for mean in means if explored is None or mean.tag in explored] or means

    def by(mean: TagMean) -> float:
        return mean.mean if explored is None else explored.get(mean.tag, mean.mean)

    return min(known, key=by), max(known, key=by)


def _turn(found: TagMeans, turned: TagMean) -> TagTurn:
    """How a tag turns and steps."""
    step, heading = (
        next(mean.mean for mean in found.of[name] if mean.tag == turned.tag)
        for name in ("relative_step", "heading")
    )
    return TagTurn(turned.tag, turned.mean, turned.interval, step, heading)


def _in_order(order: Order | None, means: list[TagMean], seed: int) -> str:
    """The same lemmas in random order, over all tags that are told."""
    if order is None:
        return ""
    shown = np.isin(order.tags, [mean.tag for mean in means])
    own, orders = order.own[shown], order.orders[:, shown]
    return lemmas_in_random_order(own, orders, seed) if shown.any() else ""


def _plot(means: TagMeans, null: str) -> Plot:
    panels = [
        DotPanel(
            _LABELS[name],
            [Dot(mean.mean, *bounds(mean.interval)) for mean in found],
            [_twin(mean) for mean in found if len(mean.twins)],
        )
        for name, found in means.of.items()
    ]
    title = "How far words turn and step, by tag"
    rows = [f"{mean.tag} ({mean.lemmas})" for mean in means.of["turned"]]
    return Plot(
        "parts_of_speech_turned",
        title,
        "Mean over lemmas (their number in brackets) with its 95 % interval (BCa; none below 6 "
        "lemmas), read at a word's last piece. Descriptive: tags also differ in position, "
        f"length and frequency, and no test is made between them.{means.drawn.sentence}",
        null,
        later(draw_dots, rows, panels, Labels(title, ""), null=_twin_label(means)),
    )


def _twin_label(means: TagMeans) -> str:
    return twins_label(len(means.of["turned"][0].twins), "mean, range of ")


def _twin(mean: TagMean) -> Dot:
    return Dot(float(mean.twins.mean()), float(mean.twins.min()), float(mean.twins.max()))


def _columns(measure: str, mean: TagMean, order: Order | None) -> Columns:
    """One row; a tag's lemmas without a usable word have no part in its mean."""
    low, high = bounds(mean.interval)
    columns = {
        "measure": [measure],
        "tag": [mean.tag],
        "words": [mean.words],
        "mean": [mean.mean],
        "low": [low],
        "high": [high],
        **by_seed("untrained", mean.twins[:, None]),
        **_order_columns(mean.tag, order),
    }
    return tidy(
        columns,
        n=mean.lemmas,
        excluded=mean.left_out,
        unit=_UNITS[measure],
        unit_of_inference="lemma",
    )


def _order_columns(tag: str, order: Order | None) -> Columns:
    """The mean over the same lemmas in each random order; NaN for a tag that has none there."""
    if order is None:
        return {}
    own = np.array([one == tag for one in order.tags])
    means = order.orders[:, own].mean(axis=1) if own.any() else np.full(len(order.orders), np.nan)
    return by_seed("shuffled", means[:, None])
