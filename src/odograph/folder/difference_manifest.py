"""What the folder of a difference says of itself: which runs it is of, and what both have."""

import os
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from odograph.folder.run import Run

#: What is the same in both runs, or as the base has it.
_OF_BASE = (
    *("format", "versions", "config", "config_hash", "convention", "bos", "seed"),
    *("exclusions", "corpus"),
)
#: Of which a difference says both.
_OF_BOTH = ("dtype", "device", "kernel")


def difference_manifest(base: Run, run: Run, names: tuple[str, str], out: Path) -> dict[str, Any]:
    """The manifest before anything is written; `command` is to be added.

    Args:
        base: what is taken away.
        run: what it is taken from.
        names: of both models, the base's first.
        out: the folder of the difference, from which the runs are found again.
    """
    own, other = base.manifest, run.manifest
    name = minus_words(*reversed(names))
    record = {key: deepcopy(own[key]) for key in _OF_BASE if key in own}
    record["config"] |= {"name": name, "revision": None}
    # Without sums: those of one run are of other tokens, as each run has sinks of its own.
    if kept := own.get("kept"):
        record["kept"] = {**kept, "sums": False}
    return record | {
        "kind": "difference",
        "odograph": version("odograph"),
        "runs": [Path(os.path.relpath(one.folder, out)).as_posix() for one in (base, run)],
        "models": list(names),
        "model": _model(own["model"], other["model"], name),
        **{key: _both(own, other, key) for key in _OF_BOTH},
        "self_check": [],
        "decomposition": other["decomposition"],
        "pilot": {},
        "sinks": {},
        "not_a_number": {},
        "shards": [],
        "untrained": [],
        "shuffled": [],
        "time": {"started": datetime.now(UTC).isoformat(timespec="seconds"), "wall_s": 0.0},
        "complete": False,
    }


def minus_words(model: str, base: str) -> str:
    """A difference by its models: "adapter minus base"."""
    return f"{model} minus {base}"


def _model(own: Mapping[str, Any], other: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The model that is looked at, with the name of the difference and both revisions."""
    marks = [one["revision"] or one["fingerprint"][:12] for one in (other, own)]
    return {**deepcopy(dict(other)), "name": name, "revision": minus_words(*marks)}


def _both(own: Mapping[str, Any], other: Mapping[str, Any], key: str) -> str:
    return own[key] if own[key] == other[key] else minus_words(other[key], own[key])
