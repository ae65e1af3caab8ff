"""Rows of `layers` per second: from the measures of a shard to a synced file with its checksum.

    python bench/writing.py [--rows 10000000]

As a run does it, on one thread: shards of 16,384 tokens through 12 blocks, passages of 8 to 60
tokens, random numbers for norm, rotation and step. Prints one JSON line: rows, shards, MB of the
tables in memory, MB on disk, seconds, and both a second (MB are 10^6 bytes); `cpu_seconds` are
those that the thread itself worked, which others on the machine do not change.
"""

import argparse
import json
import tempfile
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

import numpy as np
import pyarrow as pa

from odograph.corpus.encoded import Encoded
from odograph.folder import columns
from odograph.folder.checksums import checksum
from odograph.folder.writer import write_parquet
from odograph.run.shard_tables import layer_columns
from odograph.run.shards import Shard

LAYERS, TOKENS = 13, 16_384
MEASURES = ("norm", "rotation", "step")


def passage(number: int, tokens: int) -> Encoded:
    """A passage of which only the number of tokens matters."""
    some = np.zeros(tokens, np.int32)
    return Encoded(
        passage=number,
        passage_id=f"text:{number}",
        token_id=some,
        token=("",) * tokens,
        start=some,
        end=some,
        word=some,
        piece_count=some,
        role=np.zeros(tokens, np.int8),
        group=(None,) * tokens,
        occurrence=some,
        next_id=some,
        row=np.ones(tokens, np.bool_),
    )


def shard(index: int, tokens: int, generator: np.random.Generator) -> Shard:
    """A shard of so many tokens."""
    lengths: list[int] = []
    while sum(lengths) < tokens:
        lengths.append(min(int(generator.integers(8, 61)), tokens - sum(lengths)))
    return Shard(index, tuple(passage(1000 * index + n, k) for n, k in enumerate(lengths)))


def measured(made: Shard, generator: np.random.Generator) -> list[dict[str, Any]]:
    """Values with the spread of real ones, [tokens, layers] a passage."""
    return [
        {
            name: generator.lognormal(3, 0.5, (len(p), LAYERS)).astype(np.float32)
            for name in MEASURES
        }
        for p in made.passages
    ]


def written(made: Shard, rows: list[dict[str, Any]], folder: Path) -> tuple[int, int, float, float]:
    """Bytes in memory, bytes on disk, seconds and worked seconds of one shard."""
    path = folder / f"part-{made.index:05d}.parquet"
    started, worked = perf_counter(), thread_time()
    table = columns.table(layer_columns(made, rows), columns.layers_schema(MEASURES))
    write_parquet(table, path)
    checksum(path)
    seconds = perf_counter() - started, thread_time() - worked
    return table.nbytes, path.stat().st_size, *seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    options = parser.parse_args()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    generator = np.random.default_rng(0)
    left, found = -(-options.rows // LAYERS), []
    with tempfile.TemporaryDirectory() as folder:
        made = shard(0, TOKENS, generator)
        written(made, measured(made, generator), Path(folder))  # pyarrow loads what it needs
        while left:
            made = shard(len(found), min(left, TOKENS), generator)
            left -= made.tokens
            found.append(written(made, measured(made, generator), Path(folder)))
    memory, disk, seconds, worked = (sum(values) for values in zip(*found, strict=True))
    print(
        json.dumps(
            {
                "rows": -(-options.rows // LAYERS) * LAYERS,
                "shards": len(found),
                "MB": round(memory / 1e6, 1),
                "MB_on_disk": round(disk / 1e6, 1),
                "seconds": round(seconds, 2),
                "cpu_seconds": round(worked, 2),
                "MB/s": round(memory / 1e6 / seconds, 1),
                "MB_on_disk/s": round(disk / 1e6 / seconds, 1),
                "MB/cpu_s": round(memory / 1e6 / worked, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
