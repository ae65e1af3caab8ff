"""Closing a run that several processes have measured: receipts become the manifest."""

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
from odograph.folder.plan import PLAN, RunPlan, found_plan
from odograph.folder.receipts import (
    RECEIPTS,
    Receipts,
    attempts,
    attempts_begun,
    read_receipts,
)
from odograph.folder.store import agree, names_in, withdraw
from odograph.run import manifest
from odograph.run.manifest_writer import sum_up
from odograph.sentences.english import several
from odograph.terminal import tell

_NAMED = 5


def merge(folder: Path, command: str = "", *, accept_first: bool = False) -> manifest.Manifest:
    """Writes the manifest of a run of which every shard has a receipt; gives it.

    A run that is merged already stays as it is.

    Files that no receipt names are removed: of processes that were killed, and of shards that were
    measured twice; so are the texts as tokens, which all ranks have read.

    Args:
        folder: the run.
        command: what is told to others who come.
        accept_first: where two receipts of a shard differ, take the first.

    Raises:
        RunError: the run has no plan, a rank is still at work, shards are missing, or two receipts
            of one differ.
    """
    with holding(folder, command):
        plan = found_plan(folder)
        if plan is None:
            raise RunError(
                f"'{folder}' has no plan",
                expected=f"a folder with {PLAN}, as `odograph measure --rank` makes it",
                remedy="A run of one process needs no merging.",
            )
        found = read_receipts(folder, plan, accept_first=accept_first)
        _tell_besides(folder, found)
        _withdraw(folder, found)
        _refuse_missing(folder, plan, found)
        record = found_manifest(folder)
        if record is None:
            record = _closed(plan, found)
            manifest.save(record, folder)
        agree(folder, MANIFEST)  # also where an earlier try came no further
        _remove_orphans(folder, record)
        remove_encoding(folder)
        return record


def _tell_besides(folder: Path, found: Receipts) -> None:
    if found.stale:
        tell(f"'{folder}': {found.stale} receipts are of another plan and do not count")
    for name in found.damaged[:_NAMED]:
        tell(f"'{folder}': {name} is withdrawn: its files are not what was written")
    if found.twice:
        tell(f"'{folder}': shards measured more than once: {found.twice}; the first counts")


def _withdraw(folder: Path, found: Receipts) -> None:
    """Removes the receipts of damaged files: while they stand no rank measures the shard again."""
    for name in found.damaged:
        withdraw(folder, f"{RECEIPTS}/{name}")


def _refuse_missing(folder: Path, plan: RunPlan, found: Receipts) -> None:
    missing = [index for index in range(len(plan.shards)) if index not in found.counted]
    if not missing:
        return
    begun = attempts_begun(folder, plan.short)
    shown = ", ".join(
        f"{index} (passages {plan.shards[index].passages[0]} to {plan.shards[index].passages[1]}"
        + (f", begun {several(len(begun[index]), 'time')})" if index in begun else ")")
        for index in missing[:_NAMED]
    )
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    raise RunError(
        f"{len(missing)} of {len(plan.shards)} shards of '{folder}' are not measured",
        given=f"shard {shown}{more}",
        remedy="Start any rank again with its command: it measures what is missing.",
    )


def _closed(plan: RunPlan, found: Receipts) -> manifest.Manifest:
    record: dict[str, Any] = dict(plan.manifest)
    record["shards"] = [
        {key: value for key, value in receipt.items() if key != "by"}
        for receipt in found.counted.values()
    ]
    record["time"] = record["time"] | _time(record, found)
    sum_up(record)
    record["complete"] = plan.complete
    return record


def _time(record: manifest.Manifest, found: Receipts) -> dict[str, Any]:
    """From the plan to the last receipt."""
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
    for attempt in attempts(folder):
        if not attempt.done:
            withdraw(folder, f"{RECEIPTS}/{attempt.path.name}")
