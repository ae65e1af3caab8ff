"""A run with everything that a run folder can hold, and a copy that may be damaged."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from tiny import TEXTS

import odograph


@pytest.fixture(scope="session")
def whole(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with everything that a manifest can speak of."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    options: dict[str, Any] = {
        "targets": ["her"],
        "measures": ["block_distance"],
        "skip_blocks": True,
        "untrained": 1,
        "shuffled": 1,
    }
    odograph.measure(gpt2_folder, list(TEXTS), out=out, **options).close()
    odograph.study("rotation", out).close()
    return out


@pytest.fixture(scope="module")
def edited(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it whose files may be changed."""
    folder = tmp_path_factory.mktemp("edited") / "run"
    shutil.copytree(whole, folder)
    return folder
