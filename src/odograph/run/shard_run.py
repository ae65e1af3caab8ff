"""One shard through the model: batches in, the shard's tables out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import ROLES, Encoded
from odograph.geometry import angle
from odograph.models.hooks import watching
from odograph.models.loading import Loaded
from odograph.observe.draws import DirectionSum, DrawnStates
from odograph.observe.path import Path, PathPlan
from odograph.observe.prediction import predict
from odograph.run.config import RunConfig
from odograph.run.shards import (
    ANY,
    MISMATCHED,
    SAME_LAYER,
    Draw,
    Shard,
    cut_into_batches,
    draw_pairs,
)

Columns = dict[str, Any]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ShardTables:
    """What a shard becomes on disk, columns by name, rows in order of passage and position."""

    tokens: Columns
    layers: Columns
    pairs: Columns
    moments: dict[str, torch.Tensor]
    not_a_number: dict[str, int]
    first_bad: str


def measure_shard(
    loaded: Loaded, shard: Shard, config: RunConfig, on_tokens: Callable[[int], None]
) -> ShardTables:
    """Runs every batch of the shard; `on_tokens(n)` hears of the tokens of each finished batch."""
    layers = len(loaded.anatomy.blocks) + 1
    draw = draw_pairs(shard, layers, config.pairs, config.seed, config.keep_first)
    kept = DrawnStates(layers, len(draw.tokens), loaded.anatomy.width)
    sums = DirectionSum(layers, loaded.anatomy.width, _sums_device(loaded))
    slots = {(int(p), int(q)): slot for slot, (p, q) in enumerate(draw.tokens)}
    measured: dict[int, dict[str, NDArray[Any]]] = {}
    lengths = [len(p.token_id) for p in shard.passages]
    for batch in cut_into_batches(lengths, batch_budget(config, loaded)):
        _expect(shard, batch, kept, sums, slots, config.keep_first)
        measured |= _measure_batch(loaded, shard, batch, config, (kept, sums))
        on_tokens(sum(lengths[number] for number in batch))
    rows = [measured[number] for number in range(len(shard.passages))]
    tokens, per_layer = _token_columns(shard, rows), _layer_columns(shard, rows)
    return ShardTables(
        tokens=tokens,
        layers=per_layer,
        pairs=_pair_columns(shard, draw, kept),
        moments={"direction_sum": sums.sums.cpu(), "direction_count": sums.counts.cpu()},
        **_bad_values(tokens, per_layer),
    )


def batch_budget(config: RunConfig, loaded: Loaded) -> int:
    """Tokens a batch: as asked, else enough to keep the device busy."""
    return config.batch_tokens or (1024 if loaded.device == "cpu" else 8192)


def _sums_device(loaded: Loaded) -> str:
    return "cpu" if loaded.device.startswith("mps") else loaded.device


def _expect(
    shard: Shard,
    batch: tuple[int, ...],
    kept: DrawnStates,
    sums: DirectionSum,
    slots: dict[tuple[int, int], int],
    keep_first: bool,
) -> None:
    """Tells the watchers which rows of the batch, flattened, are theirs."""
    longest = len(shard.passages[batch[0]].token_id)
    rows, places = [], []
    counted = torch.zeros(len(batch), longest, dtype=torch.bool)
    for line, number in enumerate(batch):
        passage = shard.passages[number]
        counted[line, : len(passage.token_id)] = torch.from_numpy(passage.row)
        for position in np.flatnonzero(passage.row):
            slot = slots.get((number, int(position)))
            if slot is not None:
                rows.append(line * longest + int(position))
                places.append(slot)
    if not keep_first:
        counted[:, 0] = False
    kept.expect(torch.tensor(rows, dtype=torch.long), torch.tensor(places, dtype=torch.long))
    sums.expect(counted.flatten())


def padded(sequences: list[NDArray[np.int32]], fill: int | None = None) -> torch.Tensor:
    """Sequences side by side, right-padded, [sequences, longest].

    In a causal model nothing after a token reaches it, so any padding on the right is harmless and
    no mask is needed; each sequence is filled up with its own last token.
    """
    longest = max(map(len, sequences))
    ids = np.empty((len(sequences), longest), dtype=np.int64)
    for line, sequence in enumerate(sequences):
        ids[line, : len(sequence)] = sequence
        ids[line, len(sequence) :] = sequence[-1] if fill is None else fill
    return torch.from_numpy(ids)


def _measure_batch(
    loaded: Loaded, shard: Shard, batch: tuple[int, ...], config: RunConfig, watchers: Any
) -> dict[int, dict[str, NDArray[Any]]]:
    """The measures of the batch by passage, rows cut to the passage's own tokens."""
    passages = [shard.passages[number] for number in batch]
    ids = padded([p.token_id for p in passages]).to(loaded.device)
    path = Path(loaded.anatomy, _plan(config, loaded), watchers)
    with torch.inference_mode():
        with watching(loaded.anatomy, path.state):
            normed = loaded.anatomy.trunk(ids, use_cache=False)[0].flatten(0, 1)
        values = path.finish(normed)
        if config.logits != "none":
            following = padded([p.next_id for p in passages], fill=-1).flatten().to(loaded.device)
            full = config.logits == "full"
            values |= predict(loaded.anatomy, normed, following, full)
    arrays = {name: _as_numpy(v).reshape(*ids.shape, *v.shape[1:]) for name, v in values.items()}
    return {
        number: {name: a[line, : len(p.token_id)][p.row] for name, a in arrays.items()}
        for line, (number, p) in enumerate(zip(batch, passages, strict=True))
    }


