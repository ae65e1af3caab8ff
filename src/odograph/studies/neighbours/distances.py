"""Tokens that are no neighbours: of different passages, and 2, 4 and 8 apart; and the bend.

The bend is how sharply the way from token to token bends inside a layer.
"""

from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Reference, draw_profile
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.baseline import (
    Baseline,
    apart_from_twins_baseline,
    interval_against,
    read_baseline,
)
from odograph.folder.samples.neighbours import BEND, Lags, apart_in_twins, beside, read_lags
from odograph.folder.samples.nulls import random_order_columns, random_order_null
from odograph.folder.selection import Floats, Means, profile_means, twin_profiles
from odograph.measures import DEGREES
from odograph.sentences.english import counted, several
from odograph.sentences.evidence import over_units
from odograph.sentences.names import NO_DIFFERENCE
from odograph.sentences.neighbours import (
    INDEPENDENT_BEND,
    OtherTexts,
    bend_words,
    beside_other_texts,
    farther_tokens,
)
from odograph.statistics.intervals import mean_interval, mean_intervals
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.claim import Claim, twin_values
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.defaults import tested_as
from odograph.studies.neighbours.pairs import ANGLE_AXIS, NEIGHBOURS
from odograph.studies.neighbours.positions import position_zero_note
from odograph.studies.questions.level import LevelNulls, usual_nulls
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Sample
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import single_estimate, single_test
from odograph.studies.tidy import (
    Columns,
    mean_columns,
    profile_columns,
    seed_columns,
    stacked,
    tidy,
)

_MISSING = "The null 'same-layer' is not there: it needs drawn pairs of two texts."


def level_nulls(analysis: Analysis, sample: Sample) -> LevelNulls:
    """The usual ones, and tokens of different passages."""
    usual = usual_nulls(analysis, sample)
    words = [_baseline_words(analysis), *random_order_null(sample.nulls.shuffled)]
    bands = [*usual.bands, *_baseline_bands(analysis)]
    return LevelNulls(bands, words, [position_zero_note(analysis.run)])


def _baseline_bands(analysis: Analysis) -> list[Band]:
    """The drawn pairs as a figure shows them; nothing without."""
    found = analysis.read(read_baseline)
    if found is None:
        return []
    states = np.arange(len(found.mean))
    return [Band("same layer, another text", states, found.low, found.high, found.mean)]


def _baseline_words(analysis: Analysis) -> str:
    """The untrained twins and the baseline in words."""
    found, twins = analysis.read(read_baseline), twin_null(analysis.run)
    if found is None:
        return twins
    return f"{twins}; same layer, another text: {found.drawn:,} drawn pairs a layer"


def different_passages(analysis: Analysis) -> Answer:
    """How much closer neighbours stand than tokens of different passages."""
    sample, baseline = analysis.sample(NEIGHBOURS), analysis.read(read_baseline)
    title = "Angle between neighbours by layer (degrees)"
    tables = [Table("neighbours_profile", title, _profile_columns(sample, baseline))]
    if baseline is None:
        return Answer(tables=tables, notes=[_MISSING])
    return Answer([_against_baseline(analysis, sample, baseline)], tables=tables)


def _against_baseline(analysis: Analysis, sample: Sample, found: Baseline) -> Claim:
    """Neighbours against tokens of different passages in the same layer."""
    every, seed = sample.everything, analysis.run.seed
    mean = every.values.mean(axis=1)
    _, high = mean_intervals(every.values, seed=seed)
    others = OtherTexts(
        float(mean.mean()),
        float(found.mean.mean()),
        float((mean - float(found.mean.mean())).mean()),
        interval_against(every, mean, found, seed),
        found.drawn,
        (int((high < found.mean).sum()), len(found.mean)) if np.isfinite(high).any() else None,
        apart_from_twins_baseline(analysis.run),
    )
    finding = analysis.defaults(sample).finding_of(
        beside_other_texts(others, counted(len(mean), analysis.run.unit)),
        others.difference,
        others.interval,
        n=len(mean),
        excluded=every.excluded,
        null="same layer, another text",
        estimate_of="difference",
        data={"neighbours": others.neighbours, "different_texts": others.others},
        null_values=twin_values(others.twins),
    )
    return Claim(finding)


def _profile_columns(sample: Sample, baseline: Baseline | None) -> Columns:
    """One row a layer: every curve and null."""
    columns: Columns = {"layer": sample.layers}
    columns |= mean_columns(sample.everything.values, sample.run.seed, "mean_all_pairs")
    if sample.groups is not None:
        columns["mean_target"] = sample.groups.pairs.target.mean(axis=0)
        columns["mean_other_pairs"] = sample.groups.pairs.control.mean(axis=0)
    columns |= seed_columns(sample.nulls.twins)
    columns |= random_order_columns(sample.nulls.shuffled)
    if baseline is not None:
        columns |= {"same_layer_mean": baseline.mean, "same_layer_low": baseline.low}
        columns |= {"same_layer_high": baseline.high}
        columns["same_layer_mean_cosine"] = baseline.cosine
    every = sample.everything
    return tidy(columns, n=len(every.values), excluded=every.excluded, unit=DEGREES)


def larger_distances(analysis: Analysis) -> Answer:
    """The longest distance against the shortest, in the same passages."""
    sample, lags = analysis.sample(NEIGHBOURS), read_lags(analysis.run)
    claims = [_claim(analysis, sample, lags)] if max(lags.values) > 1 else []
    title = "Tokens 1, 2, 4 and 8 apart (degrees)"
    table = Table("neighbours_lags", title, _columns(sample, lags))
    return Answer(claims, [_plot(analysis, sample, lags)], [table])


