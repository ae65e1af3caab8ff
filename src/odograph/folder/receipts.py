"""Receipts of shards, units and ranges of texts: who did which, and which of several counts.

Each process writes a shard under a name of its own and leaves a receipt that lists these files.
Nothing is renamed or written over, so that a shard may be measured twice and a process that was
thought dead does no harm: the first receipt counts, an equal one more is nothing, and another that
says otherwise is told.
"""

import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.checksums import checksum, place_of
from odograph.folder.keys import Count, FaultFinder, Keys, fault_finder
from odograph.folder.manifest import MANIFEST
from odograph.folder.manifest_keys import ShardFile
from odograph.folder.store import deliver, fetch, names_in
from odograph.folder.writer import write_json

RECEIPTS = "receipts"
#: shard, key, attempt; a mark says that the attempt has begun the shard, a receipt that it is done.
_NAME = re.compile(r"part-([0-9]{5,})-([0-9a-f]{8})-([0-9a-f]{12})\.(json|begun)")
#: The attempt in the name of a file.
_ATTEMPT = re.compile(r"-[0-9a-f]{12}\b")
#: A shard that so many processes began and none ended is not tried again by itself.
MOST_ATTEMPTS = 3
#: Seconds without a mark after which somebody is no longer at work.
LEFT = 20.0


class Maker(Keys):
    """Who measured a shard."""

    host: str
    process: Count
    rank: Count
    device: str
    time: str
    seconds: float


class DoneKeys(Keys):
    """What is read of the receipt of any work."""

    index: Count
    tokens: Count
    by: Maker


class ReceiptKeys(DoneKeys):
    """What is read of the receipt of a shard."""

    passages: list[Count]
    files: dict[ShardFile, str]
    not_a_number: dict[str, Count]
    first_not_a_number: str
    sinks: dict[str, Any]


_first_fault = fault_finder(ReceiptKeys)


@dataclass(frozen=True)
class Attempt:
    """A file in `receipts/`: of which shard, under which plan, by whom, and whether it is done."""

    index: int
    key: str
    attempt: str
    done: bool
    path: Path
    written: float | None = None

    def since(self) -> float:
        """When it was written, in seconds of the epoch.

        Raises:
            FileNotFoundError: it is gone.
        """
        return self.path.stat().st_mtime if self.written is None else self.written


@dataclass(frozen=True)
class Receipts:
    """The receipts of a plan.

    Attributes:
        counted: of each shard that is done the one that counts.
        repeated: names of receipts of what was done before, and the files of each.
        stale: receipts under another plan.
        damaged: names of receipts whose files are not what was written.
    """

    counted: dict[int, dict[str, Any]]
    repeated: dict[str, list[str]]
    stale: int
    damaged: tuple[str, ...]


def receipt_name(index: int, key: str, attempt: str) -> str:
    """The name of a receipt, in the run folder."""
    return f"{RECEIPTS}/part-{index:05d}-{key}-{attempt}.json"


def mark_name(index: int, key: str, attempt: str) -> str:
    """The name of the mark that says that a shard is begun."""
    return receipt_name(index, key, attempt).removesuffix("json") + "begun"


def maker(rank: int, device: str, seconds: float) -> dict[str, Any]:
    """Who measured a shard, and when: this process, now."""
    return {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "rank": rank,
        "device": device,
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "seconds": round(seconds, 3),
    }


def write_receipt(folder: Path, key: str, attempt: str, receipt: Mapping[str, Any]) -> None:
    """Leaves the receipt of a shard, when its files are there."""
    name = receipt_name(receipt["index"], key, attempt)
    write_json(dict(receipt), folder / name)
    deliver(folder, [*receipt["files"], name])


def write_mark(folder: Path, key: str, attempt: str, index: int, by: Mapping[str, Any]) -> None:
    """Says that a shard is begun; said again, that somebody is still at work on it."""
    name = mark_name(index, key, attempt)
    write_json(dict(by), folder / name)
    deliver(folder, [name])


def attempts(folder: Path) -> Iterator[Attempt]:
    """What lies in `receipts/`, in the order of the names; nothing is opened."""
    for name, written in sorted(names_in(folder, RECEIPTS).items()):
        if found := _NAME.fullmatch(name):
            index, key, attempt, ending = found.groups()
            path = folder / RECEIPTS / name
            yield Attempt(int(index), key, attempt, ending == "json", path, written)


def numbers_done(folder: Path, key: str) -> set[int]:
    """What has a receipt under this key."""
    return {a.index for a in attempts(folder) if a.done and a.key == key}


def attempts_begun(folder: Path, key: str) -> dict[int, list[Attempt]]:
    """What some process has begun under this key and not ended, and these attempts."""
    begun: dict[int, list[Attempt]] = {}
    for attempt in attempts(folder):
        if not attempt.done and attempt.key == key:
            begun.setdefault(attempt.index, []).append(attempt)
    return begun