def _plan(config: RunConfig, loaded: Loaded) -> PathPlan:
    return PathPlan(
        convention=config.convention,
        bend="bend" in config.measures,
        displacement="straightness" in config.measures or "displacement" in config.measures,
        copies=loaded.checks.in_place,
    )


def _as_numpy(values: torch.Tensor) -> NDArray[Any]:
    kind = torch.int32 if not values.is_floating_point() else torch.float32
    array: NDArray[Any] = values.to(kind).cpu().numpy()
    return array


def _token_columns(shard: Shard, rows: list[dict[str, NDArray[Any]]]) -> Columns:
    """The `tokens` table: what the text says, then what was measured once a token."""
    passages = shard.passages
    columns: Columns = {
        "passage": _each(passages, lambda p: np.full(len(p.token_id), p.passage)),
        "passage_id": [p.passage_id for p in passages for _ in range(int(p.row.sum()))],
        "position": _each(passages, lambda p: np.arange(len(p.token_id))),
        "token_id": _each(passages, lambda p: p.token_id),
        "token": [t for p in passages for t, row in zip(p.token, p.row, strict=True) if row],
        "start": _each(passages, lambda p: p.start),
        "end": _each(passages, lambda p: p.end),
        "word": _nulls_below(_each(passages, lambda p: p.word), 0),
        "pieces": _nulls_below(_each(passages, lambda p: p.piece_count), 1),
        "group": [g for p in passages for g, row in zip(p.group, p.row, strict=True) if row],
        "role": [ROLES[code] for p in passages for code in p.role[p.row]],
        "occurrence": _nulls_below(_each(passages, lambda p: p.occurrence), 0),
        "sink": np.zeros(sum(int(p.row.sum()) for p in passages), dtype=bool),
    }
    unknown = _each(passages, lambda p: p.next_id) < 0
    for name, first in rows[0].items():
        if first.ndim == 1:
            values = np.concatenate([r[name] for r in rows])
            hidden = unknown if name in _NEEDS_NEXT else np.zeros(len(values), dtype=bool)
            columns[name] = np.ma.MaskedArray(values, mask=hidden)
    return columns


_NEEDS_NEXT = {"next_logit", "next_logprob", "rank"}


def _each(passages: tuple[Encoded, ...], values: Callable[[Encoded], Any]) -> NDArray[Any]:
    joined: NDArray[Any] = np.concatenate([values(p)[p.row] for p in passages])
    return joined


