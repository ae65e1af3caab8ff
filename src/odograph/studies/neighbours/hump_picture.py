"""The histogram of all pairs and states as a figure, and its humps as a table."""

import numpy as np

from odograph.figures.angles import Angles
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference
from odograph.figures.stack import draw_stack
from odograph.measures import DEGREES, MEASURES
from odograph.sentences.names import name_of_test
from odograph.sentences.templates import number
from odograph.statistics.permutation import ALPHA
from odograph.statistics.shapes.modes import MODES_TEST
from odograph.studies.neighbours.pairs import ANGLE
from odograph.studies.neighbours.spread import FIRST, REST, SINK, Layer, Spread
from odograph.studies.phrases import passages_counted
from odograph.studies.result import Plot, Table
from odograph.studies.tidy import Columns, tidy


def humps_plot(spread: Spread, blocks: int) -> Plot:
    """The histogram in its kinds of pairs, with the valley where two humps are shown."""
    labels = {
        REST: "neither at position 0 nor with a sink",
        FIRST: "one token at position 0",
        SINK: "one token a later sink",
    }
    kinds = [
        Angles(text, spread.angle[spread.kind == kind])
        for kind, text in labels.items()
        if kind != SINK or (spread.kind == kind).any()
    ]
    every = spread.together.every
    two = spread.together.p_every < ALPHA and every.several
    references = (
        [Reference(f"valley at {number(every.valley)} degrees", every.valley)] if two else []
    )
    title = "Angles of all neighbouring pairs in all layers"
    return Plot(
        "neighbours_humps",
        title,
        f"All pairs at the states 0 to {blocks} pooled, sinks and position 0 "
        "included; each pair is counted once a state. Marks over the bars: bins that hold such a "
        "pair, however few.",
        "one hump (tested in the findings, by layer too: layers of different mean can make humps)",
        later(
            draw_stack,
            kinds,
            Labels(title, MEASURES[ANGLE].axis_label, "pairs, all layers"),
            references=references,
        ),
        unit=f"{len(spread.angle):,} pairs and states of {passages_counted(every.units)}, pooled; "
        "position 0 and sinks are in",
    )


def humps_table(spread: Spread) -> Table:
    """Two rows a layer (and for all layers): all pairs, and without position 0 and sinks."""
    found = [spread.together, *spread.layers]
    # All states together are two tests, with and without; each state is one of all.
    sizes = [2, *[len(spread.layers)] * len(spread.layers)]
    rows = [
        _row(one, family, rest=rest)
        for one, family in zip(found, sizes, strict=True)
        for rest in (False, True)
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    title = "Humps of all pairs and by layer (degrees)"
    return Table("neighbours_humps", title, tidy(columns, n=0, excluded=0, unit=DEGREES))


def _row(one: Layer, family: int, *, rest: bool) -> Columns:
    humps = one.rest if rest else one.every
    smaller = (one.smaller_rest, 0, 0) if rest else one.smaller
    peaks = (*humps.peaks, *[np.nan] * 2)[:2]
    return {
        "layer": None if one.all_layers else one.layer,
        "pairs": "without position 0 and sinks" if rest else "all",
        "values": humps.n,
        "n": humps.units,
        "critical_bandwidth": humps.bandwidth,
        "peak_1": peaks[0],
        "peak_2": peaks[1],
        "valley": humps.valley,
        "smaller_hump": sum(smaller),
        "smaller_hump_position_0": smaller[FIRST],
        "smaller_hump_sinks": smaller[SINK],
        "smaller_hump_neither": smaller[REST],
        "smaller_hump_passages": humps.beyond,
        "p": np.nan if humps.p is None else humps.p,
        "p_holm": one.p_rest if rest else one.p_every,
        "test": name_of_test(MODES_TEST)
        if humps.p is not None
        else "none: too few passages, or no spread",
        "family": family if humps.p is not None else 0,
    }
