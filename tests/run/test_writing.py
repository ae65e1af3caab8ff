"""Shards are written while the next is measured; what is told of them is in order and adds up."""

import errno
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_resuming import PASSAGES, SMALL, TAGGED, files_of, stop_after

from odograph.errors import RunError
from odograph.folder import columns, writer
from odograph.folder.manifest import read_manifest
from odograph.run import manifest_writer as ledger
from odograph.run import shard_files, shard_tables, skips

Measured = Callable[..., Any]


def watched(
    monkeypatch: pytest.MonkeyPatch,
    on_measure: Callable[[int], None],
    on_write: Callable[[int], None],
) -> None:
    """Tells of every shard that begins to be measured, and to be written."""
    measure, write = shard_files.measure_shard, shard_files.write_shard

    def measuring(loaded: Any, shard: Any, *rest: Any) -> Any:
        on_measure(shard.index)
        return measure(loaded, shard, *rest)

    def writing(measured: Any, task: Any) -> Any:
        on_write(measured.shard.index)
        return write(measured, task)

    monkeypatch.setattr(shard_files, "measure_shard", measuring)
    monkeypatch.setattr(shard_files, "write_shard", writing)


def test_a_shard_is_written_while_the_next_is_measured(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = [threading.Event() for _ in range(100)]
    waited: list[bool] = []
    watched(
        monkeypatch,
        lambda index: begun[index].set(),
        lambda index: waited.append(begun[index + 1].wait(2)),  # after the last none begins
    )
    run = measured(gpt2_folder, **SMALL)
    assert waited == [True] * (len(run.manifest["shards"]) - 1) + [False]


def test_at_most_one_shard_waits_to_be_written(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: list[int] = []
    written: list[int] = []
    watched(
        monkeypatch, lambda index: alive.append(index - len(written)), lambda i: written.append(i)
    )
    run = measured(gpt2_folder, **SMALL)
    assert max(alive) <= 2
    assert written == list(range(len(run.manifest["shards"])))


def test_an_error_in_writing_stops_the_model_after_the_next_batch(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    failed = threading.Event()

    def fail(index: int) -> None:
        if index == 1:
            failed.set()
            raise OSError(errno.EIO, "Input/output error")

    def begin(index: int) -> None:
        begun.append(index)
        assert index < 2 or failed.wait(5)

    watched(monkeypatch, begin, fail)
    with pytest.raises(OSError, match="Input/output error"):
        measured(gpt2_folder, out=tmp_path / "run", **SMALL)
    assert begun == [0, 1, 2]
    assert [s["index"] for s in read_manifest(tmp_path / "run")["shards"]] == [0]


def test_files_of_a_shard_that_was_not_finished_are_not_left(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    out, real, count = tmp_path / "run", os.fsync, [0]

    def fsync(descriptor: int) -> None:
        # Another thread of this process may be writing for a test before.
        own = {path.inode() for folder, _, _ in os.walk(out) for path in os.scandir(folder)}
        count[0] += os.fstat(descriptor).st_ino in own
        if count[0] == 11:  # manifest, pilot, manifest, a shard and manifest, then a third file
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(writer.os, "fsync", fsync)
    with pytest.raises(RunError, match="the disk is full"):
        measured(gpt2_folder, out=out, **SMALL)
    (only,) = read_manifest(out)["shards"]
    assert files_of(out) == {"manifest.json", "pilot.safetensors", *only["files"]}


def edit(folder: Path, change: Callable[[Any], None]) -> None:
    record = json.loads((folder / "manifest.json").read_text("utf-8"))
    change(record)
    (folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")


def test_the_time_of_all_tries_is_added_up(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        stop_after(patched, 2, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            measured(gpt2_folder, out=out, untrained=1, **SMALL)
    first = read_manifest(out)["time"]
    assert first["wall_s"] > 0
    edit(out, lambda record: record["time"].update(wall_s=1000.0, started="then"))
    run = measured(gpt2_folder, out=out, untrained=1, resume=True, **SMALL)
    time, tokens = run.manifest["time"], run.manifest["corpus"]["tokens"]
    assert 1000 < time["wall_s"] < 1100
    assert time["tokens_per_s"] == pytest.approx(tokens / time["wall_s"], abs=0.06)
    assert time["started"] == "then"
    (twin,) = run.untrained
    assert 0 < twin.manifest["time"]["wall_s"] < 100


def test_the_time_of_skipping_is_added_up(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        patched.setattr(skips, "_batch_losses", interrupted)
        with pytest.raises(KeyboardInterrupt):
            measured(gpt2_folder, PASSAGES, out=out, **TAGGED)
    assert read_manifest(out)["skips"]["wall_s"] >= 0
    edit(out, lambda record: record["skips"].update(wall_s=1000.0))
    run = measured(gpt2_folder, PASSAGES, out=out, resume=True, **TAGGED)
    assert 1000 < run.manifest["skips"]["wall_s"] < 1100
    assert run.manifest["skips"]["ways"] > 1


def test_a_large_manifest_is_not_saved_after_every_shard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(np.arange(0.0, 1000.0, 0.5).tolist())  # every look at it costs half a second
    monkeypatch.setattr(ledger, "perf_counter", lambda: next(clock))
    saved: list[int] = []
    monkeypatch.setattr(
        ledger.manifest, "save", lambda record, _: saved.append(len(record["shards"]))
    )
    kept = ledger.Ledger({"time": {"started": "now", "wall_s": 0.0}}, tmp_path, {}, [])
    kept.save()
    for index in range(100):
        kept.add({"index": index, "tokens": 1})
    kept.save()
    assert saved[0] == 0
    assert saved[-1] == 100
    assert 2 <= len(saved) - 2 <= 10, "a twentieth of the time at most is spent on it"


def test_columns_are_made_in_the_types_they_are_written_in(
    gpt2_folder: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another type would be copied once more; null is what has no value, and nothing else."""
    made: list[Any] = []
    real = shard_tables.layer_columns

    def watched_columns(shard: Any, rows: Any) -> Any:
        made.append(real(shard, rows))
        return made[-1]

    monkeypatch.setattr(shard_tables, "layer_columns", watched_columns)
    measured(gpt2_folder, measures=["bend", "token_bend"])
    (found,) = made
    schema = columns.layers_schema([n for n in found if n in columns.MEASURED])
    assert {name: str(values.dtype) for name, values in found.items()} == {
        field.name: str(np.dtype(field.type.to_pandas_dtype())) for field in schema
    }
    missing = {name: np.ma.getmaskarray(values) for name, values in found.items()}
    assert not missing["norm"].any()
    assert (missing["rotation"] == (found["layer"] == 0)).all()
    assert (missing["bend"] == (found["layer"] < 2)).all()
    assert missing["token_bend"][found["position"] == 0].all()
    assert np.shares_memory(missing["rotation"], missing["step"]), "one mask for all that lack it"
