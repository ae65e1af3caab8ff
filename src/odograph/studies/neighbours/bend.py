"""How sharply the way from token to token bends inside a layer."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference, draw_profile
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.neighbours import BEND, beside
from odograph.folder.selection import Floats, Means, profile_means, twin_profiles
from odograph.measures import DEGREES
from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words, over_units
from odograph.sentences.nulls import beside_twins
from odograph.sentences.numbers import number
from odograph.statistics.intervals import mean_interval, mean_intervals
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.neighbours.pairs import NEIGHBOURS
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Sample
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, mean_columns, seed_columns, tidy

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
        [_claim(analysis, sample, bend, twins)],
        [_plot(sample, bend.values, twins)],
        [Table("token_bend", title, _columns(sample, bend, twins))],
    )


def _claim(analysis: Analysis, sample: Sample, bend: Means, others: Floats | None) -> Claim:
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


def _plot(sample: Sample, values: Floats, twins: Floats | None) -> Plot:
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


def _columns(sample: Sample, bend: Means, twins: Floats | None) -> Columns:
    values = bend.values
    columns = {
        "layer": sample.layers,
        **mean_columns(values, sample.run.seed),
        **seed_columns(twins),
    }
    return tidy(columns, n=len(values), excluded=bend.excluded, unit=DEGREES)
