"""Attention sinks: read in parts, the flags are those of a plain computation over all tokens."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from odograph.run import sinks
from odograph.run.sinks import first_rows, flag_sinks

BLOCKS = 6
MIDDLE = [1, 2, 3, 4, 5]


def write(folder: Path, number: int, norms: Any, position: Any, name: str = "norm") -> None:
    """The files of a shard, with the columns that sinks rest on: norms [tokens, layers]."""
    layers = norms.shape[1]
    table = pa.table(
        {
            "position": np.repeat(position, layers).astype(np.int32),
            "layer": np.tile(np.arange(layers, dtype=np.int16), len(position)),
            name: norms.reshape(-1).astype(np.float32),
        }
    )
    tokens = pa.table({"position": position, "sink": np.zeros(len(position), bool)})
    for kind, values in (("layers", table), ("tokens", tokens)):
        (folder / kind).mkdir(exist_ok=True)
        parquet.write_table(values, folder / kind / f"part-{number:05d}.parquet", row_group_size=50)


def plain(norms: Sequence[Any], positions: Sequence[Any]) -> list[list[bool]]:
    """The flags of each file by the definition, with medians over all files at once."""
    joined, later = np.concatenate(norms), np.concatenate(positions) > 0
    medians = [float(np.nanmedian(joined[later, layer])) for layer in MIDDLE]
    found = []
    for its in norms:
        long = [its[:, n] > sinks.FACTOR * m for n, m in zip(MIDDLE, medians, strict=True)]
        found.append((np.sum(long, axis=0) > len(MIDDLE) / 2).tolist())
    return found


def flags(folder: Path) -> list[list[bool]]:
    files = sorted((folder / "tokens").glob("*.parquet"))
    return [parquet.read_table(file)["sink"].to_pylist() for file in files]


def drawn(seed: int, tokens: int) -> tuple[Any, Any]:
    """Norms with a few long tokens, a few that are no number and some just at the limit."""
    generator = np.random.default_rng(seed)
    norms = np.exp(generator.normal(size=(tokens, BLOCKS + 1))).astype(np.float32)
    norms[generator.random(tokens) < 0.1] *= 9
    norms[generator.random(norms.shape) < 0.02] = np.nan
    norms[generator.random(norms.shape) < 0.02] = np.inf
    return norms, np.arange(tokens) % 7


@pytest.mark.parametrize("name", ["norm", "stream_norm"])
@pytest.mark.parametrize("sizes", [(40, 25, 1), (41, 25, 1), (1, 2), (300,)])
def test_flags_are_those_of_a_plain_computation(
    sizes: tuple[int, ...], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "_ROWS", 33)  # no whole number of tokens
    shards = [drawn(seed, tokens) for seed, tokens in enumerate(sizes)]
    for number, (norms, position) in enumerate(shards):
        write(tmp_path, number, norms, position, name)
    found = flag_sinks(tmp_path, BLOCKS)
    norms, positions = zip(*shards, strict=True)
    wanted = plain(norms, positions)
    assert flags(tmp_path) == wanted
    later = np.concatenate(positions) > 0
    assert found == (np.concatenate(wanted) & later).sum()
    assert first_rows(tmp_path) == (~later).sum()


@pytest.mark.parametrize("count", [1, 2, 9, 10])
def test_medians_are_exact_to_the_last_bit(count: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(count)
    norms = (1 + generator.random((count, BLOCKS + 1)) * 1e-5).astype(np.float32)
    write(tmp_path, 0, norms, np.arange(count) + 1)
    found = sinks._medians([tmp_path / "layers" / "part-00000.parquet"], range(1, 6))
    assert found.dtype == np.float32
    assert found.tolist() == np.nanmedian(norms[:, 1:6], axis=0).tolist()


def test_nothing_is_a_sink_where_no_norm_is_a_number_or_all_stand_first(tmp_path: Path) -> None:
    norms = np.full((3, BLOCKS + 1), np.nan)
    norms[0] = 1000
    write(tmp_path, 0, norms, np.arange(3))
    assert flag_sinks(tmp_path, BLOCKS) == 0
    assert flags(tmp_path) == [[False] * 3]
    write(tmp_path, 0, norms[:1], np.arange(1))
    assert flag_sinks(tmp_path, BLOCKS) == 0
    assert flags(tmp_path) == [[False]]


def test_files_whose_flags_are_right_are_left_alone(tmp_path: Path) -> None:
    norms = np.ones((6, BLOCKS + 1))
    write(tmp_path, 0, norms, np.arange(6))
    norms[4] = 50
    write(tmp_path, 1, norms, np.arange(6))
    files = sorted((tmp_path / "tokens").glob("*.parquet"))

    def written() -> list[bool]:
        """Which files were, since this was last asked."""
        times = [file.stat().st_mtime for file in files]
        for file in files:
            os.utime(file, (0, 0))
        return [time > 0 for time in times]

    assert written() == [True, True]
    assert flag_sinks(tmp_path, BLOCKS) == 1
    assert written() == [False, True]
    assert flag_sinks(tmp_path, BLOCKS) == 1
    assert written() == [False, False]
