"""Whether models differ in one number a passage: one family of paired tests, and a figure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from odograph.figures.comparison import draw_model_differences
from odograph.figures.drawing import later
from odograph.figures.marks import Dot, Labels
from odograph.folder.shared_means import SharedMeans
from odograph.sentences.english import capital
from odograph.sentences.models import PLACES
from odograph.sentences.models_and_twins import beside_models
from odograph.sentences.names import NO_PASSAGE_DIFFERENCE, name_of_interval
from odograph.sentences.record import Finding
from odograph.statistics.circular_blocks import BLOCK_INTERVAL, block_mean_intervals
from odograph.statistics.designs.models import MAX_T_PAIRS, family_size, paired_values
from odograph.statistics.intervals import interval_of
from odograph.statistics.inversion import inverted_interval
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.leave_one_out import max_t_without
from odograph.statistics.permutation import by_units, cohens_d_z
from odograph.statistics.values import (
    Comparison,
    Estimate,
    Interval,
    IntervalMethod,
    PValue,
    bounds,
)
from odograph.studies.claim import Claim
from odograph.studies.model_runner import ModelAnalysis, ModelSection
from odograph.studies.result import Plot
from odograph.studies.section import Answer

TOO_FEW = "none: too few texts, or no spread"


@dataclass(frozen=True, eq=False)
class ModelValues:
    """One number a passage for each model: [passages] of the same passages.

    Attributes:
        measure: in a sentence.
        unit: of the values.
        means: of each model, the first one the reference, and of their untrained twins.
        left_out: of a single passage, the first model's tokens (targets, where these are compared)
            at no such place.
    """

    measure: str
    unit: str
    means: SharedMeans
    left_out: int


def totals(read: Callable[[ModelAnalysis], ModelValues | None], name: str) -> ModelSection:
    """The difference of each model and the first in one number a passage.

    read: gives the numbers; None where some run has not got them. name: of the figure.
    """

    def section(analysis: ModelAnalysis) -> Answer:
        values = read(analysis)
        if values is None:
            return Answer()
        plot = _plot(f"{analysis.prefix}_{name}", values, analysis.names, analysis.seed)
        return Answer(_claims(analysis, values), [plot])

    return section


def _claims(analysis: ModelAnalysis, values: ModelValues) -> list[Claim]:
    """One for each model but the first, of one family of tests."""
    first, *others = values.means.values
    differences, names = np.stack([each - first for each in others], axis=1), analysis.names
    p, family = paired_values(differences, seed=analysis.seed), family_size(differences)
    made = [
        _finding(analysis, values, model, (float(own), family))
        for model, own in zip(range(1, len(names)), p, strict=True)
    ]
    return [
        Claim(one, partial(max_t_without, differences, k, seed=analysis.seed), values.means.names)
        for k, one in enumerate(made)
    ]


def _finding(
    analysis: ModelAnalysis, values: ModelValues, model: int, tested_as: tuple[float, int]
) -> Finding:
    defaults, names = analysis.defaults, (analysis.names[model], analysis.names[0])
    p, family = tested_as
    means = values.means
    apart = means.values[model] - means.values[0]
    excluded = values.left_out if means.tokens else defaults.excluded
    estimate = replace(value_difference(values, model, analysis.seed), excluded=excluded)
    same = not apart.any()
    known = bool(np.isfinite(p)) and not same
    why = TOO_FEW
    if same or means.tokens:
        why = SignificanceTest.NONE_NO_DIFFERENCE if same else SignificanceTest.NONE_ONE_TEXT
    tested = PValue(
        by_units(MAX_T_PAIRS, len(apart)) if known else why,
        p if known else None,
        family,
        "comparisons",
        d_z=cohens_d_z(apart) if known else None,
    )
    compared = Comparison(values.measure, *names, PLACES, estimate, tested, NO_PASSAGE_DIFFERENCE)
    twins = means.twins_of_two(model)
    return defaults.comparison(compared, beside_models(names, twins, values.unit))


def value_difference(values: ModelValues, model: int, seed: int) -> Estimate:
    """A model minus the first: mean over passages; in one text over its places, descriptive."""
    difference = values.means.values[model] - values.means.values[0]
    if of_places := values.means.tokens:
        tokens = of_places[model] - of_places[0]
        low, high, length = block_mean_intervals(tokens, seed=seed)
        how = IntervalMethod(BLOCK_INTERVAL, len(tokens) // max(1, length))
        interval = interval_of(low[0], high[0], how)
        if interval is not None:
            interval = replace(interval, method=f"{name_of_interval(how)}, one text")
        return Estimate(float(difference.mean()), values.unit, len(tokens), "token", interval)
    interval = inverted_interval(difference, seed=seed)
    unit = values.means.unit
    return Estimate(float(difference.mean()), values.unit, len(difference), unit, interval)


def _plot(name: str, values: ModelValues, models: Sequence[str], seed: int) -> Plot:
    """The difference of each model and the first in one number, a row each."""
    title = f"{capital(values.measure)}: difference from {models[0]}"
    axis = "difference" if values.unit == "1" else f"difference ({values.unit})"
    found = [value_difference(values, model, seed) for model in range(1, len(models))]
    rows = {
        (model, models[0]): (each.value, each.interval)
        for model, each in zip(models[1:], found, strict=True)
    }
    caption = "Mean paired difference, with its 95 % interval."
    return differences_plot(name, Labels(title, axis), caption, rows)


def differences_plot(
    name: str,
    labels: Labels,
    caption: str,
    rows: Mapping[tuple[str, str], tuple[float, Interval | None]],
) -> Plot:
    """A row for each two models: how far the first is from the second, with its interval."""
    dots = [
        (f"{first} \u2212 {second}", Dot(value, *bounds(interval)))
        for (first, second), (value, interval) in rows.items()
    ]
    drawing = later(draw_model_differences, dots, labels)
    return Plot(name, labels.title, caption, "0: no difference between the models", drawing)
