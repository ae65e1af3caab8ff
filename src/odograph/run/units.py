"""What comes after the shards, measured by ranks: a unit each, into a folder of its own.

All units come after all shards, which say where the sinks are and which blocks to skip; among
themselves they are in no order.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from odograph.corpus.encoded import Encoding
from odograph.folder.plan import RunPlan
from odograph.folder.receipts import first_receipts
from odograph.folder.store import fetch
from odograph.folder.units import unit_folder, unit_receipt
from odograph.run import manifest
from odograph.run.again import MeasuredShards, run_again
from odograph.run.beside import measure_shuffled, measure_twin, read_by_twins
from odograph.run.execute import Job
from odograph.run.held_model import HeldModel
from odograph.run.manifest_writer import sum_up
from odograph.run.stages import RECORDED, SHUFFLED, UNTRAINED
from odograph.run.turns import Turns

#: What of the shards decides what is run again.
_READ = ("passages/", "tokens/", "spans/")


@dataclass(frozen=True)
class Unit:
    """What one process measures after the shards."""

    index: int
    name: str


@dataclass(frozen=True, eq=False)
class UnitWork:
    """What units are measured with.

    Attributes:
        model: of the run, or what twins are built of.
        encoding: the texts that have rows.
        job: of the run, with the tokens a batch that all ranks have.
        plan: of the run.
    """

    model: HeldModel
    encoding: Encoding
    job: Job
    plan: RunPlan

    def measure(self, turns: Turns[Unit], out: Path) -> None:
        """Measures the units whose turn it is, of the run in a folder."""
        shards: MeasuredShards | None = None
        try:
            for unit in turns.take():
                if shards is None:  # who comes too late for a unit fetches nothing
                    shards = MeasuredShards(out, self._of_shards(out))
                place = unit_folder(out, unit.index, turns.attempt)
                tokens = self._measure(unit.name, place, shards)
                turns.receipted(unit_receipt(place, unit.index, tokens))
        finally:
            for index in turns.unfinished():
                shutil.rmtree(unit_folder(out, index, turns.attempt), ignore_errors=True)

    def _of_shards(self, out: Path) -> manifest.Manifest:
        """What the manifest will say of the run without its units, with the tables needed here."""
        record = record_of_shards(self.plan, first_receipts(out, self.plan.short))
        for shard in record["shards"]:
            shard["files"] = {n: d for n, d in shard["files"].items() if n.startswith(_READ)}
            if self.job.config.runs_again:
                fetch(out, shard["files"])
        return record

    def _measure(self, name: str, place: Path, shards: MeasuredShards) -> int:
        """Measures a unit into a folder; gives its tokens."""
        job, encoding = self.job.beside(shards.folder), self.encoding
        stage, _, seed = name.partition("/seed-")
        if stage == UNTRAINED:
            twin, its = self.model.of(int(seed)), read_by_twins(encoding, job.config)
            record = measure_twin(twin, its, job, place, shards)
        elif stage == SHUFFLED:
            record = measure_shuffled(self.model.of(), encoding, job, place, int(seed))
        else:
            record = shards.record | {"shards": [], "config": job.config.model_dump(mode="json")}
            model, encoded = self.model.of(), encoding.encoded
            run_again(stage, model, encoded, job, place, record, shards)
            return int(record[RECORDED[stage]]["tokens"])
        asked = self.plan.manifest["config"]["batch_tokens"]
        record["config"] = record["config"] | {"batch_tokens": asked}
        manifest.save(record, place)
        return int(record["corpus"]["tokens"])


def record_of_shards(plan: RunPlan, receipts: Mapping[int, Mapping[str, Any]]) -> manifest.Manifest:
    """The manifest of a run of which all shards have a receipt, without what comes after them."""
    record: dict[str, Any] = dict(plan.manifest)
    record["exclusions"] = dict(record["exclusions"])
    record["shards"] = [
        {key: value for key, value in receipt.items() if key != "by"}
        for receipt in receipts.values()
    ]
    sum_up(record)
    return record
