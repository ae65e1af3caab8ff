"""One shard through the model: batches in, the shard's tables out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import ROLES, Encoded
from odograph.measures import LAGS, MEASURES, STEP
from odograph.models.loading import Loaded
from odograph.observe.neighbours import name_of
from odograph.observe.prediction import predict
from odograph.observe.spans import spans_budget
from odograph.run.batches import Batch, make_batches
from odograph.run.config import RunConfig
from odograph.run.keeping import Keep
from odograph.run.observers import Observers
from odograph.run.pairs import drawn_pairs, pair_columns
from odograph.run.shards import Shard

Columns = dict[str, Any]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ShardTables:
    """What a shard becomes on disk, columns by name, rows in order of passage and position.

    `spans` and `vectors` are empty where they were not asked for.
    """

    tokens: Columns
    layers: Columns
    pairs: Columns
    spans: Columns
    moments: dict[str, torch.Tensor]
    vectors: dict[str, torch.Tensor]
    not_a_number: dict[str, int]
    first_bad: str


@dataclass(frozen=True)
class Plan:
    """What is settled once for all shards of a model.

    Attributes:
        keep: tokens whose vectors are kept.
        share: whether variants of one text run their common beginning once.
    """

    keep: Keep
    share: bool = False


def measure_shard(
    loaded: Loaded,
    shard: Shard,
    config: RunConfig,
    plan: Plan,
    on_tokens: Callable[[int], None],
) -> ShardTables:
    """Runs every batch of the shard; `on_tokens(n)` hears of the tokens of each finished batch."""
    layers = len(loaded.anatomy.blocks) + 1
    draw = drawn_pairs(shard, layers, config)
    observers = Observers(loaded, shard, config, draw, plan.keep)
    measured: dict[int, dict[str, NDArray[Any]]] = {}
    for batch in make_batches(shard.passages, batch_budget(config, loaded), share=plan.share):
        measured |= _measure_batch(loaded, shard, batch, config, observers)
        on_tokens(sum(len(shard.passages[number].token_id) for number in batch.numbers))
    rows = [measured[number] for number in range(len(shard.passages))]
    tokens = _token_columns(shard, rows, tagged=config.tags != "none")
    per_layer = _layer_columns(shard, rows)
    return ShardTables(
        tokens=tokens,
        layers=per_layer,
        pairs=pair_columns(shard, draw, observers.pairs),
        spans=observers.spans(),
        moments=observers.moments(),
        vectors=observers.vectors(),
        **_bad_values(tokens, per_layer),
    )


def usual_budget(config: RunConfig, loaded: Loaded) -> int:
    """Tokens a batch: as asked, else enough to keep the device busy."""
    return config.batch_tokens or (1024 if loaded.device == "cpu" else 8192)


def batch_budget(config: RunConfig, loaded: Loaded) -> int:
    """The usual tokens a batch, or fewer where all states of a batch are kept."""
    budget = usual_budget(config, loaded)
    if "block_distance" in config.measures:
        layers, width = len(loaded.anatomy.blocks) + 1, loaded.anatomy.width
        budget = min(budget, spans_budget(layers, width, loaded.device))
    return budget


def _measure_batch(
    loaded: Loaded, shard: Shard, batch: Batch, config: RunConfig, observers: Observers
) -> dict[int, dict[str, NDArray[Any]]]:
    """The measures of the batch by passage: one row for each token that gets one."""
    passages = [shard.passages[number] for number in batch.numbers]
    rows = [places[p.row] for places, p in zip(batch.places, passages, strict=True)]
    with torch.inference_mode():
        values, normed = observers.measure(batch)
        arrays = {name: _as_numpy(v) for name, v in values.items()}
        found = [{name: a[chosen] for name, a in arrays.items()} for chosen in rows]
        if config.logits != "none" and loaded.anatomy.head is not None:
            _add_predictions(found, loaded, config, normed, passages, rows)
    return dict(zip(batch.numbers, found, strict=True))


def _add_predictions(
    found: list[dict[str, NDArray[Any]]],
    loaded: Loaded,
    config: RunConfig,
    normed: torch.Tensor,
    passages: list[Encoded],
    rows: list[NDArray[np.int64]],
) -> None:
    """What the model predicts at the tokens that get rows, and only there."""
    following = np.concatenate([p.next_id[p.row] for p in passages]).astype(np.int64)
    chosen = torch.from_numpy(np.concatenate(rows)).to(normed.device)
    predicted = predict(
        loaded.anatomy,
        normed.index_select(0, chosen),
        torch.from_numpy(following).to(normed.device),
        config.logits == "full",
    )
    ends = np.cumsum([len(r) for r in rows])[:-1]
    for name, values in predicted.items():
        for own, part in zip(found, np.split(_as_numpy(values), ends), strict=True):
            own[name] = part


def _as_numpy(values: torch.Tensor) -> NDArray[Any]:
    kind = torch.int32 if not values.is_floating_point() else torch.float32
    array: NDArray[Any] = values.to(kind).cpu().numpy()
    return array


def _token_columns(shard: Shard, rows: list[dict[str, NDArray[Any]]], *, tagged: bool) -> Columns:
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
    if tagged:
        columns |= {name: _of_words(passages, name) for name in ("tag", "lemma")}
    for name, first in rows[0].items():
        if first.ndim == 1:
            values = np.concatenate([r[name] for r in rows])
            hidden = unknown if name in _NEEDS_NEXT else np.zeros(len(values), dtype=bool)
            columns[name] = np.ma.MaskedArray(values, mask=hidden)
    return columns


def _of_words(passages: tuple[Encoded, ...], name: str) -> list[str | None]:
    """`tag` or `lemma` of every token that gets a row; None where its text has none."""
    return [
        value
        for p in passages
        for value, row in zip(getattr(p, name) or (None,) * len(p.row), p.row, strict=True)
        if row
    ]


_NEEDS_NEXT = {"next_logit", "next_logprob", "rank"}


def _each(passages: tuple[Encoded, ...], values: Callable[[Encoded], Any]) -> NDArray[Any]:
    joined: NDArray[Any] = np.concatenate([values(p)[p.row] for p in passages])
    return joined


def _nulls_below(values: NDArray[Any], least: int) -> Any:
    return np.ma.MaskedArray(values, mask=values < least)


def _first_layer(name: str) -> int:
    """The first layer at which a measure has a value; before it the column is null."""
    if name == "bend":
        return 2
    return int(name in MEASURES and MEASURES[name].axis == STEP)


#: How many tokens before it a token needs for a measure; `token_bend` needs one after it, too.
_TOKENS_BEFORE = {"token_bend": 1, **{name_of(lag): lag for lag in (1, *LAGS)}}


def _without_neighbour(shard: Shard, name: str) -> NDArray[np.bool_]:
    """For each token whether it has not the neighbours that a measure needs."""
    before = _TOKENS_BEFORE.get(name, 0)
    after = int(name == "token_bend")
    positions = _each(shard.passages, lambda p: np.arange(len(p.row)))
    left = _each(shard.passages, lambda p: len(p.row) - 1 - np.arange(len(p.row)))
    missing: NDArray[np.bool_] = (positions < before) | (left < after)
    return missing


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
        lacking = np.repeat(_without_neighbour(shard, name), layers)
        columns[name] = np.ma.MaskedArray(values, mask=(layer < _first_layer(name)) | lacking)
    return columns


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
