"""The files of a shard: its tables and tensors written whole, and the receipt for them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from odograph.folder import columns
from odograph.folder.writer import write_parquet, write_with
from odograph.run import manifest
from odograph.run.config import RunConfig
from odograph.run.passage_table import kept_names, passage_columns
from odograph.run.shard_run import Plan
from odograph.run.shard_tables import Measured, ShardTables, tables_of, text_columns, without_pieces
from odograph.terminal import tell


@dataclass(frozen=True)
class Task:
    """What is to be done with some shards.

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


def write_shard(measured: Measured, task: Task) -> dict[str, Any]:
    """Writes what was measured of a shard; gives its receipt."""
    out, name = task.out, manifest.part_name(measured.shard.index, task.attempt)
    made = tables_of(measured, task.plan.pilot, tagged=task.config.tags != "none")
    if task.config.no_texts:
        made = without_pieces(made)
    passages = passage_columns(measured.shard)
    write_parquet(
        columns.table(passages, columns.passages_schema(kept_names(measured.shard))),
        out / "passages" / f"{name}.parquet",
    )
    for folder, values, schema in _tables(made, measured.readings.names):
        write_parquet(columns.table(values, schema), out / folder / f"{name}.parquet")
    texts = {} if task.config.no_texts or task.twin is not None else text_columns(measured.shard)
    if texts and texts["text"]:
        write_parquet(
            columns.table(texts, columns.texts_schema()), out / "texts" / f"{name}.parquet"
        )
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
    made: ShardTables, readings: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Folder, columns and schema of every table that a shard has."""
    own = [n for n in made.tokens if n in columns.MEASURED]
    tagged = "tag" in made.tokens
    yield "tokens", made.tokens, columns.tokens_schema(own, tagged=tagged)
    own = [n for n in made.layers if n in columns.MEASURED]
    yield "layers", made.layers, columns.layers_schema(own)
    yield "pairs", made.pairs, columns.pairs_schema(readings)
    if made.spans:
        yield "spans", made.spans, columns.spans_schema(readings)


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
