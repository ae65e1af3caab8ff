"""Texts that the workers of one computer encode: the files of one process, one clear error."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from made_ranks import files_by_table, rank
from test_workers import contents
from tiny import TEXTS

from odograph.errors import RunError, TextError
from odograph.folder.encoding import PASSAGES, encoding_files
from odograph.run import encoders, encoding_here, encoding_in_turns, ranks
from odograph.run.merging import merge
from odograph.run.options import make_config
from odograph.run.progress import Progress

pytestmark = pytest.mark.usefixtures("one_thread")

Measured = Callable[..., Any]
#: With copies and near-copies that lie in other ranges.
MANY = [
    *TEXTS,
    TEXTS[0].upper(),
    f"{TEXTS[1]} again",
    *(f"{text} {number}" for number in "abcdef" for text in TEXTS),
]
#: Few shards, so that workers are there for the texts alone.
OPTIONS: dict[str, Any] = {"targets": ["her"], "logits": "full", "parts": 9}


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges of a few texts, which are worth processes."""
    monkeypatch.setattr(encoders, "_LEAST", 60)
    monkeypatch.setattr(encoders, "WORTH", 0)


def not_here(*_: Any) -> Any:
    raise AssertionError("the texts are encoded in this process")


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"select": "targets"},
        {"keep": "sums", "sample_passages": 3},
        {"targets": ["her", "him"], "variants": True},
        {"bos": "never", "vectors": 2, "too_long": "window"},
    ],
    ids=["all tokens", "targets", "sums", "variants", "windows"],
)
def test_what_workers_encode_is_what_one_process_encodes(
    more: dict[str, Any],
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join([*MANY, " ".join(MANY[:3] * 9)]), encoding="utf-8")
    alone = measured(gpt2_folder, [texts], **(OPTIONS | more))
    monkeypatch.setattr(encoding_here, "encode_here", not_here)
    told: list[int] = []
    monkeypatch.setattr(Progress, "advance", lambda _, done: told.append(done))
    together = measured(gpt2_folder, [texts], workers=3, **(OPTIONS | more))
    assert contents(together.folder) == contents(alone.folder)
    for key in ("corpus", "exclusions", "config_hash"):
        assert together.manifest[key] == alone.manifest[key]
    assert sum(told[:-1]) >= len(MANY)
    assert not multiprocessing.active_children()


def test_a_rank_encodes_its_own_ranges_in_several_processes(
    gpt2_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, out, here = tmp_path / "texts.txt", tmp_path / "run", list[int]()
    texts.write_text("\n".join(MANY), encoding="utf-8")
    rank(gpt2_folder, texts, tmp_path / "alone", 0, 1)
    monkeypatch.setattr(ranks, "processes_for", lambda *_, **__: 3)
    real = encoding_in_turns.encode_range

    def encode_range(given: Any, part: range, *rest: Any) -> Any:
        here.append(part.start)
        return real(given, part, *rest)

    monkeypatch.setattr(encoding_in_turns, "encode_range", encode_range)
    for number in (1, 0):
        rank(gpt2_folder, texts, out, number, 2)
    count = sum(path.name.endswith(PASSAGES) for path in encoding_files(out))
    assert len(here) == -(-count // 2), "of the other rank, which has not begun, one at a time"
    for folder in (out, tmp_path / "alone"):
        merge(folder)
    assert files_by_table(out) == files_by_table(tmp_path / "alone")
    assert not multiprocessing.active_children()


def test_few_texts_are_worth_no_process(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoders, "WORTH", 2**20)
    monkeypatch.setattr(encoders, "started", not_here)
    measured(gpt2_folder, MANY, workers=3, **OPTIONS)


@pytest.mark.parametrize(
    ("workers", "device", "cores", "count"),
    [
        (1, "cpu", 8, 1),
        (3, "cpu", 8, 3),
        (1, "cuda:0", 8, 8),
        (1, "cuda", 96, 16),
        (32, "cuda", 8, 32),
    ],
)
def test_a_gpu_has_its_texts_encoded_by_all_cores(
    workers: int, device: str, cores: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding_here, "usable_cores", lambda: cores)
    assert encoding_here.processes_for(make_config({"workers": workers}), device) == count


def test_ranks_of_one_computer_share_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding_here, "usable_cores", lambda: 96)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 8)
    assert encoding_here.processes_for(make_config({}), "cuda:3", a_rank=True) == 12


def test_a_tokenizer_that_is_of_this_process_alone_encodes_here(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_travelling(*_: Any) -> Any:
        raise TypeError("cannot pickle")

    monkeypatch.setattr(encoders.ForkingPickler, "dumps", no_travelling)
    monkeypatch.setattr(encoders, "started", not_here)
    measured(gpt2_folder, MANY, workers=3, **OPTIONS)


def test_an_error_in_a_text_is_told_as_by_one_process(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    texts = [*MANY, "half \ud800 of a pair"]
    with pytest.raises(TextError) as alone:
        measured(gpt2_folder, texts, out=tmp_path / "one", **OPTIONS)
    with pytest.raises(TextError) as together:
        measured(gpt2_folder, texts, out=tmp_path / "two", workers=2, **OPTIONS)
    assert str(together.value) == str(alone.value)
    assert "half of a surrogate pair" in str(alone.value)
    assert not multiprocessing.active_children()
    assert not (tmp_path / "two").exists()


def test_a_worker_that_is_killed_while_it_encodes_is_named(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = encoders.started

    def killed(number: int, *rest: Any) -> Any:
        worker = real(number, *rest)
        if number == 2:
            os.kill(worker._process.pid, signal.SIGKILL)
        return worker

    monkeypatch.setattr(encoders, "started", killed)
    with pytest.raises(RunError) as error:
        measured(gpt2_folder, MANY, out=tmp_path / "run", workers=2, **OPTIONS)
    assert str(error.value) == (
        "worker 2 is dead: it was killed (SIGKILL). No text is lost: begin again, with fewer "
        "--workers or cores (taskset) if memory ran out."
    )
    assert not multiprocessing.active_children()
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("hears_interrupts")
def test_ctrl_c_while_texts_are_encoded_leaves_nothing(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)

    monkeypatch.setattr(Progress, "advance", interrupt)
    with pytest.raises(KeyboardInterrupt):
        measured(gpt2_folder, MANY, out=tmp_path / "run", workers=2, **OPTIONS)
    assert not multiprocessing.active_children()
    assert not (tmp_path / "run").exists()