def _nulls_below(values: NDArray[Any], least: int) -> Any:
    return np.ma.MaskedArray(values, mask=values < least)


#: The first layer at which a measure has a value; before it the column is null.
_FIRST_LAYER = {"rotation": 1, "step": 1, "bend": 2}


def _layer_columns(shard: Shard, rows: list[dict[str, NDArray[Any]]]) -> Columns:
    """The `layers` table: one row a token and layer."""
    names = [name for name, values in rows[0].items() if values.ndim == 2]
    layers = rows[0]["norm"].shape[1]
    tokens = sum(len(r["norm"]) for r in rows)
    layer = np.tile(np.arange(layers), tokens)
    columns: Columns = {
        "passage": np.repeat(
            _each(shard.passages, lambda p: np.full(len(p.row), p.passage)), layers
        ),
        "position": np.repeat(_each(shard.passages, lambda p: np.arange(len(p.row))), layers),
        "layer": layer,
    }
    for name in names:
        values = np.concatenate([r[name] for r in rows]).reshape(-1)
        columns[name] = np.ma.MaskedArray(values, mask=layer < _FIRST_LAYER.get(name, 0))
    return columns


def _pair_columns(shard: Shard, draw: Draw, kept: DrawnStates) -> Columns:
    """The `pairs` table: the angles of the three drawn nulls."""
    layers = len(kept.kept)
    left, right = draw.across[:, 0], draw.across[:, 1]
    parts: list[tuple[str, Any, Any, Any, Any]] = []
    for layer in range(layers):
        parts.append(
            (SAME_LAYER, left, np.full(len(left), layer), right, np.full(len(left), layer))
        )
        if layer:
            before = np.full(len(left), layer - 1)
            parts.append((MISMATCHED, left, before, right, np.full(len(left), layer)))
    slot, layer_of, other, other_layer = draw.anywhere.T
    parts.append((ANY, slot, layer_of, other, other_layer))
    joined = [np.concatenate([np.asarray(p[k]) for p in parts]).astype(int) for k in range(1, 5)]
    slot, layer_of, other, other_layer = joined
    names = [name for name, first, *_ in parts for _ in range(len(first))]
    global_passage = np.array([p.passage for p in shard.passages], dtype=np.int64)
    # The step of the mismatched null ends at the second token's layer: that is the pair's layer.
    is_step = np.array([name == MISMATCHED for name in names], dtype=bool)
    return {
        "null": names,
        "layer": np.where(is_step, other_layer, layer_of),
        "angle": angle(kept.kept[layer_of, slot], kept.kept[other_layer, other]).numpy(),
        "passage": global_passage[draw.tokens[slot, 0]],
        "position": draw.tokens[slot, 1],
        "other_passage": global_passage[draw.tokens[other, 0]],
        "other_position": draw.tokens[other, 1],
        "other_layer": other_layer,
    }


def _bad_values(tokens: Columns, layers: Columns) -> dict[str, Any]:
    """How many values of each measure are not finite, and where the first one is."""
    counts: dict[str, int] = {}
    first = ""
    for columns in (layers, tokens):
        for name, values in columns.items():
            if not isinstance(values, np.ma.MaskedArray) or values.data.dtype.kind != "f":
                continue
            bad = np.flatnonzero(~np.isfinite(values.filled(0)))
            if len(bad):
                counts[name] = len(bad)
                first = first or _place(columns, tokens, name, int(bad[0]))
    return {"not_a_number": counts, "first_bad": first}


def _place(columns: Columns, tokens: Columns, name: str, row: int) -> str:
    passage, position = int(columns["passage"][row]), int(columns["position"][row])
    layer = f", layer {int(columns['layer'][row])}" if "layer" in columns else ""
    at = np.flatnonzero((tokens["passage"] == passage) & (tokens["position"] == position))[0]
    return (
        f"{name} of token {position} '{tokens['token'][at]}' of {tokens['passage_id'][at]}{layer}"
    )
