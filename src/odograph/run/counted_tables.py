"""What a shard adds to the histograms of a run, and its tokens at either end of each measure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from odograph.folder.arrays import plain_array
from odograph.folder.columns import MEASURED, described
from odograph.folder.histogram_tables import (
    CONTEXT,
    EXTREMES,
    HISTOGRAMS,
    JOINT_HISTOGRAMS,
    LARGEST,
    MOST,
    SMALLEST,
    extremes_schema,
    histograms_schema,
    joint_histograms_schema,
)
from odograph.measures.binned import (
    Numbers,
    bin_edges,
    bin_numbers,
    counted,
    counted_together,
    extreme_rows,
)
from odograph.measures.bins import JOINED, TOGETHER_BY_LAYER, TOGETHER_ONCE
from odograph.run.shard_tables import ShardTables

Ints = NDArray[np.int64]
#: Names and layer, then columns of rows that share them.
Part = tuple[tuple[Any, ...], Sequence[NDArray[Any]]]


@dataclass(frozen=True, eq=False)
class _Binned:
    """A measure at one layer, None for what is there once a token: usable tokens in their order.

    `held` are the bins that hold some of them, and how many.
    """

    measure: str
    layer: int | None
    values: NDArray[np.float32]
    numbers: Numbers
    held: tuple[Ints, Ints]


def counted_tables(made: ShardTables, *, keep_first: bool) -> dict[str, pa.Table]:
    """Histograms of one and of two measures over the usable tokens of a shard, and extremes.

    Args:
        made: all rows of the shard.
        keep_first: whether position 0 counts.
    """
    first = np.asarray(made.tokens["position"]) == 0
    sink = np.asarray(made.tokens["sink"])
    usable = np.flatnonzero((first | ~sink) if keep_first else ~(first | sink))
    binned = {(one.measure, one.layer): one for one in _binned(made, usable)}
    return {
        HISTOGRAMS: _table(map(_histogram, binned.values()), histograms_schema()),
        JOINT_HISTOGRAMS: _table(_joint_histograms(binned), joint_histograms_schema()),
        EXTREMES: _extremes(list(binned.values()), made.tokens, usable),
    }


def _binned(made: ShardTables, usable: Ints) -> Iterator[_Binned]:
    """Every stored measure at every layer, then what is there once a token."""
    rows = len(made.tokens["position"])
    for name, column in (made.layers | made.tokens).items():
        if name not in MEASURED:
            continue
        by_layer = name in made.layers
        values = np.ma.filled(column.astype(np.float32, copy=False), np.nan)
        table = values.reshape(rows, -1)[usable]
        for layer, values in enumerate(np.ascontiguousarray(table.T)):
            numbers = bin_numbers(values, described(name).bins)
            yield _Binned(name, layer if by_layer else None, values, numbers, counted(numbers))


def _histogram(one: _Binned) -> Part:
    numbers, tokens = one.held
    edges = bin_edges(numbers, described(one.measure).bins)
    return (one.measure, one.layer), (*edges, tokens)


def _joint_histograms(binned: Mapping[tuple[str, int | None], _Binned]) -> Iterator[Part]:
    for x, y in TOGETHER_ONCE:
        if (x, None) in binned and (y, None) in binned:
            yield _joint(binned[x, None], binned[y, None], None)
    for x, y in TOGETHER_BY_LAYER:
        for one in binned.values():
            other = binned.get((y, one.layer)) or binned.get((y, None))
            if one.measure == x and other is not None:
                yield _joint(one, other, one.layer, JOINED)


def _joint(x: _Binned, y: _Binned, layer: int | None, joined: int = 1) -> Part:
    across, up, tokens = counted_together(x.numbers, y.numbers, joined)
    edges = [
        edge
        for one, numbers in ((x, across), (y, up))
        for edge in bin_edges(numbers, described(one.measure).bins, joined)
    ]
    return (x.measure, y.measure, layer), (*edges, tokens)


def _table(parts: Iterable[Part], schema: pa.Schema) -> pa.Table:
    """One table of all parts; each row has the keys of its part."""
    keys, found = zip(*parts, strict=True)
    part = plain_array(np.repeat(np.arange(len(found)), [len(own[0]) for own in found]))
    made = [plain_array(list(key)).take(part) for key in zip(*keys, strict=True)]
    made += [plain_array(np.concatenate(column)) for column in zip(*found, strict=True)]
    return _of_columns(made, schema)


def _of_columns(made: Sequence[pa.Array], schema: pa.Schema) -> pa.Table:
    arrays = [column.cast(field.type) for column, field in zip(made, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _extremes(binned: Sequence[_Binned], tokens: Mapping[str, Any], usable: Ints) -> pa.Table:
    """The tokens at either end of each measure with their context, the first one first."""
    keys, values, rows = [], [], []
    for one in binned:
        found = extreme_rows(one.values, one.numbers, one.held, MOST)
        for side, own in zip((LARGEST, SMALLEST), found, strict=True):
            keys += [(one.measure, one.layer, side)] * len(own)
            values.append(one.values[own])
            rows.append(usable[own])
    if not keys:
        return extremes_schema().empty_table()
    places = np.concatenate(rows)
    known, own = np.unique(places, return_inverse=True)
    context = _contexts(tokens, known)
    made = [
        *(plain_array(list(key)) for key in zip(*keys, strict=True)),
        plain_array(np.concatenate(values)),
        *(plain_array(np.asarray(tokens[name])[places]) for name in ("passage", "position")),
        *(plain_array(list(texts)).take(plain_array(own)) for texts in context),
    ]
    return _of_columns(made, extremes_schema())


def _contexts(tokens: Mapping[str, Any], rows: Ints) -> list[list[str | None]]:
    """The text of tokens, and of those before and after each in its passage; None without texts."""
    pieces, passage = tokens["token"], np.asarray(tokens["passage"])
    if pieces[0] is None:
        return [[None] * len(rows)] * 3
    first, end = (np.searchsorted(passage, passage[rows], side) for side in ("left", "right"))
    starts = np.maximum(first, rows - CONTEXT).tolist()
    stops = np.minimum(end, rows + CONTEXT + 1).tolist()
    places = list(zip(starts, rows.tolist(), stops, strict=True))
    return [
        [pieces[row] for _, row, _ in places],
        ["".join(pieces[start:row]) for start, row, _ in places],
        ["".join(pieces[row + 1 : stop]) for _, row, stop in places],
    ]
