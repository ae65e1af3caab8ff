"""In which relative depths a measure differs between models: curves and the largest difference."""

from dataclasses import replace
from functools import partial

import numpy as np

from odograph.figures.difference import draw_difference
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, draw_profile
from odograph.folder.samples.model_curves import ModelCurves
from odograph.sentences.english import capital
from odograph.sentences.models import (
    cluster_depths,
    depth_p,
    depth_words,
    largest_cluster,
    model_curves_words,
    same_everywhere,
    why_this_depth,
)
from odograph.sentences.names import NO_PASSAGE_DIFFERENCE
from odograph.sentences.nulls import twins_words
from odograph.statistics.designs.models import MAX_T_DEPTHS
from odograph.statistics.intervals import mean_interval, mean_intervals
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.leave_one_out import Without, cluster_without, max_t_without
from odograph.statistics.permutation import by_units
from odograph.statistics.values import Comparison
from odograph.studies.claim import Claim
from odograph.studies.curves import difference_drawn, null_band
from odograph.studies.defaults import FindingDefaults
from odograph.studies.model_runner import ModelAnalysis, ModelSection
from odograph.studies.questions.totals import TOO_FEW
from odograph.studies.result import Plot, Table
from odograph.studies.section import Answer
from odograph.studies.tidy import Columns, stacked, tidy

_WHOLES = (
    "The test by clusters speaks for curves as wholes: at which depth a difference begins is not "
    "tested."
)
_DEPTH = "relative depth (state / number of blocks)"
#: Columns of a paired profile that the table of depths has.
_OF_PAIRS = (
    *("difference", "low", "high", "d_z", "d_z_low", "d_z_high"),
    *("t", "p_paired", "p_max_t", "cluster", "p_cluster"),
)


def depths(title: str) -> ModelSection:
    """For each pair of models the claim about whole curves, and about the depth that differs most.

    title: of the table.
    """

    def section(analysis: ModelAnalysis) -> Answer:
        curves, defaults = analysis.curves, analysis.defaults
        claims: list[Claim] = []
        for index in range(len(curves.profiles)):
            claims.append(_whole_curves(defaults, curves, index))
            claims += _largest(defaults, curves, index)
        name = f"{analysis.prefix}_{curves.measure.name}"
        tables = [Table(f"{analysis.prefix}_depths", title, _columns(curves))]
        return Answer(
            claims,
            [_models_plot(curves, name), *_difference_plots(curves, f"{name}_difference")],
            tables if curves.profiles else [],
            [_WHOLES] if curves.profiles else [],
        )

    return section


def _whole_curves(defaults: FindingDefaults, curves: ModelCurves, index: int) -> Claim:
    profile, pair = curves.profiles[index], curves.pairs[index]
    best = largest_cluster(profile)
    p = None if best is None else best.p
    over, unit = curves.differences[index].mean(axis=1), curves.measure.unit
    interval = mean_interval(over, seed=curves.seed)
    mean = replace(defaults, unit=unit).estimate(over.mean(), interval, profile.n)
    made = defaults.finding_of(
        model_curves_words(profile, pair, mean),
        mean.value,
        interval,
        estimate_of="mean difference over depths",
        unit="mean over depths" if unit == "1" else f"{unit}, mean over depths",
        n=profile.n,
        excluded=profile.excluded,
        test=cluster_depths(profile)
        if profile.family
        else SignificanceTest.NONE_NO_DIFFERENCE
        if same_everywhere(profile)
        else TOO_FEW,
        family=f"{profile.family} comparisons ({pair.family})" if profile.family else "none",
        p=p,
        p_adjusted=p,
    )
    return Claim(made, partial(_without, curves, index), curves.means.names)


def _without(curves: ModelCurves, index: int) -> Without:
    """The cluster test of one pair of models without each passage, with the curves of all pairs."""
    each = curves.differences
    width = each[0].shape[1]
    # A column without spread is in no cluster: between two pairs it keeps them apart.
    gap = np.zeros((len(each[0]), 1))
    columns = np.hstack([part for own in each for part in (own, gap)])
    start = index * (width + 1)
    return cluster_without(columns, seed=curves.seed, inside=(start, start + width - 1))


