"""Two hands on one folder: one command writes, the other is refused and told by whom."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tiny import TEXTS

import odograph
from odograph.cli import run as give
from odograph.errors import RunError
from odograph.folder import told
from odograph.folder.lock import LOCK, holding, making

COMMAND = [sys.executable, "-c", "from odograph.cli import main; main()"]
HOLDING = """
import sys, time
from pathlib import Path
from odograph.folder.lock import making
with making(Path(sys.argv[1]), "odograph of another"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def nothing_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "_told", set())


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(TEXTS * 3) + "\n", encoding="utf-8")
    return path


@contextmanager
def held_elsewhere(folder: Path) -> "Iterator[subprocess.Popen[str]]":
    """Another process that holds a folder; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(folder)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_of_two_commands_started_together_one_wins_and_the_other_names_it(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    asked = ["--model", gpt2_folder, "--texts", texts, "--untrained", "3", "--quiet"]
    both = [
        subprocess.Popen(
            [*COMMAND, "measure", *map(str, asked), "--convention", convention, "--out", str(out)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for convention in ("stream", "hf")
    ]
    ended = [(process.communicate(timeout=240), process.returncode) for process in both]
    assert sorted(code for _, code in ended) == [0, 1], ended
    (won,) = [number for number, (_, code) in enumerate(ended) if code == 0]
    (_, words), _ = ended[1 - won]
    # It came while the other wrote, or once it had ended.
    assert "is being written by another command" in words or "is not empty" in words
    with odograph.open(out) as run:
        assert run.manifest["convention"] == ("stream", "hf")[won]
    assert give(["verify", str(out)]) == 0
    assert not (out / LOCK).exists()


@pytest.mark.parametrize("command", ["measure", "study", "analyse", "report", "compare", "demo"])
def test_every_command_that_writes_is_refused_while_another_writes(
    command: str,
    gpt2_folder: Path,
    texts: Path,
    tmp_path: Path,
    measured: Callable[..., Any],
    capsys: Any,
) -> None:
    run = measured(gpt2_folder, targets=["her"])
    other = measured(gpt2_folder, targets=["her"], convention="hf")
    measuring = ["--model", gpt2_folder, "--texts", texts, "--out", run.folder]
    words = {
        "measure": ["measure", *measuring, "--resume"],
        "study": ["study", "rotation", *measuring, "--overwrite"],
        "analyse": ["analyse", run.folder],
        "report": ["report", run.folder],
        "compare": ["compare", run.folder, other.folder, "--out", run.folder],
        "demo": ["demo", "--out", run.folder],
    }[command]
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()}
    with held_elsewhere(run.folder) as process:
        capsys.readouterr()
        assert give([str(word) for word in words]) == 1
        message = capsys.readouterr().err
    assert f"'{run.folder}' is being written by another command" in message
    assert f"odograph of another (process {process.pid} on {socket.gethostname()}, " in message
    assert "Wait until it is done" in message
    (run.folder / LOCK).unlink()
    after = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()}
    assert after == before


def test_the_lock_of_a_killed_command_is_told_and_removed(tmp_path: Path, capsys: Any) -> None:
    with held_elsewhere(tmp_path / "run") as process:
        pass
    about = json.loads((tmp_path / "run" / LOCK).read_text("utf-8"))
    assert (about["process"], about["host"]) == (process.pid, socket.gethostname())
    with holding(tmp_path / "run"):
        assert json.loads((tmp_path / "run" / LOCK).read_text("utf-8"))["process"] == os.getpid()
    assert not (tmp_path / "run" / LOCK).exists()
    words = capsys.readouterr().err
    assert "the lock of a command that is gone is removed: odograph of another" in words


def test_the_lock_of_another_computer_is_left_to_the_user(tmp_path: Path) -> None:
    about = {"host": "elsewhere", "process": 1, "time": "then", "command": "odograph measure"}
    (tmp_path / LOCK).write_text(json.dumps(about), encoding="utf-8")
    told_words = r"process 1 on elsewhere.*if it is gone, remove '.*\.lock'"
    with pytest.raises(RunError, match=told_words), holding(tmp_path):
        raise AssertionError
    assert (tmp_path / LOCK).exists()


def test_of_a_long_command_the_beginning_is_told(tmp_path: Path) -> None:
    about = {"host": "elsewhere", "process": 1, "time": "then", "command": "x" * 5000}
    (tmp_path / LOCK).write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(RunError) as error, holding(tmp_path):
        pass
    assert f"got {'x' * 200}... (process 1 on elsewhere, since then)" in str(error.value)


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00\xff", '{"host": "\\u001b[31m"}'])
def test_a_lock_that_cannot_be_read_does_no_harm(content: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / LOCK).write_bytes(content.encode("latin-1"))
    if "host" in content:
        with pytest.raises(RunError, match="if it is gone, remove") as error, holding(tmp_path):
            pass
        assert "\x1b" not in str(error.value)
    else:
        with holding(tmp_path):
            pass
        assert not (tmp_path / LOCK).exists()


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_lock_that_is_another_name_of_a_file_is_refused_and_the_file_stays(
    link: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    folder, own = tmp_path / "run", tmp_path / "run" / "thesis.txt"
    folder.mkdir()
    own.write_text("all of it")
    link(own, folder / LOCK)
    with pytest.raises(RunError, match=r"\.lock' is a link.*Remove '"), holding(folder):
        pass
    assert own.read_text() == "all of it"


def test_a_command_may_hold_its_folder_again_but_no_other_thread(tmp_path: Path) -> None:
    refused: list[BaseException] = []

    def other() -> None:
        try:
            with making(tmp_path / "run"):
                pass
        except RunError as error:
            refused.append(error)

    with making(tmp_path / "run"):
        with holding(tmp_path / "run"):
            assert (tmp_path / "run" / LOCK).exists()
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert not (tmp_path / "run").exists(), "made for nothing"


def test_of_many_processes_one_at_a_time_holds_a_folder(tmp_path: Path) -> None:
    code = """
