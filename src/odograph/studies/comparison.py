"""What is said of several runs seen together; and the curves of runs that share no place."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.drawing import Drawing, later
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_profile, relative
from odograph.folder.alignment import Shared
from odograph.folder.comparison import comparison_card, label, versions_note
from odograph.folder.documents import unit_of_all
from odograph.folder.run import Run
from odograph.folder.samples.model_curves import DepthMeasure
from odograph.folder.samples.own_curves import OwnCurves, own_curves
from odograph.folder.shared_means import SharedMeans
from odograph.sentences.english import capital, counted, several
from odograph.sentences.models import (
    matched_texts,
    matching_words,
    read_in,
    unmatched_words,
)
from odograph.sentences.models_and_twins import TwinsRead
from odograph.sentences.names import name_of_test
from odograph.sentences.nulls import twins_label
from odograph.statistics.intervals import mean_interval
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import FEWEST_PAIRS, by_units
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, null_band
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Plot, StudyResult
from odograph.studies.section import Answer, result_of


def sharing_notes(shared: Shared, means: SharedMeans) -> list[str]:
    """How passages and tokens of the runs were matched, and what of each run was left out."""
    texts = matched_texts(len(means.values[0]), several(shared.passages, shared.unit), shared.drawn)
    shares = ", ".join(
        f"{100 * means.places / max(1, tokens):.0f} % of {label(run, shared.runs)}'s {shared.what}"
        for run, tokens in zip(shared.runs, shared.tokens, strict=True)
    )
    *matched, tested = matching_words(texts, means.places, shares)
    names = [label(run, shared.runs) for run in shared.runs]
    beside = [*means.twins_read(names).notes, versions_note(shared.runs)]
    return [*matched, *filter(None, beside), tested]


def tests_on_card(passages: int, tests: Sequence[str]) -> str:
    """The tests of a comparison as a card names them."""
    if passages < FEWEST_PAIRS:
        return f"none: fewer than {FEWEST_PAIRS} shared texts"
    return "; ".join(name_of_test(by_units(SignificanceTest(test), passages)) for test in tests)


_WHY = "The runs share no place of a text: their curves are shown, nothing is paired or tested."


def describe_unmatched(
    runs: Sequence[Run], measure: DepthMeasure, asked: tuple[str, str], where: str = "true"
) -> StudyResult:
    """The curves of runs on different texts; texts and models differ at once, so none is tested.

    asked: name of the study, and its question.
    """
    study, question = asked
    names = [label(run, runs) for run in runs]
    curves = [own_curves(run, name, measure, where) for run, name in zip(runs, names, strict=True)]
    units = "; ".join(f"{own.name}: {len(own.values)}" for own in curves)
    card = comparison_card(runs, unit=f"texts of each run ({units})", test="none: descriptive")
    seed = runs[0].seed
    defaults = FindingDefaults(
        study,
        n=sum(len(own.values) for own in curves),
        null="none: different texts",
        excluded=sum(own.left_out for own in curves),
        unit=measure.unit,
        unit_of_inference=unit_of_all(run.unit for run in runs),
        scope=read_in("; ".join(own.drawn for own in curves if own.drawn)),
    )
    means = [own.values.mean(axis=1) for own in curves]
    each = [
        (name, float(m.mean()), mean_interval(m, seed=seed), counted(len(m), run.unit))
        for run, name, m in zip(runs, names, means, strict=True)
    ]
    words = unmatched_words(measure.measure, measure.unit, each)
    finding = defaults.finding_of(words, None, data={"means": [mean for _, mean, _, _ in each]})
    twins = TwinsRead({own.name: own.read_by_twins for own in curves}, defaults.unit_of_inference)
    title = f"{capital(measure.measure)}, each run on its own texts"
    plot = Plot(
        f"{study.replace('-', '_')}_models_{measure.name}",
        title,
        f"Means over each run's texts with 95 % intervals (BCa).{twins.bands} Different texts: "
        "nothing is paired or tested.",
        twins.null,
        _drawing(curves, Labels(title, "relative depth", measure.axis), seed),
    )
    answers = [Answer([Claim(finding)], [plot], notes=[_WHY, *twins.notes])]
    return result_of(study, question, answers, card, seed=seed)


def _drawing(found: Sequence[OwnCurves], labels: Labels, seed: int) -> Drawing:
    curves, bands = [], []
    for own in found:
        layers = np.arange(own.blocks + 1)
        curves.append(relative(mean_curve(own.name, layers, own.values, seed), own.blocks))
        if own.twins is not None:
            label = f"{own.name}: {twins_label(len(own.twins))}"
            bands.append(null_band(label, layers / own.blocks, own.twins))
    return later(draw_profile, curves, labels, bands=bands)
