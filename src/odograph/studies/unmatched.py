"""Runs that have no place in common: their curves beside each other, described and never tested."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, draw_profile, relative
from odograph.folder.run import Run
from odograph.sentences.templates import counted, interval_words, number
from odograph.statistics.intervals import mean_interval
from odograph.studies.comparison import comparison_card, label
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.defaults import FindingDefaults
from odograph.studies.model_curves import DepthMeasure
from odograph.studies.phrases import capital
from odograph.studies.result import Plot, StudyResult
from odograph.studies.selection import Floats, profile_means, require_rows, twin_profiles

if TYPE_CHECKING:
    from odograph.studies.study import Study

_WHY = "The runs share no place of a text: their curves are shown, nothing is paired or tested."


def describe_unmatched(
    runs: Sequence[Run], measure: DepthMeasure, study: "Study", where: str = "true"
) -> StudyResult:
    """The curves of runs on different texts; texts and models differ at once, so none is tested."""
    names = [label(run, runs) for run in runs]
    profiles = [_profiles(run, measure, where) for run in runs]
    units = "; ".join(f"{name}: {len(p)}" for name, p in zip(names, profiles, strict=True))
    card = comparison_card(runs, unit=f"passages of each run ({units})", test="none: descriptive")
    seed = runs[0].seed
    defaults = FindingDefaults(
        study.name, card, n=sum(map(len, profiles)), null="none: different texts"
    )
    said = []
    for name, values in zip(names, profiles, strict=True):
        middle = values.mean(axis=1)
        interval = interval_words(mean_interval(middle, seed=seed), measure.unit)
        said.append(
            f"{name} {number(middle.mean())} ({interval}; {counted(len(values), 'passage', 0)})"
        )
    finding = defaults.finding(
        f"Mean over layers of the {measure.measure} (unit: {measure.unit}), each run on its own "
        f"texts: {'; '.join(said)}; descriptive, no test: the runs share no place of a text.",
        "The runs are of different texts, so a difference between them may be one of the texts.",
        None,
        unit=measure.unit,
    )
    return StudyResult(
        study.name,
        study.question,
        [finding],
        [_plot(runs, names, profiles, measure, study.name, where)],
        [],
        card,
        [_WHY],
    )


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
        "Means over each run's passages with 95 % intervals (BCa). Different texts: nothing is "
        "paired or tested.",
        "each model's untrained twins" if bands else "no untrained twin was measured",
        later(draw_profile, curves, Labels(title, "relative depth", measure.axis), bands=bands),
    )


def _bands(run: Run, name: str, measure: DepthMeasure, where: str) -> list[Band]:
    twins = twin_profiles(run, measure.expression, where, measure.from_layer)
    states = np.arange(run.blocks + 1)
    given = None if twins is None else measure.from_state_zero(twins)
    return [
        Band(f"{name}: {band.label}", states / run.blocks, band.low, band.high, band.mean)
        for band in twin_bands(given, states)
    ]
