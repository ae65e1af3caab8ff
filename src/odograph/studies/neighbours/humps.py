"""What the humps of the histogram are: how many, of what pairs, and whether any remain."""

import numpy as np

from odograph.figures.angles import Angles
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference
from odograph.figures.stack import draw_stack
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments, drawn_documents
from odograph.folder.samples.neighbours import ANGLE, read_pairs
from odograph.measures import DEGREES, MEASURES
from odograph.sentences.english import several
from odograph.sentences.humps import humps_by_layer, humps_words, shown_layers
from odograph.sentences.names import name_of_test
from odograph.sentences.numbers import number
from odograph.sentences.record import Finding
from odograph.statistics.intervals import FEWEST_UNITS, mean_interval
from odograph.statistics.permutation import ALPHA
from odograph.statistics.shapes.modes import MODES_TEST
from odograph.statistics.shapes.spread import FIRST, REST, SINK, Layer, Spread, spread_of, two_humps
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.neighbours.confirmed_humps import confirmed_humps, with_each_passage
from odograph.studies.neighbours.pairs import NEIGHBOURS
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, tidy

_NULL = "one hump: the density with its valley levelled"


def humps(analysis: Analysis) -> Answer:
    """The humps of all states together, those of a first half, and of each state by itself."""
    run, drawn = analysis.run, drawn_documents(analysis.run)
    defaults = analysis.defaults(analysis.sample(NEIGHBOURS)).read_in(drawn)
    spread = read_spread(run, drawn)
    layer = spread.together
    together = with_each_passage(
        run,
        spread,
        _together(run, spread, defaults),
        every=two_humps(layer.every, layer.p_every),
        rest=two_humps(layer.rest, layer.p_rest),
    )
    confirmed = confirmed_humps(run, spread, defaults)
    return Answer(
        [Claim(together), *confirmed, Claim(_by_layer(spread, defaults))],
        [humps_plot(spread, run.blocks, drawn)],
        [humps_table(spread, drawn)],
    )


def _together(run: Run, spread: Spread, defaults: FindingDefaults) -> Finding:
    layer, interval = spread.together, mean_interval(spread.shares, seed=run.seed)
    tested = interval is not None and bool(np.isfinite(layer.p_every))
    return defaults.finding_of(
        humps_words(spread, run.blocks, run.unit, interval, tested=tested),
        float(spread.shares.mean()),
        interval,
        unit="share of pairs",
        estimate_of="in the smaller hump",
        n=len(spread.shares),
        test=MODES_TEST if tested else f"none: fewer than {FEWEST_UNITS} texts, or one hump",
        family="2 tests (Holm): with and without position 0 and sinks" if tested else "none",
        p=layer.every.p if tested else None,
        p_adjusted=layer.p_every if tested else None,
        null=_NULL,
    )


def _by_layer(spread: Spread, defaults: FindingDefaults) -> Finding:
    every, _ = shown_layers(spread)
    layers, units = len(spread.layers), spread.layers[0].every.units
    return defaults.finding_of(
        humps_by_layer(spread, defaults.counted(units)),
        len(every) / layers,
        unit="share of layers",
        n=units,
        test="none: descriptive, the count of tests by layer",
        family=f"{layers} layers",
        data={"layers": layers, "shown": len(every)},
        null=_NULL,
    )


def read_spread(run: Run, drawn: DrawnDocuments) -> Spread:
    """All pairs of these documents at every state, in a run and its twins, and their humps."""
    pairs, *twins = (read_pairs(each, drawn) for each in (run, *run.untrained))
    return spread_of(pairs, run.blocks + 1, twins, seed=run.seed)


def humps_plot(spread: Spread, blocks: int, drawn: DrawnDocuments) -> Plot:
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
    twins = _twins(spread)
    title = "Angles of all neighbouring pairs in all layers"
    return Plot(
        "neighbours_humps",
        title,
        f"All pairs at the states 0 to {blocks} pooled, sinks and position 0 "
        "included; each pair is counted once a state. Marks over the bars: bins that hold such a "
        f"pair, however few.{drawn.sentence}"
        + (" Dashed: pairs in the untrained twins, scaled to as many." if twins else ""),
        "one hump (tested in the findings, by layer too: layers of different mean can make humps)"
        + (f"; dashed, {twins.label}" if twins else ""),
        later(
            draw_stack,
            kinds,
            Labels(title, MEASURES[ANGLE].axis_label, "pairs, all layers"),
            null=twins,
            references=references,
        ),
        unit=f"{len(spread.angle):,} pairs and states of {several(every.units, drawn.unit)}, "
        "pooled; position 0 and sinks are in",
    )


def _twins(spread: Spread) -> Angles | None:
    if not spread.twin_angles:
        return None
    count = several(len(spread.twin_angles), "untrained twin")
    return Angles(count, np.concatenate(spread.twin_angles))


def humps_table(spread: Spread, drawn: DrawnDocuments) -> Table:
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
    return Table(
        "neighbours_humps", title, tidy(columns, n=0, excluded=drawn.left_out, unit=DEGREES)
    )


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
        else "none: too few texts, or no spread",
        "family": family if humps.p is not None else 0,
    }
