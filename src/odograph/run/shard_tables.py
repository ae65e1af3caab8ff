"""What the model gave for a shard, and the tables that become of it. Never runs the model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import ROLES, Encoded
from odograph.folder.columns import MEASURED
from odograph.folder.pilot import Pilot
from odograph.measures import LAGS, MEASURES, READINGS, STEP
from odograph.observe.draws import DrawnStates
from odograph.observe.neighbours import name_of
from odograph.observe.readings import Readings
from odograph.run.pairs import pair_columns
from odograph.run.shards import Draw, Shard
from odograph.run.sinks import count_sinks, long_states, sinks_of

Columns = dict[str, Any]
Rows = Sequence[dict[str, NDArray[Any]]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Measured:
    """What the model gave for a shard: nothing in it needs the model any more.

    Attributes:
        shard: its passages.
        rows: the measures of each passage: [tokens] or [tokens, layers], for tokens that get rows.
        draw: the random pairs.
        readings: of the angles, beside the raw one.
        pairs: the states of the tokens in them.
        spans: columns of the `spans` table; empty where it was not asked for.
        moments: sums that merge exactly over the shards.
        vectors: the vectors kept; empty where none were asked for.
    """

    shard: Shard
    rows: Rows
    draw: Draw
    readings: Readings
    pairs: DrawnStates
    spans: Columns
    moments: dict[str, torch.Tensor]
    vectors: dict[str, torch.Tensor]


@dataclass(frozen=True, eq=False)
class ShardTables:
    """The tables of a shard, columns by name, rows in order of passage and position.

    `sinks` are the counts of the shard's sinks.
    """

    tokens: Columns
    layers: Columns
    pairs: Columns
    spans: Columns
    sinks: dict[str, Any]
    not_a_number: dict[str, int]
    first_bad: str


def tables_of(measured: Measured, pilot: Pilot, *, tagged: bool) -> ShardTables:
    """The tables of a shard, its sinks, and how many of its values are no numbers."""
    shard, rows = measured.shard, measured.rows
    norms = np.concatenate([r.get("stream_norm", r["norm"]) for r in rows])
    long = long_states(norms, pilot.medians)
    tokens = token_columns(shard, rows, sinks_of(long), tagged=tagged)
    layers = layer_columns(shard, rows)
    return ShardTables(
        tokens=tokens,
        layers=layers,
        pairs=pair_columns(shard, measured.draw, measured.pairs, measured.readings),
        spans=measured.spans,
        sinks=count_sinks(tokens["position"], tokens["token"], long),
        **_bad_values(tokens, layers),
    )


def without_pieces(made: ShardTables) -> ShardTables:
    """The tables without what the tokens are: of a corpus that is nobody else's to read."""
    hidden: Columns = {"token": [None] * len(made.tokens["token"])}
    ids = np.asarray(made.tokens["token_id"])
    hidden["token_id"] = np.ma.MaskedArray(np.zeros_like(ids), mask=True)
    return replace(made, tokens=made.tokens | hidden)


def token_columns(shard: Shard, rows: Rows, sinks: Flags, *, tagged: bool) -> Columns:
    """The `tokens` table: what the text says, which are sinks, what was measured once a token."""
    passages = shard.passages
    row = [p.row for p in passages]
    chosen = np.concatenate(row)
    counts = [int(r.sum()) for r in row]

    def each(values: Callable[[Encoded], NDArray[Any]]) -> NDArray[Any]:
        joined: NDArray[Any] = np.concatenate([values(p) for p in passages])[chosen]
        return joined

    def text(values: Callable[[Encoded], Sequence[str | None]]) -> list[str | None]:
        """A missing sequence, of a passage without tags, is None for every token."""
        given = (values(p) or (None,) * len(p) for p in passages)
        return [v for its, r in zip(given, row, strict=True) for v in compress(its, r.tolist())]

    passage, position = _places(shard)
    columns: Columns = {
        "passage": passage,
        "passage_id": [
            p.passage_id for p, n in zip(passages, counts, strict=True) for _ in range(n)
        ],
        "position": position,
        "token_id": each(lambda p: p.token_id),
        "token": text(lambda p: p.token),
        "start": each(lambda p: p.start),
        "end": each(lambda p: p.end),
        "word": _nulls_below(each(lambda p: p.word), 0),
        "pieces": _nulls_below(each(lambda p: p.piece_count), 1),
        "group": text(lambda p: p.group),
        "role": [ROLES[code] for code in each(lambda p: p.role)],
        "occurrence": _nulls_below(each(lambda p: p.occurrence), 0),
        "sink": sinks,
    }
    if tagged:
        columns |= {"tag": text(lambda p: p.tag), "lemma": text(lambda p: p.lemma)}
    return columns | _once_a_token(rows, each(lambda p: p.next_id) < 0)


_NEEDS_NEXT = {"next_logit", "next_logprob"}


