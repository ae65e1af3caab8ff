"""Several processes that measure one run, each on its own: plan, receipts, merging."""

import hashlib
import json
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from made_ranks import OPTIONS, files_by_table, rank, start
from test_workers import contents
from tiny import TEXTS

import odograph
from odograph.cli import run as command
from odograph.errors import RunError, UsageError
from odograph.folder import receipts as on_receipts
from odograph.folder.manifest import read_manifest
from odograph.folder.plan import PLAN, found_plan
from odograph.folder.progress import progress_of, progress_text
from odograph.folder.receipts import RECEIPTS, attempts, mark_name, numbers_done
from odograph.run.merging import merge
from odograph.run.share import Share, share_of

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another has begun is taken over at once, where a test has no living other."""
    monkeypatch.setattr(on_receipts, "LEFT", 0.0)


def test_ranks_write_what_one_process_writes(
    alone: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    for number in (1, 0):
        rank(gpt2_folder, texts, out, number, 2)
    record = merge(out)
    assert files_by_table(out) == files_by_table(alone)
    before = read_manifest(alone)
    differing = {key for key in before if record[key] != before[key]}
    assert differing <= {"command", "shards", "time"}
    with odograph.open(out) as run, odograph.open(alone) as other:
        question = "select count(*), sum(rotation), sum(step) from layers"
        assert run.sql(question).fetchall() == other.sql(question).fetchall()


def test_ranks_keep_the_sums_and_the_drawn_rows_of_one_process(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    kept: Any = {"keep": "sums", "sample_passages": 3}
    odograph.measure(gpt2_folder, [texts], out=tmp_path / "alone", **OPTIONS, **kept).close()
    for number in (1, 0):
        rank(gpt2_folder, texts, tmp_path / "run", number, 2, **kept)
    record = merge(tmp_path / "run")
    assert files_by_table(tmp_path / "run") == files_by_table(tmp_path / "alone")
    assert record["kept"] == read_manifest(tmp_path / "alone")["kept"]
    assert record["kept"]["documents"] == 3
    with odograph.open(tmp_path / "run") as run:
        [(passages,)] = run.sql("select count(distinct passage) from sums").fetchall()
        assert passages > 3


def test_a_rank_that_is_done_measures_what_the_others_have_not_begun(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    rank(gpt2_folder, texts, tmp_path / "run", 2, 3)
    plan = found_plan(tmp_path / "run")
    assert plan is not None
    assert len(plan.shards) > 3
    assert numbers_done(tmp_path / "run", plan.short) == set(range(len(plan.shards)))


def test_a_shard_measured_twice_counts_once_and_its_other_files_go(
    alone: Path, gpt2_folder: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    kept = {path: path.read_bytes() for path in (out / RECEIPTS).iterdir()}
    for path in kept:
        path.unlink()
    rank(gpt2_folder, texts, out, 0, 1)
    for path, content in kept.items():
        path.write_bytes(content)
    merge(out)
    assert "measured more than once" in capsys.readouterr().err
    assert files_by_table(out) == files_by_table(alone)
    named = {name for shard in read_manifest(out)["shards"] for name in shard["files"]}
    there = {p.relative_to(out).as_posix() for p in out.rglob("part-*") if RECEIPTS not in p.parts}
    assert there == named


def test_two_receipts_that_differ_are_told_with_their_makers(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    first = next(a for a in attempts(out) if a.index == 1)
    receipt = json.loads(first.path.read_text("utf-8"))
    name = next(n for n in receipt["files"] if n.startswith("layers/"))
    other = name.replace(first.attempt, "0" * 12)
    (out / other).write_bytes(b"another result")
    digest = hashlib.sha256(b"another result").hexdigest()
    receipt["files"] = {**receipt["files"], other: digest}
    del receipt["files"][name]
    receipt["by"] |= {"host": "elsewhere", "time": "2999-01-01T00:00:00.000+00:00", "rank": 7}
    path = out / on_receipts.receipt_name(1, first.key, "0" * 12)
    path.write_text(json.dumps(receipt), "utf-8")
    with pytest.raises(RunError, match=r"shard 1 and differ.*rank 0 on .*rank 7 on elsewhere"):
        merge(out)
    assert not (out / "manifest.json").exists()
    merge(out, accept_first=True)
    assert name in read_manifest(out)["shards"][1]["files"]
    assert not (out / other).exists()


def test_receipts_of_another_plan_and_of_damaged_files_do_not_count(
    gpt2_folder: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    first, second, *_ = attempts(out)
    first.path.rename(first.path.with_name(first.path.name.replace(first.key, "0" * 8)))
    name = next(iter(json.loads(second.path.read_text("utf-8"))["files"]))
    (out / name).write_bytes(b"")
    with pytest.raises(RunError, match=r"2 of \d+ shards .* are not measured.*shard 0 .*passages"):
        merge(out)
    told = capsys.readouterr().err
    assert "1 receipts are of another plan" in told
    assert second.path.name in told
    rank(gpt2_folder, texts, out, 0, 1)  # as the remedy says
    merge(out)
    assert read_manifest(out)["complete"]


def test_a_rank_with_other_options_texts_or_weights_is_refused(
    gpt2_folder: Path, llama_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out, others = tmp_path / "run", tmp_path / "others.txt"
    others.write_text("\n".join(TEXTS[:-1]), "utf-8")
    rank(gpt2_folder, texts, out, 0, 1)
    with pytest.raises(RunError, match="planned with other options"):
        rank(gpt2_folder, texts, out, 0, 1, seed=3)
    with pytest.raises(RunError, match="other texts"):
        rank(gpt2_folder, others, out, 0, 1)
    with pytest.raises(RunError, match="other options and other weights"):
        rank(llama_folder, texts, out, 0, 1)


def test_what_a_closed_run_has_lost_comes_back_without_ranks(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out, options = tmp_path / "run", {**OPTIONS, "untrained": 1}
    rank(gpt2_folder, texts, out, 0, 1, untrained=1)
    with pytest.raises(RunError, match="measured by several ranks and is not closed"):
        odograph.measure(gpt2_folder, [texts], out=out, resume=True, **options)
    merge(out)
    with pytest.raises(RunError, match=r"closed already.* with --resume, without --rank"):
        rank(gpt2_folder, texts, out, 0, 1, untrained=1)
    before = {name: digest for name, digest in contents(out).items() if name != ".lock"}
    (out / "untrained/seed-1/layers/part-00000.parquet").unlink()
    odograph.measure(gpt2_folder, [texts], out=out, resume=True, **options).close()
    after = contents(out)
    assert {name: after[name] for name in before} == before


def test_a_shard_that_ended_three_processes_is_set_aside_and_named(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    rank(gpt2_folder, texts, out, 0, 1)
    victim = next(a for a in attempts(out) if a.index == 2)
    victim.path.unlink()
    for number in range(3):
        (out / mark_name(2, victim.key, f"{number:012x}")).write_text("{}", "utf-8")
    rank(gpt2_folder, texts, out, 0, 1)
    assert progress_of(out)["set_aside"] == [2]
    assert "set aside" in progress_text(progress_of(out))
    with pytest.raises(RunError, match=r"shard 2 .*begun 3 times"):
        merge(out)
    (out / mark_name(2, victim.key, f"{0:012x}")).unlink()
    rank(gpt2_folder, texts, out, 0, 1)
    merge(out)
    assert not list((out / RECEIPTS).glob("*.begun"))


def until_receipts(out: Path, count: int, process: "subprocess.Popen[str]") -> None:
    while process.poll() is None and sum(a.done for a in attempts(out)) < count:
        time.sleep(0.01)


@pytest.mark.slow
def test_a_rank_killed_at_any_moment_is_made_good_by_another(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    many = tmp_path / "many.txt"
    many.write_text("\n".join(f"{text} {n}" for n in range(12) for text in TEXTS), "utf-8")
    single, out = tmp_path / "alone", tmp_path / "run"
    # A run that keeps sums has every kind of file.
    kept: Any = {"keep": "sums", "sample_passages": 9}
    flags = ("--keep", "sums", "--sample-passages", "9")
    odograph.measure(gpt2_folder, [many], out=single, **OPTIONS, **kept).close()
    killed = start(gpt2_folder, many, out, 0, 2, *flags)
    until_receipts(out, 3, killed)
    killed.kill()
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    other = start(gpt2_folder, many, out, 1, 2, *flags)
    _, said = other.communicate()
    assert other.returncode == 0, said
    merge(out)
    assert files_by_table(out) == files_by_table(single)
    leftovers = [p for p in out.rglob("*") if p.name.endswith((".tmp", ".new", ".begun"))]
    assert leftovers == []
    with odograph.open(out) as run, odograph.open(single) as whole:
        for table in ("histograms", "joint_histograms", "extremes"):
            query = f"select * from {table} order by all"
            assert run.sql(query).fetchall() == whole.sql(query).fetchall() != []


@pytest.mark.slow
def test_a_rank_that_is_asked_to_end_exits_75_and_leaves_nothing_half_done(
    gpt2_folder: Path, tmp_path: Path
) -> None:
    many = tmp_path / "many.txt"
    many.write_text("\n".join(f"{text} {n}" for n in range(60) for text in TEXTS), "utf-8")
    out = tmp_path / "run"
    asked = start(gpt2_folder, many, out, 0, 1)
    until_receipts(out, 2, asked)
    with pytest.raises(RunError, match="being written by another command"):
        merge(out)
    asked.send_signal(signal.SIGTERM)
    _, said = asked.communicate()
    assert asked.returncode == 75, said
    assert "start the rank again" in said
    assert not list((out / RECEIPTS).glob("*.begun"))
    listed = {n for a in attempts(out) for n in json.loads(a.path.read_text("utf-8"))["files"]}
    there = {p.relative_to(out).as_posix() for p in out.rglob("part-*") if RECEIPTS not in p.parts}
    assert there == listed


def test_a_scheduler_says_which_rank_this_is() -> None:
    slurm = {"SLURM_PROCID": "3", "SLURM_NTASKS": "8", "SLURM_LOCALID": "1"}
    assert share_of("auto", None, slurm) == Share(3, 8, 1)
    array = {"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_MIN": "2", "SLURM_ARRAY_TASK_COUNT": "4"}
    assert share_of("auto", None, array) == Share(3, 4, 3)
    both = {**array, "SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_LOCALID": "1"}
    assert share_of("auto", None, both) == Share(7, 8, 1)
    torchrun = {"RANK": "5", "WORLD_SIZE": "6", "LOCAL_RANK": "1"}
    assert share_of("auto", None, torchrun) == Share(5, 6, 1)
    assert share_of("auto", 4, {"JOB_COMPLETION_INDEX": "2"}) == Share(2, 4, 2)
    assert share_of("2", 4, torchrun) == Share(2, 4, 1)


@pytest.mark.parametrize(
    ("rank", "of", "environment", "said"),
    [
        ("4", 4, {}, "expected a rank from 0 to 3"),
        ("0", 0, {}, "one rank or more"),
        ("-1", 4, {}, "--rank is no whole number"),
        ("1", None, {}, "--rank 1 without --of"),
        ("auto", None, {}, "no scheduler says"),
        ("auto", None, {"JOB_COMPLETION_INDEX": "1"}, "without --of"),
        ("auto", None, {"RANK": "x", "WORLD_SIZE": "2"}, "RANK is no whole number"),
    ],
)
def test_a_share_that_is_none_is_refused(
    rank: str, of: int | None, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        share_of(rank, of, environment)


def test_commands_say_how_far_ranks_are_and_close_the_run(
    gpt2_folder: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    options = ["--model", f"{gpt2_folder}", "--texts", f"{texts}", "--out", f"{out}"]
    assert command(["measure", *options, "--rank", "0", "--of", "2"]) == 0
    assert f"odograph merge {out}" in capsys.readouterr().err
    assert command(["sql", f"{out}", "select 1"]) == 1
    assert "is measured by several ranks and is not closed" in capsys.readouterr().err
    assert command(["progress", f"{out}", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["shards"][0] == found["shards"][1]
    assert sum(r["tokens"] for r in found["ranks"]) == found["tokens"][1]
    assert command(["merge", f"{out}"]) == 0
    assert command(["verify", f"{out}"]) == 0
    assert command(["merge", f"{out}"]) == 0  # once more does no harm
    assert command(["measure", *options, "--overwrite"]) == 0
    assert not (out / PLAN).exists()
    assert command(["merge", f"{out}"]) == 1
    assert "has no plan" in capsys.readouterr().err


def test_wrong_uses_of_ranks_are_refused(
    gpt2_folder: Path, texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--model", f"{gpt2_folder}", "--texts", f"{texts}", "--out", f"{tmp_path / 'run'}"]
    for more, said in {
        ("--workers", "2"): "one process a rank",
        ("--overwrite",): "--overwrite with --rank",
    }.items():
        assert command(["measure", *options, "--rank", "0", "--of", "2", *more]) == 2
        assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_job_file_runs_every_rank_and_merges(capsys: pytest.CaptureFixture[str]) -> None:
    measure = ["measure", "--model", "gpt2", "--texts", "my texts.txt", "--out", "my run"]
    assert command(["slurm", "--ranks", "64", "--gpus-per-rank", "1", *measure]) == 0
    job = capsys.readouterr().out
    assert job.startswith("#!/bin/bash\n#SBATCH")
    assert "--ntasks=64" in job
    assert "odograph measure --model gpt2 --texts 'my texts.txt' --out 'my run' --rank auto" in job
    assert "odograph merge 'my run'" in job
    checked = subprocess.run(["bash", "-n"], input=job, text=True, check=False)
    assert checked.returncode == 0
    assert command(["slurm", "--ranks", "2", "study"]) == 2
    assert "expected odograph slurm" in capsys.readouterr().err
