"""Ranks that write into an object store, which renames nothing; the run is brought here."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from made_bucket import bucket_server
from made_ranks import OPTIONS, files_by_table, rank, start, started
from made_store import Objects
from pyarrow import PythonFile
from pyarrow.fs import PyFileSystem
from test_workers import contents

import odograph
from odograph.cli import run as command
from odograph.errors import RunError
from odograph.folder import receipts, store
from odograph.folder.addresses import store_address
from odograph.folder.manifest import read_manifest
from odograph.folder.plan import found_plan
from odograph.folder.progress import progress_of
from odograph.folder.receipts import mark_name
from odograph.folder.store import Store, mounted
from odograph.run import encoders, encoding_in_turns, turns
from odograph.run.merging import merge

pytestmark = pytest.mark.usefixtures("one_thread")

ADDRESS = Path("s3://bucket/run")


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    """A store that every address leads to, and no waiting."""
    made = Objects()
    system = PyFileSystem(made)
    monkeypatch.setattr(store, "_opened", lambda address: Store(address, system, "bucket/run"))
    for module, name in ((store, "_SETTLED"), (store, "_FRESH")):
        monkeypatch.setattr(module, name, 0.0)
    monkeypatch.setattr(receipts, "LEFT", 0.0)
    monkeypatch.setattr(turns, "_LOOK", 0.0)
    return made


class BreaksOff(io.RawIOBase):
    """A file of which some is read, then nothing."""

    def __init__(self) -> None:
        self._read = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002
        if self._read:
            raise OSError("the line is dead")
        self._read = True
        return b"some"


def brought(out: Path) -> Path:
    """The run of the store, in a folder."""
    with mounted(ADDRESS, out) as folder:
        merge(folder)
    return out


def test_ranks_write_into_a_store_what_one_process_writes_into_a_folder(
    objects: Objects, alone: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    for number in (1, 0):
        rank(gpt2_folder, texts, ADDRESS, number, 2)
    assert objects.again == []
    assert files_by_table(brought(tmp_path / "run")) == files_by_table(alone)
    with odograph.open(tmp_path / "run") as run, odograph.open(alone) as other:
        question = "select count(*), sum(rotation) from layers"
        assert run.sql(question).fetchall() == other.sql(question).fetchall()
    assert files_by_table(brought(tmp_path / "again")) == files_by_table(alone)
    with pytest.raises(RunError, match=r"'s3://bucket/run' is closed already"):
        rank(gpt2_folder, texts, ADDRESS, 0, 2)


def test_ranks_of_a_store_encode_the_texts_in_turns(
    objects: Objects,
    alone: Path,
    gpt2_folder: Path,
    texts: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoders, "_LEAST", 60)
    rank(gpt2_folder, texts, ADDRESS, 0, 2)
    parts = sorted(name for name in objects.files if "/run/encoding/part-" in name)
    assert len(parts) > 4
    for name in list(objects.files):  # as if nothing had been measured yet
        if "/encoding/" not in name:
            del objects.files[name]
    monkeypatch.setattr(encoding_in_turns, "encode_range", None)
    damaged = next(name for name in parts if name.endswith(".safetensors"))
    content, _ = objects.files.pop(damaged)
    with pytest.raises(RunError, match=f"'s3://{damaged}' is damaged.*Remove 's3://bucket"):
        rank(gpt2_folder, texts, ADDRESS, 1, 2)
    objects.files[damaged] = content, 0.0
    rank(gpt2_folder, texts, ADDRESS, 1, 2)
    assert sorted(name for name in objects.files if "/run/encoding/part-" in name) == parts
    assert objects.again == []
    assert files_by_table(brought(tmp_path / "run")) == files_by_table(alone)
    assert not [name for name in objects.files if "/encoding/" in name]
    assert not (tmp_path / "run" / "encoding").exists()


def test_what_comes_after_the_shards_goes_through_a_store_too(
    objects: Objects,
    gpt2_folder: Path,
    texts: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    after: Any = {"untrained": 1, "shuffled": 1, "lens": True, "skip_blocks": True, "tokens": 60}
    after |= {"measures": ["block_distance"], "twin_passages": 3}
    odograph.measure(gpt2_folder, [texts], out=tmp_path / "one", **OPTIONS, **after).close()
    for number in (1, 0):
        rank(gpt2_folder, texts, ADDRESS, number, 2, **after)
    assert objects.again == []
    lost = next(name for name in objects.files if "/units/receipts/part-00001-" in name)
    content, _ = objects.files.pop(lost)
    with pytest.raises(RunError, match=r"1 of 4 units after them .* got skip_blocks"):
        brought(tmp_path / "run")
    objects.files[lost] = content, 0.0
    del objects.files[lost]
    rank(gpt2_folder, texts, ADDRESS, 0, 2, **after)
    objects.files[lost] = content, 0.0  # measured twice
    capsys.readouterr()
    for name in ("run", "again"):
        out = brought(tmp_path / name)
        assert files_by_table(out) == files_by_table(tmp_path / "one")
        for place in ("untrained/seed-1", "shuffled/seed-1", "skips", "lens"):
            assert contents(out / place) == contents(tmp_path / "one" / place)
        assert read_manifest(out)["complete"]
        assert not (out / "units").exists()
    assert capsys.readouterr().err.count("1 unit measured more than once") == 1
    assert len([name for name in objects.files if "/units/part-00001-" in name]) == 2


def test_what_a_killed_rank_has_begun_is_measured_by_another_and_its_mark_goes(
    objects: Objects, alone: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    rank(gpt2_folder, texts, ADDRESS, 0, 1)
    [receipt] = [name for name in objects.files if "receipts/part-00001-" in name]
    key = receipt.split("-")[2]
    del objects.files[receipt]
    objects.write(f"bucket/run/{mark_name(1, key, 'f' * 12)}", b"{}")
    with mounted(ADDRESS) as folder:
        far = progress_of(folder)
        assert far["begun"] == [1]
        assert far["shards"][0] == far["shards"][1] - 1
        with pytest.raises(RunError, match=r"shard 1 \(passages .*, begun 1 time\)"):
            merge(folder)
    rank(gpt2_folder, texts, ADDRESS, 1, 2)
    assert files_by_table(brought(tmp_path / "run")) == files_by_table(alone)
    shards = [name for name in objects.files if "/part-00001-" in name]
    assert not [name for name in shards if name.endswith(".begun")]
    listed = {f"bucket/run/{n}" for n in read_manifest(tmp_path / "run")["shards"][1]["files"]}
    assert {name for name in shards if "receipts" not in name} == listed


def test_a_damaged_object_does_not_count_and_is_measured_again(
    objects: Objects, alone: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    rank(gpt2_folder, texts, ADDRESS, 0, 1)
    [name] = [name for name in objects.files if "/layers/part-00002-" in name]
    objects.write(name, b"something else")
    with pytest.raises(RunError, match="shard 2"):
        brought(tmp_path / "run")
    rank(gpt2_folder, texts, ADDRESS, 0, 1)
    assert files_by_table(brought(tmp_path / "other")) == files_by_table(alone)


def test_an_upload_that_is_interrupted_leaves_nothing_in_the_store(
    objects: Objects, gpt2_folder: Path, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stream is closed all the same, and a store takes what came so far for a whole file."""

    def interrupted(file: Any, there: Any) -> None:
        there.write(file.read(10))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store.shutil, "copyfileobj", interrupted)
        with pytest.raises(KeyboardInterrupt):
            rank(gpt2_folder, texts, ADDRESS, 0, 1)
    assert objects.files == {}


