"""What comes after the shards, measured by ranks: twins, random orders, texts run again."""

import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from made_ranks import FLAGS, OPTIONS, files_by_table, rank, started
from test_workers import contents

import odograph
from odograph.cli import run as command
from odograph.errors import RunError
from odograph.folder import receipts as on_receipts
from odograph.folder.manifest import read_manifest
from odograph.folder.plan import found_plan
from odograph.folder.progress import progress_of, progress_text
from odograph.folder.receipts import attempts, mark_name
from odograph.folder.units import UNITS, units_done
from odograph.run import execute, turns
from odograph.run.merging import merge
from odograph.run.share import Share
from odograph.run.turns import Turns
from odograph.run.units import Unit

pytestmark = pytest.mark.usefixtures("one_thread")

AFTER: dict[str, Any] = {
    "measures": ["block_distance"],
    "skip_blocks": True,
    "undo": ["turn"],
    "lens": True,
    "tokens": 60,
    "shuffled": 1,
    "untrained": 2,
    "twin_passages": 3,
}
#: The same on the command line.
FLAGS_AFTER = (
    *FLAGS,
    *("--measures", "block_distance", "--skip-blocks", "--undo", "turn", "--lens"),
    *("--tokens", "60", "--shuffled", "1", "--untrained", "2", "--twin-passages", "3"),
)
NAMES = ["undo", "lens", "skip_blocks", "shuffled/seed-1", "untrained/seed-1", "untrained/seed-2"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another has begun is taken over at once, where a test has no living other."""
    monkeypatch.setattr(on_receipts, "LEFT", 0.0)


@pytest.fixture(scope="module")
def whole(gpt2_folder: Path, texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one process with all that may come after the shards."""
    out = tmp_path_factory.mktemp("whole") / "run"
    odograph.measure(gpt2_folder, [texts], out=out, **OPTIONS, **AFTER).close()
    return out


@pytest.fixture(scope="module")
def measured(gpt2_folder: Path, texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same by a rank, not merged."""
    out = tmp_path_factory.mktemp("measured") / "run"
    rank(gpt2_folder, texts, out, 0, 1, **AFTER)
    return out


def copied(measured: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(measured, tmp_path / "run"))


def after_the_shards(folder: Path) -> dict[str, str]:
    """Checksums of all files but those of the run's own shards, whose names have a rank in them."""
    own = {name for shard in read_manifest(folder)["shards"] for name in shard["files"]}
    besides = ("plan.json", "receipts/", ".lock")
    return {
        name: digest
        for name, digest in contents(folder).items()
        if name not in own and not name.startswith(besides)
    }


def same_run(folder: Path, whole: Path) -> None:
    """Nothing, if a merged run is that of one process: all files, and what manifests say."""
    assert files_by_table(folder) == files_by_table(whole)
    assert after_the_shards(folder) == after_the_shards(whole)
    for place in ("", "shuffled/seed-1", "untrained/seed-1", "untrained/seed-2"):
        record, before = (untimed(read_manifest(f / place)) for f in (folder, whole))
        differing = {key for key in before if record[key] != before[key]}
        assert differing <= {"command", *([] if place else ["shards"])}


def untimed(record: dict[str, Any]) -> dict[str, Any]:
    del record["time"]
    for table in ("skips", "ablations", "lens"):
        record[table].pop("wall_s", None)
    return record


def test_three_ranks_measure_twins_orders_and_what_is_run_again_as_one_process_does(
    whole: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    for number in (2, 1, 0):
        rank(gpt2_folder, texts, out, number, 3, **AFTER)
    plan = found_plan(out)
    assert plan is not None
    assert list(plan.units) == NAMES
    assert merge(out)["complete"]
    same_run(out, whole)
    assert not (out / UNITS).exists()
    with odograph.open(out) as run:
        assert len(run.untrained) == 2
    assert command(["verify", str(out)]) == 0
    merge(out)  # once more does no harm
    same_run(out, whole)
    again = odograph.measure(gpt2_folder, [texts], out=out, resume=True, **OPTIONS, **AFTER)
    again.close()  # nothing is left to do
    same_run(out, whole)


def test_units_of_a_run_that_keeps_sums_are_those_of_one_process(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    kept: Any = {**AFTER, "keep": "sums", "sample_passages": 4}
    odograph.measure(gpt2_folder, [texts], out=tmp_path / "one", **OPTIONS, **kept).close()
    rank(gpt2_folder, texts, tmp_path / "run", 0, 1, **kept)
    merge(tmp_path / "run")
    same_run(tmp_path / "run", tmp_path / "one")


def test_workers_share_what_is_run_again_and_write_what_one_process_writes(
    whole: Path, gpt2_folder: Path, texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "measure_shards", None)  # nothing is measured in this process
    with odograph.measure(
        gpt2_folder, [texts], out=tmp_path / "run", workers=2, **OPTIONS, **AFTER
    ) as run:
        assert contents(run.folder) == contents(whole)
        assert run.manifest["complete"]


def test_merge_names_the_unit_that_is_missing_and_any_rank_measures_it(
    measured: Path, whole: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = copied(measured, tmp_path)
    lost = next(a for a in attempts(out / UNITS) if a.index == 4)
    lost.path.unlink()
    (out / UNITS / mark_name(4, lost.key, "f" * 12)).write_text("{}", "utf-8")
    said = r"0 of \d+ shards and 1 of 6 units after them of .* got untrained/seed-1 \(begun 1 time"
    with pytest.raises(RunError, match=said):
        merge(out)
    assert not (out / "manifest.json").exists()
    assert not (out / "untrained").exists()
    far = progress_of(out)
    assert far["units"]["begun"] == ["untrained/seed-1"]
    assert "close the run" not in progress_text(far)
    rank(gpt2_folder, texts, out, 1, 3, **AFTER)
    merge(out)
    same_run(out, whole)


def test_a_unit_whose_files_are_not_what_was_written_is_measured_again(
    measured: Path, whole: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = copied(measured, tmp_path)
    next((out / UNITS).glob("part-00001-*/lens/part-00000.parquet")).write_bytes(b"")
    with pytest.raises(RunError, match=r"1 of 6 units after them .* got lens\."):
        merge(out)
    rank(gpt2_folder, texts, out, 0, 1, **AFTER)
    merge(out)
    same_run(out, whole)


def test_a_unit_measured_twice_counts_once_and_two_that_differ_are_told(
    measured: Path, whole: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out, places = copied(measured, tmp_path), [UNITS, f"{UNITS}/{on_receipts.RECEIPTS}"]
    kept = next(a.path for a in attempts(out / UNITS) if a.index == 5)
    aside = tmp_path / "aside.json"
    kept.rename(aside)
    rank(gpt2_folder, texts, out, 0, 1, **AFTER)
    aside.rename(kept)
    plan = found_plan(out)
    assert plan is not None
    twice = [a for a in attempts(out / places[0]) if a.index == 5]
    assert len(twice) == 2
    other = Path(shutil.copytree(out, tmp_path / "other"))
    merge(out)
    same_run(out, whole)

    receipt = next(a.path for a in attempts(other / UNITS) if a.path.name == kept.name)
    digest = next(d for n, d in units_done(other, plan)[0]["files"].items() if "manifest" in n)
    text = receipt.read_text("utf-8")
    name = next(n for n in text.split('"') if n.endswith("layers/part-00000.parquet"))
    shutil.copyfile(
        other / UNITS / next(n for n in units_done(other, plan)[0]["files"] if "manifest" in n),
        other / UNITS / name,
    )
    old = text.split(f'"{name}": "')[1][:64]
    receipt.write_text(text.replace(old, digest), "utf-8")
    with pytest.raises(RunError, match="two processes measured untrained/seed-2 and differ"):
        merge(other)
    merge(other, accept_first=True)


def test_a_unit_that_ended_three_processes_is_set_aside_and_the_rest_is_measured(
    measured: Path, gpt2_folder: Path, texts: Path, tmp_path: Path, capsys: Any
) -> None:
    out = copied(measured, tmp_path)
    for attempt in list(attempts(out / UNITS)):
        if attempt.index in (0, 3):
            attempt.path.unlink()
    for number in range(3):
        mark = out / UNITS / mark_name(3, attempt.key, f"{number:012x}")
        mark.write_text("{}", "utf-8")
    options = ["--model", f"{gpt2_folder}", "--texts", f"{texts}", "--out", f"{out}", *FLAGS_AFTER]
    assert command(["measure", *options, "--rank", "0", "--of", "1"]) == 0
    assert "shuffled/seed-1 ended 3 processes and is set aside" in capsys.readouterr().err
    far = progress_of(out)["units"]
    assert far["set_aside"] == ["shuffled/seed-1"]
    assert "undo" in far["done"]
    with pytest.raises(RunError, match=r"got shuffled/seed-1 \(begun 3 times\)"):
        merge(out)


def test_units_wait_until_every_shard_is_there(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    victim = next(a for a in attempts(out) if a.index == 2)
    shutil.rmtree(out)
    out.mkdir()
    rank(gpt2_folder, texts, tmp_path / "plan", 0, 1, **AFTER)
    key = next(attempts(tmp_path / "plan")).key
    (out / on_receipts.RECEIPTS).mkdir()
    for number in range(3):
        (out / mark_name(victim.index, key, f"{number:012x}")).write_text("{}", "utf-8")
    rank(gpt2_folder, texts, out, 0, 1, **AFTER)
    assert progress_of(out)["set_aside"] == [2]
    assert progress_of(out)["units"]["waiting"] == NAMES
    with pytest.raises(RunError, match=r"1 of \d+ shards and 6 of 6 units.*shard 2 .*, 1 more"):
        merge(out)


def test_progress_counts_units_by_stage_and_by_rank(measured: Path) -> None:
    far = progress_of(measured)
    assert far["units"] == {"done": NAMES, "begun": [], "set_aside": [], "waiting": []}
    assert far["ranks"][0]["units"] == 6
    said = progress_text(far)
    assert (
        "after the shards: lens 1 of 1, shuffled 1 of 1, skip_blocks 1 of 1, undo 1 of 1, "
        "untrained 2 of 2" in said
    )
    assert ", 6 units, last" in said
    assert "close the run with `odograph merge`" in said


def test_progress_of_a_closed_run_says_that_all_is_done(measured: Path, tmp_path: Path) -> None:
    out = copied(measured, tmp_path)
    merge(out)
    far = progress_of(out)
    assert far["closed"]
    assert far["units"] == {"done": NAMES, "begun": [], "set_aside": [], "waiting": []}
    said = progress_text(far)
    assert "untrained 2 of 2" in said
    assert said.endswith("the run is closed")


def test_a_merge_that_ends_at_any_place_is_finished_by_the_next(
    measured: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from odograph.run import merging

    for place, name in (
        (merging, "_remove_orphans"),
        (merging, "remove_units"),
        (merging.manifest, "save"),
    ):
        out = Path(shutil.copytree(measured, tmp_path / name))
        with monkeypatch.context() as patch:
            patch.setattr(place, name, interrupt)
            with pytest.raises(KeyboardInterrupt):
                merge(out)
        merge(out)
        same_run(out, whole)
        assert not (out / UNITS).exists()


def test_a_merge_that_ends_between_two_units_it_removes_is_finished_by_the_next(
    measured: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from odograph.run import merging

    out = copied(measured, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(merging, "remove_units", interrupt)
        with pytest.raises(KeyboardInterrupt):
            merge(out)
    shutil.rmtree(next((out / UNITS).glob("part-*")))
    merge(out)
    same_run(out, whole)
    assert not (out / UNITS).exists()


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def test_who_is_at_work_for_long_is_not_taken_for_one_who_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_BEAT", 0.01)
    one = Turns(tmp_path, "0" * 8, "a" * 12, Share(0, 2), "cpu", [Unit(0, "untrained/seed-1")])
    next(one.take())
    [mark] = attempts(tmp_path)
    os.utime(mark.path, (0, 0))
    while mark.since() == 0:
        time.sleep(0.01)
    assert one.unfinished() == {0}
    assert list(attempts(tmp_path)) == []


@pytest.mark.slow
def test_a_rank_killed_in_a_twin_leaves_it_to_another(
    whole: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    options = ("--model", str(gpt2_folder), "--texts", str(texts), "--out", str(out), *FLAGS_AFTER)
    killed = started("measure", *options, "--rank", "0", "--of", "1")
    while killed.poll() is None and not list((out / UNITS).glob("part-00004-*/*")):
        time.sleep(0.005)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(RunError, match="units after them"):
        merge(out)
    rank(gpt2_folder, texts, out, 1, 2, **AFTER)
    merge(out)
    same_run(out, whole)
    assert not (out / UNITS).exists()


def test_what_is_done_while_another_looks_is_not_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = [Unit(0, "untrained/seed-1")]
    one = Turns(tmp_path, "0" * 8, "a" * 12, Share(0, 2), "cpu", work)
    other = Turns(tmp_path, "0" * 8, "b" * 12, Share(1, 2), "cpu", work)
    next(one.take())
    looks = []

    def looking(folder: Path, key: str) -> dict[int, list[Any]]:
        looks.append(key)
        if len(looks) == 2:
            one.receipted({"index": 0, "tokens": 1, "files": {}})
        return begun_there(folder, key)

    begun_there = turns.attempts_begun
    monkeypatch.setattr(turns, "attempts_begun", looking)
    assert list(other.take()) == []
    one.unfinished()
