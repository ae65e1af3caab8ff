"""A cache as the hub's own library keeps it, and what is read from it in another process."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

SHOW = """
import dataclasses, json, sys
from odograph.models.loading import load
from odograph.models.sources import LoadOptions
options = LoadOptions(offline=True, revision=sys.argv[2] or None)
print(json.dumps(dataclasses.asdict(load(sys.argv[1], options).identity)))
"""


def on_the_hub(cache: Path, source: Path, name: str, commit: str, branch: str = "main") -> Path:
    """A folder put where the hub's cache would keep that commit of it; gives its snapshot.

    Weights are links to blobs that are called by their sha256, as what is stored in LFS.
    """
    place = cache / f"models--{name.replace('/', '--')}"
    snapshot = Path(shutil.copytree(source, place / "snapshots" / commit))
    (place / "refs").mkdir(exist_ok=True)
    (place / "refs" / branch).write_text(commit)
    (place / "blobs").mkdir(exist_ok=True)
    for path in snapshot.glob("*.safetensors"):
        blob = place / "blobs" / hashlib.sha256(path.read_bytes()).hexdigest()
        path.replace(blob)
        path.symlink_to(Path("../../blobs") / blob.name)
    return snapshot


def shown(cache: Path, name: str, revision: str = "") -> dict[str, Any]:
    """The identity of a model of the cache."""
    given = {**os.environ, "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", SHOW, name, revision]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=given)
    assert done.returncode == 0, done.stderr
    identity: dict[str, Any] = json.loads(done.stdout)
    return identity
