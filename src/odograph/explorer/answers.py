"""What the page asks about a run, answered from its columns, as a frozen page answers itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.explorer.columns import Columns, Floats
from odograph.report.packing import packed_numbers

BINS = 44
#: Points that a scatter draws; of more tokens, so many are drawn by a hash of their place.
MOST_POINTS = 50_000
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
    """Percentiles and histogram of a measure over the usable tokens; None without numbers."""
    values = _finite(columns, columns.at(measure, layer, minus=minus))
    if not len(values):
        return None
    twin = None
    if not minus and measure in columns.measures and columns.run.untrained:
        twin = _finite(columns, columns.twin(measure, layer))
        twin = twin if len(twin) else None
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
    }


def cloud_answer(columns: Columns, axes: Axes) -> Answer | None:
    """The points of a scatter, packed, and Spearman's r over all tokens."""
    x, y, rows = _points(columns, axes)
    if not len(x):
        return None
    drawn = slice(None) if len(x) <= MOST_POINTS else _drawn(rows)
    return {
        "x": _packed(x[drawn]),
        "y": _packed(y[drawn]),
        "of": len(x),
        "r": _spearman(x, y),
    }


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
    rows = np.flatnonzero(columns.usable.astype(bool) & np.isfinite(x) & np.isfinite(y))
    return x[rows], y[rows], rows


def _finite(columns: Columns, values: Floats) -> Floats:
    return values[columns.usable.astype(bool) & np.isfinite(values)]


def _histogram(values: Floats, edges: Floats) -> list[int]:
    inside = np.clip(values, edges[0], edges[-1])
    return [int(n) for n in np.histogram(inside, bins=edges)[0]]


def _drawn(rows: NDArray[np.int64]) -> NDArray[np.intp]:
    """Some of the rows by a hash of each: what they measure has no say."""
    mixed = (rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(11)
    return np.sort(np.argpartition(mixed, MOST_POINTS)[:MOST_POINTS])


def _packed(values: Floats) -> Answer:
    span = float(np.ptp(values)) or 1.0
    return packed_numbers(values, error=span / 100_000)


def _spearman(x: Floats, y: Floats) -> float | None:
    from scipy.stats import rankdata

    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])
