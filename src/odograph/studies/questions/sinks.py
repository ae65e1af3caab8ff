"""What the pilot knows of states: what their outlier coordinates hold, and what sinks carry.

Where that is written and taken away, and who is a sink in passing.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Curve, Reference, draw_log_profile, draw_profile
from odograph.folder.pilot import (
    LONG,
    OUTLIER,
    SINK_PLACES,
    Pilot,
    documents_with_passing,
    read_pilot,
)
from odograph.folder.run import Run
from odograph.folder.run_words import outliers_of
from odograph.measures import MEASURES, MODEL_UNITS
from odograph.sentences.english import several
from odograph.sentences.numbers import quantity
from odograph.sentences.sinks import (
    SINKS,
    carried_words,
    passing_note,
    without_passing,
    writer_sentence,
)
from odograph.studies.claim import Claim
from odograph.studies.result import Plot, Table
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.tidy import Columns, tidy

#: So many words are named.
_WORDS = 3


def what_sinks_carry(asked: Quantity) -> Section:
    """Which block and part writes it, which takes it away, and the passing sinks of the pairs.

    Nothing where the pilot met no sink.
    """

    def section(analysis: Analysis) -> Answer:
        pilot = read_pilot(analysis.run.folder)
        found = _found(analysis.run)
        if pilot is None or not found:
            return Answer()
        claims = [_claim(analysis, place, event) for place, event in found.items()]
        notes = [_passing_words(analysis.run), _pairs_without(analysis, asked, pilot)]
        return Answer(claims, [_plot(analysis, pilot)], notes=[note for note in notes if note])

    return section


def _found(run: Run) -> Mapping[str, Mapping[str, Any]]:
    """What the pilot says of the sinks of each place; empty without sinks."""
    sinks: Mapping[str, Mapping[str, Any]] = run.manifest.get("pilot", {}).get("sinks", {})
    return {place: event for place, event in sinks.items() if event["written"]["growth"] > 0}


def writers(run: Run) -> str:
    """The block that writes what the sink at position 0 carries, as a sentence; "" without one."""
    event = _found(run).get(SINK_PLACES[0])
    if event is None:
        return ""
    return writer_sentence(event["written"])


def _claim(analysis: Analysis, place: str, found: Mapping[str, Any]) -> Claim:
    written = found["written"]
    null = "ordinary tokens of the layer"
    defaults = analysis.defaults_over(int(found["tokens"]), null=null, of="sink")
    made = defaults.finding_of(
        carried_words(SINK_PLACES.index(place), found),
        float(written["growth"]),
        unit=MODEL_UNITS,
        data={"block": written["block"], "coordinate": written["coordinate"]},
    )
    return Claim(made)


def _plot(analysis: Analysis, pilot: Pilot) -> Plot:
    """The lengths of the sinks of each place beside the median of ordinary tokens."""
    layers, curves = np.arange(len(pilot.medians)), []
    for index, sinks in enumerate(SINKS):
        rows = np.flatnonzero(pilot.sinks["place"] == index)
        if len(rows):
            lengths = [pilot.sinks["norm_before"][rows[0]], *pilot.sinks["norm"][rows]]
            curves.append(Curve(sinks, layers, lengths))
    curves.append(Curve("ordinary tokens (median)", layers, pilot.medians))
    title = "How long the states of attention sinks are"
    return Plot(
        f"{analysis.prefix}_sinks",
        title,
        f"Mean over at most four sinks of each place, before the final norm. A token is a sink "
        f"where it is over {LONG:g} times the median in more than half of the middle layers, in "
        "passing where it is so in some.",
        f"ordinary tokens: the median over {pilot.tokens:,} tokens of the pilot",
        later(draw_log_profile, curves, Labels(title, "layer", MEASURES["norm"].axis_label)),
        unit=f"{pilot.tokens:,} tokens of the pilot",
    )


def _passing_words(run: Run) -> str:
    """Which words are sinks in some layers only, as a note; "" for none."""
    sinks = run.manifest.get("sinks", {})
    if not sinks.get("passing"):
        return ""
    return passing_note(sinks["passing"], sinks.get("words", [])[:_WORDS])


def _pairs_without(analysis: Analysis, asked: Quantity, pilot: Pilot) -> str:
    """What the difference of the groups is without pairs that hold a passing sink, as a note."""
    run, groups = analysis.run, analysis.sample(asked).groups
    if groups is None or run.manifest["convention"] != "stream":
        return ""
    held = np.isin(groups.pairs.passages, list(documents_with_passing(run, pilot)))
    if not held.any():
        return ""
    values = asked.of_layers(groups.differences)
    count = f"{int(held.sum())} of {several(len(held), run.unit)}"
    if held.all():
        return without_passing(count, asked.total, None)
    kept, every = (quantity(float(own.mean()), asked.unit) for own in (values[~held], values))
    return without_passing(count, asked.total, (kept, every))


def outlier_coordinates(analysis: Analysis) -> Answer:
    """The shares of the outlier coordinates by layer; nothing where there are none."""
    pilot = read_pilot(analysis.run.folder)
    if pilot is None or not len(pilot.coordinates):
        return Answer()
    table = Table(
        f"{analysis.prefix}_outliers",
        "Share of the squared length in the outlier coordinates, by layer",
        _outliers_columns(pilot),
    )
    return Answer(plots=[_outliers_plot(analysis, pilot)], tables=[table])


def _outliers_columns(pilot: Pilot) -> Columns:
    """One row a layer: the share of each, of all of them, and of the next largest coordinate."""
    shares = pilot.outlier_shares
    columns: Columns = {"layer": np.arange(len(shares))}
    columns |= {
        f"coordinate_{place}": shares[:, index] for index, place in enumerate(pilot.coordinates)
    }
    columns["together"] = shares.sum(axis=1)
    columns["next_largest"] = pilot.next_largest
    return tidy(columns, n=pilot.tokens, excluded=0, unit="1", unit_of_inference="token")


def _outliers_plot(analysis: Analysis, pilot: Pilot) -> Plot:
    shares, layers = 100 * pilot.outlier_shares, np.arange(len(pilot.shares))
    curves = [
        Curve(f"coordinate {place}", layers, shares[:, index])
        for index, place in enumerate(pilot.coordinates)
    ]
    if len(pilot.coordinates) > 1:
        curves.append(Curve("together", layers, shares.sum(axis=1)))
    curves.append(Curve("the largest of all others", layers, 100 * pilot.next_largest))
    outliers = outliers_of(analysis.run)
    title = f"What {outliers.counted} hold of a state"
    return Plot(
        f"{analysis.prefix}_outliers",
        title,
        f"Share of the squared length, mean over {pilot.tokens:,} tokens of the pilot, "
        f"sinks left out. Of {outliers.width} coordinates of equal size each would hold "
        f"{100 / outliers.width:.2g} %.",
        f"{100 * OUTLIER:.0f} %: from there on a coordinate is called an outlier",
        later(
            draw_profile,
            curves,
            Labels(title, "layer", "share of the squared length (%)"),
            references=[Reference("called an outlier from here", 100 * OUTLIER)],
        ),
        unit=f"{pilot.tokens:,} tokens",
    )
