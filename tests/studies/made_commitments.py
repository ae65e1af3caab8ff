"""A run with predictions read at every depth, whose tokens settle where a test has chosen."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from tiny import build_gpt2

import odograph
from odograph.folder.checksums import checksum

BLOCKS, PASSAGES, TOKENS = 6, 24, 18
#: Settled tokens turn less in this block, or tokens turn more where they settle.
BLOCK = 4
#: From the rotation of tokens, [tokens, L], and a generator to their commitment depths.
Depths = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def early_where_it_turns_little(rotation: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Half of the tokens settle at depth 2, those that turn least in block 4; others at the end."""
    turns = rotation[:, BLOCK - 1]
    return np.where(turns < np.median(turns), 2, BLOCKS)


def where_it_turns_most(rotation: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Each token settles in the block in which it turns most beyond the block's mean."""
    return 1 + (rotation - rotation.mean(axis=0)).argmax(axis=1)


def anywhere(rotation: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return generator.integers(1, BLOCKS + 1, len(rotation))


def made_commitments(
    folder: Path,
    effect: bool = False,
    depths: Depths | None = None,
    model: Any = None,
    **options: Any,
) -> Any:
    """A run whose tokens settle somewhere; its twins and its random order settle anywhere.

    Args:
        folder: for the run; made.
        effect: whether those settle early that turn little.
        depths: another effect.
        model: of so many blocks; the usual one if None.
        **options: of `RunConfig`.
    """
    generator = np.random.default_rng(11)
    texts = generator.integers(400, size=(PASSAGES, TOKENS)).tolist()
    asked = {"lens": True, "untrained": 2, "shuffled": 1, "logits": "none", **options}
    odograph.measure(model or build_gpt2(blocks=BLOCKS), texts, out=folder, **asked).close()
    chosen = depths or (early_where_it_turns_little if effect else anywhere)
    for path in sorted(folder.rglob("manifest.json")):
        settle(path.parent, chosen if path.parent == folder else anywhere, generator)
    return odograph.open(folder)


def settle(folder: Path, depths: Depths, generator: np.random.Generator) -> None:
    """Writes the commitment depths of a run anew."""
    record = json.loads((folder / "manifest.json").read_text("utf-8"))
    [name] = record["lens"]["files"]
    table = parquet.read_table(folder / name)
    layers = parquet.read_table(folder / "layers/part-00000.parquet").to_pandas()
    read = table.select(["passage", "position", "layer"]).to_pandas()
    turned = read.merge(layers, on=["passage", "position", "layer"]).query("layer > 0")
    rotation = turned.rotation.to_numpy().reshape(-1, BLOCKS).astype(float)
    values = np.repeat(depths(rotation, generator), BLOCKS + 1)
    at = table.schema.get_field_index("commitment_depth")
    column = pa.array(values.astype(np.int32))
    parquet.write_table(table.set_column(at, table.schema.field(at), column), folder / name)
    record["lens"]["files"][name] = checksum(folder / name)
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
