"""What is said of several runs seen together; and the curves of runs that share no place."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, draw_profile, relative
from odograph.folder.alignment import Shared
from odograph.folder.comparison import comparison_card, label, versions_note
from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.samples.model_curves import DepthMeasure
from odograph.folder.selection import Floats, profile_means, twin_profiles
from odograph.folder.shared_means import SharedMeans
from odograph.sentences.english import capital, counted, several
from odograph.sentences.models import (
    matched_texts,
    matching_words,
    twins_read_words,
    unmatched_words,
)
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
    beside = [twins_read_words(means.read_by_twins), versions_note(shared.runs)]
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
    profiles = [_profiles(run, measure, where) for run in runs]
    units = "; ".join(f"{name}: {len(p)}" for name, p in zip(names, profiles, strict=True))
    card = comparison_card(runs, unit=f"texts of each run ({units})", test="none: descriptive")
    seed = runs[0].seed
    defaults = FindingDefaults(study, n=sum(map(len, profiles)), null="none: different texts")
    means = [values.mean(axis=1) for values in profiles]
    each = [
        (name, float(m.mean()), mean_interval(m, seed=seed), counted(len(m), run.unit))
        for run, name, m in zip(runs, names, means, strict=True)
    ]
    finding = defaults.finding_of(
        unmatched_words(measure.measure, measure.unit, each),
        None,
        unit=measure.unit,
    )
    plot = _plot(runs, names, profiles, measure, study, where)
    answers = [Answer([Claim(finding)], [plot], notes=[_WHY])]
    return result_of(study, question, answers, card, seed=seed)


def _profiles(run: Run, measure: DepthMeasure, where: str) -> Floats:
    means = profile_means(run, measure.expression, where, measure.from_layer)
    return measure.from_state_zero(require_rows(means.values, "token"))


def _plot(
    runs: Sequence[Run],
    names: Sequence[str],
    profiles: Sequence[Floats],
    measure: DepthMeasure,
    study: str,
    where: str,
) -> Plot:
    seed = runs[0].seed
    curves = [
        relative(mean_curve(name, np.arange(values.shape[1]), values, seed), run.blocks)
        for run, name, values in zip(runs, names, profiles, strict=True)
    ]
    bands = [
        band
        for run, name in zip(runs, names, strict=True)
        for band in _bands(run, name, measure, where)
    ]
    title = f"{capital(measure.measure)}, each run on its own texts"
    return Plot(
        f"{study.replace('-', '_')}_models_{measure.name}",
        title,
        "Means over each run's texts with 95 % intervals (BCa). Different texts: nothing is "
        "paired or tested.",
        "each model's untrained twins" if bands else "no untrained twin was measured",
        later(draw_profile, curves, Labels(title, "relative depth", measure.axis), bands=bands),
    )


def _bands(run: Run, name: str, measure: DepthMeasure, where: str) -> list[Band]:
    twins = twin_profiles(run, measure.expression, where, measure.from_layer)
    if twins is None:
        return []
    label = f"{name}: {twins_label(len(twins))}"
    depths = np.arange(run.blocks + 1) / run.blocks
    return [null_band(label, depths, measure.from_state_zero(twins))]
