"""Running the texts again with blocks skipped, and what that does to the next-token loss.

What geometry says could be dropped is really dropped here: nothing, each block alone, and the best
runs of n blocks, by the last token and by all tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.errors import ModelError, UsageError
from odograph.folder import columns
from odograph.folder.best_runs import ALL, LAST, best_runs, span_means
from odograph.folder.halves import EXPLORATION
from odograph.folder.run import Run, measured_with_split
from odograph.folder.writer import checksum, write_parquet
from odograph.models.loading import Loaded
from odograph.models.skipping import skipping
from odograph.observe.loss import next_loss
from odograph.run import manifest
from odograph.run.batches import Batch, make_batches
from odograph.run.budget import usual_budget
from odograph.run.config import RunConfig
from odograph.run.progress import Progress
from odograph.terminal import tell

FILE = "skips/part-00000.parquet"

#: From how many tokens on, all ways together, the work is announced before it starts.
_LARGE = 100_000


@dataclass(frozen=True, order=True)
class Skip:
    """So many neighbouring blocks beginning with `first` (from 1); 0 and 0 for none."""

    first: int
    blocks: int


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
    reason = ""
    if not loaded.anatomy.causal:
        reason = "it is not causal"
    elif loaded.anatomy.head is None:
        reason = "it has no output head"
    if reason:
        raise ModelError(
            f"no next-token loss can be had from {loaded.identity.name}: {reason}",
            remedy="Leave out --skip-blocks (--no-skip-blocks); the angles need no prediction.",
        )


def run_skips(
    loaded: Loaded,
    encoded: Sequence[Encoded],
    out: Path,
    record: manifest.Manifest,
    *,
    show: bool,
) -> None:
    """Writes the table `skips` of a measured run, unless it is there already.

    The manifest `record` then says under `skips` which file it is, and on how much of the texts it
    rests.
    """
    config = RunConfig.model_validate(record["config"])
    if not _is_done(out, record):
        (out / FILE).unlink(missing_ok=True)  # a damaged one would keep the run from being read
        with Run(out, record) as run:
            skips = _planned(run)
        started, before = perf_counter(), record.get("skips") or {}
        try:
            found = _written(loaded, encoded, skips, config, out, show)
        except BaseException:  # what an interrupted try has cost is told, too
            record["skips"] = before | {"wall_s": _spent(before, started)}
            manifest.save(record, out)
            raise
        record["skips"] = found | {"wall_s": _spent(before, started)}
    # With twins or shuffled texts it is complete when these are there.
    record["complete"] = record["complete"] or not (config.untrained or config.shuffled)
    manifest.save(record, out)


def _written(
    loaded: Loaded,
    encoded: Sequence[Encoded],
    skips: Sequence[Skip],
    config: RunConfig,
    out: Path,
    show: bool,
) -> dict[str, Any]:
    """Runs the texts in every way and writes the table; gives what the manifest says of it."""
    chosen = _within(encoded, config.skip_tokens)
    tokens = sum(len(p) for p in chosen)
    if show and tokens * len(skips) >= _LARGE:
        _announce(loaded, len(skips), len(chosen), len(encoded), tokens)
    with Progress("skipping blocks", tokens * len(skips), show=show) as bar:
        table = _losses(loaded, chosen, skips, config, bar)
    write_parquet(columns.table(table, columns.skips_schema()), out / FILE)
    return {
        "file": FILE,
        "sha256": checksum(out / FILE),
        "passages": len(chosen),
        "tokens": tokens,
        "of_passages": len(encoded),
        "ways": len(skips),
    }


def _spent(before: dict[str, Any], started: float) -> float:
    """Seconds of this try and of those before it."""
    seconds: float = before.get("wall_s", 0.0) + perf_counter() - started
    return round(seconds, 3)


def _is_done(out: Path, record: dict[str, Any]) -> bool:
    written = record.get("skips") or {}
    digest = written.get("sha256", "")  # none of a try that was interrupted
    return bool(digest) and manifest.is_valid(out, {"files": {FILE: digest}})


def _within(encoded: Sequence[Encoded], most: int) -> tuple[Encoded, ...]:
    """Whole passages from the first on, at most so many tokens; the first one in any case.

    Passages after whose tokens nothing follows have no loss and are left out.
    """
    chosen: list[Encoded] = []
    tokens = 0
    for passage in encoded:
        if not (passage.next_id >= 0).any():
            continue
        tokens += len(passage)
        if chosen and tokens > most:
            break
        chosen.append(passage)
    return tuple(chosen)


def _planned(run: Run) -> tuple[Skip, ...]:
    """Nothing, every block alone, and the best runs by both ways of counting tokens.

    With --split those of the first half, where all is chosen; of a single passage there is none.
    """
    means = span_means(run.half(EXPLORATION) if measured_with_split(run.manifest) else run)
    if not len(means.documents):
        means = span_means(run)
    best = [*best_runs(means, LAST), *best_runs(means, ALL)]
    single = [Skip(block, 1) for block in range(1, run.blocks + 1)]
    longer = sorted({Skip(b.first, b.blocks) for b in best if b.blocks > 1})
    return (NOTHING, *single, *longer)


def _announce(loaded: Loaded, ways: int, passages: int, of: int, tokens: int) -> None:
    tell(
        f"{tokens:,} tokens ({passages} of {of} passages) run {ways} times through "
        f"{loaded.identity.name}, each time without other blocks"
    )


def _losses(
    loaded: Loaded,
    passages: Sequence[Encoded],
    skips: Sequence[Skip],
    config: RunConfig,
    bar: Progress,
) -> dict[str, Any]:
    """The `skips` table: for every way of skipping, a row a passage."""
    budget = usual_budget(config, loaded)
    batches = make_batches(passages, budget.tokens, padding=budget.padding)
    losses = np.empty((len(skips), len(passages)))
    for way, skip in enumerate(skips):
        with skipping(loaded.anatomy, max(skip.first, 1), skip.blocks):
            for batch, found in budget.run(batches, partial(_batch_losses, loaded, passages)):
                losses[way, list(batch.numbers)] = found
                bar.advance(sum(len(passages[number]) for number in batch.numbers))
    each = len(passages)
    return {
        "first": np.repeat([skip.first for skip in skips], each),
        "blocks": np.repeat([skip.blocks for skip in skips], each),
        "passage": np.tile([p.passage for p in passages], len(skips)),
        "loss": losses.reshape(-1),
        "tokens": np.tile([int((p.next_id >= 0).sum()) for p in passages], len(skips)),
    }


def _batch_losses(loaded: Loaded, passages: Sequence[Encoded], batch: Batch) -> NDArray[np.float64]:
    """Mean loss of each passage of a batch, in the order of its numbers."""
    inside = [passages[number] for number in batch.numbers]
    known = [p.next_id >= 0 for p in inside]
    rows = [places[k] for places, k in zip(batch.places, known, strict=True)]
    following = [p.next_id[k].astype(np.int64) for p, k in zip(inside, known, strict=True)]
    with torch.inference_mode():
        given = batch.inputs(loaded.anatomy, loaded.device)
        normed = loaded.anatomy.trunk(**given, use_cache=False)[0].flatten(0, 1)
        chosen = torch.from_numpy(np.concatenate(rows)).to(normed.device)
        ids = torch.from_numpy(np.concatenate(following)).to(normed.device)
        loss = next_loss(loaded.anatomy, normed.index_select(0, chosen), ids).double().cpu().numpy()
    ends = np.cumsum([len(r) for r in rows])[:-1]
    return np.array([part.mean() for part in np.split(loss, ends)])
