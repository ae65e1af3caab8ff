"""The files of a shard: its tables and tensors written whole, and the receipt for them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
from safetensors.torch import save

from odograph.folder import columns
from odograph.folder.histogram_tables import OF_ALL_SHARDS
from odograph.folder.writer import write_parquet, write_with
from odograph.models.loading import Loaded
from odograph.run import manifest
from odograph.run.config import RunConfig
from odograph.run.counted_tables import counted_tables
from odograph.run.passage_table import kept_names, passage_columns
from odograph.run.shard_run import Plan, measure_shard
from odograph.run.shard_tables import Measured, ShardTables, tables_of, text_columns, without_pieces
from odograph.run.shards import Shard
from odograph.run.summed_tables import summed_tables
from odograph.terminal import tell


@dataclass(frozen=True)
class ShardTask:
    """What is to be measured of some shards, and where it is written.

    Attributes:
        config: what is measured.
        plan: what is settled for all shards.
        out: the run folder.
        twin: seed of the untrained twin that is measured; None for the model itself.
        attempt: what the files are called by beside their number, where several processes write.
    """

    config: RunConfig
    plan: Plan
    out: Path
    twin: int | None = None
    attempt: str = ""

    def measured(self, loaded: Loaded, shard: Shard, on_tokens: Callable[[int], None]) -> Measured:
        """What the model gives for a shard."""
        return measure_shard(loaded, shard.held(), self.config, self.plan, on_tokens)

    def written(self, measured: Measured) -> dict[str, Any]:
        """Writes the files of a shard; gives its receipt."""
        return write_shard(measured, self)


def write_shard(measured: Measured, task: ShardTask) -> dict[str, Any]:
    """Writes what was measured of a shard; gives its receipt."""
    out, name = task.out, manifest.part_name(measured.shard.index, task.attempt)
    made = tables_of(measured, task.plan.pilot, tagged=task.config.tags != "none")
    if task.config.no_texts:
        made = without_pieces(made)
    tables: Iterable[tuple[str, pa.Table]] = _tables(
        made, measured, texts=not task.config.no_texts and task.twin is None
    )
    sample = task.plan.sample
    if sample is not None:
        keep_first = task.config.keep_first
        of_all = counted_tables(made, keep_first=keep_first)
        tables = summed_tables(dict(tables), sample.passages, keep_first=keep_first)
        tables = [*tables, *of_all.items()]
    # Few shards have rows of a sample; the first one has the columns for all.
    sparse = sample is not None and measured.shard.index > 0
    for folder, table in tables:
        if table.num_rows or folder in OF_ALL_SHARDS or (folder != "texts" and not sparse):
            write_parquet(table, out / folder / f"{name}.parquet")
    _write_tensors(measured.moments, out / "moments" / f"{name}.safetensors")
    if measured.vectors:
        _write_tensors(measured.vectors, out / "vectors" / f"{name}.safetensors")
    if made.not_a_number:
        counts = ", ".join(f"{n} {k}" for k, n in made.not_a_number.items())
        tell(f"not a number: {counts}; first {made.first_bad}")
    found = {"not_a_number": made.not_a_number, "first_not_a_number": made.first_bad}
    found["sinks"] = made.sinks
    return manifest.receipt(out, measured.shard, task.attempt) | found


def _tables(
    made: ShardTables, measured: Measured, *, texts: bool
) -> Iterator[tuple[str, pa.Table]]:
    """Folder and content of every table that a shard has."""
    shard, readings = measured.shard, measured.readings.names
    schema = columns.passages_schema(kept_names(shard))
    yield "passages", columns.table(passage_columns(shard), schema)
    own = [n for n in made.tokens if n in columns.MEASURED]
    tagged = "tag" in made.tokens
    yield "tokens", columns.table(made.tokens, columns.tokens_schema(own, tagged=tagged))
    own = [n for n in made.layers if n in columns.MEASURED]
    yield "layers", columns.table(made.layers, columns.layers_schema(own))
    yield "pairs", columns.table(made.pairs, columns.pairs_schema(readings))
    if made.spans:
        yield "spans", columns.table(made.spans, columns.spans_schema(readings))
    if texts:
        yield "texts", columns.table(text_columns(shard), columns.texts_schema())


def _write_tensors(tensors: dict[str, torch.Tensor], path: Path) -> None:
    # Not save_file: it makes files that only their owner can read.
    content = save({key: value.contiguous() for key, value in tensors.items()})
    write_with(lambda temporary: temporary.write_bytes(content), path)


def remove_partial(out: Path, receipts: Iterable[dict[str, Any]]) -> None:
    """Removes the files of shards without a receipt, and what a killed process was writing."""
    named = {name for receipt in receipts for name in receipt["files"]}
    for folder in columns.FOLDERS:
        for path in (out / folder).glob("part-*"):
            if path.relative_to(out).as_posix() not in named:
                path.unlink(missing_ok=True)
        for path in (out / folder).glob(".part-*.tmp"):
            path.unlink(missing_ok=True)
