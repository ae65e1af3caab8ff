"""The manifest of a comparison folder: several runs seen together."""

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from odograph.run.columns import FORMAT
from odograph.run.results import Run


def manifest_of(runs: Sequence[Run], out: Path, command: str) -> dict[str, Any]:
    """What the comparison compares: the runs' folders relative to `out`, and what made it."""
    return {
        "format": FORMAT,
        "kind": "comparison",
        "odograph": version("odograph"),
        "command": command,
        "runs": [Path(os.path.relpath(run.folder, out)).as_posix() for run in runs],
        "models": [label(run, runs) for run in runs],
        "complete": True,
    }


def label(run: Run, runs: Sequence[Run]) -> str:
    """A short name for a run among others: its model, and its folder where models are the same."""
    name = str(run.manifest["model"]["name"]).rstrip("/").split("/")[-1]
    same = [r for r in runs if r.manifest["model"]["name"] == run.manifest["model"]["name"]]
    return name if len(same) == 1 else f"{name} ({run.folder.name})"