def test_a_merge_that_stopped_before_the_store_had_the_manifest_is_finished_by_the_next(
    objects: Objects, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    rank(gpt2_folder, texts, ADDRESS, 0, 1)
    brought(tmp_path / "run")
    content, _ = objects.files.pop("bucket/run/manifest.json")
    brought(tmp_path / "run")
    assert objects.files["bucket/run/manifest.json"][0] == content


def test_of_two_who_write_the_plan_at_once_both_take_the_last(
    objects: Objects, gpt2_folder: Path, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[bytes] = []

    def other_is_later(seconds: float) -> None:
        name = "bucket/run/plan.json"
        if not later and name in objects.files:
            later.append(objects.files[name][0].replace(b'"started": "2', b'"started": "3'))
            objects.write(name, later[0])

    monkeypatch.setattr(store.time, "sleep", other_is_later)
    rank(gpt2_folder, texts, ADDRESS, 0, 2)
    with mounted(ADDRESS) as folder:
        plan = found_plan(folder)
        assert plan is not None
        assert plan.manifest["time"]["started"].startswith("3")


def test_a_store_that_breaks_off_is_told_as_such_and_leaves_nothing_half(
    objects: Objects,
    gpt2_folder: Path,
    texts: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rank(gpt2_folder, texts, ADDRESS, 0, 1)
    whole = objects.open_input_stream

    def breaks_off(path: str) -> Any:
        return PythonFile(BreaksOff(), mode="r") if "/layers/" in path else whole(path)

    monkeypatch.setattr(objects, "open_input_stream", breaks_off)
    with pytest.raises(RunError, match=r"'s3://bucket/run' cannot be reached: the line is dead"):
        brought(tmp_path / "run")
    assert not list((tmp_path / "run").rglob("*.tmp"))


def test_a_run_is_not_brought_into_the_folder_of_another(
    objects: Objects, alone: Path, gpt2_folder: Path, texts: Path
) -> None:
    assert objects.files == {}
    rank(gpt2_folder, texts, ADDRESS, 0, 1)
    brought(alone.parent / "mine")
    objects.write("bucket/run/plan.json", b"{}")
    with pytest.raises(RunError, match=r"holds another run than 's3://bucket/run'.*plan\.json"):
        brought(alone.parent / "mine")


@pytest.mark.parametrize(
    "use",
    [
        lambda: odograph.open("s3://bucket/run"),
        lambda: odograph.measure("bundled", ["A text."], out="gs://bucket/run"),
    ],
)
def test_where_a_folder_is_needed_an_address_is_refused_with_what_to_do(
    use: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match=r"is an object store.*odograph merge"):
        use()
    assert not list(tmp_path.iterdir())


def test_a_report_is_written_here_and_not_to_an_address(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match=r"is an object store.*Write it here"):
        odograph.open(alone).report("s3://bucket/report.html")
    assert not list(tmp_path.glob("s3*"))


def test_merge_asks_for_a_folder_where_a_store_is_named_and_only_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command(["merge", "s3://bucket/run"]) != 0
    assert "expected --out DIR exactly where" in capsys.readouterr().err
    assert command(["merge", str(tmp_path), "--out", str(tmp_path / "there")]) != 0
    assert not (tmp_path / "there").exists()


def test_a_store_that_cannot_be_reached_is_said() -> None:
    place = Path("s3://bucket/run?endpoint_override=localhost:1&scheme=http&region=us-east-1")
    with pytest.raises(RunError, match=r"cannot be reached.*AWS_ACCESS_KEY_ID"), mounted(place):
        pass


@pytest.mark.parametrize(
    ("place", "address"),
    [
        ("s3://bucket/a/b", "s3://bucket/a/b"),
        ("gs://bucket/a", "gs://bucket/a"),
        (
            "abfss://box@account.dfs.core.windows.net/a",
            "abfss://box@account.dfs.core.windows.net/a",
        ),
        ("runs/s3", None),
        ("s3", None),
    ],
)
def test_an_address_survives_being_a_path(place: str, address: str | None) -> None:
    assert store_address(Path(place)) == address


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A run in a bucket of an S3 server on this computer."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with bucket_server() as (query, _):
        yield f"s3://bucket/run?{query}"


@pytest.mark.slow
def test_commands_measure_into_a_bucket_and_bring_the_run_here(
    served: str, alone: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    ranks = [start(gpt2_folder, texts, Path(served), n, 2) for n in range(2)]
    for process in ranks:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
        assert f"odograph merge {served} --out RUN`" in said
    progress = started("progress", served)
    assert "close the run with `odograph merge`" in progress.communicate(timeout=300)[0]
    merged = started("merge", served, "--out", str(tmp_path / "run"))
    _, said = merged.communicate(timeout=300)
    assert merged.returncode == 0, said
    assert files_by_table(tmp_path / "run") == files_by_table(alone)
