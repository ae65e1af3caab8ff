"""Running the texts again with blocks skipped, and what that does to the next-token loss.

What geometry says could be dropped is really dropped here: nothing, each block alone, and the best
runs of n blocks, by the last token and by all tokens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.errors import UsageError
from odograph.folder import columns
from odograph.folder.best_runs import ALL, LAST, best_runs, span_means
from odograph.folder.halves import EXPLORATION, measured_with_split
from odograph.folder.run import Run
from odograph.models.loading import Loaded
from odograph.models.reentry import run_intact
from odograph.observe.loss import next_loss
from odograph.run import manifest
from odograph.run.batches import Batch, make_batches
from odograph.run.config import RunConfig
from odograph.run.execute import Job, OnTokens
from odograph.run.hash_order import drawn_by_hash
from odograph.run.part_files import write_part
from odograph.run.progress import Progress, announce_again
from odograph.run.shards import Shard
from odograph.run.stages import is_last
from odograph.run.ways import Way, refuse_without_loss, run_ways, side_by_side, ways_budget

FILE = "skips/part-00000.parquet"

Losses = NDArray[np.float64]


@dataclass(frozen=True, order=True)
class Skip:
    """So many neighbouring blocks beginning with `first` (from 1); 0 and 0 for none."""

    first: int
    blocks: int

    @property
    def entered(self) -> int:
        """The first block that is run again: the one after them; of none the first of all."""
        return max(self.first, 1) + self.blocks

    def way(self, number: int) -> Way:
        """The run in which the state that enters the first of them enters the one after them."""
        before = max(self.first, 1) - 1
        return Way(number, self.entered, lambda intact: intact.states[before])


NOTHING = Skip(0, 0)


def check_skips(loaded: Loaded, config: RunConfig) -> None:
    """Makes sure that blocks can be skipped, before anything is measured.

    Raises:
        UsageError: the angles between states are not asked for.
        ModelError: the model does not predict the next token.
    """
    if not config.skip_blocks:
        return
    if "block_distance" not in config.measures:
        raise UsageError(
            "--skip-blocks chooses blocks by the angles between states",
            expected="block_distance among --measures",
            given=",".join(config.measures),
            remedy="Add --measures block_distance.",
        )
    refuse_without_loss(loaded, "--skip-blocks (--no-skip-blocks)", "pruning")


@dataclass(frozen=True, eq=False)
class SkipTask:
    """Which blocks are skipped, and where it is written what that costs."""

    config: RunConfig
    skips: tuple[Skip, ...]
    out: Path
    twin: None = None

    def measured(self, loaded: Loaded, shard: Shard, on_tokens: OnTokens) -> tuple[Shard, Losses]:
        """Mean loss of each passage with blocks skipped, [skips, passages]."""
        passages, skips = shard.passages, self.skips
        many = side_by_side(len(skips), len({skip.entered for skip in skips}))
        budget = ways_budget(self.config, loaded, many, kept=len(loaded.anatomy.blocks) + 1)
        batches = make_batches(passages, budget.tokens, padding=budget.padding)
        losses = np.empty((len(skips), len(passages)))

        def measured(batch: Batch) -> Losses:
            inside = [passages[number] for number in batch.numbers]
            return _batch_losses(loaded, skips, batch, inside, many * budget.tokens)

        for batch, found in budget.run(batches, measured):
            losses[:, list(batch.numbers)] = found
            on_tokens(len(skips) * sum(len(passages[number]) for number in batch.numbers))
        return shard, losses

    def written(self, measured: tuple[Shard, Losses]) -> dict[str, Any]:
        """Writes the table, for every way of skipping a row a passage; gives its receipt."""
        (shard, losses), skips = measured, self.skips
        passages, each = shard.passages, len(shard.passages)
        values = {
            "first": np.repeat([skip.first for skip in skips], each),
            "blocks": np.repeat([skip.blocks for skip in skips], each),
            "passage": np.tile([p.passage for p in passages], len(skips)),
            "loss": losses.reshape(-1),
            "tokens": np.tile([int((p.next_id >= 0).sum()) for p in passages], len(skips)),
        }
        return write_part(self.out, shard, {"skips": (values, columns.skips_schema())})


def run_skips(
    loaded: Loaded,
    encoded: Sequence[Encoded],
    job: Job,
    out: Path,
    record: manifest.Manifest,
    skips: Callable[[], tuple[Skip, ...]],
) -> None:
    """Writes the table `skips` of a measured run, unless it is there already.

    The manifest `record` then says under `skips` which file it is, and on how much of the texts it
    rests. `skips` gives what is skipped.
    """
    config = RunConfig.model_validate(record["config"])
    if not _is_done(out, record):
        (out / FILE).unlink(missing_ok=True)  # a damaged one would keep the run from being read
        before = record.get("skips") or {}
        record["skips"] = {}
        started = perf_counter()
        try:
            found = _written(loaded, encoded, SkipTask(config, skips(), out), job)
        except BaseException:  # what an interrupted try has cost is told, too
            record["skips"] = before | {"wall_s": _spent(before, started)}
            manifest.save(record, out)
            raise
        record["skips"] = found | {"wall_s": _spent(before, started)}
    record["complete"] = record["complete"] or is_last("skip_blocks", config, loaded)
    manifest.save(record, out)


def _written(
    loaded: Loaded, encoded: Sequence[Encoded], task: SkipTask, job: Job
) -> dict[str, Any]:
    """Runs the texts in every way and writes the table; gives what the manifest says of it."""
    chosen = drawn_by_hash(encoded, task.config.tokens, lambda p: bool((p.next_id >= 0).any()))
    tokens, ways = sum(map(len, chosen)), len(task.skips)
    entered, how = [skip.entered for skip in task.skips], "without blocks"
    announce_again(loaded, entered, tokens, how, show=job.progress)
    files: dict[str, str] = {}
    with Progress("skipping blocks", tokens * ways, show=job.progress) as bar:
        one = (Shard(0, chosen),)
        job.measure(loaded, one, task, bar.advance, lambda done: files.update(done["files"]))
    return {
        "file": FILE,
        "sha256": files[FILE],
        "passages": len(chosen),
        "tokens": tokens,
        "of_passages": len(encoded),
        "ways": ways,
    }


def _spent(before: dict[str, Any], started: float) -> float:
    """Seconds of this try and of those before it."""
    seconds: float = before.get("wall_s", 0.0) + perf_counter() - started
    return round(seconds, 3)


def _is_done(out: Path, record: dict[str, Any]) -> bool:
    written = record.get("skips") or {}
    digest = written.get("sha256", "")  # none of a try that was interrupted
    return bool(digest) and manifest.is_valid(out, {"files": {FILE: digest}})


def planned_skips(folder: Path, record: manifest.Manifest) -> tuple[Skip, ...]:
    """Nothing, every block alone, and the best runs by both ways of counting tokens.

    With --split those of the first half, where all is chosen; of a single passage there is none.

    Args:
        folder: of a run of which all shards are measured.
        record: its manifest.
    """
    with Run(folder, record | {"skips": {}}) as run:
        means = span_means(run.half(EXPLORATION) if measured_with_split(run.manifest) else run)
        if not len(means.documents):
            means = span_means(run)
        blocks = run.blocks
    best = [*best_runs(means, LAST), *best_runs(means, ALL)]
    single = [Skip(block, 1) for block in range(1, blocks + 1)]
    longer = sorted({Skip(b.first, b.blocks) for b in best if b.blocks > 1})
    return (NOTHING, *single, *longer)


def _batch_losses(
    loaded: Loaded,
    skips: Sequence[Skip],
    batch: Batch,
    passages: Sequence[Encoded],
    tokens: int,
) -> NDArray[np.float64]:
    """Mean loss of each passage of a batch with blocks skipped, [skips, passages]."""
    known = [p.next_id >= 0 for p in passages]
    places = [rows[k] for rows, k in zip(batch.places, known, strict=True)]
    following = [p.next_id[k].astype(np.int64) for p, k in zip(passages, known, strict=True)]
    losses = np.empty((len(skips), sum(map(len, places))))
    with torch.inference_mode():
        intact = run_intact(loaded.anatomy, batch.inputs(loaded.anatomy, loaded.device))
        rows, ids = (
            torch.from_numpy(np.concatenate(values)).to(intact.normed.device)
            for values in (places, following)
        )
        ways = [skip.way(number) for number, skip in enumerate(skips)]
        for numbers, normed in run_ways(loaded.anatomy, intact, ways, tokens):
            chosen = normed[:, rows].flatten(0, 1)
            loss = next_loss(loaded.anatomy, chosen, ids.repeat(len(numbers)))
            losses[list(numbers)] = loss.double().cpu().numpy().reshape(len(numbers), -1)
    starts = np.cumsum([0, *map(len, places[:-1])])
    counts = np.array(list(map(len, places)))
    return np.asarray(np.add.reduceat(losses, starts, axis=1) / counts)