def _largest(defaults: FindingDefaults, curves: ModelCurves, index: int) -> list[Claim]:
    """The depth with the largest standardised difference; nothing where none was tested."""
    profile, pair = curves.profiles[index], curves.pairs[index]
    tested = profile.family and np.isfinite(profile.p_max_t).any()
    if not tested or not np.isfinite(profile.d_z).any():
        return []
    at = int(np.nanargmax(np.abs(profile.d_z)))
    value, interval = profile.difference[at], profile.simultaneous(at)
    defaults = replace(defaults, unit=curves.measure.unit)
    estimate = defaults.estimate(value, interval, profile.n, profile.excluded)
    compared = Comparison(
        curves.measure.measure,
        *pair.names,
        depth_words(float(curves.depths[at])),
        estimate,
        depth_p(profile, at, pair),
        NO_PASSAGE_DIFFERENCE,
    )
    more = why_this_depth(int(profile.found.sum()), len(curves.depths))
    columns = np.hstack(curves.differences)
    column = index * len(curves.depths) + at
    without = partial(max_t_without, columns, column, seed=curves.seed)
    return [Claim(defaults.comparison(compared, more), without, curves.means.names)]


def _models_plot(curves: ModelCurves, name: str) -> Plot:
    """The curves of all models over relative depth, over the bands of their untrained twins."""
    drawn = [_curve(curves, model) for model in range(len(curves.names))]
    bands = [one for model in range(len(curves.names)) for one in _band(curves, model)]
    title = f"{capital(curves.measure.measure)} by relative depth"
    twins = curves.means.twins_read(curves.names)
    return Plot(
        name,
        title,
        f"Means over {curves.sample} at the {curves.means.places:,} places that all the "
        f"models share, with 95 % intervals (BCa).{twins.bands}",
        twins.null,
        later(draw_profile, drawn, Labels(title, _DEPTH, curves.measure.axis), bands=bands),
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
    label = f"{curves.names[model]}: {twins_words(len(twins)).removeprefix('the ')}"
    return [null_band(label, depths, twins)]


def _difference_plots(curves: ModelCurves, name: str) -> list[Plot]:
    """The difference of each model and the first over relative depth, with its tests."""
    several = len(curves.profiles) > 1
    return [_difference_plot(curves, index, name, several) for index in range(len(curves.profiles))]


def _difference_plot(curves: ModelCurves, index: int, name: str, several: bool) -> Plot:
    profile, pair, depths = curves.profiles[index], curves.pairs[index], curves.depths
    title = f"{capital(curves.measure.measure)}: {pair.names[0]} minus {pair.names[1]}"
    drawn = replace(difference_drawn(profile, curves.sample, depths), along="depth")
    tests = "Not tested."
    if profile.family:
        tests = (
            "Filled: p < .05 after max-T; bars: clusters with their p, whose edges are not tested; "
            f"family: {profile.family} comparisons ({pair.family})."
        )
    return Plot(
        f"{name}_{index + 1}" if several else name,
        title,
        "Mean paired difference, at the same places of the text, with its 95 % interval "
        f"(BCa). {tests} Between the states of a deeper model its curve is linear.",
        NO_PASSAGE_DIFFERENCE,
        later(draw_difference, drawn, Labels(title, _DEPTH, _axis(curves.measure.unit))),
    )


def _axis(unit: str) -> str:
    return "difference" if unit == "1" else f"difference ({unit})"


def _columns(curves: ModelCurves) -> Columns:
    """One row a pair of models and relative depth: both means, difference, interval, tests."""
    parts = []
    for profile, pair in zip(curves.profiles, curves.pairs, strict=True):
        own = profile.table()
        rows = len(curves.depths)
        columns: Columns = {
            "model": np.full(rows, pair.names[0]),
            "reference": np.full(rows, pair.names[1]),
            "depth": curves.depths,
            "mean_model": own["mean_target"],
            "mean_reference": own["mean_control"],
        }
        parts.append(
            tidy(
                columns | {name: own[name] for name in _OF_PAIRS},
                n=profile.n,
                excluded=profile.excluded,
                unit=curves.measure.unit,
                test=by_units(MAX_T_DEPTHS, profile.n) if profile.family else "none: too few texts",
                family=profile.family,
            )
        )
    return stacked(parts)
