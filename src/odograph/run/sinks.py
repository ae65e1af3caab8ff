"""Flagging attention sinks, once all shards are written: the medians are those of the whole run."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from odograph.run.writer import write_parquet

FACTOR = 5.0


def flag_sinks(folder: Path, blocks: int) -> int:
    """Sets `sink` in every file of `tokens`; gives how many tokens beyond position 0 it flags.

    A sink's state is more than 5 times as long as the layer's median token in more than half of the
    middle layers (from a quarter to three quarters of the depth). Position 0 has no part in the
    medians.
    """
    middle = list(range(blocks // 4, blocks - blocks // 4 + 1))
    files = sorted((folder / "layers").glob("part-*.parquet"))
    medians = _medians(files, middle)
    flagged = 0
    for file in files:
        sink = _sinks(file, medians, middle)
        path = folder / "tokens" / file.name
        table = parquet.read_table(path)
        flagged += int((sink & (table["position"].to_numpy() > 0)).sum())
        column = table.schema.get_field_index("sink")
        write_parquet(table.set_column(column, table.schema.field(column), pa.array(sink)), path)
    return flagged


def _norms(file: Path, layer: int) -> tuple[np.ndarray, np.ndarray]:
    """Raw norms and positions of all tokens of a file at one layer."""
    names = parquet.read_schema(file).names
    norm = "stream_norm" if "stream_norm" in names else "norm"
    table = parquet.read_table(file, columns=["position", norm], filters=[("layer", "=", layer)])
    return table[norm].to_numpy(), table["position"].to_numpy()


def _medians(files: list[Path], layers: list[int]) -> dict[int, float]:
    medians = {}
    for layer in layers:
        found = [_norms(file, layer) for file in files]
        later = np.concatenate([norm[position > 0] for norm, position in found])
        medians[layer] = float(np.nanmedian(later)) if len(later) else float("inf")
    return medians


def _sinks(file: Path, medians: dict[int, float], layers: list[int]) -> np.ndarray:
    long = [_norms(file, layer)[0] > FACTOR * medians[layer] for layer in layers]
    sinks: np.ndarray = np.sum(long, axis=0) > len(layers) / 2
    return sinks
