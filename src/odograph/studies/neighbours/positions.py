"""Pairs at fixed positions: whether the first one is of its own kind, as it is with a sink."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_profile
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.neighbours import Positions, first_sinks, read_positions
from odograph.measures import DEGREES
from odograph.sentences.english import capital, counted
from odograph.sentences.evidence import interval_words
from odograph.sentences.neighbours import first_pair_headline, told_apart
from odograph.sentences.nulls import difference_in_twins
from odograph.sentences.numbers import number
from odograph.statistics.intervals import mean_interval
from odograph.studies.claim import Claim
from odograph.studies.curves import mean_curve, null_band
from odograph.studies.neighbours.pairs import ANGLE_AXIS, NEIGHBOURS
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Sample
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, profile_columns, stacked, tidy

#: Those in the picture, by their second position; the table has all.
_DRAWN = (1, 2, 3, 4, 8)


def fixed_positions(analysis: Analysis) -> Answer:
    """The pair 0-1 against the fixed pairs behind it; nothing is left out here."""
    sample, run = analysis.sample(NEIGHBOURS), analysis.run
    positions = read_positions(run)
    twins = tuple(read_positions(twin) for twin in run.untrained)
    apart = positions.first_against_later
    claims = [_claim(analysis, sample, positions, twins)] if len(apart) else []
    title = "Fixed pairs by layer (degrees)"
    table = Table("neighbours_positions", title, _columns(sample, positions, twins))
    return Answer(claims, [_plot(sample, positions, twins)], [table])


def _claim(
    analysis: Analysis, sample: Sample, positions: Positions, others: tuple[Positions, ...]
) -> Claim:
    """The pair 0-1 against the fixed pairs behind it."""
    apart, run = positions.first_against_later, analysis.run
    means, by_layer = positions.means, apart.mean(axis=0)
    interval = mean_interval(apart.mean(axis=1), seed=run.seed)
    most = int(np.argmax(np.abs(by_layer)))
    later = "that of the later fixed pairs of the same text"
    listed = ", ".join(
        f"{place - 1}-{place} {number(found.values.mean())} (n = {len(found.units)})"
        for place, found in means.items()
    )
    found = [twin.first_against_later for twin in others]
    twins = np.array([float(values.mean()) for values in found if len(values)])
    statement = (
        "Averaged over all layers, the angle of the positions 0 and 1 "
        f"{told_apart(float(apart.mean()), interval, later)}"
        f"{interval_words(interval, 'degrees')}; {counted(len(apart), run.unit)}; descriptive, "
        f"no test), most differently in layer {most} ({number(by_layer[most])} degrees). Angle of "
        f"the fixed pairs in degrees: {listed}; {position_zero(run)}."
        f"{difference_in_twins(twins, 'degrees')}"
    )
    sinks, passages = first_sinks(run)
    plain = (
        "The first token of what a model reads is often a sink: a state of its own kind, so a pair "
        "with it says nothing about neighbours. "
        + ("Here it is one." if 2 * sinks > passages else "By its length it is none here.")
    )
    finding = analysis.defaults(sample).finding(
        statement,
        plain,
        float(apart.mean()),
        interval,
        n=len(apart),
        excluded=0,
        headline=first_pair_headline(float(apart.mean()), interval),
        estimate_of="difference",
    )
    return Claim(finding)


def position_zero(run: Run) -> str:
    """What stands at position 0, in a sentence."""
    bos = str(run.manifest["bos"])
    holds = "the first token of the text" if bos == "none" else f"a token put in front, {bos}"
    sinks, passages = first_sinks(run)
    if not passages:
        return f"position 0 is not measured: it holds {holds}"
    return (
        f"position 0 holds {holds}, and is a sink by its length in {sinks} of {passages} "
        f"passage{'' if passages == 1 else 's or windows'}"
    )


def position_zero_note(run: Run) -> str:
    """What stands at position 0, and where it is left out."""
    kept = "; position 0 is kept here (--keep-first)."
    return (
        f"{capital(position_zero(run))}. Pairs that touch position 0 or a sink are left out of all "
        "but the fixed positions and the histogram"
        f"{kept if run.manifest['config']['keep_first'] else '.'}"
    )


def _plot(sample: Sample, positions: Positions, twins: tuple[Positions, ...]) -> Plot:
    means = positions.means
    curves = [
        mean_curve(
            f"{place - 1}-{place} (n = {len(means[place].units)})",
            sample.layers,
            means[place].values,
            sample.run.seed,
        )
        for place in _DRAWN
        if place in means
    ]
    first = [twin.means[1].values for twin in twins if 1 in twin.means]
    label = "0-1, untrained twin" if len(first) == 1 else "0-1, untrained twins"
    bands = [null_band(label, sample.layers, np.concatenate(first))] if first else []
    title = "Angle between neighbours at fixed positions"
    about = position_zero(sample.run)
    return Plot(
        "neighbours_positions",
        title,
        "Mean angle with its 95 % interval (BCa), sinks and position 0 included. "
        f"{capital(about)}. Grey: the pair 0-1 in untrained twins, 5 to 95 %.",
        f"pair 0-1 in twins; {twin_null(sample.run)}",
        later(draw_profile, curves, Labels(title, "layer", ANGLE_AXIS), bands=bands),
        unit="texts long enough for the pair; position 0 and sinks are in",
    )


def _columns(sample: Sample, positions: Positions, others: tuple[Positions, ...]) -> Columns:
    """One row a fixed pair and layer; sinks and position 0 included."""
    parts = []
    for place, means in positions.means.items():
        found = [twin.means[place].values for twin in others if place in twin.means]
        twins = np.concatenate(found) if found else None
        keys = {"first": place - 1, "second": place}
        parts.append(profile_columns(keys, sample.layers, means.values, twins, sample.run.seed))
    return tidy(stacked(parts), n=0, excluded=0, unit=DEGREES)
