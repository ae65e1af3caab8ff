"""What sinks carry: in which block and by which part it is written, and where it is taken away."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.folder.pilot import SINK_PLACES
from odograph.measures import PRIMITIVES
from odograph.models.loading import Loaded
from odograph.run.batches import Batch, make_batches
from odograph.run.budget import usual_budget
from odograph.run.config import RunConfig
from odograph.run.kept_tokens import Keep
from odograph.run.observers import Observers
from odograph.run.shards import Draw, Shard
from odograph.run.sinks import Flags, sinks_of

#: Sinks of each place that are looked at: what they carry is nearly the same in all.
_MOST = 4

Ints = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]


def chosen_sinks(first: Flags, later: Flags, tokens: Ints) -> dict[str, Ints]:
    """The first sinks of each place, [k, 2] number of the passage and position.

    Args:
        first: where the state at position 0 of each passage is long, [passages, L + 1].
        later: where those of the other tokens are, [tokens, L + 1].
        tokens: number of the passage and position of these, [tokens, 2].
    """
    sinks = sinks_of(later)
    at_first = np.flatnonzero(sinks_of(first))
    found = {
        SINK_PLACES[0]: np.stack([at_first, np.zeros_like(at_first)], axis=1),
        SINK_PLACES[1]: tokens[sinks],
        SINK_PLACES[2]: tokens[later.any(axis=1) & ~sinks],
    }
    return {place: each[:_MOST] for place, each in found.items() if len(each)}


def sink_columns(
    loaded: Loaded, passages: tuple[Encoded, ...], sinks: Mapping[str, Ints], config: RunConfig
) -> Columns:
    """The `sinks` table: a row for each place of sinks and block; without sinks no row.

    Lengths are means over the sinks of a place. Growth is exact: with e = (x_l + x_{l-1}) /
    (|x_l| + |x_{l-1}|), a_l.e and m_l.e add up to |x_l| - |x_{l-1}|. Where attention and the MLP
    cannot be told apart, what is theirs is NaN.
    """
    if not sinks:
        return {name: np.empty(0) for name in _NAMES}
    tokens = np.concatenate(list(sinks.values()))
    states, parts = _vectors(loaded, passages, tokens, config)
    measured = _measured(states, parts)
    ends = np.cumsum([len(each) for each in sinks.values()])
    shares = np.square(states) / np.square(states).sum(axis=-1, keepdims=True)
    rows = []
    for place, stop in zip(sinks, ends.tolist(), strict=True):
        own = slice(stop - len(sinks[place]), stop)
        share = shares[1:, own].mean(axis=1)
        blocks = len(share)
        rows.append(
            {
                "place": np.full(blocks, SINK_PLACES.index(place)),
                "block": np.arange(1, blocks + 1),
                "tokens": np.full(blocks, len(sinks[place])),
                **{name: values[:, own].mean(axis=1) for name, values in measured.items()},
                "coordinate": share.argmax(axis=1),
                "share": share.max(axis=1),
            }
        )
    return {name: np.concatenate([row[name] for row in rows]) for name in _NAMES}


_LENGTHS = ("norm_before", "norm", "growth")
_PARTS = ("attention", "mlp")
_NAMES = (
    *("place", "block", "tokens", *_LENGTHS),
    *(f"{part}_{what}" for what in ("step", "growth") for part in _PARTS),
    *("coordinate", "share"),
)


def _measured(states: NDArray[Any], parts: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Lengths and growth of each sink in each block, [L, sinks]."""
    norm = np.linalg.norm(states, axis=-1)
    before, after = norm[:-1], norm[1:]
    along = (states[1:] + states[:-1]) / (after + before)[..., None]
    found = {"norm_before": before, "norm": after, "growth": after - before}
    for part in _PARTS:
        added = parts.get(part, np.full(along.shape, np.nan))
        found[f"{part}_step"] = np.linalg.norm(added, axis=-1)
        found[f"{part}_growth"] = (added * along).sum(axis=-1)
    return found


def _vectors(
    loaded: Loaded, passages: tuple[Encoded, ...], tokens: Ints, config: RunConfig
) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
    """Raw states [L + 1, tokens, width], and what the parts add, [L, tokens, width], float64."""
    numbers, own = np.unique(tokens[:, 0], return_inverse=True)
    shard = Shard(0, tuple(passages[number] for number in numbers))
    none = np.empty((0, 2), dtype=np.int64)
    draw = Draw(np.stack([own, tokens[:, 1]], axis=1), none, np.empty((0, 4), dtype=np.int64))
    whose = np.array([passage.passage for passage in shard.passages], dtype=np.int64)
    keep = Keep(none, np.stack([whose[own], tokens[:, 1]], axis=1))
    plain = {"convention": "stream", "measures": PRIMITIVES, "vectors": 0, "parts": len(tokens)}
    observers = Observers(loaded, shard, config.model_copy(update=plain), draw, keep)
    budget = usual_budget(config, loaded)
    batches = make_batches(shard.passages, budget.tokens, padding=budget.padding)
    for _ in budget.run(batches, partial(_run, observers)):
        pass
    kept = observers.vectors()
    parts = {part: kept[part].double().transpose(0, 1).numpy() for part in _PARTS if part in kept}
    return observers.pairs.kept.double().numpy(), parts


def _run(observers: Observers, batch: Batch) -> bool:
    with torch.inference_mode():
        observers.measure(batch)
    observers.commit()
    return True


def describe_sinks(columns: Columns) -> dict[str, Any]:
    """Of each place of sinks the block that lengthens the state most, and that which shortens it.

    Each with the part that does more of it, "" where the parts cannot be told apart.
    """
    found: dict[str, Any] = {}
    for number, place in enumerate(SINK_PLACES):
        rows = np.flatnonzero(columns["place"] == number)
        if not len(rows):
            continue
        growth = columns["growth"][rows]
        most, least = rows[growth.argmax()], rows[growth.argmin()]
        found[place] = {"tokens": int(columns["tokens"][most]), "written": _event(columns, most)}
        if columns["growth"][least] < 0:
            found[place]["removed"] = _event(columns, least)
    return found


def _event(columns: Columns, row: np.int64) -> dict[str, Any]:
    grown = {part: float(columns[f"{part}_growth"][row]) for part in _PARTS}
    growth = float(columns["growth"][row])
    known = not np.isnan(list(grown.values())).any()
    return {
        "block": int(columns["block"][row]),
        "part": max(grown, key=lambda part: grown[part] * np.sign(growth)) if known else "",
        "growth": round(growth, 3),
        "coordinate": int(columns["coordinate"][row]),
        "share": round(float(columns["share"][row]), 4),
    }
