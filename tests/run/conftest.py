"""What the tests of ranks share: texts, and the run that one process measures of them."""

from pathlib import Path

import pytest
from made_ranks import OPTIONS
from tiny import TEXTS

import odograph


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    path.write_text("\n".join(TEXTS), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def alone(gpt2_folder: Path, texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one process."""
    out = tmp_path_factory.mktemp("alone") / "run"
    odograph.measure(gpt2_folder, [texts], out=out, **OPTIONS).close()
    return out