def ended(begun: Iterable[Attempt]) -> int:
    """How many of those who have begun a piece of work, and not ended it, are no longer at work."""
    return sum(not is_at_work(attempt) for attempt in begun)


def is_at_work(attempt: Attempt) -> bool:
    """Whether who has begun a piece has said lately to be at work on it."""
    try:
        return time.time() - attempt.since() < LEFT
    except FileNotFoundError:  # done, just now
        return False


def receipts_of(
    folder: Path, key: str, fault_of: FaultFinder = _first_fault
) -> Iterator[tuple[Attempt, dict[str, Any]]]:
    """Every receipt under a key; the files that it names are not looked at.

    `fault_of` finds what is wrong with one, by default of a shard.

    Raises:
        RunError: one is damaged.
    """
    done = [a for a in attempts(folder) if a.done and a.key == key]
    fetch(folder, (f"{RECEIPTS}/{attempt.path.name}" for attempt in done))
    for attempt in done:
        yield attempt, _read(attempt.path, fault_of)


def first_receipts(
    folder: Path, key: str, fault_of: FaultFinder = _first_fault
) -> dict[int, dict[str, Any]]:
    """Of each piece of work the first receipt; the files that it names are not looked at.

    Raises:
        RunError: one is damaged.
    """
    given: dict[int, list[dict[str, Any]]] = {}
    for attempt, receipt in receipts_of(folder, key, fault_of):
        given.setdefault(attempt.index, []).append(receipt)
    return {index: min(its, key=_when) for index, its in sorted(given.items())}


def read_receipts(
    folder: Path,
    key: str,
    called: Callable[[int], str],
    *,
    fault_of: FaultFinder = _first_fault,
    accept_first: bool = False,
) -> Receipts:
    """The receipts of a plan whose files are what was written, and which of them count.

    Args:
        folder: of the run, or of its units.
        key: of its plan; a receipt under another one is stale.
        called: what the work of a number is called.
        fault_of: finds what is wrong with a receipt.
        accept_first: let the first of two that differ count.

    Raises:
        RunError: two receipts of a shard differ; names both makers. Or one is damaged.
    """
    given: dict[int, dict[str, dict[str, Any]]] = {}
    damaged = []
    for attempt, receipt in receipts_of(folder, key, fault_of):
        fetch(folder, receipt["files"])
        if all(_is_there(folder, *file) for file in receipt["files"].items()):
            given.setdefault(attempt.index, {})[attempt.path.name] = receipt
        else:
            damaged.append(attempt.path.name)
    stale = sum(attempt.done and attempt.key != key for attempt in attempts(folder))
    counted: dict[int, dict[str, Any]] = {}
    repeated: dict[str, list[str]] = {}
    for index, its in sorted(given.items()):
        counted[index] = first = min(its.values(), key=_when)
        others = {name: receipt for name, receipt in its.items() if receipt is not first}
        differing = [other for other in others.values() if _contents(other) != _contents(first)]
        if differing and not accept_first:
            raise _two(folder, called(index), first, differing[0])
        repeated |= {name: list(other["files"]) for name, other in others.items()}
    return Receipts(counted, repeated, stale, tuple(damaged))


def _read(path: Path, fault_of: FaultFinder) -> dict[str, Any]:
    remedy = "Remove it, and start a rank again with its command: it does the work again."
    try:
        receipt: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"'{path}' is damaged: {error}", remedy=remedy) from error
    if fault := fault_of(receipt):
        raise fault.error(path, remedy)
    return receipt


def _is_there(folder: Path, name: str, digest: str) -> bool:
    path = place_of(folder, name)
    return path.is_file() and checksum(path) == digest


def _when(receipt: Mapping[str, Any]) -> str:
    """When it was done."""
    return str(receipt["by"]["time"])


def _two(folder: Path, called: str, first: Mapping[str, Any], other: Mapping[str, Any]) -> RunError:
    return RunError(
        f"'{folder}': two processes measured {called} and differ",
        expected="equal files, as equal devices and versions give",
        given=f"{_who(first)} and {_who(other)}",
        remedy="Take the first with --accept-first, or remove the receipt of the other "
        f"from '{RECEIPTS}/'.",
    )


def _contents(receipt: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name without the attempt in it, and sha256, of each file; a manifest has times in it."""
    files = receipt["files"].items()
    return sorted(
        (_ATTEMPT.sub("", name), digest) for name, digest in files if not name.endswith(MANIFEST)
    )


def _who(receipt: Mapping[str, Any]) -> str:
    by = receipt["by"]
    return f"rank {by['rank']} on {by['host']} ({by['device']}, {by['time']})"
