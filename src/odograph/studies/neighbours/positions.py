"""Pairs at fixed positions: whether the first one is of its own kind, as it is with a sink."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import draw_profile
from odograph.folder.run import Run
from odograph.folder.run_words import twin_null
from odograph.folder.samples.neighbours import Positions, first_sinks, read_positions
from odograph.measures import DEGREES
from odograph.sentences.english import capital
from odograph.sentences.neighbours import PositionZero, first_pair
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
    mean, defaults = apart.mean(axis=1), analysis.defaults(sample)
    interval = mean_interval(mean, seed=run.seed)
    estimate = defaults.estimate(float(apart.mean()), interval, len(apart), 0)
    pairs = {p: (float(m.values.mean()), len(m.units)) for p, m in positions.means.items()}
    found = [twin.first_against_later for twin in others]
    twins = np.array([float(values.mean()) for values in found if len(values)])
    finding = defaults.finding_of(
        first_pair(apart.mean(axis=0), estimate, pairs, position_zero(run), twins),
        estimate.value,
        interval,
        n=estimate.n,
        excluded=0,
        estimate_of="difference",
    )
    return Claim(finding)


def position_zero(run: Run) -> PositionZero:
    """What stands at position 0."""
    return PositionZero(str(run.manifest["bos"]), *first_sinks(run))


def position_zero_note(run: Run) -> str:
    """What stands at position 0, and where it is left out."""
    return position_zero(run).note(kept=bool(run.manifest["config"]["keep_first"]))


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
    zero = capital(position_zero(sample.run).words)
    return Plot(
        "neighbours_positions",
        title,
        "Mean angle with its 95 % interval (BCa), sinks and position 0 included. "
        f"{zero}. Grey: the pair 0-1 in untrained twins, 5 to 95 %.",
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
