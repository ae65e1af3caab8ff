"""Tables of the whole run that are written in parts, so that an interrupted run goes on there."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow as pa

from odograph.corpus.encoded import Encoded
from odograph.folder import columns
from odograph.folder.checksums import checksum
from odograph.folder.writer import write_parquet
from odograph.models.loading import Loaded
from odograph.run import manifest
from odograph.run.execute import Job, Task
from odograph.run.progress import Progress
from odograph.run.shards import Shard, cut_into_shards

#: Tokens of the passages whose rows are written together: about what an interruption costs.
_TOKENS_A_PART = 1024


@dataclass(frozen=True, eq=False)
class Kept:
    """Where it is kept what is written: a run folder, its manifest, what this says of the table."""

    out: Path
    record: manifest.Manifest
    told: dict[str, Any]


def kept_files(out: Path, tables: Sequence[str], files: Mapping[str, str]) -> dict[str, str]:
    """Those that are what they were; all others are removed: they would keep a run unread."""
    kept = {name: digest for name, digest in files.items() if manifest.has_file(out, name, digest)}
    for path in (p for table in tables for p in (out / table).glob("*part-*")):
        if path.relative_to(out).as_posix() not in kept:
            path.unlink()
    return kept


def parts_left(
    passages: Sequence[Encoded], tables: Sequence[str], files: Container[str]
) -> list[Shard]:
    """The parts of the passages of which a file is missing in some table."""
    return [
        part
        for part in cut_into_shards(passages, _TOKENS_A_PART)
        if not all(_name(table, part) in files for table in tables)
    ]


def write_part(
    out: Path, part: Shard, tables: Mapping[str, tuple[Mapping[str, Any], pa.Schema]]
) -> dict[str, Any]:
    """Writes the rows of a part of some tables; gives its receipt."""
    names = [_name(table, part) for table in tables]
    for name, (values, schema) in zip(names, tables.values(), strict=True):
        write_parquet(columns.table(values, schema), out / name)
    files = {name: checksum(out / name) for name in names}
    return {"index": part.index, "tokens": part.tokens, "files": files}


def measure_parts(
    job: Job, loaded: Loaded, parts: Sequence[Shard], task: Task, bar: Progress, keep: Kept
) -> None:
    """Measures and writes parts; after each the manifest says which are there, and the time."""
    before, started = keep.told["wall_s"], perf_counter()

    def add(receipt: dict[str, Any]) -> None:
        keep.told["files"] |= receipt["files"]
        keep.told["wall_s"] = round(before + perf_counter() - started, 3)
        manifest.save(keep.record, keep.out)

    job.measure(loaded, parts, task, bar.advance, add)


def _name(table: str, part: Shard) -> str:
    return f"{table}/part-{part.index:05d}.parquet"
