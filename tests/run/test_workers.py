"""Shards measured by several processes: the same files, one manifest, one clear error."""

import hashlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from test_resuming import leftovers, same_values
from tiny import TEXTS, build_gpt2, saved

import odograph
from odograph.errors import ModelError, OdographError, RunError, UsageError, WriteError
from odograph.folder.manifest import read_manifest
from odograph.folder.pilot import PILOT
from odograph.run import shard_worker, worker, workers
from odograph.run.config import RunConfig
from odograph.run.manifest_writer import Ledger
from odograph.run.options import make_config
from odograph.run.progress import Progress

pytestmark = pytest.mark.usefixtures("one_thread")

Measured = Callable[..., Any]
OPTIONS: dict[str, Any] = {
    "shard_tokens": 20,
    "logits": "full",
    "targets": ["her"],
    "vectors": 3,
    "parts": 9,
    "untrained": 1,
}


@pytest.fixture(scope="module")
def alone(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The run of one process, with a twin."""
    out = tmp_path_factory.mktemp("alone") / "run"
    with odograph.measure(gpt2_folder, TEXTS, out=out, **OPTIONS) as run:
        yield run


def contents(folder: Path) -> dict[str, str]:
    """Checksums of all files but the manifests, which tell times."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def receipts(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text("utf-8"))["shards"]


def after_first_receipt(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Does something once, when the first shard is in the manifest."""
    real, done = Ledger.add, []

    def add(self: Ledger, receipt: dict[str, Any]) -> None:
        real(self, receipt)
        if not done:
            done.append(receipt)
            act()

    monkeypatch.setattr(Ledger, "add", add)


def test_two_workers_write_what_one_process_writes(
    alone: Any, gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(Progress, "advance", lambda _, tokens: told.append(tokens))
    run = measured(gpt2_folder, workers=2, **OPTIONS)
    assert contents(run.folder) == contents(alone.folder)
    assert sum(told) == 2 * run.manifest["corpus"]["tokens"]
    assert receipts(run.folder) == receipts(alone.folder)
    assert run.manifest["config_hash"] == alone.manifest["config_hash"]
    assert not multiprocessing.active_children()


def test_workers_read_angles_as_the_pilot_of_one_process_says(
    tmp_path: Path, measured: Measured
) -> None:
    """Of a model with an outlier coordinate; what is lost is read again in the same way."""
    model = build_gpt2()
    with torch.no_grad():
        model.transformer.wpe.weight[:, 7] += 12
    folder = saved(model, tmp_path / "model", begins=False)
    texts = [f"{text} {text.upper()}" for text in TEXTS]
    options = {"shard_tokens": 60, "measures": ["neighbour_angle,block_distance"]}
    alone = measured(folder, texts, **options)
    assert alone.manifest["pilot"]["readings"] == ["trimmed", "centred"]
    together = measured(folder, texts, workers=2, **options)
    assert contents(together.folder) == contents(alone.folder)
    (together.folder / "layers" / "part-00001.parquet").unlink()
    again = measured(folder, texts, out=together.folder, resume=True, **options)
    assert contents(again.folder) == contents(alone.folder)


@pytest.mark.slow
def test_a_killed_worker_is_named_and_one_process_goes_on(
    alone: Any,
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def kill() -> None:
        for child in multiprocessing.active_children():
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)

    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        after_first_receipt(patched, kill)
        with pytest.raises(RunError) as error:
            measured(gpt2_folder, out=out, workers=2, **OPTIONS)
    assert str(error.value).removeprefix("worker ")[1:] == (
        " is dead: it was killed (SIGKILL). What was finished before is whole; continue with "
        "--resume, with fewer --workers if memory ran out."
    )
    assert leftovers(out) == []
    named = {name for receipt in receipts(out) for name in receipt["files"]}
    assert named
    assert {*named, PILOT} == set(contents(out)), "files of shards without a receipt were left"
    same_values(measured(gpt2_folder, out=out, resume=True, **OPTIONS), alone)
    assert contents(out) == contents(alone.folder)


@pytest.mark.slow
def test_ctrl_c_stops_the_workers_and_more_of_them_go_on(
    alone: Any,
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        after_first_receipt(patched, interrupt)
        with pytest.raises(KeyboardInterrupt):
            measured(gpt2_folder, out=out, workers=2, **OPTIONS)
    assert not multiprocessing.active_children()
    assert leftovers(out) == []
    assert receipts(out)
    measured(gpt2_folder, out=out, resume=True, workers=3, **OPTIONS)
    assert contents(out) == contents(alone.folder)


@pytest.mark.slow
def test_a_script_without_a_guard_may_have_workers(gpt2_folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"import odograph\nprint('once')\nodograph.measure({str(gpt2_folder)!r}, {TEXTS!r}, "
        f"out={str(tmp_path / 'run')!r}, workers=2, shard_tokens=20)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=200, check=False
    )
    assert (done.returncode, done.stdout) == (0, "once\n"), done.stderr
    assert read_manifest(tmp_path / "run")["complete"]


def test_a_model_on_all_gpus_leaves_none_to_other_workers(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    given = {"workers": 2, "device": "spread", "out": tmp_path / "run"}
    with pytest.raises(UsageError, match="2 workers for a model that is spread over all GPUs"):
        odograph.measure(gpt2_folder, ["A text."], **given)


def test_a_model_given_as_an_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        odograph.measure(build_gpt2(), [[1, 2]], out=tmp_path / "run", workers=2)
    assert str(error.value) == (
        "2 workers for a model given as an object: expected a hub id or a folder, from which each "
        "worker loads it. Save it with model.save_pretrained(folder), its tokenizer too, and give "
        "the folder; or leave out workers."
    )
    assert not (tmp_path / "run").exists()


def test_one_shard_needs_no_other_process(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(workers, "Workers", None)
    measured(gpt2_folder, workers=2, progress=True)
    assert capsys.readouterr().err == (
        "odograph: 1 shard for 2 workers: 1 will do; smaller --shard-tokens make more\n"
    )


def test_more_workers_than_cores_are_told(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(workers, "usable_cores", lambda: 2)
    for asked, count in ((3, 3), (2, 2)):
        workers._announce(asked, count, 2)
    assert capsys.readouterr().err == "odograph: 3 workers, but 2 cores or GPUs: they share\n"


@pytest.mark.parametrize(
    ("device", "gpus", "devices"),
    [
        ("auto", 2, ["cuda:0", "cuda:1", "cuda:0"]),
        ("cuda", 3, ["cuda:0", "cuda:1", "cuda:2"]),
        ("cuda:1", 2, ["cuda:1"] * 3),
        ("auto", 1, ["auto"] * 3),
        ("cpu", 2, ["cpu"] * 3),
    ],
)
def test_workers_take_the_gpus_in_turn(
    device: str, gpus: int, devices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    assert [workers.device_of_worker(number, device) for number in range(3)] == devices


@pytest.mark.parametrize(("cores", "count", "threads"), [(8, 2, 4), (8, 3, 2), (2, 3, 1)])
def test_workers_share_the_cores(
    cores: int, count: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "usable_cores", lambda: cores)
    monkeypatch.setattr(torch, "get_num_threads", lambda: cores)
    given = workers.Workers(workers.Identity(*[None] * 9), "float32", workers.LoadOptions(), count)
    assert given._start.manners.threads == threads


def said_by_a_worker(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> list[Any]:
    """What the parent hears of a worker that meets an error while it loads the model."""

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(worker.Manners, "take", fail)
    identity, options = workers.Identity(*[None] * 9), workers.LoadOptions()
    start = shard_worker.Start(identity, "float32", options, worker.Manners.here(1))
    ours, theirs = Pipe()
    running = threading.Thread(target=shard_worker.work, args=(theirs, start))
    running.start()
    heard = [ours.recv()]
    running.join()
    return heard


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            ModelError("no model", expected="one", given="none", remedy="Give one."),
            ModelError,
            "no model: expected one, got none. Give one.",
        ),
        (
            WriteError("cannot write 'a': the disk is full", remedy="Free space."),
            WriteError,
            "cannot write 'a': the disk is full. Free space.",
        ),
        (
            ZeroDivisionError("division by zero"),
            RunError,
            "worker 2 stopped: ZeroDivisionError: division by zero. What was finished before is "
            "whole; continue with --resume.",
        ),
        (
            MemoryError(),
            RunError,
            "worker 2 stopped: MemoryError. What was finished before is whole; continue with "
            "--resume, with fewer --workers.",
        ),
    ],
)
def test_an_error_of_a_worker_comes_to_the_parent(
    error: BaseException,
    kind: type[OdographError],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ((said, failure),) = said_by_a_worker(monkeypatch, error)
    assert said == "failed"
    raised = worker.failure_of(2, failure)
    assert type(raised) is kind
    assert str(raised) == message
    assert "in worker 2" in str(raised.__cause__)
    assert type(error).__name__ in str(raised.__cause__)


def test_workers_do_not_change_what_a_run_is() -> None:
    assert make_config({"workers": 4}).hash == RunConfig().hash
    with pytest.raises(UsageError, match="option 'workers'"):
        make_config({"workers": 0})


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["while they load", "while they measure"])
def test_workers_end_with_their_parent(moment: str, gpt2_folder: Path, tmp_path: Path) -> None:
    texts, out = tmp_path / "texts.txt", tmp_path / "run"
    texts.write_text("\n".join(TEXTS * 20), encoding="utf-8")
    code = "from odograph.cli import main; main()"
    asked = ["--model", gpt2_folder, "--texts", texts, "--shard-tokens", 30, "--out", out]
    words = ["measure", *map(str, asked), "--workers", "2", "--untrained", "9", "--quiet"]
    parent = subprocess.Popen([sys.executable, "-c", code, *words])
    children: list[Any] = []
    while parent.poll() is None and len(children) < 2:
        running = psutil.Process(parent.pid).children()
        children = [one for one in running if "spawn_main" in " ".join(one.cmdline())]
        time.sleep(0.005)
    while moment == "while they measure" and len(list(out.glob("layers/part-*"))) < 2:
        assert parent.poll() is None
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    assert len(children) == 2
    assert all(ends(child.pid) for child in children)


#: A parent, and a worker that a thread of its own cannot end: a library that loads has the lock.
WHILE_A_LIBRARY_LOADS = """
import ctypes, multiprocessing, os, sys, time

def work(moment):
    from odograph.run.worker_start import end_with_parent
    parent = os.getppid()
    sys.stdout.write(f"{os.getpid()}\\n")
    sys.stdout.flush()
    while moment == "before" and os.getppid() == parent:
        time.sleep(0.01)
    end_with_parent()
    sys.stdout.write("watches\\n")
    sys.stdout.flush()
    ctypes.PyDLL(None).sleep(60)

if __name__ == "__main__":
    multiprocessing.get_context("spawn").Process(target=work, args=sys.argv[1:]).start()
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing ends what holds the lock")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_ends_with_its_parent_in_the_middle_of_loading_a_library(
    moment: str, tmp_path: Path
) -> None:
    """The parent ends before or after the worker has begun to watch it."""
    script = tmp_path / "parent.py"
    script.write_text(WHILE_A_LIBRARY_LOADS, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, script, moment], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        worker_id = int(parent.stdout.readline())
        if moment == "after":
            assert parent.stdout.readline() == "watches\n"
        parent.kill()
    assert ends(worker_id)


def ends(process: int) -> bool:
    """Whether a process is gone in ten seconds; in milliseconds where the computer is not busy.

    One that has ended and that nobody has asked about is gone, too: its new parent may be slow.
    """
    for _ in range(1000):
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(process).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)
                continue
        return True
    return False