import sys, time
from pathlib import Path
from odograph.errors import RunError
from odograph.folder.lock import making
folder, count = Path(sys.argv[1]), 0
while count < 10:
    try:
        with making(folder):
            mark = folder / "mark"
            mark.touch(exist_ok=False)
            time.sleep(0.002)
            mark.unlink()
            count += 1
    except RunError:
        time.sleep(0.001)
"""
    several = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "run")]) for _ in range(3)
    ]
    assert [process.wait(timeout=120) for process in several] == [0, 0, 0]


def test_only_half_written_files_of_ours_are_removed_at_the_next_start(tmp_path: Path) -> None:
    ours = [
        ".manifest.json.4711.tmp",
        ".studies.json.1.tmp",
        ".report.html.12.part",
        "layers/.part-00003.parquet.99.tmp",
        "moments/.part-00000.safetensors.99.tmp",
        "untrained/seed-1/tokens/.part-00000.parquet.5.tmp",
        "figures/.rotation_profile.svg.17.part",
        "tables/.rotation_profile.csv.17.tmp",
    ]
    foreign = [
        ".thesis.tex.4711.tmp",
        "layers/.notes.txt.1.tmp",
        "layers/.part-00003.parquet.swp",
        ".manifest.json.bak",
        "figures/.picture.psd.3.tmp",
        "untrained/other/.manifest.json.1.tmp",
    ]
    for name in (*ours, *foreign):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    with holding(tmp_path):
        pass
    assert [name for name in ours if (tmp_path / name).exists()] == []
    assert [name for name in foreign if not (tmp_path / name).exists()] == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_command_that_is_asked_to_end_says_what_to_do(
    name: str, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    asked = ["--model", gpt2_folder, "--texts", texts, "--shard-tokens", 20, "--out", out]
    process = subprocess.Popen(
        [*COMMAND, "measure", *map(str, asked), "--untrained", "9", "--quiet"],
        stderr=subprocess.PIPE,
        text=True,
        # What ignores a signal has those that it starts ignore it: nohup, for example.
        preexec_fn=lambda: signal.signal(getattr(signal, name), signal.SIG_DFL),
    )
    while process.poll() is None and len(list(out.glob("layers/part-*"))) < 3:
        time.sleep(0.01)
    process.send_signal(getattr(signal, name))
    _, words = process.communicate(timeout=60)
    message = f"ended by {name}; what was finished is whole: continue with --resume"
    assert (process.returncode, words) == (1, f"odograph: {message}\n")
    assert not (out / LOCK).exists()
    assert not list(out.rglob("*.tmp"))


def test_a_folder_that_may_not_be_written_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*rest: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    wanted = "cannot be written: Permission denied.*copy a run to where you may write"
    with pytest.raises(RunError, match=wanted), making(tmp_path):
        pass
