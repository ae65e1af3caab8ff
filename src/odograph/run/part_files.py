"""Tables of the whole run that are written in parts, so that an interrupted run goes on there."""

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from odograph.corpus.encoded import Encoded
from odograph.folder import columns
from odograph.folder.checksums import checksum
from odograph.folder.writer import write_parquet
from odograph.run import manifest
from odograph.run.shards import Shard, cut_into_shards

#: Tokens of the passages whose rows are written together: about what an interruption costs.
_TOKENS_A_PART = 1024


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
    out: Path, table: str, part: Shard, values: Mapping[str, Any], schema: pa.Schema
) -> tuple[str, str]:
    """Writes the rows of a part of a table; gives the file's name and checksum."""
    name = _name(table, part)
    write_parquet(columns.table(values, schema), out / name)
    return name, checksum(out / name)


def _name(table: str, part: Shard) -> str:
    return f"{table}/part-{part.index:05d}.parquet"
