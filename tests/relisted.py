"""Run folders that a test has changed: their lists made anew, as if odograph had written so."""

import json
from pathlib import Path

from odograph.folder.checksums import checksum
from odograph.folder.listed import files_there


def listed_again(folder: Path) -> None:
    """Makes the manifest of a run, and of what stands beside it, list the shards that are there."""
    for path in sorted(folder.rglob("manifest.json")):
        record = json.loads(path.read_text("utf-8"))
        shard = {
            "index": 0,
            "tokens": record["corpus"]["tokens"],
            "files": files_there(path.parent),
        }
        record["shards"] = [shard | {"not_a_number": {}, "first_not_a_number": ""}]
        skips = record.get("skips") or {}
        if skips.get("file"):
            skips["sha256"] = checksum(path.parent / skips["file"])
        path.write_text(json.dumps(record), encoding="utf-8")


def as_twin(folder: Path, seed: int) -> None:
    """Says in the manifest of a run that it is the untrained twin of that seed."""
    path = folder / "manifest.json"
    record = json.loads(path.read_text("utf-8"))
    record["model"]["untrained_seed"] = seed
    path.write_text(json.dumps(record), "utf-8")
