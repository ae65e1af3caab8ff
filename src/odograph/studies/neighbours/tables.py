"""The tables of the neighbours study."""

import numpy as np

from odograph.statistics.intervals import mean_intervals
from odograph.statistics.shapes.modes import MODES_TEST
from odograph.studies.neighbours.measured import Measured
from odograph.studies.neighbours.spread import FIRST, REST, SINK, Layer
from odograph.studies.random_order import random_order_columns
from odograph.studies.selection import Floats
from odograph.studies.study import Table
from odograph.studies.tidy import Columns, paired_table, stacked, tidy

_DEGREES = "degrees"


def tables(measured: Measured) -> list[Table]:
    """All tables that the run allows."""
    found = [
        Table("neighbours_profile", "Angle between neighbours by layer (degrees)", _all(measured)),
        Table("neighbours_positions", "Fixed pairs by layer (degrees)", _positions(measured)),
        Table("neighbours_lags", "Tokens 1, 2, 4 and 8 apart (degrees)", _lags(measured)),
        Table("neighbours_humps", "Humps of all pairs and by layer (degrees)", _humps(measured)),
    ]
    if measured.groups is not None:
        title = "The pair with the target against other pairs, by layer (degrees)"
        found.insert(
            0, Table("neighbours_targets", title, paired_table(measured.groups.profile, "degrees"))
        )
    if len(measured.bend.values):
        title = "Bend from token to token by layer (degrees)"
        found.append(Table("token_bend", title, _bend(measured)))
    return found


def _curve(values: Floats, seed: int, name: str = "") -> Columns:
    """Mean and interval of [passages, layers]."""
    low, high = mean_intervals(values, seed=seed)
    mean, start = (f"mean_{name}", f"mean_{name}_") if name else ("mean", "")
    return {mean: values.mean(axis=0), f"{start}low": low, f"{start}high": high}


def _seeds(twins: Floats | None) -> Columns:
    if twins is None:
        return {}
    return {f"untrained_seed_{n}": twin.mean(axis=0) for n, twin in enumerate(twins, start=1)}


def _all(measured: Measured) -> Columns:
    """One row a layer: every curve and null."""
    columns: Columns = {"layer": measured.layers}
    columns |= _curve(measured.everything.values, measured.run.seed, "all_pairs")
    if measured.groups is not None:
        columns["mean_target"] = measured.groups.pairs.target.mean(axis=0)
        columns["mean_other_pairs"] = measured.groups.pairs.control.mean(axis=0)
    columns |= _seeds(measured.twins) | random_order_columns(measured.shuffled)
    if measured.baseline is not None:
        found = measured.baseline.band
        columns |= {"same_layer_mean": found.mean, "same_layer_low": found.low}
        columns |= {"same_layer_high": found.high}
        columns["same_layer_mean_cosine"] = measured.baseline.cosine
    every = measured.everything
    return tidy(columns, n=len(every.values), excluded=every.excluded, unit=_DEGREES)


def _positions(measured: Measured) -> Columns:
    """One row a fixed pair and layer; sinks and position 0 included."""
    layers, parts = measured.layers, []
    for place, means in measured.positions.means.items():
        twins = [t.means[place].values for t in measured.twins_positions if place in t.means]
        null = np.concatenate(twins).mean(axis=0) if twins else np.full(len(layers), np.nan)
        parts.append(
            {
                "first": np.full(len(layers), place - 1),
                "second": np.full(len(layers), place),
                "layer": layers,
                **_curve(means.values, measured.run.seed),
                "n": np.full(len(layers), len(means.units)),
                "untrained": null,
            }
        )
    return tidy(stacked(parts), n=0, excluded=0, unit=_DEGREES)


def _lags(measured: Measured) -> Columns:
    """One row a lag and layer, all lags in the same passages."""
    layers, parts = measured.layers, []
    for lag, values in measured.lags.values.items():
        twins = measured.lags.twins.get(lag)
        null = np.full(len(layers), np.nan) if twins is None else twins.mean(axis=(0, 1))
        parts.append(
            {
                "lag": np.full(len(layers), lag),
                "layer": layers,
                **_curve(values, measured.run.seed),
                "n": np.full(len(layers), len(values)),
                "untrained": null,
            }
        )
    return tidy(stacked(parts), n=0, excluded=measured.lags.excluded, unit=_DEGREES)


def _bend(measured: Measured) -> Columns:
    values = measured.bend.values
    columns = {
        "layer": measured.layers,
        **_curve(values, measured.run.seed),
        **_seeds(measured.bend_twins),
    }
    return tidy(columns, n=len(values), excluded=measured.bend.excluded, unit=_DEGREES)


def _humps(measured: Measured) -> Columns:
    """Two rows a layer (and for all layers): all pairs, and without position 0 and sinks."""
    found = [measured.spread.together, *measured.spread.layers]
    # All states together are two tests, with and without; each state is one of all.
    sizes = [2, *[len(measured.spread.layers)] * len(measured.spread.layers)]
    rows = [
        _row(one, family, rest=rest)
        for one, family in zip(found, sizes, strict=True)
        for rest in (False, True)
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return tidy(columns, n=0, excluded=0, unit=_DEGREES)


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
        "test": MODES_TEST if humps.p is not None else "none: too few passages, or no spread",
        "family": family if humps.p is not None else 0,
    }
