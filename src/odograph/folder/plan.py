"""The plan of a run that several processes measure: written once, by whoever comes first.

It holds what the manifest of the run will say before anything is measured, which passages each
shard has, and what is measured after the shards. The others hold their own against it, so that all
measure one thing.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from pydantic import Field

from odograph.errors import RunError
from odograph.folder.keys import Count, Digest, Keys, fault_finder

PLAN = "plan.json"
#: Digits of the key that the names of receipts begin with.
_SHORT = 8


class ShardKeys(Keys):
    """What a plan says of a shard."""

    passages: Annotated[list[Count], Field(min_length=2, max_length=2)]
    tokens: Count


class PlanKeys(Keys):
    """What is read of a plan."""

    key: Digest
    pilot: Digest
    batch_tokens: Count
    shards: list[ShardKeys]
    units: list[str]
    manifest: dict[str, Any]


@dataclass(frozen=True)
class PlannedShard:
    """First and last passage of a shard, and its tokens."""

    passages: tuple[int, int]
    tokens: int


@dataclass(frozen=True)
class RunPlan:
    """What several processes measure together.

    Attributes:
        manifest: of the run, before anything is measured.
        shards: in order.
        pilot: sha256 of the pilot, by which all read states.
        batch_tokens: tokens a batch: with as many, equal devices give equal bytes.
        units: what is measured after the shards, by name: `undo`, `untrained/seed-1`.
    """

    manifest: dict[str, Any]
    shards: tuple[PlannedShard, ...]
    pilot: str
    batch_tokens: int
    units: tuple[str, ...] = ()

    @property
    def deciding(self) -> dict[str, Any]:
        """What decides the numbers, by what a person would call it."""
        record = self.manifest
        return {
            "options": record["config_hash"],
            "weights": (record["model"]["fingerprint"], record["model"]["revision"]),
            "precision": record["dtype"],
            "texts": record["corpus"]["fingerprint"],
            "tokens in front": record["bos"],
            "versions": (record["odograph"], record["versions"]),
            "kind of device": record["products"],
            "pilot": self.pilot,
            "shards": [asdict(shard) for shard in self.shards],
        }

    @property
    def key(self) -> str:
        """sha256 of what decides the numbers: receipts of another key do not count."""
        return sha256(json.dumps(self.deciding, sort_keys=True).encode()).hexdigest()

    @property
    def short(self) -> str:
        """The beginning of the key, as it stands in names."""
        return self.key[:_SHORT]


_first_fault = fault_finder(PlanKeys)


def found_plan(folder: Path) -> RunPlan | None:
    """The plan of a run folder; None where there is none.

    Raises:
        RunError: it is damaged.
    """
    path = folder / PLAN
    if not path.is_file():
        return None
    remedy = "Remove the folder, and measure the run again."
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"'{path}' is damaged: {error}", remedy=remedy) from error
    if fault := _first_fault(record):
        raise fault.error(path, remedy)
    shards = tuple(PlannedShard((*s["passages"],), s["tokens"]) for s in record["shards"])
    try:
        units = tuple(record["units"])
        plan = RunPlan(record["manifest"], shards, record["pilot"], record["batch_tokens"], units)
        changed = plan.key != record["key"]
    except (KeyError, TypeError) as error:
        raise RunError(f"'{path}' is damaged: no {error}", remedy=remedy) from error
    if changed:
        raise RunError(f"'{path}' is damaged: it is not what was written", remedy=remedy)
    return plan


def publish_plan(plan: RunPlan, folder: Path) -> None:
    """Writes the plan where there is none yet; whoever is second leaves that of the first."""
    record = {
        "key": plan.key,
        "pilot": plan.pilot,
        "batch_tokens": plan.batch_tokens,
        "shards": [asdict(shard) for shard in plan.shards],
        "units": list(plan.units),
        "manifest": plan.manifest,
    }
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    publish(folder / PLAN, lambda path: path.write_text(text, encoding="utf-8"))


def publish(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file whole where there is none of that name: of several processes the first wins.

    In an object store, which has no such thing, it is the last of those that write at once.
    """
    from odograph.folder.store import agree
    from odograph.folder.writer import write_with

    temporary = path.with_name(f".{path.name}.{uuid4().hex}.new")
    try:
        write_with(write, temporary)
        with suppress(FileExistsError):
            try:
                os.link(temporary, path)
            except FileExistsError:
                raise
            except OSError:  # a file system without links
                with path.open("xb") as file:
                    file.write(temporary.read_bytes())
    finally:
        temporary.unlink(missing_ok=True)
    agree(path.parent, path.name)
