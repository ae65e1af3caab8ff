"""The prediction of some tokens read at every depth, with the final norm and the head.

Works through some passages at a time; what is written of them has its receipt in the manifest, so
that an interrupted run goes on where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from odograph.corpus.encoded import Encoded
from odograph.errors import RunError
from odograph.folder import columns
from odograph.folder.checksums import checksum
from odograph.models.loading import Loaded
from odograph.models.tuned_lens import TunedLens, read_tuned_lens
from odograph.run import manifest
from odograph.run.batches import Batch, make_batches
from odograph.run.config import RunConfig
from odograph.run.execute import Job, OnTokens
from odograph.run.hash_order import drawn_by_hash
from odograph.run.lens_batch import Columns, Flags, read_at, read_batch
from odograph.run.part_files import Kept, kept_files, measure_parts, parts_left, write_part
from odograph.run.progress import Progress, announce_lens
from odograph.run.shards import Shard
from odograph.run.sinks import Sinks
from odograph.run.stages import is_last
from odograph.run.ways import refuse_without_loss, ways_budget

LENS = "lens"


def check_lens(loaded: Loaded, config: RunConfig) -> None:
    """Makes sure that the prediction can be read at every depth, before anything is measured.

    Raises:
        ModelError: the model does not predict the next token, or the tuned lens is of another.
        UsageError: the tuned lens cannot be read.
    """
    if config.lens:
        refuse_without_loss(loaded, "--lens", "commitment")
        _tuned(config, len(loaded.anatomy.blocks), loaded.anatomy.width)


def _tuned(config: RunConfig, blocks: int, width: int) -> TunedLens | None:
    """The maps before the final norm of a model of so many blocks and such states."""
    if config.tuned_lens is None:
        return None
    return read_tuned_lens(Path(config.tuned_lens), blocks, width)


@dataclass(frozen=True, eq=False)
class LensTask:
    """What is read of some parts of the texts, at which tokens of each passage, and where to."""

    config: RunConfig
    tokens: dict[int, Flags]
    out: Path
    twin: int | None
    blocks: int
    width: int

    @cached_property
    def tuned(self) -> TunedLens | None:
        """The maps before the final norm, read once; none for a twin: they were not made for it."""
        return None if self.twin is not None else _tuned(self.config, self.blocks, self.width)

    def measured(
        self, loaded: Loaded, shard: Shard, on_tokens: OnTokens
    ) -> tuple[Shard, list[Columns]]:
        """The rows of each passage of a part."""
        passages, depths = shard.passages, self.blocks + 1
        budget = ways_budget(self.config, loaded, 1, depths)

        def measured(batch: Batch) -> Columns:
            inside = [(passages[n], self.tokens[passages[n].passage]) for n in batch.numbers]
            return read_batch(loaded, self.tuned, batch, inside)

        found: dict[int, Columns] = {}
        batches = make_batches(passages, budget.tokens, padding=budget.padding)
        for batch, read in budget.run(batches, measured):
            counts = [int(self.tokens[passages[n].passage].sum()) for n in batch.numbers]
            ends = np.cumsum(counts)[:-1]
            split = {name: np.split(values, ends) for name, values in read.items()}
            for place, number in enumerate(batch.numbers):
                found[number] = {name: parts[place] for name, parts in split.items()}
            on_tokens(sum(counts))
        rows = [
            _rows(passage, self.tokens[passage.passage], found[number], depths)
            for number, passage in enumerate(passages)
        ]
        return shard, rows

    def written(self, measured: tuple[Shard, list[Columns]]) -> dict[str, Any]:
        """Writes the rows of a part; gives its receipt."""
        part, rows = measured
        values = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
        depth = values["commitment_depth"]
        values["commitment_depth"] = np.ma.MaskedArray(depth, mask=depth < 0)
        return write_part(self.out, part, {LENS: (values, columns.lens_schema())})


def run_lens(
    loaded: Loaded,
    encoded: Sequence[Encoded],
    job: Job,
    out: Path,
    record: manifest.Manifest,
    sinks: Sinks,
) -> None:
    """Writes the table `lens` of a measured run, what is missing of it.

    The manifest then says under `lens` which files it is in, on how much of the texts it rests, and
    which tuned lens it was read with.

    Args:
        loaded: the model, or an untrained twin.
        encoded: the passages of the run.
        job: who does it, and whether it is told on stderr.
        out: its folder.
        record: its manifest, by whose config it is done.
        sinks: those of the model, which count for twins too.

    Raises:
        RunError: the tuned lens is another than before an interruption.
    """
    config, before = RunConfig.model_validate(record["config"]), record.get(LENS) or {}
    twin = loaded.identity.untrained_seed
    digest = _same_maps(out, before, config.tuned_lens if twin is None else None)
    passages, tokens = _drawn(encoded, config, sinks)
    record[LENS] = told = {
        "files": kept_files(out, (LENS,), before.get("files", {})),
        "passages": len(passages),
        "tokens": sum(int(flags.sum()) for flags in tokens.values()),
        "of_passages": len(encoded),
        "tuned_lens": digest,
        "wall_s": before.get("wall_s", 0.0),
    }
    blocks, width = len(loaded.anatomy.blocks), loaded.anatomy.width
    task = LensTask(config, tokens, out, twin, blocks, width)
    parts = parts_left(passages, (LENS,), told["files"])
    count = sum(int(tokens[p.passage].sum()) for part in parts for p in part.passages)
    announce_lens(loaded, count, show=job.progress)
    with Progress("reading every depth", count, show=job.progress) as bar:
        measure_parts(job, loaded, parts, task, bar, Kept(out, record, told))
    record["complete"] = record["complete"] or is_last(LENS, config, loaded)
    manifest.save(record, out)


def _same_maps(out: Path, before: Mapping[str, Any], maps: str | None) -> str | None:
    """sha256 of the tuned lens that a run is read with.

    Raises:
        RunError: it is another than before an interruption.
    """
    digest = None if maps is None else checksum(Path(maps))
    if before.get("files") and before.get("tuned_lens") != digest:
        raise RunError(
            f"'{out}' was read with another tuned lens", remedy="Begin it anew with --overwrite."
        )
    return digest


def _drawn(
    encoded: Sequence[Encoded], config: RunConfig, sinks: Sinks
) -> tuple[tuple[Encoded, ...], dict[int, Flags]]:
    """The passages that are read, and at which tokens each, by its number."""
    none, targets = np.empty(0, np.int64), config.at == "targets"

    def tokens(passage: Encoded) -> Flags:
        return read_at(passage, sinks.get(passage.passage, none), targets=targets)

    passages = drawn_by_hash(encoded, config.tokens, lambda passage: bool(tokens(passage).any()))
    return passages, {passage.passage: tokens(passage) for passage in passages}


def _rows(passage: Encoded, flags: Flags, read: Columns, depths: int) -> Columns:
    """One row a token and depth."""
    positions = np.flatnonzero(flags)
    each = {
        name: values.repeat(depths) if values.ndim == 1 else values.reshape(-1)
        for name, values in read.items()
    }
    return {
        "passage": np.full(len(positions) * depths, passage.passage),
        "position": positions.repeat(depths),
        "layer": np.tile(np.arange(depths), len(positions)),
        **each,
    }
