"""The drawn pairs of a shard: which tokens they are of, and the angles between their states."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.geometry import angle
from odograph.observe.draws import DrawnStates
from odograph.observe.readings import Readings
from odograph.run.config import RunConfig
from odograph.run.shards import ANY, MISMATCHED, SAME_LAYER, Draw, Shard, draw_pairs

Ints = NDArray[np.int64]
#: Pairs whose states, in float64, stay in a core's cache: a fifth of the time of all at once,
#: which takes 1.8 GB for 48 blocks of width 1,600.
_AT_ONCE = 64


def drawn_pairs(shard: Shard, layers: int, config: RunConfig, pairs: int) -> Draw:
    """So many random pairs of the shard; variants of one text are not taken for different passages.

    They have their beginning in common: at one position it would be compared with itself.
    """
    draw = draw_pairs(shard, layers, pairs, config.seed, config.keep_first)
    if not config.variants or not len(draw.across):
        return draw
    bases = np.array([passage.base for passage in shard.passages])
    left, right = (bases[draw.tokens[draw.across[:, side], 0]] for side in (0, 1))
    return replace(draw, across=draw.across[left != right])


def pair_columns(shard: Shard, draw: Draw, kept: DrawnStates, readings: Readings) -> dict[str, Any]:
    """The `pairs` table: the angles of the three drawn nulls, raw and in the readings."""
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
        **_angles(kept.kept, (layer_of, slot), (other_layer, other), readings),
        "passage": global_passage[draw.tokens[slot, 0]],
        "position": draw.tokens[slot, 1],
        "other_passage": global_passage[draw.tokens[other, 0]],
        "other_position": draw.tokens[other, 1],
        "other_layer": other_layer,
    }


def _angles(
    states: torch.Tensor, one: tuple[Ints, Ints], other: tuple[Ints, Ints], readings: Readings
) -> dict[str, NDArray[np.float64]]:
    """Angles in degrees between states named by layer and slot, [pairs], raw and in readings."""
    names = {f"angle_{name}": name for name in readings.names}
    angles = {column: np.empty(len(one[0])) for column in ("angle", *names)}
    for start in range(0, len(one[0]), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        ends = [tuple(torch.from_numpy(index[part]) for index in end) for end in (one, other)]
        pair = [states[end] for end in ends]
        angles["angle"][part] = angle(*pair).numpy()
        for column, name in names.items():
            read = [readings.apply(name, s, e[0]) for s, e in zip(pair, ends, strict=True)]
            angles[column][part] = angle(*read).numpy()
    return angles