def _once_a_token(rows: Rows, unknown: Flags) -> Columns:
    """What was measured once a token; null where none follows, and where there is no rank."""
    columns: Columns = {}
    for name, first in rows[0].items():
        if first.ndim == 1:
            values = columns[name] = np.concatenate([r[name] for r in rows])
            if name == "rank":
                columns[name] = _nulls_below(values, 1)
            elif name in _NEEDS_NEXT:
                columns[name] = _nulls(values, unknown)
    return columns


def _places(shard: Shard) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Passage and position of every token that gets a row."""
    positions = [np.flatnonzero(p.row).astype(np.int32) for p in shard.passages]
    numbers = np.array([p.passage for p in shard.passages], dtype=np.int64)
    return np.repeat(numbers, [len(its) for its in positions]), np.concatenate(positions)


def _nulls(values: NDArray[Any], missing: Flags) -> Any:
    return np.ma.MaskedArray(values, mask=missing)


def _nulls_below(values: NDArray[Any], least: int) -> Any:
    return _nulls(values, values < least)


def text_columns(shard: Shard) -> Columns:
    """The `texts` table: what the tokens of each passage cover of its text, where it has one."""
    shown = [passage for passage in shard.passages if passage.characters]
    return {
        "passage": np.array([p.passage for p in shown], dtype=np.int64),
        "start": np.array([int(p.start[p.end > p.start].min()) for p in shown], dtype=np.int32),
        "text": [p.characters for p in shown],
    }


def layer_columns(shard: Shard, rows: Rows) -> Columns:
    """The `layers` table: one row a token and layer.

    Values and keys are in the types of the schema, so that no column is copied once more.
    """
    layers = rows[0]["norm"].shape[1]
    passage, position = _places(shard)
    columns: Columns = {
        "passage": np.repeat(passage, layers),
        "position": np.repeat(position, layers),
        "layer": np.tile(np.arange(layers, dtype=np.int16), len(passage)),
    }
    known: dict[tuple[int, int, int], Flags] = {}  # measures that lack the same share it
    for name, first in rows[0].items():
        if first.ndim == 2:
            values = np.concatenate([r[name] for r in rows]).reshape(-1)
            lacks = (_first_layer(name), *_neighbours(name))
            if lacks not in known:
                known[lacks] = _missing(shard, layers, *lacks)
            columns[name] = _nulls(values, known[lacks]) if any(lacks) else values
    return columns


def _first_layer(name: str) -> int:
    """The first layer at which a measure has a value; before it the column is null."""
    if name == "bend":
        return 2
    return int(name in MEASURES and MEASURES[name].axis == STEP)


#: How many tokens before it a token needs for a measure; `token_bend` needs one after it, too.
_TOKENS_BEFORE = {
    "token_bend": 1,
    **{name_of(lag): lag for lag in (1, *LAGS)},
    **{f"{name_of(1)}_{reading}": 1 for reading in READINGS},
}


def _neighbours(name: str) -> tuple[int, int]:
    """How many tokens before it and after it a token needs for a measure."""
    return _TOKENS_BEFORE.get(name, 0), int(name == "token_bend")


def _missing(shard: Shard, layers: int, first: int, before: int, after: int) -> Flags:
    """For each row of `layers` whether its layer or its neighbours give it no value."""
    missing = np.zeros((sum(int(p.row.sum()) for p in shard.passages), layers), dtype=bool)
    missing[:, :first] = True
    if before or after:
        position = np.concatenate([np.flatnonzero(p.row) for p in shard.passages])
        left = np.concatenate([len(p) - 1 - np.flatnonzero(p.row) for p in shard.passages])
        missing[(position < before) | (left < after)] = True
    return missing.reshape(-1)


def _bad_values(tokens: Columns, layers: Columns) -> dict[str, Any]:
    """How many values of each measure are not finite, and where the first one is."""
    counts: dict[str, int] = {}
    first = ""
    for columns in (layers, tokens):
        for name, values in columns.items():
            if name not in MEASURED or values.dtype.kind != "f":
                continue
            bad = _not_finite(values)
            if len(bad):
                counts[name] = len(bad)
                first = first or _place(columns, tokens, name, int(bad[0]))
    return {"not_a_number": counts, "first_bad": first}


def _not_finite(values: Any) -> NDArray[np.intp]:
    """The rows whose value is there and no number; most columns have none, seen at one look."""
    bad = ~np.isfinite(np.ma.getdata(values))
    return np.flatnonzero(bad & ~np.ma.getmaskarray(values)) if bad.any() else np.empty(0, np.intp)


def _place(columns: Columns, tokens: Columns, name: str, row: int) -> str:
    passage, position = int(columns["passage"][row]), int(columns["position"][row])
    layer = f", layer {int(columns['layer'][row])}" if "layer" in columns else ""
    at = np.flatnonzero((tokens["passage"] == passage) & (tokens["position"] == position))[0]
    return (
        f"{name} of token {position} '{tokens['token'][at]}' of {tokens['passage_id'][at]}{layer}"
    )
