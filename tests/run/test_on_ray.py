"""A run on a Ray cluster: its processes are ranks; a node that goes costs no shard."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from made_ranks import files_by_table
from tiny import TEXTS, build_gpt2

import odograph
from odograph.corpus import read_passages
from odograph.corpus.stored_texts import stored_texts
from odograph.errors import ModelError, RunError, UsageError
from odograph.folder.encoding import ENCODING
from odograph.folder.manifest import read_manifest
from odograph.folder.receipts import attempts
from odograph.run.encoding_in_turns import cut_into_ranges
from odograph.run.options import make_config

OPTIONS: dict[str, Any] = {"shard_tokens": 60, "logits": "full", "targets": ["her"]}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    path.write_text("\n".join(f"{text} {n}" for n in range(8) for text in TEXTS), "utf-8")
    return path


@pytest.fixture(scope="module")
def alone(gpt2_folder: Path, texts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one process, on one thread as each process of a cluster."""
    return on_one_thread(gpt2_folder, texts, tmp_path_factory.mktemp("alone") / "run", OPTIONS)


def on_one_thread(model: Path, texts: Path, out: Path, options: dict[str, Any]) -> Path:
    """Measures as each process of a cluster does."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    odograph.measure(model, [texts], out=out, **options).close()
    torch.set_num_threads(before)
    return out


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes on this computer, of one core each; the second can be taken away."""
    ray = pytest.importorskip("ray", reason="Ray is not installed")
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "include_dashboard": False}
    try:
        made = Cluster(initialize_head=True, head_node_args=head)
        made.add_node(num_cpus=1)
        ray.init(address=made.address, log_to_driver=False)
    except (OSError, RuntimeError, TimeoutError) as error:  # no shared memory, no loopback
        pytest.skip(f"Ray cannot begin a cluster here: {error}")
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.mark.alone
@pytest.mark.timeout(900)
def test_two_nodes_write_what_one_process_writes_with_twins_of_any_of_them(
    cluster: Any, alone: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    options = {**OPTIONS, "on": "ray", "workers": 2, "untrained": 2}
    run = odograph.measure(gpt2_folder, [texts], out=tmp_path / "run", **options)
    assert files_by_table(run.folder) == files_by_table(alone)
    assert run.manifest["untrained"] == ["untrained/seed-1", "untrained/seed-2"]
    assert run.manifest["complete"]
    assert [len(twin.manifest["shards"]) > 0 for twin in run.untrained] == [True, True]
    run.close()


#: Of texts in several ranges few tokens are measured: up to a target at the beginning of each.
SEVERAL: dict[str, Any] = {"shard_tokens": 2000, "targets": ["her"], "select": "targets"}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts of two ranges, with copies and near-copies in others than their own."""
    path = tmp_path_factory.mktemp("many") / "texts.txt"
    words = [word for text in TEXTS for word in text.split() if "her" not in word] * 2
    mixed = (Random(n).sample(words, len(words)) for n in range(430))
    long = [f"{n} saw her. {' '.join(its)}" for n, its in enumerate(mixed)]
    path.write_text("\n".join([*long, long[0].upper(), f"{long[1]} again"]), "utf-8")
    assert len(cut_into_ranges(stored_texts(read_passages([str(path)]).passages))) == 2
    return path


@pytest.fixture(scope="module")
def many_alone(gpt2_folder: Path, many: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of one process on these."""
    return on_one_thread(gpt2_folder, many, tmp_path_factory.mktemp("many") / "run", SEVERAL)


def process_that_encodes(out: Path) -> int:
    """The number of a process that is encoding a range now."""
    while True:
        for attempt in attempts(out / ENCODING):
            with suppress(OSError, ValueError):  # it is just being written, or done
                if not attempt.done:
                    return int(json.loads(attempt.path.read_text("utf-8"))["process"])
        time.sleep(0.005)


def same(out: Path, alone: Path) -> bool:
    """Whether runs have the same tables and the same passages in the same documents."""
    passages = [read_manifest(folder)["exclusions"] for folder in (out, alone)]
    return files_by_table(out) == files_by_table(alone) and passages[0] == passages[1]


@pytest.mark.alone
@pytest.mark.timeout(900)
def test_an_actor_killed_while_texts_become_tokens_costs_no_range(
    cluster: Any, many_alone: Path, gpt2_folder: Path, many: Path, tmp_path: Path
) -> None:
    out, killed = tmp_path / "run", []

    def kill() -> None:
        killed.append(process_that_encodes(out))
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    odograph.measure(gpt2_folder, [many], out=out, on="ray", workers=2, **SEVERAL).close()
    thread.join(10)
    assert killed, "no process was encoding a range"
    assert same(out, many_alone)
    assert not (out / ENCODING).exists()


@pytest.mark.alone
@pytest.mark.timeout(900)
def test_a_driver_killed_while_texts_become_tokens_is_resumed(
    cluster: Any, many_alone: Path, gpt2_folder: Path, many: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    words = ["measure", "--model", str(gpt2_folder), "--texts", str(many), "--out", str(out)]
    words += ["--target", "her", "--select", "targets", "--shard-tokens", "2000"]
    words += ["--on", "ray", "--workers", "2"]
    program = "from odograph.cli import main; main()"
    driver = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "RAY_ADDRESS": cluster.address, "OMP_NUM_THREADS": "1"},
    )
    while driver.poll() is None and not any(a.done for a in attempts(out / ENCODING)):
        time.sleep(0.01)
    driver.kill()
    _, said = driver.communicate()
    assert driver.returncode == -signal.SIGKILL, said
    assert not (out / "manifest.json").exists()
    done = {a.path.name for a in attempts(out / ENCODING) if a.done}
    assert done
    options = {**SEVERAL, "on": "ray", "workers": 2}
    odograph.measure(gpt2_folder, [many], out=out, resume=True, **options).close()
    assert same(out, many_alone)


