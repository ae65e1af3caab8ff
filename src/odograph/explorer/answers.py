"""What the page asks about a run, answered from its columns, as a frozen page answers itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.explorer.columns import Columns
from odograph.explorer.derived import Floats
from odograph.folder.kept_rows import drawn_words
from odograph.measures.binned import Counts, JointCounts
from odograph.report.packing import packed_integers, packed_numbers
from odograph.report.sample import hash_drawn

BINS = 44
#: Points that a scatter draws; more tokens are counted in cells, and so many are drawn by hash.
MOST_POINTS, DRAWN = 50_000, 4_000
#: Cells of such a scatter, across and up.
CELLS = (72, 44)
EXAMPLES = 6
#: Share of the tokens in each of the two outermost bars, which hold all beyond.
_TAIL = 0.0005

Answer = dict[str, Any]


@dataclass(frozen=True)
class Box:
    """A part of a scatter: from and to, across and up."""

    x: tuple[float, float]
    y: tuple[float, float]

    def has(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Which points lie in it."""
        across = (x >= self.x[0]) & (x <= self.x[1])
        return across & (y >= self.y[0]) & (y <= self.y[1])


@dataclass(frozen=True)
class Axes:
    """Two measures at a layer, as they are or minus the untrained twins."""

    x: str
    y: str
    layer: int
    minus: bool


def column_answer(columns: Columns, measure: str, layer: int, *, minus: bool) -> Answer | None:
    """Percentiles and histogram of a measure over the usable tokens; None without numbers.

    Of all texts where a run keeps sums and has counted them; `source` says what they are of.
    """
    twin = None
    if not minus and measure in columns.measures and columns.run.untrained:
        twin = _finite(columns, columns.twin(measure, layer))
        twin = twin if len(twin) else None
    counted = None if minus else columns.counted(measure, layer)
    if counted is not None:
        return _counted_column(columns, counted, twin)
    values = _finite(columns, columns.at(measure, layer, minus=minus))
    if not len(values):
        return None
    both = [values] if twin is None else [values, twin]
    ends = [np.quantile(v, [_TAIL, 1 - _TAIL]) for v in both]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    edges = low + np.arange(BINS + 1) * ((high - low if high > low else 1) / BINS)
    return {
        "count": len(values),
        "percentiles": np.quantile(values, np.arange(101) / 100).tolist(),
        "edges": edges.tolist(),
        "counts": _histogram(values, edges),
        "twin": None if twin is None else _histogram(twin, edges),
        "source": _of_drawn(columns),
    }


def _counted_column(columns: Columns, counted: Counts, twin: Floats | None) -> Answer:
    """The same from the histogram of all tokens, in bars no narrower than the median token's bin.

    The twin's tokens, where it has read others or fewer, are scaled to as many.
    """
    low, high = counted.quantiles([_TAIL, 1 - _TAIL]).tolist()
    bars = max(1, min(BINS, int((high - low) / counted.width)))
    edges = low + np.arange(bars + 1) * ((high - low) / bars)
    scaled, source = None, [f"From {counted.words}"]
    if drawn := drawn_words(columns.run.manifest):
        source.append(f"tokens that can be chosen are of {drawn}")
    if twin is not None:
        scaled = np.rint(np.array(_histogram(twin, edges)) * counted.total / len(twin)).tolist()
        if len(twin) != counted.total:
            source.append(f"the twins' {len(twin):,} tokens are scaled to as many")
    return {
        "count": counted.total,
        "percentiles": counted.quantiles(np.arange(101) / 100).tolist(),
        "edges": edges.tolist(),
        "counts": counted.within(edges).tolist(),
        "twin": scaled,
        "source": f"{'; '.join(source)}.",
    }


def _of_drawn(columns: Columns) -> str:
    """That tokens are those of drawn documents, where they are."""
    drawn = drawn_words(columns.run.manifest)
    return f"Of {drawn}." if drawn else ""


def ranks_answer(
    columns: Columns, measures: Sequence[str], layer: int, rows: Sequence[int | None]
) -> Answer:
    """For each measure, what share of the usable tokens lies below each of these, 0 to 1.

    None where a row is None or has no number. Of all texts, within a bin, where they are counted.
    """
    columns.network(columns.run).read(columns.measures.intersection(measures))
    return {measure: _shares_below(columns, measure, layer, rows) for measure in measures}


def _shares_below(
    columns: Columns, measure: str, layer: int, rows: Sequence[int | None]
) -> list[float | None]:
    values, counted = columns.at(measure, layer), columns.counted(measure, layer)
    known = _finite(columns, values)

    def below(value: float) -> float:
        if counted is not None:
            return float(counted.shares_below(value))
        return float(np.count_nonzero(known < value)) / len(known)

    return [
        below(values[row]) if row is not None and np.isfinite(values[row]) and len(known) else None
        for row in rows
    ]


