"""The texts again with something undone in one block at a time, and what the prediction loses.

Works through some passages at a time; what is written of them has its receipt in the manifest, so
that an interrupted run goes on where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from odograph.corpus.encoded import Encoded
from odograph.folder import columns
from odograph.measures import ATTENTION, MLP, TURN
from odograph.models.loading import Loaded
from odograph.run import manifest
from odograph.run.ablated_batch import (
    AblatedBatch,
    Tokens,
    ablate,
    changes_of,
    entered,
    tokens_of,
)
from odograph.run.ablation_tables import Ablated, passage_rows, turn_rows
from odograph.run.batches import Batch, make_batches
from odograph.run.config import RunConfig
from odograph.run.execute import Job, OnTokens
from odograph.run.hash_order import drawn_by_hash
from odograph.run.observers import has_parts
from odograph.run.part_files import Kept, kept_files, measure_parts, parts_left, write_part
from odograph.run.progress import Progress, announce_again
from odograph.run.shards import Shard
from odograph.run.sinks import Sinks
from odograph.run.stages import is_last
from odograph.run.ways import refuse_without_loss, side_by_side, ways_budget

PASSAGES, TURNS = "ablations", "undone_turns"


def check_ablations(loaded: Loaded, config: RunConfig) -> None:
    """Makes sure that things can be undone in a model, before anything is measured.

    Raises:
        ModelError: the model does not predict the next token.
    """
    if config.undo:
        refuse_without_loss(loaded, "--undo", "ablation")


@dataclass(frozen=True, eq=False)
class AblationTask:
    """What is undone in some parts of the texts, and where it is written."""

    config: RunConfig
    ablated: Ablated
    out: Path
    twin: int | None

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that are written."""
        return (PASSAGES, TURNS) if TURN in self.ablated.undone else (PASSAGES,)

    def measured(
        self, loaded: Loaded, shard: Shard, on_tokens: OnTokens
    ) -> tuple[Shard, list[AblatedBatch]]:
        """For each passage of a part what came of it."""
        passages, changes, tokens = shard.passages, self.ablated.changes, self.ablated.tokens
        ways = side_by_side(len(changes), len(set(map(entered, changes))))
        kept = 3 * len(loaded.anatomy.blocks) + 2  # states, parts, ways that wait to be compared
        budget = ways_budget(self.config, loaded, ways, kept)

        def measured(batch: Batch) -> AblatedBatch:
            inside = [(passages[n], tokens[passages[n].passage]) for n in batch.numbers]
            return ablate(loaded, changes, batch, inside, ways * budget.tokens)

        found: dict[int, AblatedBatch] = {}
        batches = make_batches(passages, budget.tokens, padding=budget.padding)
        for batch, of_batch in budget.run(batches, measured):
            rows = [tokens[passages[n].passage].compared.sum() for n in batch.numbers]
            found |= dict(zip(batch.numbers, of_batch.by_passage(rows), strict=True))
            on_tokens(len(changes) * sum(len(passages[n]) for n in batch.numbers))
        return shard, [found[number] for number in range(len(passages))]

    def written(self, measured: tuple[Shard, list[AblatedBatch]]) -> dict[str, Any]:
        """Writes the tables of a part; gives its receipt."""
        part, found = measured
        rows = {
            PASSAGES: (passage_rows, columns.ablations_schema()),
            TURNS: (turn_rows, columns.undone_turns_schema()),
        }
        tables = {
            table: (rows_of(self.ablated, part.passages, found), schema)
            for table, (rows_of, schema) in rows.items()
            if table in self.tables
        }
        return write_part(self.out, part, tables)


def run_ablations(
    loaded: Loaded,
    encoded: Sequence[Encoded],
    job: Job,
    out: Path,
    record: manifest.Manifest,
    sinks: Sinks,
) -> None:
    """Writes the tables `ablations` and `undone_turns` of a measured run, what is missing of them.

    The manifest then says under `ablations` which files they are, and on how much of the texts they
    rest.

    Args:
        loaded: the model, or an untrained twin.
        encoded: the passages of the run.
        job: who does it, and whether it is told on stderr.
        out: its folder.
        record: its manifest, by whose config it is done.
        sinks: those of the model, which count for twins too.
    """
    config, before = RunConfig.model_validate(record["config"]), record.get("ablations") or {}
    passages, ablated = _drawn(loaded, encoded, config, sinks)
    task = AblationTask(config, ablated, out, loaded.identity.untrained_seed)
    record["ablations"] = told = {
        "files": kept_files(out, (PASSAGES, TURNS), before.get("files", {})),
        "passages": len(passages),
        "tokens": sum(map(len, passages)),
        "of_passages": len(encoded),
        "undone": list(ablated.undone),
        "wall_s": before.get("wall_s", 0.0),
    }
    parts = parts_left(passages, task.tables, told["files"])
    left, changes = sum(part.tokens for part in parts), ablated.changes
    how = "with something undone in one block"
    announce_again(loaded, list(map(entered, changes)), left, how, show=job.progress)
    with Progress("undoing", left * len(changes), show=job.progress) as bar:
        measure_parts(job, loaded, parts, task, bar, Kept(out, record, told))
    record["complete"] = record["complete"] or is_last("undo", config, loaded)
    manifest.save(record, out)


def _drawn(
    loaded: Loaded, encoded: Sequence[Encoded], config: RunConfig, sinks: Sinks
) -> tuple[tuple[Encoded, ...], Ablated]:
    """The passages that are run, what is undone in each block, and at which tokens of each.

    Attention and the MLP are undone only where they may be told apart.
    """
    none = np.empty(0, np.int64)
    at, too = config.at == "targets", config.sinks == "too"

    def tokens(passage: Encoded) -> Tokens:
        its = sinks.get(passage.passage, none)
        return tokens_of(passage, its, targets=at, too=too)

    passages = drawn_by_hash(encoded, config.tokens, lambda passage: tokens(passage).serve)
    what = [name for name in config.undo if has_parts(loaded) or name not in (ATTENTION, MLP)]
    changes = changes_of(len(loaded.anatomy.blocks), what)
    return passages, Ablated(changes, {p.passage: tokens(p) for p in passages})
