"""A small run of drawn numbers, with an effect planted in it or without: what studies are tried on.

No model is read. Every passage has 14 tokens and one target; what its tokens have in common, and
what neighbouring layers have in common, is drawn too, so that tests meet what they meet in a run.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from odograph.folder import columns
from odograph.folder.listed import files_there
from odograph.folder.manifest import MANIFEST
from odograph.folder.run import Run, open_run
from odograph.folder.selection import Floats
from odograph.folder.writer import write_json, write_parquet, write_with
from odograph.measures import MEASURES, PRIMITIVES, STATE

TOKENS, TARGET, WIDTH = 14, 4, 64
PASSAGES, BLOCKS, TWINS = 24, 5, 2
#: The target differs by so many standard deviations of the paired difference, in one layer.
EFFECT = 3.0


def drawn_run(folder: Path, effect: float, seed: int, measures: Sequence[str] = ()) -> Run:
    """A run with two untrained twins.

    Args:
        folder: for it; made.
        effect: in units of `EFFECT`, in layer 2 of every measure; 0 for none. Twins have none.
        seed: of all draws.
        measures: columns of `layers` beyond the primitives.
    """
    twins = [f"untrained/seed-{number}" for number in range(1, TWINS + 1)]
    for number, name in enumerate(twins, start=1):
        _write(folder / name, np.random.default_rng([seed, number]), 0.0, measures)
        record = _manifest(folder / name, [], seed, number)
        write_json(record, folder / name / MANIFEST)
    _write(folder, np.random.default_rng([seed, 0]), effect * EFFECT, measures)
    write_json(_manifest(folder, twins, seed, None), folder / MANIFEST)
    return open_run(folder)


def _write(
    folder: Path, generator: np.random.Generator, effect: float, measures: Sequence[str]
) -> None:
    rotation = _around(generator, 40 / np.sqrt(np.arange(1, BLOCKS + 1)), 1.0, effect)
    growth = generator.normal(0.2, 0.05, (PASSAGES, TOKENS, BLOCKS + 1))
    growth[:, TARGET, 2] += effect * 0.05 * np.sqrt(2)
    layers = path_of(np.exp(np.cumsum(growth, axis=2)), rotation)
    for name in measures:
        if name not in PRIMITIVES and MEASURES[name].stored:
            states = BLOCKS + (MEASURES[name].axis == STATE)
            layers[name] = _around(generator, np.full(states, 60.0), 1.0, effect)
    write_tables(folder, layers, generator)


def path_of(norm: Floats, rotation: Floats) -> dict[str, Floats]:
    """The primitives of states of these lengths, [..., L + 1], and turns in degrees, [..., L]."""
    before, after = norm[..., :-1], norm[..., 1:]
    step = np.sqrt(before**2 + after**2 - 2 * before * after * np.cos(np.radians(rotation)))
    return {"norm": norm, "rotation": rotation, "step": step}


def write_tables(
    folder: Path, layers: Mapping[str, Floats], generator: np.random.Generator
) -> None:
    """The tables of a run with these measures, [passages, tokens, L or L + 1]; the rest drawn."""
    passages, tokens, blocks = layers["rotation"].shape
    _write_layers(folder, layers)
    _write_tokens(folder, {name: layers[name] for name in PRIMITIVES}, generator)
    _write_pairs(folder, passages, blocks, generator)
    sums = {
        "direction_sum": generator.normal(size=(blocks + 1, WIDTH)) * 30,
        "direction_count": np.full(blocks + 1, passages * (tokens - 1)),
    }
    written = save(sums)
    write_with(
        lambda path: path.write_bytes(written), folder / "moments" / "part-00000.safetensors"
    )


def _around(generator: np.random.Generator, mean: Floats, spread: float, effect: float) -> Floats:
    """Values [passages, tokens, layers] about a profile; the target has `effect` more once."""
    width = len(mean)
    own = generator.normal(size=(PASSAGES, TOKENS, width)) @ (
        np.eye(width) + 0.5 * np.eye(width, k=1)
    )
    values = mean + spread * (own + 3 * generator.normal(size=(PASSAGES, 1, 1)))
    # The difference of two tokens has sqrt 2 times the spread of one.
    values[:, TARGET, -BLOCKS + 1] += effect * spread * np.sqrt(2 * 1.25)
    return np.asarray(np.clip(values, 0.5, 179))


def _write_layers(folder: Path, measured: Mapping[str, Floats]) -> None:
    passages, tokens, blocks = measured["rotation"].shape
    states = blocks + 1
    layer = np.tile(np.arange(states), passages * tokens)
    table: dict[str, Any] = {
        "passage": np.repeat(np.arange(passages), tokens * states),
        "position": np.tile(np.repeat(np.arange(tokens), states), passages),
        "layer": layer,
    }
    for name, values in measured.items():
        absent = (layer == 0) & (values.shape[-1] == blocks)
        whole = np.pad(values, ((0, 0), (0, 0), (states - values.shape[-1], 0)))
        table[name] = np.ma.MaskedArray(whole.reshape(-1), mask=absent)
    schema = columns.layers_schema(list(measured))
    write_parquet(columns.table(table, schema), folder / "layers" / "part-00000.parquet")


def _write_tokens(folder: Path, steps: dict[str, Floats], generator: np.random.Generator) -> None:
    passages, tokens, _ = steps["step"].shape
    rows, position = passages * tokens, np.tile(np.arange(tokens), passages)
    token_id = generator.integers(5, 30, rows)
    at_end, target, before = position == tokens - 1, position == TARGET, position == TARGET - 1
    last = {
        f"last_{measure}_{convention}": values[..., -1].reshape(-1)
        * (1.0 if measure == "rotation" else scale)
        for convention, scale in (("stream", 1.0), ("hf", 1.4))
        for measure, values in steps.items()
    }
    measured = {
        "next_logit": np.ma.MaskedArray(generator.normal(-3, 1, rows), mask=at_end),
        "next_logprob": np.ma.MaskedArray(generator.normal(-3, 1, rows), mask=at_end),
        "entropy": generator.uniform(1, 4, rows),
        "rank": np.ma.MaskedArray(generator.integers(1, 99, rows), mask=at_end),
        "displacement": 0.6 * steps["step"].sum(-1).reshape(-1),
        **last,
    }
    table = {
        "passage": np.repeat(np.arange(passages), tokens),
        "passage_id": [f"text:{p + 1}" for p in range(passages) for _ in range(tokens)],
        "position": position,
        "token_id": token_id,
        "token": ["x"] * rows,
        "start": position * 2,
        "end": position * 2 + 1,
        "word": position,
        "pieces": np.ones(rows, int),
        "group": ["her" if one else None for one in target | before],
        "role": np.select([target, before], ["target", "non-target"], "other").tolist(),
        "occurrence": np.ma.MaskedArray(np.zeros(rows, int), mask=~(target | before)),
        "sink": np.zeros(rows, bool),
        **measured,
    }
    schema = columns.tokens_schema(list(measured))
    write_parquet(columns.table(table, schema), folder / "tokens" / "part-00000.parquet")


def _write_pairs(folder: Path, passages: int, blocks: int, generator: np.random.Generator) -> None:
    """Twelve pairs of each null and layer; those of a null stand in two passages."""
    each = 12
    parts = [("same-layer", layer) for layer in range(blocks + 1)]
    parts += [("mismatched-step", layer) for layer in range(1, blocks + 1)]
    parts += [("any-position-any-layer", layer) for layer in range(blocks + 1)]
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
    schema = columns.pairs_schema()
    write_parquet(columns.table(table, schema), folder / "pairs" / "part-00000.parquet")


def _manifest(folder: Path, twins: Sequence[str], seed: int, twin: int | None) -> dict[str, Any]:
    """What the run says of itself: a model that does not exist, and what was left out."""
    return {
        "format": columns.FORMAT,
        "kind": "run",
        "odograph": version("odograph"),
        "versions": {"torch": "none", "transformers": "none"},
        "command": "",
        "config": {
            "model": "drawn numbers",
            "targets": ["her"],
            "select": "all",
            "bos": "auto",
            "keep_first": False,
        },
        "config_hash": "",
        "model": {
            "name": "drawn numbers",
            "revision": None,
            "fingerprint": f"{seed:012d}",
            "blocks": BLOCKS,
            "width": WIDTH,
            "parameters": 0,
            "layout": "sequential",
            "untrained_seed": twin,
        },
        "dtype": "float32",
        "device": "cpu",
        "kernel": "none",
        "convention": "stream",
        "bos": "none",
        "seed": seed,
        "self_check": [],
        "decomposition": "exact",
        "exclusions": {"first_position": PASSAGES, "sinks": 0, "passages_windowed": 0},
        "corpus": {"passages": PASSAGES, "tokens": PASSAGES * TOKENS, "fingerprint": f"{seed}"},
        "not_a_number": {},
        "untrained": list(twins),
        "shards": [{"index": 0, "tokens": PASSAGES * TOKENS, "files": files_there(folder)}],
        "time": {"started": "", "wall_s": 0.0},
        "complete": True,
    }