@pytest.mark.alone
@pytest.mark.timeout(900)
def test_a_node_that_is_taken_away_costs_no_shard(
    cluster: Any, alone: Path, gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    lost = list(cluster.worker_nodes)[-1]

    def take_away() -> None:
        while not any(attempt.done for attempt in attempts(out)):
            time.sleep(0.02)
        cluster.remove_node(lost, allow_graceful=False)

    thread = threading.Thread(target=take_away, daemon=True)
    thread.start()
    odograph.measure(gpt2_folder, [texts], out=out, on="ray", workers=2, **OPTIONS).close()
    thread.join()
    assert files_by_table(out) == files_by_table(alone)
    assert not list(out.rglob("*.begun"))


@pytest.mark.alone
@pytest.mark.timeout(900)
def test_what_a_rank_meets_is_the_error_of_the_run(
    cluster: Any, texts: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        odograph.measure(
            tmp_path / "nowhere", [texts], out=tmp_path / "run", on="ray", offline=True, **OPTIONS
        )


def test_what_cannot_travel_to_a_cluster_is_refused(texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(UsageError, match="given as an object on a Ray cluster"):
        odograph.measure(build_gpt2(), [texts], out=out, on="ray")
    with pytest.raises(UsageError, match="texts that no other process can read"):
        odograph.measure("bundled", ["A text."], out=out, on="ray")
    with pytest.raises(UsageError, match="here, ray, or ray://ADDRESS"):
        make_config({"on": "slurm"})
    assert not out.exists()


def test_without_ray_it_is_said_how_to_install_it(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"odograph\[ray\]"):
        odograph.measure("bundled", [texts], out=tmp_path / "run", on="ray")


def test_a_cluster_that_is_not_there_is_named(
    texts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = pytest.importorskip("ray", reason="Ray is not installed")

    def refuse(address: str, **_: Any) -> None:
        raise ConnectionError(f"nobody at {address}")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(RunError, match=r"no Ray cluster at 'ray://head:1': nobody at ray://head:1"):
        odograph.measure("bundled", [texts], out=tmp_path / "run", on="ray://head:1")
