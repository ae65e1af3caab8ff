"""Tokens 1, 2, 4 and 8 apart: whether distance in the text is distance in the space."""

from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_profile
from odograph.folder.samples.neighbours import Lags, apart_in_twins, read_lags
from odograph.measures import DEGREES
from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words, over_units, p_words
from odograph.sentences.names import NO_DIFFERENCE
from odograph.sentences.neighbours import lags_headline, told_apart
from odograph.sentences.nulls import as_in_twins, difference_in_twins
from odograph.sentences.numbers import number
from odograph.statistics.leave_one_out import max_t_without
from odograph.studies.claim import Claim, twin_values
from odograph.studies.curves import mean_curve
from odograph.studies.defaults import tested_as
from odograph.studies.neighbours.baseline import baseline_band, baseline_words, measured_baseline
from odograph.studies.neighbours.pairs import ANGLE_AXIS, NEIGHBOURS
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Sample
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import single_estimate, single_test
from odograph.studies.tidy import Columns, profile_columns, stacked, tidy


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
    found, seed = analysis.once(measured_baseline), analysis.run.seed
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
