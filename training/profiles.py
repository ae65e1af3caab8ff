"""The path through the layers during training: rotation, relative step and norm of a passage."""

import csv
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn

COLUMNS = ("tokens_seen", "seed", "layer", "measure", "mean")


def stream_states(model: nn.Module, ids: Tensor) -> list[Tensor]:
    """States x_0 (entering the first block) to x_L (leaving the last), as the ids with a width."""
    blocks = model.transformer.h
    states: list[Tensor] = []
    handles = [blocks[0].register_forward_pre_hook(lambda _, given: states.append(given[0]))]
    handles += [
        block.register_forward_hook(lambda _, __, out: states.append(out)) for block in blocks
    ]
    try:
        with torch.inference_mode():
            model.transformer(ids, use_cache=False)
    finally:
        for handle in handles:
            handle.remove()
    return [state.double() for state in states]


def angle(u: Tensor, v: Tensor) -> Tensor:
    """Angle between vectors of the last axis in degrees, after Kahan (exact for small angles)."""
    u = u / u.norm(dim=-1, keepdim=True)
    v = v / v.norm(dim=-1, keepdim=True)
    return torch.rad2deg(2 * torch.atan2((u - v).norm(dim=-1), (u + v).norm(dim=-1)))


def profile(model: nn.Module, ids: Tensor) -> list[tuple[int, str, float]]:
    """Layer, measure and its mean over rows of ids, rows x positions, position 0 left out.

    `rotation` is in degrees, `relative_step` a ratio (both from layer 1), `norm` in model units
    (from layer 0).
    """
    states = [state[:, 1:] for state in stream_states(model, ids)]
    rows = [(layer, "norm", state.norm(dim=-1).mean().item()) for layer, state in enumerate(states)]
    for layer, (before, after) in enumerate(pairwise(states), start=1):
        relative = (after - before).norm(dim=-1) / before.norm(dim=-1)
        rows.append((layer, "rotation", angle(before, after).mean().item()))
        rows.append((layer, "relative_step", relative.mean().item()))
    return rows


def write_profiles(path: Path, rows: Iterable[Iterable[object]]) -> None:
    """A tidy table of profiles: one row per moment, seed, layer and measure."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for *keys, mean in rows:
            writer.writerow([*keys, f"{mean:.6g}"])
