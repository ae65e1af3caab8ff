"""Paths of kept tokens through the common axes of a run, as a page turns them by hand."""

from typing import Any

import numpy as np

from odograph.folder.axes import AXES_TABLE, stored_axes
from odograph.folder.run import Run
from odograph.folder.selection import Floats
from odograph.folder.vectors import kept_states
from odograph.folder.word_states import RAW
from odograph.report.packing import packed_integers, packed_numbers
from odograph.report.sample import hash_drawn
from odograph.statistics.space.projection import Axes

#: Tokens whose paths a page holds, and how far a coordinate may be off, as a share of their range:
#: less than a pixel of the picture, in one byte.
_MOST, _ERROR = 400, 0.002
_SHARES = "trajectories_scree"
Ints = np.ndarray[Any, np.dtype[np.int64]]


def axes_data(run: Run) -> dict[str, Any] | None:
    """The axes' shares of variance, and coordinates [3, tokens, L+1] of at most 400 kept tokens.

    Those of the first untrained twin lie in the same axes. None where the run keeps no axes: no
    study of trajectories was done, or the vectors are gone.
    """
    if run.result(f"tables/{AXES_TABLE}.parquet") is None:
        return None
    axes = stored_axes(run, RAW)
    places, points = _coordinates(run, axes)
    if not len(places):
        return None
    drawn = hash_drawn(np.arange(len(places)), _MOST)
    twin = _twin(run, places, axes)
    return {
        "passages": packed_integers(places[drawn, 0]),
        "positions": packed_integers(places[drawn, 1]),
        "of": len(places),
        "shares": _shares(run),
        "points": _packed(points[drawn]),
        "twin": None if twin is None else _packed(twin[drawn]),
    }


def _coordinates(run: Run, axes: Axes) -> tuple[Ints, Floats]:
    """Places [tokens, 2] in the order of the text, and coordinates [tokens, L+1, components]."""
    places, points = [np.empty((0, 2), np.int64)], []
    for kept in kept_states(run):
        places.append(np.stack([kept.passage, kept.position], axis=1))
        points.append(axes.coordinates(kept.values))
    there = np.concatenate(places)
    order = np.lexsort((there[:, 1], there[:, 0]))
    return there[order], np.concatenate(points)[order] if points else np.empty((0, 0, 0))


def _twin(run: Run, places: Ints, axes: Axes) -> Floats | None:
    """The same tokens in the first untrained twin, where it keeps them."""
    if not run.untrained:
        return None
    there, points = _coordinates(run.untrained[0], axes)
    return points if np.array_equal(there, places) else None


def _shares(run: Run) -> list[float]:
    found = run.sql(
        f"select all_words from tables.{_SHARES} where view = 'raw' and component <= 3 "
        "order by component"
    )
    return [float(share) for (share,) in found.fetchall()]


def _packed(points: Floats) -> dict[str, Any]:
    """[tokens, L+1, components] as rows of one axis each."""
    rows = np.moveaxis(points, -1, 0).reshape(points.shape[-1], -1)
    return packed_numbers(rows, error=float(np.ptp(rows)) * _ERROR or 1.0)
