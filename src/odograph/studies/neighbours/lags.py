"""Tokens 1, 2, 4 and 8 apart, and how sharply the way from token to token bends inside a layer."""

from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference, draw_profile
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.baseline import read_baseline
from odograph.folder.samples.neighbours import BEND, Lags, apart_in_twins, beside, read_lags
from odograph.folder.selection import Floats, Means, profile_means, twin_profiles
from odograph.measures import DEGREES
from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words, over_units, p_words
from odograph.sentences.names import NO_DIFFERENCE
from odograph.sentences.neighbours import lags_headline, told_apart
from odograph.sentences.nulls import as_in_twins, beside_twins, difference_in_twins
from odograph.sentences.numbers import number
from odograph.statistics.intervals import mean_interval, mean_intervals
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.claim import Claim, twin_values
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.defaults import tested_as
from odograph.studies.neighbours.baseline import baseline_band, baseline_words
from odograph.studies.neighbours.pairs import ANGLE_AXIS, NEIGHBOURS
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
    tested, interval = single_test(apart, seed=seed), estimate.interval
    listed = ", ".join(f"{lag}: {number(v.mean())}" for lag, v in lags.values.items())
    twins = apart_in_twins(lags.twins, longest)
    statement = (
        f"Averaged over all layers, the angle of tokens {longest} apart "
        f"{told_apart(estimate.value, interval, 'that of neighbours')}"
        f"{interval_words(interval, 'degrees')}; "
        f"{defaults.counted(len(apart))}; {p_words(tested)}). Angle "
        f"in degrees by distance in tokens: {listed}.{difference_in_twins(twins, 'degrees')}"
    )
    plain = (
        "Distance in the text and distance in the space are compared here; positions differ "
        "between near and far tokens as well, and the untrained twins show what that alone gives."
        + as_in_twins(apart.mean(), twins)
    )
    finding = defaults.finding(
        statement,
        plain,
        estimate.value,
        interval,
        n=estimate.n,
        excluded=estimate.excluded,
        null=f"{NO_DIFFERENCE}; {defaults.null}",
        headline=lags_headline(longest, estimate.value, interval),
        data={"tokens_apart": longest},
        null_values=twin_values(twins),
        **tested_as(tested),
    )
    return Claim(finding, lambda: max_t_without(apart[:, None], seed=seed), lags.names)


def _plot(analysis: Analysis, sample: Sample, lags: Lags) -> Plot:
    found, seed = analysis.read(read_baseline), analysis.run.seed
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
        baseline_words(analysis),
        later(
            draw_profile,
            curves,
            Labels(title, "layer", ANGLE_AXIS),
            bands=[] if found is None else [baseline_band(found)],
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


#: Independent states: two steps that share a state stand at this angle, not at 90 degrees.
INDEPENDENT_BEND = 120.0


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
    mean, by_layer = values.mean(axis=1), values.mean(axis=0)
    interval = mean_interval(mean, seed=seed)
    low, high = mean_intervals(values, seed=seed)
    straighter, sharper = high < INDEPENDENT_BEND, low > INDEPENDENT_BEND
    beyond = (
        f". The 95 % interval lies below that in {int(straighter.sum())} of {len(by_layer)} layers "
        f"and above it in {int(sharper.sum())}"
        if np.isfinite(low).any()
        else ""
    )
    least = int(np.argmin(by_layer))
    twins = None if others is None else others.mean(axis=2)
    statement = (
        f"From token to token the path inside a layer bends by {number(mean.mean())} degrees, "
        f"averaged over all layers ({interval_words(interval, 'degrees')}; "
        f"{defaults.counted(len(mean))}; descriptive, no test), least in "
        f"layer {least} ({number(by_layer[least])} degrees); independent states give "
        f"{INDEPENDENT_BEND:.0f}{beyond}; {beside_twins(twins, 'degrees')}."
    )
    plain = (
        "Two ways that share a state stand at 120 degrees when the states have nothing to do with "
        "each other, not at 90: less is a straighter path through the text."
    )
    finding = defaults.finding(
        statement,
        plain,
        float(mean.mean()),
        interval,
        n=len(mean),
        excluded=bend.excluded,
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
