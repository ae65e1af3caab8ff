"""Run folders in which the test has chosen what attention and the MLP add."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from made_runs import TOKENS, WIDTH, made_run
from relisted import as_twin, listed_again
from safetensors.numpy import load_file, save_file

from odograph.folder.run import Run, open_run
from odograph.folder.writer import write_json

PASSAGES, BLOCKS = 24, 4


@dataclass(frozen=True)
class Added:
    """What the parts add, [passages, tokens, blocks, width] each, and the states before it all."""

    attention: np.ndarray
    mlp: np.ndarray
    start: np.ndarray

    @property
    def states(self) -> np.ndarray:
        """[passages, tokens, blocks + 1, width]."""
        steps = np.cumsum(self.attention + self.mlp, axis=2)
        start = self.start[:, :, None]
        return np.concatenate([start, start + steps], axis=2)


def directions(generator: np.random.Generator, *shape: int) -> np.ndarray:
    """Unit vectors [..., WIDTH]."""
    drawn = generator.normal(size=(*shape, WIDTH))
    return drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)


def at_angle(unit: np.ndarray, cosine: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Unit vectors whose cosines with `unit` [..., WIDTH] are exactly `cosine` [...]."""
    other = directions(generator, *unit.shape[:-1])
    other -= (other * unit).sum(-1, keepdims=True) * unit
    other /= np.linalg.norm(other, axis=-1, keepdims=True)
    return cosine[..., None] * unit + np.sqrt(1 - cosine[..., None] ** 2) * other


def random_parts(seed: int, passages: int = PASSAGES) -> Added:
    """Parts that have nothing to do with each other; lengths spread by about a third."""
    generator = np.random.default_rng(seed)
    shape = (passages, TOKENS, BLOCKS)
    lengths = [np.exp(generator.normal(0, 0.35, shape)) for _ in range(2)]
    attention, mlp = (n[..., None] * directions(generator, *shape) for n in lengths)
    return Added(attention, mlp, 3 * directions(generator, passages, TOKENS))


def made_parts(folder: Path, added: Added, *, seed: int = 0, twins: int = 0) -> Run:
    """A run of one shard with these parts; with twins, runs of unrelated parts beside it."""
    passages = len(added.start)
    _write(folder, added, seed)
    names = [f"untrained/seed-{number}" for number in range(1, twins + 1)]
    for number, name in enumerate(names, start=1):
        _write(folder / name, random_parts(1000 + number, passages), seed)
        as_twin(folder / name, number)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    write_json(manifest | {"untrained": names}, path)
    listed_again(folder)
    return open_run(folder)


def _write(folder: Path, added: Added, seed: int) -> None:
    made_run(folder, seed, passages=len(added.start), blocks=added.mlp.shape[2]).close()
    path = folder / "layers" / "part-00000.parquet"
    table = parquet.read_table(path)
    for name, values in _columns(added).items():
        states = np.pad(values, ((0, 0), (0, 0), (values.shape[2] < added.mlp.shape[2] + 1, 0)))
        column = pa.array(
            states.ravel().astype(np.float32),
            mask=np.asarray(table["layer"]) == 0 if name != "norm" else None,
        )
        place = table.schema.get_field_index(name)
        table = (
            table.append_column(name, column)
            if place < 0
            else table.set_column(place, table.schema.field(name), column)
        )
    parquet.write_table(table, path)
    _write_vectors(folder, added)


def _columns(added: Added) -> dict[str, np.ndarray]:
    a, m, x = added.attention, added.mlp, added.states

    def cosine(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        return (u * v).sum(-1) / np.linalg.norm(u, axis=-1) / np.linalg.norm(v, axis=-1)

    return {
        "norm": np.linalg.norm(x, axis=-1),
        "rotation": np.degrees(np.arccos(np.clip(cosine(x[:, :, :-1], x[:, :, 1:]), -1, 1))),
        "step": np.linalg.norm(a + m, axis=-1),
        "attention_step": np.linalg.norm(a, axis=-1),
        "mlp_step": np.linalg.norm(m, axis=-1),
        "update_cosine": cosine(a, m),
        "attention_cosine": cosine(a, x[:, :, :-1]),
        "mlp_cosine": cosine(m, x[:, :, :-1] + a),
    }


def _write_vectors(folder: Path, added: Added) -> None:
    """All tokens but those at position 0 are kept."""
    passages, tokens = added.start.shape[:2]
    kept = {"attention": added.attention[:, 1:], "mlp": added.mlp[:, 1:]}
    shape = (passages * (tokens - 1), *added.mlp.shape[2:])
    (folder / "vectors").mkdir()
    save_file(
        {
            "part_passage": np.repeat(np.arange(passages), tokens - 1),
            "part_position": np.tile(np.arange(1, tokens), passages),
            **{n: np.ascontiguousarray(v.reshape(shape), np.float32) for n, v in kept.items()},
        },
        folder / "vectors" / "part-00000.safetensors",
    )
    path = folder / "moments" / "part-00000.safetensors"
    sums = {f"{name}_sum": v.sum(axis=(0, 1)) for name, v in kept.items()}
    count = np.array([float(shape[0])])
    save_file(load_file(path) | sums | {"part_count": count}, path)
