"""Ranks of a run, in this process or each in its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from odograph.folder.manifest import read_manifest
from odograph.run.options import make_config
from odograph.run.ranks import measure_share
from odograph.run.share import Share

OPTIONS: dict[str, Any] = {"shard_tokens": 20, "logits": "full", "targets": ["her"], "parts": 9}
#: The same on the command line.
FLAGS = ("--shard-tokens", "20", "--logits", "full", "--target", "her", "--parts", "9")


def config(model: Path, texts: Path, **more: Any) -> Any:
    """Of a run that ranks share."""
    return make_config({"model": str(model), "texts": [texts], **OPTIONS, **more})


def rank(model: Path, texts: Path, out: Path, number: int, of: int, **more: Any) -> None:
    """Measures a share in this process."""
    measure_share(
        config(model, texts, **more), out, Share(number, of), command="test", progress=False
    )


def files_by_table(folder: Path) -> list[list[tuple[str, str]]]:
    """Of each shard the tables and their contents, whoever wrote them."""
    return [
        sorted((name.split("/")[0], digest) for name, digest in shard["files"].items())
        for shard in read_manifest(folder)["shards"]
    ]


def start(
    model: Path, texts: Path, out: Path, number: int, of: int, *more: str
) -> "subprocess.Popen[str]":
    """A rank as a process of its own, with more options."""
    own = ("--rank", str(number), "--of", str(of), *more)
    return started(
        "measure", "--model", str(model), "--texts", str(texts), "--out", str(out), *FLAGS, *own
    )


def started(*arguments: str) -> "subprocess.Popen[str]":
    """A command as a process of its own."""
    program = "from odograph.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
