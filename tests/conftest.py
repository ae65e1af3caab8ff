"""What all tests share: two tiny models with random weights, texts, and the shared real data."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
# Tensors are tiny here: a second thread only waits for the first.
os.environ.setdefault("OMP_NUM_THREADS", "1")

#: Of very different lengths, some with "her", one twice, one with it at the start.
from tiny import TEXTS, build_gpt2, build_llama, saved

# Invented inputs are the same in every run, so that what fails fails for everyone; others are
# tried with ODOGRAPH_FUZZ=1.
settings.register_profile("odograph", derandomize=os.environ.get("ODOGRAPH_FUZZ") != "1")
settings.load_profile("odograph")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named by their argument: tests are called alike in every process and at any time.

    The two processes of a run must find the same names, and packed bytes may hold the time.
    """
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the model folders of this session lie in."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def gpt2_folder(models: Path) -> Path:
    """A GPT-2 of 4 blocks and width 48, head tied, tokenizer without a BOS of its own."""
    return saved(build_gpt2(), models / "gpt2-tiny", begins=False)


@pytest.fixture(scope="session")
def llama_folder(models: Path) -> Path:
    """A Llama of 3 blocks and width 32, head untied, tokenizer that puts a BOS in front."""
    return saved(build_llama(), models / "llama-tiny", begins=True)


@pytest.fixture(scope="session")
def one_block_folder(models: Path) -> Path:
    """The GPT-2 with a single block."""
    return saved(build_gpt2(blocks=1), models / "gpt2-one-block", begins=False)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """One thread: what is added up in another order is another number in its last digit."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real models and texts beside the repository."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data is absent: real models and texts are not tested")
    return folder


@pytest.fixture(scope="session")
def stories_folder(shared_data: Path) -> Path:
    """A small trained Llama (260k parameters)."""
    folder = shared_data / "models" / "stories260k"
    if not folder.is_dir():
        pytest.skip("stories260k is absent from the shared data")
    return folder


@pytest.fixture
def hears_interrupts() -> Iterator[None]:
    """What a shell has begun in the background ignores Ctrl-C: not so in here."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def measured(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Measures into a new folder of this test and closes the runs at its end."""
    import odograph

    runs: list[Any] = []

    def give(model: Any, texts: Any = TEXTS, **options: Any) -> Any:
        out = options.pop("out", tmp_path / f"run-{len(runs)}")
        runs.append(odograph.measure(model, list(texts), out=out, **options))
        return runs[-1]

    yield give
    for run in runs:
        run.close()
