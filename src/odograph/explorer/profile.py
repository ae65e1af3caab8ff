"""How one measure goes over the layers, as a page has it, from the arrays of a run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.explorer.columns import Columns, Floats
from odograph.explorer.derived import States
from odograph.folder.documents import by_document
from odograph.report.profiles import TAILS, curves_of, plain_series, profiles_of, random_walk
from odograph.report.sample import hash_drawn

Answer = dict[str, Any]
#: Tokens whose numbers say between which values colours run.
_COLOURED = 50_000


def profile_answer(columns: Columns, measure: str) -> Answer:
    """Curves, those of the twins, and the scale of the colours, as `profiles_of` has them.

    Of more than 50,000 tokens, the scale is that of so many, drawn by hash.
    """
    run = columns.run
    if not columns.fits:
        answer: Answer = profiles_of(run, [measure])[measure]
        return answer
    states = columns.states(run, measure)
    curves = [
        {"label": label, **_curve(columns, states, columns.condition(where))}
        for label, where in curves_of(run)
    ]
    twins = [columns.states(twin, measure) for twin in run.untrained]
    return {
        "curves": [curve for curve in curves if curve["units"]],
        "twins": [_curve(columns, twin, columns.usable)["mean"] for twin in twins],
        "walk": random_walk(run.blocks).get(measure),
        "scale": _scale(columns, states),
    }


def profile_unread(columns: Columns) -> Answer:
    """What a page has before it asks: as many twins, and no numbers."""
    return {"curves": [], "twins": [[] for _ in columns.run.untrained], "walk": None, "scale": []}


def _curve(columns: Columns, states: States, counted: NDArray[np.bool_]) -> Answer:
    """Mean, 5 % and 95 % over the means of documents, and how many documents; [L+1]."""
    starts = np.flatnonzero(np.diff(columns.passage, prepend=-1))
    passages, documents = (
        values[starts].astype(np.int64)
        for values in (columns.passage, columns.token_column("document"))
    )
    there = np.isfinite(states) & counted
    total = np.add.reduceat(np.where(there, states, 0).astype(np.float64), starts, axis=1)
    with np.errstate(invalid="ignore"):
        means = total / np.add.reduceat(there, starts, axis=1, dtype=np.int64)
    some = np.add.reduceat(counted, starts, dtype=np.int64) > 0
    if not some.any():
        return {"mean": [], "low": [], "high": [], "units": 0}
    units = by_document(means.T[some], passages[some], documents[some])
    rows = [layer[np.isfinite(layer)] for layer in units.T]
    ends = [_ends(row) for row in rows]
    return {
        "mean": plain_series(np.array([row.mean() if len(row) else np.nan for row in rows])),
        "low": plain_series(np.array([low for low, _ in ends])),
        "high": plain_series(np.array([high for _, high in ends])),
        "units": len(units),
    }


def _ends(values: Floats, shares: tuple[float, float] = (0.05, 0.95)) -> tuple[float, float]:
    if not len(values):
        return np.nan, np.nan
    low, high = np.quantile(values, shares)
    return float(low), float(high)


def _scale(columns: Columns, states: States) -> list[list[float | None]]:
    """By layer the values between which colours run."""
    rows = np.flatnonzero(columns.usable)
    drawn = states[:, rows[hash_drawn(rows, _COLOURED)]]
    return [plain_series(np.array(_ends(row[np.isfinite(row)], TAILS))) for row in drawn]
