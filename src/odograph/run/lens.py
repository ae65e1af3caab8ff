"""The prediction of some tokens read at every depth, with the final norm and the head.

Works through some passages at a time; what is written of them has its receipt in the manifest, so
that an interrupted run goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

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
from odograph.run.hash_order import drawn_by_hash
from odograph.run.lens_batch import Columns, Flags, read_at, read_batch
from odograph.run.part_files import kept_files, parts_left, write_part
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
        _tuned(loaded, config)


def _tuned(loaded: Loaded, config: RunConfig) -> TunedLens | None:
    """The maps before the final norm; none for a twin, which they were not made for."""
    if config.tuned_lens is None or loaded.identity.untrained_seed is not None:
        return None
    return read_tuned_lens(
        Path(config.tuned_lens), len(loaded.anatomy.blocks), loaded.anatomy.width
    )


@dataclass(frozen=True, eq=False)
class _Work:
    """What is read in which folder, with what, and at which tokens of each passage."""

    loaded: Loaded
    config: RunConfig
    tuned: TunedLens | None
    tokens: dict[int, Flags]
    out: Path


def run_lens(
    loaded: Loaded,
    encoded: Sequence[Encoded],
    out: Path,
    record: manifest.Manifest,
    sinks: Sinks,
    *,
    show: bool,
) -> None:
    """Writes the table `lens` of a measured run, what is missing of it.

    The manifest then says under `lens` which files it is in, on how much of the texts it rests, and
    which tuned lens it was read with.

    Args:
        loaded: the model, or an untrained twin.
        encoded: the passages of the run.
        out: its folder.
        record: its manifest.
        sinks: those of the model, which count for twins too.
        show: whether to tell of it on stderr.

    Raises:
        RunError: the tuned lens is another than before an interruption.
    """
    config, before = RunConfig.model_validate(record["config"]), record.get(LENS) or {}
    tuned = _tuned(loaded, config)
    digest = None if tuned is None else checksum(Path(str(config.tuned_lens)))
    if before.get("files") and before.get("tuned_lens") != digest:
        raise RunError(
            f"'{out}' was read with another tuned lens", remedy="Begin it anew with --overwrite."
        )
    passages, tokens = _drawn(encoded, config, sinks)
    record[LENS] = told = {
        "files": kept_files(out, (LENS,), before.get("files", {})),
        "passages": len(passages),
        "tokens": sum(int(flags.sum()) for flags in tokens.values()),
        "of_passages": len(encoded),
        "tuned_lens": digest,
        "wall_s": before.get("wall_s", 0.0),
    }
    work = _Work(loaded, config, tuned, tokens, out)
    _read_left(work, parts_left(passages, (LENS,), told["files"]), record, show=show)
    record["complete"] = record["complete"] or is_last(LENS, config, loaded)
    manifest.save(record, out)


def _read_left(
    work: "_Work", left: Sequence[Shard], record: manifest.Manifest, *, show: bool
) -> None:
    """Reads the parts that are missing; after each the manifest says so."""
    told = record[LENS]
    count = sum(int(work.tokens[p.passage].sum()) for part in left for p in part.passages)
    announce_lens(work.loaded, count, show=show)
    with Progress("reading every depth", count, show=show) as bar:
        for part in left:
            started = perf_counter()
            name, written = _write(work, part, bar)
            told["files"][name] = written
            told["wall_s"] = round(told["wall_s"] + perf_counter() - started, 3)
            manifest.save(record, work.out)


def _drawn(
    encoded: Sequence[Encoded], config: RunConfig, sinks: Sinks
) -> tuple[tuple[Encoded, ...], dict[int, Flags]]:
    """The passages that are read, and at which tokens each, by its number."""
    none, targets = np.empty(0, np.int64), config.at == "targets"

    def tokens(passage: Encoded) -> Flags:
        return read_at(passage, sinks.get(passage.passage, none), targets=targets)

    passages = drawn_by_hash(encoded, config.tokens, lambda passage: bool(tokens(passage).any()))
    return passages, {passage.passage: tokens(passage) for passage in passages}


def _write(work: _Work, part: Shard, bar: Progress) -> tuple[str, str]:
    """Reads the passages of a part and writes their rows; gives the file's name and checksum."""
    read = _read(work, part.passages, bar)
    depths = len(work.loaded.anatomy.blocks) + 1
    rows = [_rows(p, work.tokens[p.passage], read[n], depths) for n, p in enumerate(part.passages)]
    values = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    depth = values["commitment_depth"]
    values["commitment_depth"] = np.ma.MaskedArray(depth, mask=depth < 0)
    return write_part(work.out, LENS, part, values, columns.lens_schema())


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


def _read(work: _Work, passages: Sequence[Encoded], bar: Progress) -> dict[int, Columns]:
    """What was read of each passage, by its place."""
    budget = ways_budget(work.config, work.loaded, 1, len(work.loaded.anatomy.blocks) + 1)

    def measured(batch: Batch) -> Columns:
        inside = [(passages[n], work.tokens[passages[n].passage]) for n in batch.numbers]
        return read_batch(work.loaded, work.tuned, batch, inside)

    found: dict[int, Columns] = {}
    batches = make_batches(passages, budget.tokens, padding=budget.padding)
    for batch, read in budget.run(batches, measured):
        counts = [int(work.tokens[passages[n].passage].sum()) for n in batch.numbers]
        ends = np.cumsum(counts)[:-1]
        split = {name: np.split(values, ends) for name, values in read.items()}
        for place, number in enumerate(batch.numbers):
            found[number] = {name: parts[place] for name, parts in split.items()}
        bar.advance(sum(counts))
    return found