def cloud_answer(columns: Columns, axes: Axes) -> Answer | None:
    """The points of a scatter, packed, and Spearman's r over all tokens that have rows.

    Of more than 50,000, how many lie in each cell, and a few thousand points drawn by hash; cells
    are of all texts where a run keeps sums and has counted them, as `source` says.
    """
    x, y, rows = _points(columns, axes)
    if not len(x):
        return None
    counted = None if axes.minus else columns.counted_together(axes.x, axes.y, axes.layer)
    many = len(x) > MOST_POINTS or (counted is not None and len(x) > DRAWN)
    drawn = hash_drawn(rows, DRAWN) if many else slice(None)
    return {
        "x": _packed(x[drawn]),
        "y": _packed(y[drawn]),
        "of": len(x),
        "r": _spearman(x, y),
        "cells": _counted_cells(counted) if counted else _cells(x, y) if many else None,
        "source": _of_cells(columns, counted),
    }


def _of_cells(columns: Columns, counted: JointCounts | None) -> str:
    """What cells, dots and r are of."""
    if counted is None:
        return _of_drawn(columns)
    dots = f" Dots and r: of {drawn}." if (drawn := drawn_words(columns.run.manifest)) else ""
    return f"Cells: {counted.words}.{dots}"


def _counted_cells(counted: JointCounts) -> Answer:
    """The same cells from the histogram of all tokens, between its outermost edges."""
    across, up = CELLS
    x = np.linspace(counted.x_low.min(), counted.x_high.max(), across + 1)
    y = np.linspace(counted.y_low.min(), counted.y_high.max(), up + 1)
    table = counted.within(x, y)
    return {
        "x": [float(x[0]), float(x[-1])],
        "y": [float(y[0]), float(y[-1])],
        "across": across,
        "up": up,
        "counts": packed_integers(np.rint(table.T).astype(np.int64).ravel()),
    }


def _cells(x: Floats, y: Floats) -> Answer:
    """Ends of both axes, and how many points lie in each cell, rows from below."""
    across, up = CELLS
    at = _cell_of(y, up) * across + _cell_of(x, across)
    return {
        "x": [float(x.min()), float(x.max())],
        "y": [float(y.min()), float(y.max())],
        "across": across,
        "up": up,
        "counts": packed_integers(np.bincount(at, minlength=across * up)),
    }


def _cell_of(values: Floats, count: int) -> NDArray[np.int64]:
    low, high = values.min(), values.max()
    share = (values - low) / ((high - low) or 1)
    cells: NDArray[np.int64] = np.minimum(np.floor(share * count), count - 1).astype(np.int64)
    return cells


def choose_answer(columns: Columns, axes: Axes, box: Box, shown: Sequence[int]) -> Answer:
    """How many tokens a box holds, examples of them, and which of the shown passages they are."""
    x, y, rows = _points(columns, axes)
    chosen = rows[box.has(x, y)]
    passage, position = columns.passage[chosen], columns.position[chosen]
    seen = np.isin(passage, np.asarray(shown, dtype=np.int64))
    at = np.floor((np.arange(EXAMPLES) + 0.5) * len(chosen) / EXAMPLES).astype(int)
    at = np.arange(len(chosen)) if len(chosen) <= EXAMPLES else at
    return {
        "count": len(chosen),
        "examples": [[int(passage[k]), int(position[k])] for k in at],
        "places": [f"{p}.{k}" for p, k in zip(passage[seen], position[seen], strict=True)],
    }


def _points(columns: Columns, axes: Axes) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Both measures of the usable tokens that have both, and the rows of these tokens."""
    x = columns.at(axes.x, axes.layer, minus=axes.minus and axes.x in columns.measures)
    y = columns.at(axes.y, axes.layer, minus=axes.minus and axes.y in columns.measures)
    rows = np.flatnonzero(columns.usable & np.isfinite(x) & np.isfinite(y))
    return x[rows], y[rows], rows


def _finite(columns: Columns, values: Floats) -> Floats:
    return values[columns.usable & np.isfinite(values)]


def _histogram(values: Floats, edges: Floats) -> list[int]:
    inside = np.clip(values, edges[0], edges[-1])
    return [int(n) for n in np.histogram(inside, bins=edges)[0]]


def _packed(values: Floats) -> Answer:
    span = float(np.ptp(values)) or 1.0
    return packed_numbers(values, error=span / 100_000)


def _spearman(x: Floats, y: Floats) -> float | None:
    from scipy.stats import rankdata

    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])
