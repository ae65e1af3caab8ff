"""How one measure goes over the layers, as a page has it, from the arrays of a run."""

from typing import Any

import numpy as np

from odograph.explorer.columns import STORED, Columns
from odograph.explorer.derived import Floats
from odograph.explorer.network import Ints, Network
from odograph.folder.documents import by_document
from odograph.folder.run import Run
from odograph.report.profiles import TAILS, curves_of, plain_series, profiles_of, walks_beside
from odograph.report.sample import hash_drawn

Answer = dict[str, Any]
Series = list[float | None]
#: Tokens whose numbers say between which values colours run.
_COLOURED = 50_000


def profile_answer(columns: Columns, measure: str) -> Answer:
    """Curves, those of the twins, and the scale of the colours, as `profiles_of` has them.

    Of more than 50,000 tokens, the scale is that of so many, drawn by hash. The curves of a run
    that keeps sums are of all its texts.
    """
    run = columns.run
    if not columns.fits or run.keeps_sums:
        answer: Answer = profiles_of(run, [measure])[measure]
        return answer
    model = columns.network(run)
    curves = [
        {
            "label": label,
            **_curve(columns, model, measure, np.flatnonzero(columns.condition(where))),
        }
        for label, where in curves_of(run, STORED)
    ]
    twins = [_twin_curve(columns, twin, measure) for twin in run.untrained]
    return {
        "curves": [curve for curve in curves if curve["units"]],
        "twins": twins,
        "walk": walks_beside(run).get(measure),
        "scale": colour_scale(columns, measure),
    }


def profile_unread(columns: Columns) -> Answer:
    """What a page has before it asks: as many twins, and no numbers."""
    return {"curves": [], "twins": [[] for _ in columns.run.untrained], "walk": None, "scale": []}


def _twin_curve(columns: Columns, twin: Run, measure: str) -> Series:
    """The mean of a twin by layer, at the tokens that it has read."""
    places = columns.places(twin)
    rows = np.flatnonzero(columns.usable[places])
    mean: Series = _curve(columns, columns.network(twin), measure, rows)["mean"]
    return mean


def _curve(columns: Columns, network: Network, measure: str, rows: Ints) -> Answer:
    """Mean, 5 % and 95 % over the means of documents, and how many documents; [L+1].

    Args:
        columns: of the run.
        network: the model or a twin.
        measure: at every layer of it.
        rows: the tokens of the network that count.
    """
    if not len(rows):
        return {"mean": [], "low": [], "high": [], "units": 0}
    passage = network.passage[rows]
    document = columns.document[columns.places(network.run)][rows]
    starts = np.flatnonzero(np.diff(passage, prepend=-1))
    layers = range(columns.run.blocks + 1)
    means = [_means(network.at(measure, layer)[rows], starts) for layer in layers]
    units = by_document(np.array(means).T, passage[starts].astype(np.int64), document[starts])
    known = [layer[np.isfinite(layer)] for layer in units.T]
    ends = [_ends(layer) for layer in known]
    return {
        "mean": plain_series(np.array([layer.mean() if len(layer) else np.nan for layer in known])),
        "low": plain_series(np.array([low for low, _ in ends])),
        "high": plain_series(np.array([high for _, high in ends])),
        "units": len(units),
    }


def _means(values: Floats, starts: Ints) -> Floats:
    """The mean of each stretch of values from one start to the next; what is no number is out."""
    there = np.isfinite(values)
    totals = np.add.reduceat(np.where(there, values, 0.0), starts)
    with np.errstate(invalid="ignore"):
        means: Floats = totals / np.add.reduceat(there, starts, dtype=np.int64)
    return means


def _ends(values: Floats, shares: tuple[float, float] = (0.05, 0.95)) -> tuple[float, float]:
    if not len(values):
        return np.nan, np.nan
    low, high = np.quantile(values, shares)
    return float(low), float(high)


def colour_scale(columns: Columns, measure: str) -> list[Series]:
    """By layer the values between which colours run."""
    if measure not in columns.scales:
        columns.scales[measure] = _scale(columns, measure)
    return columns.scales[measure]


def _scale(columns: Columns, measure: str) -> list[Series]:
    if not columns.fits:
        whole: list[Series] = profiles_of(columns.run, [measure])[measure]["scale"]
        return whole
    model, rows = columns.network(columns.run), np.flatnonzero(columns.usable)
    drawn = rows[hash_drawn(rows, _COLOURED)]
    layers = [model.at(measure, layer)[drawn] for layer in range(columns.run.blocks + 1)]
    return [plain_series(np.array(_ends(row[np.isfinite(row)], TAILS))) for row in layers]
