"""Run folders made of numbers the test has drawn, written through odograph's own writer."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from relisted import listed_again
from safetensors.numpy import save

from odograph.folder import columns
from odograph.folder.run import Run, open_run
from odograph.folder.writer import write_json, write_parquet, write_with

TOKENS, TARGET = 14, 4  # a passage's tokens; the target's position, the token before it one less
WIDTH = 64
GOLDEN = Path(__file__).parents[1] / "run" / "golden" / "format-1"


def made_run(
    folder: Path, seed: int, *, passages: int = 24, blocks: int = 5, effect: float = 0.0
) -> Run:
    """A run in which targets turn by `effect` standard deviations (d_z) more in block 2.

    Rotations of one passage share what all its tokens have in common; blocks are correlated.
    """
    generator = np.random.default_rng(seed)
    shape = (passages, TOKENS, blocks)
    profile = 40 / np.sqrt(np.arange(1, blocks + 1))
    own = generator.normal(size=shape) @ (np.eye(blocks) + 0.5 * np.eye(blocks, k=1))
    rotation = profile + 3 * generator.normal(size=(passages, 1, 1)) + own
    # The difference of two tokens has sqrt 2 times the spread of one.
    spread = np.sqrt(2 * 1.25)
    rotation[:, TARGET, 1] += effect * spread
    norm = np.exp(np.cumsum(generator.normal(0.2, 0.05, (passages, TOKENS, blocks + 1)), axis=2))
    return _write(folder, np.clip(rotation, 0.5, 179), norm, generator)


def _write(folder: Path, rotation: np.ndarray, norm: np.ndarray, generator: Any) -> Run:
    passages, tokens, blocks = rotation.shape
    before, after = norm[..., :-1], norm[..., 1:]
    step = np.sqrt(before**2 + after**2 - 2 * before * after * np.cos(np.radians(rotation)))
    _write_layers(folder, rotation, norm, step)
    _write_tokens(folder, step, rotation, norm, generator)
    _write_pairs(folder, passages, blocks, generator)
    unit = generator.normal(size=(blocks + 1, WIDTH))
    moments = save(
        {
            "direction_sum": unit * 30,
            "direction_count": np.full(blocks + 1, passages * (tokens - 1)),
        }
    )
    write_with(
        lambda path: path.write_bytes(moments), folder / "moments" / "part-00000.safetensors"
    )
    manifest = json.loads((GOLDEN / "manifest.json").read_text("utf-8"))
    manifest["corpus"] |= {"passages": passages, "tokens": passages * tokens}
    manifest["model"] |= {"blocks": blocks, "width": WIDTH, "name": "made up"}
    manifest["config"] |= {"targets": ["her"]}
    manifest["exclusions"] |= {"first_position": passages, "sinks": 0}
    manifest["shards"] = []
    write_json(manifest, folder / "manifest.json")
    listed_again(folder)
    return open_run(folder)


def _write_layers(folder: Path, rotation: Any, norm: Any, step: Any) -> None:
    passages, tokens, blocks = rotation.shape
    states = blocks + 1
    layer = np.tile(np.arange(states), passages * tokens)

    def stepwise(values: Any) -> Any:
        padded = np.pad(values, ((0, 0), (0, 0), (1, 0))).reshape(-1)
        return np.ma.MaskedArray(padded, mask=layer == 0)

    table = {
        "passage": np.repeat(np.arange(passages), tokens * states),
        "position": np.tile(np.repeat(np.arange(tokens), states), passages),
        "layer": layer,
        "norm": np.ma.MaskedArray(norm.reshape(-1)),
        "rotation": stepwise(rotation),
        "step": stepwise(step),
    }
    schema = columns.layers_schema(["norm", "rotation", "step"])
    write_parquet(columns.table(table, schema), folder / "layers" / "part-00000.parquet")


def _write_tokens(folder: Path, step: Any, rotation: Any, norm: Any, generator: Any) -> None:
    passages, tokens, _ = step.shape
    rows = passages * tokens
    position = np.tile(np.arange(tokens), passages)
    is_target, is_before = position == TARGET, position == TARGET - 1
    names = ["next_logit", "next_logprob", "entropy", "rank", "displacement"]
    ends = {"norm": norm, "rotation": rotation, "step": step}
    last = {
        f"last_{m}_{c}": values[..., -1].reshape(-1) * (1 if m == "rotation" else scale)
        for c, scale in (("stream", 1.0), ("hf", 1.4))
        for m, values in ends.items()
    }
    at_end = position == tokens - 1
    table = {
        "passage": np.repeat(np.arange(passages), tokens),
        "passage_id": [f"text:{p + 1}" for p in range(passages) for _ in range(tokens)],
        "position": position,
        "token_id": generator.integers(5, 30, rows),
        "token": ["x"] * rows,
        "start": position * 2,
        "end": position * 2 + 1,
        "word": position,
        "pieces": np.ones(rows, int),
        "group": ["her" if t or b else None for t, b in zip(is_target, is_before, strict=True)],
        "role": [
            "target" if t else "non-target" if b else "other"
            for t, b in zip(is_target, is_before, strict=True)
        ],
        "occurrence": np.ma.MaskedArray(np.zeros(rows, int), mask=~(is_target | is_before)),
        "sink": np.zeros(rows, bool),
        **{
            n: np.ma.MaskedArray(generator.normal(-3, 1, rows), mask=at_end)
            for n in ("next_logit", "next_logprob")
        },
        "entropy": generator.uniform(1, 4, rows),
        "rank": np.ma.MaskedArray(generator.integers(1, 99, rows), mask=at_end),
        "displacement": 0.6 * step.sum(-1).reshape(-1),
        **last,
    }
    schema = columns.tokens_schema([*names, *last])
    write_parquet(columns.table(table, schema), folder / "tokens" / "part-00000.parquet")


def _write_pairs(folder: Path, passages: int, blocks: int, generator: Any) -> None:
    parts = [("same-layer", layer) for layer in range(blocks + 1)]
    parts += [("mismatched-step", layer) for layer in range(1, blocks + 1)]
    parts += [("any-position-any-layer", layer) for layer in range(blocks + 1)]
    each = 12
    rows = each * len(parts)
    first = generator.integers(passages, size=rows)
    table = {
        "null": [name for name, _ in parts for _ in range(each)],
        "layer": np.repeat([layer for _, layer in parts], each),
        "angle": generator.normal(75, 6, rows),
        "passage": first,
        "position": generator.integers(1, TOKENS, rows),
        "other_passage": (first + 1) % passages,
        "other_position": generator.integers(1, TOKENS, rows),
        "other_layer": np.repeat([layer for _, layer in parts], each),
    }
    write_parquet(
        columns.table(table, columns.pairs_schema()), folder / "pairs" / "part-00000.parquet"
    )
