"""The pictures of the neighbours study."""

from dataclasses import replace

import numpy as np

from odograph.figures.angles import Angles
from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Reference, draw_profile
from odograph.figures.stack import draw_stack
from odograph.measures import MEASURES
from odograph.sentences.templates import number
from odograph.statistics.intervals import band
from odograph.statistics.permutation import ALPHA
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.differences import difference_plot
from odograph.studies.neighbours.measured import Measured
from odograph.studies.neighbours.place_findings import INDEPENDENT_BEND
from odograph.studies.neighbours.places import ANGLE
from odograph.studies.neighbours.spread import FIRST, REST, SINK
from odograph.studies.neighbours.wording import position_zero
from odograph.studies.phrases import capital, over_passages, passages_counted, twin_null
from odograph.studies.random_order import random_order_bands, random_order_null
from odograph.studies.selection import Floats
from odograph.studies.study import Plot

_LAYER = "layer"
_AXIS = "angle (degrees)"
#: Fixed pairs in the picture, by their second position; the table has all.
_DRAWN = (1, 2, 3, 4, 8)


def plots(measured: Measured) -> list[Plot]:
    """All pictures that the run allows, the profile first."""
    found = [_profile(measured)]
    if measured.groups is not None:
        title = f"Angle of {measured.groups.target} minus that of {measured.groups.control}"
        found.append(
            difference_plot("neighbours_difference", title, measured.groups, "difference (degrees)")
        )
    found += [_positions(measured), _lags(measured)]
    if len(measured.bend.values):
        found.append(_bend(measured))
    return [*found, _humps(measured)]


def _baseline(measured: Measured) -> list[Band]:
    return [measured.baseline.band] if measured.baseline is not None else []


def _null(measured: Measured) -> str:
    """The nulls that the profile and the lags show, in words."""
    if measured.baseline is None:
        return twin_null(measured.run)
    drawn = f"same layer, another passage: {measured.baseline.drawn} drawn pairs a layer"
    return f"{twin_null(measured.run)}; {drawn}"


def _profile(measured: Measured) -> Plot:
    curves = [mean_curve(measured.subject, measured.layers, measured.leading, measured.run.seed)]
    if measured.groups is not None:
        control = measured.groups.pairs.control
        curves.append(
            mean_curve(measured.groups.control, measured.layers, control, measured.run.seed)
        )
    bands = [
        *twin_bands(measured.twins, measured.layers),
        *random_order_bands(measured.shuffled, measured.layers),
        *_baseline(measured),
    ]
    labels = Labels("Angle between neighbouring tokens inside each layer", _LAYER, _AXIS)
    return Plot(
        "neighbours_profile",
        labels.title,
        f"Mean angle {over_passages(len(measured.leading))}; layer 0 "
        "is the state entering the first block. Grey: what the nulls give, 5 to 95 % with the mean "
        "as a thin line.",
        "; ".join([_null(measured), *random_order_null(measured.shuffled)]),
        later(draw_profile, curves, labels, bands=bands),
    )


def _positions(measured: Measured) -> Plot:
    means = measured.positions.means
    curves = [
        mean_curve(
            f"{place - 1}-{place} (n = {len(means[place].units)})",
            measured.layers,
            means[place].values,
            measured.run.seed,
        )
        for place in _DRAWN
        if place in means
    ]
    first = [twin.means[1].values for twin in measured.twins_positions if 1 in twin.means]
    bands = [_first_band(measured, np.concatenate(first), len(first))] if first else []
    title = "Angle between neighbours at fixed positions"
    about = position_zero(measured)
    return Plot(
        "neighbours_positions",
        title,
        "Mean angle with its 95 % interval (BCa over passages), sinks and position 0 included. "
        f"{capital(about)}. Grey: the pair 0-1 in untrained twins, 5 to 95 %.",
        f"pair 0-1 in twins; {twin_null(measured.run)}",
        later(draw_profile, curves, Labels(title, _LAYER, _AXIS), bands=bands),
        unit="passages long enough for the pair; position 0 and sinks are in",
    )


def _first_band(measured: Measured, values: Floats, seeds: int) -> Band:
    low, high = band(values)
    label = "0-1, untrained twin" if seeds == 1 else "0-1, untrained twins"
    return Band(label, measured.layers, low, high, np.asarray(values.mean(axis=0)))


def _lags(measured: Measured) -> Plot:
    lags = measured.lags
    curves = [
        mean_curve(f"{lag} apart", measured.layers, values, measured.run.seed)
        for lag, values in lags.values.items()
    ]
    for lag in sorted({min(lags.twins), max(lags.twins)} if lags.twins else ()):
        mean = np.asarray(lags.twins[lag].mean(axis=(0, 1)))
        curve = mean_curve(
            f"untrained twins, {lag} apart", measured.layers, mean[None], measured.run.seed
        )
        curves.append(replace(curve, low=None, high=None))
    title = "Angle between tokens 1, 2, 4 and 8 apart"
    count = len(next(iter(lags.values.values())))
    return Plot(
        "neighbours_lags",
        title,
        f"Mean angle {over_passages(count)}, the same at every distance, position 0 and "
        "sinks left out. Twins: mean of all seeds.",
        _null(measured),
        later(draw_profile, curves, Labels(title, _LAYER, _AXIS), bands=_baseline(measured)),
        unit=f"{passages_counted(count)} with a pair at every distance",
    )


def _bend(measured: Measured) -> Plot:
    values = measured.bend.values
    title = "How sharply the way from token to token bends inside a layer"
    drawn = later(
        draw_profile,
        [mean_curve("a token between its neighbours", measured.layers, values, measured.run.seed)],
        Labels(title, _LAYER, "bend (degrees)"),
        bands=twin_bands(measured.bend_twins, measured.layers),
        references=[Reference("120 degrees: independent states", INDEPENDENT_BEND)],
    )
    return Plot(
        "token_bend",
        title,
        f"Mean bend {over_passages(len(values))}. Grey: the twins, 5 "
        "to 95 %. Dotted: what independent states give.",
        f"independent states: 120 degrees; {twin_null(measured.run)}",
        drawn,
        unit=passages_counted(len(values)),
    )


def _humps(measured: Measured) -> Plot:
    spread = measured.spread
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
        f"All pairs at the states 0 to {measured.run.blocks} pooled, sinks and position 0 "
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
