"""Every pair of neighbours of every state: its angle, what it touches, its humps, their picture."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from odograph.figures.angles import Angles
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Reference
from odograph.figures.stack import draw_stack
from odograph.folder.run import Run
from odograph.folder.samples.neighbours import ANGLE, FIRST, REST, SINK, read_pairs
from odograph.folder.selection import Floats, Ints
from odograph.measures import DEGREES, MEASURES
from odograph.sentences.english import several
from odograph.sentences.names import name_of_test
from odograph.sentences.numbers import number
from odograph.statistics.permutation import ALPHA
from odograph.statistics.shapes.modes import MODES_TEST, RESAMPLES, Humps, humps
from odograph.statistics.student import holm
from odograph.studies.result import Plot, Table
from odograph.studies.tidy import Columns, tidy

_EVERY_LAYER = -1
# So many for each layer that, after Holm, p can be half of .05.
_RESAMPLES_A_LAYER = 40


@dataclass(frozen=True, eq=False)
class Layer:
    """The humps of one state, or of all: with all pairs, and without position 0 and sinks.

    Attributes:
        layer: the state; -1 for all states together.
        every, rest: the humps of all pairs, and of those that touch neither.
        p_every, p_rest: p after Holm, over the states, or over the two tests on all states.
        smaller: pairs in the smaller hump of all pairs, [touching nothing, position 0, a sink].
        smaller_rest: pairs in the smaller hump of the rest.
    """

    layer: int
    every: Humps
    rest: Humps
    p_every: float
    p_rest: float
    smaller: tuple[int, int, int]
    smaller_rest: int

    @property
    def all_layers(self) -> bool:
        """Whether all states are seen together."""
        return self.layer == _EVERY_LAYER


@dataclass(frozen=True, eq=False)
class Spread:
    """Angles of all pairs of neighbours, sinks and position 0 included: arrays [pairs * (L+1)].

    Attributes:
        angle: degrees; finite.
        kind: what the pair touches: REST, FIRST or SINK.
        document: the passage.
        together: the humps of all states together.
        layers: those of each state.
        twins: of each untrained twin, all states and pairs together.
        shares: share of each passage's pairs that are in the smaller hump, all states together.
    """

    angle: Floats
    kind: Ints
    document: Ints
    together: Layer
    layers: tuple[Layer, ...]
    twins: tuple[Humps, ...]
    shares: Floats


def read_spread(run: Run) -> Spread:
    """All pairs of a run, and their humps.

    All states together are resampled by passages with all their layers; so is each layer alone.
    """
    seed = run.seed
    angle, kind, document, layer = read_pairs(run)
    everywhere = np.ones(len(angle), dtype=bool)
    states = range(run.blocks + 1)
    resamples = max(RESAMPLES, _RESAMPLES_A_LAYER * len(states))
    pairs = (angle, kind, document)
    together = _look(_EVERY_LAYER, pairs, everywhere, seed, RESAMPLES)
    each = [_look(state, pairs, layer == state, seed, resamples) for state in states]
    twins = tuple(_twin_humps(twin, seed) for twin in run.untrained)
    inside = _smaller(angle, together.every.valley)
    shares = [inside[document == one].mean() for one in np.unique(document)]
    return Spread(
        angle,
        kind,
        document,
        _corrected([together], across=True)[0],
        tuple(_corrected(each, across=False)),
        twins,
        np.array(shares),
    )


def _twin_humps(twin: Run, seed: int) -> Humps:
    angle, _, document, _ = read_pairs(twin)
    return humps(angle, document, seed=seed)


def _look(
    layer: int,
    pairs: tuple[Floats, Ints, Ints],
    chosen: NDArray[np.bool_],
    seed: int,
    resamples: int,
) -> Layer:
    """The humps of the chosen pairs (angle, kind, document), p not yet corrected."""
    angle, kind, document = pairs
    free = chosen & (kind == REST)
    every = humps(angle[chosen], document[chosen], seed=seed, resamples=resamples)
    rest = humps(angle[free], document[free], seed=seed, resamples=resamples)
    smaller = np.bincount(kind[chosen][_smaller(angle[chosen], every.valley)], minlength=3)
    return Layer(
        layer,
        every,
        rest,
        np.nan if every.p is None else every.p,
        np.nan if rest.p is None else rest.p,
        (int(smaller[REST]), int(smaller[FIRST]), int(smaller[SINK])),
        int(_smaller(angle[free], rest.valley).sum()),
    )


def _smaller(angle: Floats, valley: float) -> NDArray[np.bool_]:
    """Which values are in the hump that holds fewer; none where there is no valley."""
    if not np.isfinite(valley):
        return np.zeros(len(angle), dtype=bool)
    above = angle > valley
    return above if 2 * above.sum() <= len(angle) else ~above


def _corrected(found: list[Layer], *, across: bool) -> list[Layer]:
    """The same with p after Holm: `across` the two tests of a layer, or over the layers."""
    p = np.array([[one.p_every, one.p_rest] for one in found])
    adjusted = np.apply_along_axis(holm, 1 if across else 0, p)
    return [
        replace(one, p_every=float(every), p_rest=float(rest))
        for one, (every, rest) in zip(found, adjusted, strict=True)
    ]


def humps_plot(spread: Spread, blocks: int, unit: str) -> Plot:
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
        unit=f"{len(spread.angle):,} pairs and states of {several(every.units, unit)}, pooled; "
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
        else "none: too few texts, or no spread",
        "family": family if humps.p is not None else 0,
    }
