"""The pictures of several models: curves over relative depth, and their differences."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.comparison import draw_model_differences
from odograph.figures.difference import Cluster, Difference, draw_difference
from odograph.figures.drawing import later
from odograph.figures.marks import Dot, Labels
from odograph.figures.profile import Band, Curve, draw_profile
from odograph.statistics.intervals import band, mean_intervals
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Estimate
from odograph.studies.model_curves import ModelCurves
from odograph.studies.model_findings import NO_MODEL_DIFFERENCE, ModelValues, value_difference
from odograph.studies.phrases import capital, twins_words
from odograph.studies.result import Plot

_DEPTH = "relative depth (state / number of blocks)"


def models_plot(curves: ModelCurves, study: str) -> Plot:
    """The curves of all models over relative depth, over the bands of their untrained twins."""
    drawn = [_curve(curves, model) for model in range(len(curves.names))]
    bands = [one for model in range(len(curves.names)) for one in _band(curves, model)]
    title = f"{capital(curves.along.measure)} by relative depth"
    without = [n for n, t in zip(curves.names, curves.means.twins, strict=True) if t is None]
    null = "each model's untrained twins" if bands else "no untrained twin was measured"
    if bands and without:
        null += f"; none of {', '.join(without)}"
    return Plot(
        f"{study}_models_{curves.along.name}",
        title,
        f"Means over {curves.sample} at the {curves.means.places} places that all the "
        "models share, with 95 % intervals (BCa). Grey: each model's untrained twins, 5 to 95 % "
        "with the mean as a thin line.",
        null,
        later(draw_profile, drawn, Labels(title, _DEPTH, curves.along.axis), bands=bands),
    )


def _curve(curves: ModelCurves, model: int) -> Curve:
    depths, values = curves.states(model)
    low, high = mean_intervals(values, seed=curves.seed)
    # Where all passages agree (0 at the first state) the interval is the value.
    mean = values.mean(axis=0)
    flat = np.isnan(low) & (np.ptp(values, axis=0) == 0) & (len(values) > 1)
    low, high = np.where(flat, mean, low), np.where(flat, mean, high)
    return Curve(curves.names[model], depths, mean, low, high)


def _band(curves: ModelCurves, model: int) -> list[Band]:
    twins = curves.twin_states(model)
    if twins is None:
        return []
    depths, _ = curves.states(model)
    low, high = band(twins.reshape(-1, twins.shape[-1]))
    label = f"{curves.names[model]}: {twins_words(len(twins)).removeprefix('the ')}"
    return [Band(label, depths, low, high, np.asarray(twins.mean(axis=(0, 1))))]


def difference_plots(curves: ModelCurves, study: str) -> list[Plot]:
    """The difference of each model and the first over relative depth, with its tests."""
    several = len(curves.profiles) > 1
    return [
        _difference_plot(curves, index, f"{study}_models_{curves.along.name}_difference", several)
        for index in range(len(curves.profiles))
    ]


def _difference_plot(curves: ModelCurves, index: int, name: str, several: bool) -> Plot:
    profile, pair, depths = curves.profiles[index], curves.pairs[index], curves.depths
    title = f"{capital(curves.along.measure)}: {pair.names[0]} minus {pair.names[1]}"
    drawn = Difference(
        layers=depths,
        mean=profile.difference,
        low=profile.low,
        high=profile.high,
        n=curves.sample,
        significant=np.nan_to_num(profile.p_max_t, nan=1.0) < ALPHA if profile.family else None,
        clusters=[
            Cluster(depths[c.first_layer - 1], depths[c.last_layer - 1], c.p)
            for c in profile.clusters
        ],
        along="depth",
    )
    tests = "Not tested."
    if profile.family:
        tests = (
            "Filled: p < .05 after max-T; bars: clusters with their p, whose edges are not tested; "
            f"family: {profile.family} comparisons ({pair.family})."
        )
    return Plot(
        f"{name}_{index + 1}" if several else name,
        title,
        "Mean difference paired by passage, at the same places of the text, with its 95 % interval "
        f"(BCa). {tests} Between the states of a deeper model its curve is linear.",
        NO_MODEL_DIFFERENCE,
        later(draw_difference, drawn, Labels(title, _DEPTH, _axis(curves.along.unit))),
    )


def _axis(unit: str) -> str:
    return "difference" if unit == "1" else f"difference ({unit})"


def values_plot(name: str, given: ModelValues, models: Sequence[str], seed: int) -> Plot:
    """The difference of each model and the first in one number, a row each."""
    title = f"{capital(given.measure)}: difference from {models[0]}"
    rows = [
        (f"{models[model]} \u2212 {models[0]}", _dot(value_difference(given, model, seed)))
        for model in range(1, len(models))
    ]
    return Plot(
        name,
        title,
        "Mean difference paired by passage, with its 95 % interval.",
        "0: no difference between the models",
        later(draw_model_differences, rows, Labels(title, _axis(given.unit))),
    )


def _dot(estimate: Estimate) -> Dot:
    if estimate.interval is None:
        return Dot(estimate.value)
    return Dot(estimate.value, estimate.interval.low, estimate.interval.high)