def _claim(analysis: Analysis, sample: Sample, lags: Lags) -> Claim:
    """The longest lag against the shortest, in the same passages."""
    longest, seed, defaults = max(lags.values), analysis.run.seed, analysis.defaults(sample)
    apart = (lags.values[longest] - lags.values[1]).mean(axis=1)
    estimate = single_estimate(defaults, apart, seed=seed, excluded=lags.excluded)
    tested, twins = single_test(apart, seed=seed), apart_in_twins(lags.twins, longest)
    means = {lag: float(values.mean()) for lag, values in lags.values.items()}
    finding = defaults.finding_of(
        farther_tokens(means, estimate, tested, defaults.counted(estimate.n), twins),
        estimate.value,
        estimate.interval,
        n=estimate.n,
        excluded=estimate.excluded,
        null=f"{NO_DIFFERENCE}; {defaults.null}",
        data={"tokens_apart": longest},
        null_values=twin_values(twins),
        **tested_as(tested),
    )
    return Claim(finding, lambda: max_t_without(apart[:, None], seed=seed), lags.names)


def _plot(analysis: Analysis, sample: Sample, lags: Lags) -> Plot:
    seed = analysis.run.seed
    curves = [
        mean_curve(f"{lag} apart", sample.layers, values, seed)
        for lag, values in lags.values.items()
    ]
    for lag in sorted({min(lags.twins), max(lags.twins)} if lags.twins else ()):
        mean = np.asarray(lags.twins[lag].mean(axis=(0, 1)))
        curve = mean_curve(f"untrained twins, {lag} apart", sample.layers, mean[None], seed)
        curves.append(replace(curve, low=None, high=None))
    title = "Angle between tokens 1, 2, 4 and 8 apart"
    count = len(next(iter(lags.values.values())))
    return Plot(
        "neighbours_lags",
        title,
        f"Mean angle {over_units(count, analysis.run.unit)}, the same at every distance, "
        "position 0 and "
        "sinks left out. Twins: mean of all seeds.",
        _baseline_words(analysis),
        later(
            draw_profile,
            curves,
            Labels(title, "layer", ANGLE_AXIS),
            bands=_baseline_bands(analysis),
        ),
        unit=f"{several(count, analysis.run.unit)} with a pair at every distance",
    )


def _columns(sample: Sample, lags: Lags) -> Columns:
    """One row a lag and layer, all lags in the same passages."""
    parts = [
        profile_columns({"lag": lag}, sample.layers, own, lags.twins.get(lag), sample.run.seed)
        for lag, own in lags.values.items()
    ]
    return tidy(stacked(parts), n=0, excluded=lags.excluded, unit=DEGREES)


def read_bend(run: Run) -> tuple[Means, Floats | None]:
    """The bend at tokens that are usable with both neighbours, and that of the twins."""
    inner = f"{beside(run, 1)} and {beside(run, -1)}"
    return profile_means(run, BEND, inner, from_layer=0), twin_profiles(run, BEND, inner, 0)


def bend_between_tokens(analysis: Analysis) -> Answer:
    """The bend from token to token, against 120 degrees; nothing where no token has it."""
    sample, (bend, twins) = analysis.sample(NEIGHBOURS), read_bend(analysis.run)
    if not len(bend.values):
        return Answer()
    title = "Bend from token to token by layer (degrees)"
    return Answer(
        [_bend_claim(analysis, sample, bend, twins)],
        [_bend_plot(sample, bend.values, twins)],
        [Table("token_bend", title, _bend_columns(sample, bend, twins))],
    )


def _bend_claim(analysis: Analysis, sample: Sample, bend: Means, others: Floats | None) -> Claim:
    """The bend from token to token, against 120 degrees."""
    values, seed, defaults = bend.values, analysis.run.seed, analysis.defaults(sample)
    mean = values.mean(axis=1)
    interval = mean_interval(mean, seed=seed)
    estimate = defaults.estimate(float(mean.mean()), interval, len(mean), bend.excluded)
    twins = None if others is None else others.mean(axis=2)
    finding = defaults.finding_of(
        bend_words(values.mean(axis=0), mean_intervals(values, seed=seed), estimate, twins),
        estimate.value,
        interval,
        n=estimate.n,
        excluded=estimate.excluded,
        null=f"independent states: {INDEPENDENT_BEND:.0f} degrees; {defaults.null}",
    )
    return Claim(finding)


def _bend_plot(sample: Sample, values: Floats, twins: Floats | None) -> Plot:
    title = "How sharply the way from token to token bends inside a layer"
    drawn = later(
        draw_profile,
        [mean_curve("a token between its neighbours", sample.layers, values, sample.run.seed)],
        Labels(title, "layer", "bend (degrees)"),
        bands=twin_bands(twins, sample.layers),
        references=[Reference("120 degrees: independent states", INDEPENDENT_BEND)],
    )
    return Plot(
        "token_bend",
        title,
        f"Mean bend {over_units(len(values), sample.run.unit)}. Grey: the twins, 5 "
        "to 95 %. Dotted: what independent states give.",
        f"independent states: 120 degrees; {twin_null(sample.run)}",
        drawn,
        unit=several(len(values), sample.run.unit),
    )


def _bend_columns(sample: Sample, bend: Means, twins: Floats | None) -> Columns:
    values = bend.values
    columns = {
        "layer": sample.layers,
        **mean_columns(values, sample.run.seed),
        **seed_columns(twins),
    }
    return tidy(columns, n=len(values), excluded=bend.excluded, unit=DEGREES)
