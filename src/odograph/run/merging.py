"""Closing a run that several processes have measured: receipts become the manifest."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.columns import FOLDERS
from odograph.folder.encoding import remove_encoding
from odograph.folder.leftovers import SHARD_FILE, of_ranks
from odograph.folder.listed import listed_files
from odograph.folder.lock import holding
from odograph.folder.manifest import MANIFEST, found_manifest
from odograph.folder.own_files import remove_units
from odograph.folder.plan import PLAN, RunPlan, found_plan
from odograph.folder.receipts import (
    RECEIPTS,
    Receipts,
    attempts,
    attempts_begun,
    read_receipts,
)
from odograph.folder.store import agree, names_in, withdraw
from odograph.folder.units import UNITS, bring_to_place, measured_at, read_units
from odograph.run import manifest
from odograph.run.stages import RECORDED, SHUFFLED, UNTRAINED
from odograph.run.units import record_of_shards
from odograph.sentences.english import several
from odograph.terminal import tell

_NAMED = 5


def merge(folder: Path, command: str = "", *, accept_first: bool = False) -> manifest.Manifest:
    """Writes the manifest of a run of which all shards and units have receipts; gives it.

    A run that is merged already stays as it is. What comes after the shards is put where a run of
    one process has it.

    Files that no receipt names are removed: of processes that were killed, and of shards that were
    measured twice; so are the texts as tokens, which all ranks have read.

    Args:
        folder: the run.
        command: what is told to others who come.
        accept_first: where two receipts of a shard or unit differ, take the first.

    Raises:
        RunError: the run has no plan, a rank is still at work, shards or units are missing, or two
            receipts of one differ.
    """
    with holding(folder, command):
        plan = found_plan(folder)
        if plan is None:
            raise RunError(
                f"'{folder}' has no plan",
                expected=f"a folder with {PLAN}, as `odograph measure --rank` makes it",
                remedy="A run of one process needs no merging.",
            )
        work = _Work.found(folder, plan, accept_first=accept_first)
        record = found_manifest(folder)
        work.refuse_missing(closed=record is not None)
        for index, receipt in work.units.counted.items():
            bring_to_place(folder, plan.units[index], receipt)
        if record is None:
            record = work.closed()
            manifest.save(record, folder)
        agree(folder, MANIFEST)  # also where an earlier try came no further
        work.remove_repeated()
        _remove_orphans(folder, record)
        remove_encoding(folder)
        remove_units(folder)
        return record


@dataclass(frozen=True, eq=False)
class _Work:
    """What ranks have done of a run: receipts of shards, and of what comes after them."""

    folder: Path
    plan: RunPlan
    shards: Receipts
    units: Receipts

    @staticmethod
    def found(folder: Path, plan: RunPlan, *, accept_first: bool) -> "_Work":
        """What lies there; what is damaged is told, and its receipts are gone then.

        Raises:
            RunError: two receipts differ, or one is damaged.
        """
        units = read_units(folder, plan, accept_first=accept_first)
        shards = read_receipts(
            folder, plan.short, lambda index: f"shard {index}", accept_first=accept_first
        )
        for place, what, found in ((folder, "shard", shards), (folder / UNITS, "unit", units)):
            _tell_besides(place, what, found)
            for name in found.damaged:  # while they stand no rank does the work again
                withdraw(place, f"{RECEIPTS}/{name}")
        return _Work(folder, plan, shards, units)

    def refuse_missing(self, *, closed: bool) -> None:
        """Nothing, if all is there; the units of a closed run have come to their places.

        Raises:
            RunError: names what is missing.
        """
        plan = self.plan
        shards = [i for i in range(len(plan.shards)) if i not in self.shards.counted]
        units = [i for i in range(len(plan.units)) if i not in self.units.counted]
        if closed:  # the manifest is written when all units have come to their places
            units = []
        if not shards and not units:
            return
        count = f"{len(shards)} of {several(len(plan.shards), 'shard')}"
        if plan.units:
            count += f" and {len(units)} of {several(len(plan.units), 'unit')} after them"
        given = [*_first(list(map(self._shard, shards))), *_first(list(map(self._unit, units)))]
        raise RunError(
            f"{count} of '{self.folder}' are not measured",
            given=", ".join(given),
            remedy="Start any rank again with its command: it measures what is missing.",
        )

    def _shard(self, index: int) -> str:
        first, last = self.plan.shards[index].passages
        begun = _begun(self.folder, self.plan, index)
        return f"shard {index} ({', '.join([f'passages {first} to {last}', *begun])})"

    def _unit(self, index: int) -> str:
        begun = _begun(self.folder / UNITS, self.plan, index)
        return self.plan.units[index] + (f" ({begun[0]})" if begun else "")

    def remove_repeated(self) -> None:
        """Removes what was measured again: the receipts first, which would miss their files."""
        for place, found in ((self.folder, self.shards), (self.folder / UNITS, self.units)):
            kept = {file for receipt in found.counted.values() for file in receipt["files"]}
            for name, files in found.repeated.items():
                for removed in (f"{RECEIPTS}/{name}", *sorted(set(files) - kept)):
                    withdraw(place, removed)

    def closed(self) -> manifest.Manifest:
        """The manifest of the run with all that belongs to it."""
        plan, record = self.plan, record_of_shards(self.plan, self.shards.counted)
        record["time"] = record["time"] | _time(record, self.shards)
        for index, receipt in self.units.counted.items():
            stage = plan.units[index]
            if stage in RECORDED:
                its = found_manifest(measured_at(self.folder, receipt)) or {}
                record[RECORDED[stage]] = its[RECORDED[stage]]
        for stage in (SHUFFLED, UNTRAINED):
            record[stage] = [name for name in plan.units if name.startswith(f"{stage}/")]
        record["complete"] = True
        return record


def _begun(folder: Path, plan: RunPlan, index: int) -> list[str]:
    begun = attempts_begun(folder, plan.short).get(index, ())
    return [f"begun {several(len(begun), 'time')}"] if begun else []


def _first(names: list[str]) -> list[str]:
    return names[:_NAMED] + ([f"{len(names) - _NAMED} more"] if len(names) > _NAMED else [])


def _tell_besides(folder: Path, what: str, found: Receipts) -> None:
    if found.stale:
        tell(f"'{folder}': {found.stale} receipts are of another plan and do not count")
    for name in found.damaged[:_NAMED]:
        tell(f"'{folder}': {name} is withdrawn: its files are not what was written")
    if found.repeated:
        count = len(found.repeated)
        tell(f"'{folder}': {several(count, what)} measured more than once; the first counts")


def _time(record: manifest.Manifest, found: Receipts) -> dict[str, Any]:
    """From the plan to the last receipt of a shard."""
    started = datetime.fromisoformat(record["time"]["started"])
    ends = [datetime.fromisoformat(r["by"]["time"]) for r in found.counted.values()]
    seconds = max(0.001, *((end - started).total_seconds() for end in ends))
    tokens = sum(receipt["tokens"] for receipt in found.counted.values())
    return {"wall_s": round(seconds, 3), "tokens_per_s": round(tokens / seconds, 1)}


def _remove_orphans(folder: Path, record: manifest.Manifest) -> None:
    """Removes files of shards that the manifest does not list, and what killed ranks have left."""
    listed = listed_files(record)
    for place in FOLDERS:
        for file in names_in(folder, place):
            name = f"{place}/{file}"
            if SHARD_FILE.fullmatch(file) and name not in listed:
                withdraw(folder, name)
    for path in of_ranks(folder):
        path.unlink(missing_ok=True)
    for where in (folder, folder / UNITS):
        for attempt in attempts(where):
            if not attempt.done:
                withdraw(where, f"{RECEIPTS}/{attempt.path.name}")
