"""The sha256 of weights: equal where weights are equal, known without reading where it can be."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_gguf
import pytest
import tiny
from made_hub import on_the_hub, shown

from odograph.models import file_digests
from odograph.models.file_digests import file_sha256
from odograph.models.loading import load
from odograph.models.twins import twin_plan, untrained_twin

WEIGHTS = "model.safetensors"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def hashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read to be hashed; every file is large enough to be kept of."""
    read: list[Path] = []
    real = file_digests._hashed

    def counted(path: Path) -> str:
        read.append(path)
        return real(path)

    monkeypatch.setattr(file_digests, "_hashed", counted)
    monkeypatch.setattr(file_digests, "LEAST_KEPT", 1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return read


def test_two_revisions_of_a_hub_model_have_weights_of_their_own(tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    for seed, (branch, commit) in enumerate((("step1", "a" * 40), ("step2", "b" * 40))):
        model = tiny.build_gpt2(spread=0.1 * (seed + 1))
        folder = tiny.saved(model, tmp_path / branch, begins=False)
        on_the_hub(cache, folder, "some/suite", commit, branch)
    one, other = (shown(cache, "some/suite", branch) for branch in ("step1", "step2"))
    assert one["weights_sha256"] == sha256(tmp_path / "step1" / WEIGHTS)
    assert other["weights_sha256"] == sha256(tmp_path / "step2" / WEIGHTS)
    assert one["fingerprint"] != other["fingerprint"]


def test_two_revisions_of_the_same_weights_are_seen_to_be_so(tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    folder = tiny.saved(tiny.build_gpt2(), tmp_path / "folder", begins=False)
    for branch, commit in (("step1", "a" * 40), ("step2", "b" * 40)):
        on_the_hub(cache, folder, "some/suite", commit, branch)
    one, other = (shown(cache, "some/suite", branch) for branch in ("step1", "step2"))
    assert one["weights_sha256"] == other["weights_sha256"] == sha256(folder / WEIGHTS)
    assert one["revision"] != other["revision"]


def test_what_the_hub_calls_by_its_sha256_is_not_read(tmp_path: Path, hashed: list[Path]) -> None:
    name = "c" * 64
    blob = tmp_path / "blobs" / name
    blob.parent.mkdir()
    blob.write_bytes(b"weights")
    link = tmp_path / WEIGHTS
    link.symlink_to(blob)
    assert file_sha256(link) == name
    assert hashed == []


def test_a_blob_that_git_itself_stores_is_hashed(tmp_path: Path, hashed: list[Path]) -> None:
    blob = tmp_path / "blobs" / ("d" * 40)
    blob.parent.mkdir()
    blob.write_bytes(b"weights")
    assert file_sha256(blob) == sha256(blob)
    assert hashed == [blob]


def test_a_file_is_hashed_once_also_where_its_folder_is_read_only(
    tmp_path: Path, hashed: list[Path]
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    file = folder / WEIGHTS
    file.write_bytes(b"weights")
    folder.chmod(0o555)
    try:
        assert file_sha256(file) == file_sha256(file) == sha256(file)
    finally:
        folder.chmod(0o755)
    assert len(hashed) == 1
    assert [path.name for path in folder.iterdir()] == [WEIGHTS]


def test_a_changed_file_is_hashed_again_though_size_and_date_are_the_same(
    tmp_path: Path, hashed: list[Path]
) -> None:
    file = tmp_path / WEIGHTS
    file.write_bytes(b"one")
    before, facts = file_sha256(file), file.stat()
    time.sleep(0.1)  # clocks of file systems tick every few milliseconds
    file.write_bytes(b"two")
    os.utime(file, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert file_sha256(file) == sha256(file) != before


@pytest.mark.parametrize(
    "kept",
    [b"", b"[]", b"{}", b'{"key": "?", "sha256": "?"}', b"\xff"],
    ids=["empty", "list", "nothing", "another", "bytes"],
)
def test_whatever_else_lies_in_the_cache_says_nothing(
    kept: bytes, tmp_path: Path, hashed: list[Path]
) -> None:
    file = tmp_path / WEIGHTS
    file.write_bytes(b"weights")
    file_sha256(file)
    for entry in (tmp_path / "cache").rglob("*.json"):
        entry.write_bytes(kept)
    assert file_sha256(file) == sha256(file)
    assert len(hashed) == 2


def test_without_a_cache_folder_it_is_hashed_each_time(
    tmp_path: Path, hashed: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert file_sha256(tmp_path / "file") == file_sha256(tmp_path / "file")
    assert len(hashed) == 2


def test_a_small_file_leaves_nothing_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / WEIGHTS).write_bytes(b"weights")
    assert file_sha256(tmp_path / WEIGHTS) == sha256(tmp_path / WEIGHTS)
    assert not (tmp_path / "cache").exists()


def test_of_a_sharded_folder_all_files_count(tmp_path: Path) -> None:
    model = tiny.build_gpt2()
    model.save_pretrained(tmp_path, max_shard_size="20KB")
    tiny.tokenizer(False).save_pretrained(tmp_path)
    before = load(tmp_path).identity.weights_sha256
    parts = sorted(tmp_path.glob("*.safetensors"))
    assert len(parts) > 1
    # Metadata alone: one tensor more or less would be refused.
    from safetensors.torch import load_file, save_file

    tensors = load_file(parts[-1])
    save_file({name: 2 * tensor for name, tensor in tensors.items()}, parts[-1], {"format": "pt"})
    assert load(tmp_path).identity.weights_sha256 not in (None, before)


def test_files_that_are_not_loaded_do_not_count(tmp_path: Path) -> None:
    folder = tiny.saved(tiny.build_gpt2(), tmp_path, begins=False)
    before = load(folder).identity.weights_sha256
    (folder / "other.safetensors").write_bytes((folder / WEIGHTS).read_bytes() + b" ")
    assert load(folder).identity.weights_sha256 == before == sha256(folder / WEIGHTS)


def test_a_gguf_file_has_that_of_the_file(tmp_path: Path) -> None:
    pytest.importorskip("gguf", reason="gguf is not installed: GGUF files are not tested")
    file = made_gguf.write(made_gguf.build(), tmp_path / "tiny.F32.gguf")
    assert load(file).identity.weights_sha256 == sha256(file)


def test_a_model_in_memory_has_that_of_its_weights() -> None:
    one, same, other = (tiny.build_gpt2(spread=spread) for spread in (0.1, 0.1, 0.2))
    first, second, third = (
        load(model, tokenizer=tiny.tokenizer(False)).identity for model in (one, same, other)
    )
    assert first.weights_sha256 == second.weights_sha256 != third.weights_sha256
    assert len(first.weights_sha256 or "") == 64


def test_an_untrained_twin_has_none_of_the_models(gpt2_folder: Path) -> None:
    loaded = load(gpt2_folder)
    twin = untrained_twin(twin_plan(loaded), 1).identity
    assert loaded.identity.weights_sha256 == sha256(gpt2_folder / WEIGHTS)
    assert twin.weights_sha256 is None
    assert twin.fingerprint == loaded.identity.fingerprint


@pytest.mark.parametrize(
    ("revision", "fingerprint", "goes_on"),
    [
        (None, "as it was", True),
        (None, "other", False),
        ("a0b1c2", "as it was", False),
    ],
)
def test_a_run_from_before_the_sha256_of_weights_was_recorded_goes_on_where_it_is_the_same(
    revision: str | None,
    fingerprint: str,
    goes_on: bool,
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Callable[..., Any],
) -> None:
    from odograph.errors import RunError

    out = tmp_path / "run"
    measured(gpt2_folder, out=out).close()
    record = json.loads((out / "manifest.json").read_text("utf-8"))
    del record["model"]["weights_sha256"]
    record["model"]["revision"] = revision
    if fingerprint == "other":
        record["model"]["fingerprint"] = "other"
    (out / "manifest.json").write_text(json.dumps(record), "utf-8")
    if goes_on:
        measured(gpt2_folder, out=out, resume=True).close()
        return
    with pytest.raises(RunError, match="was measured with other weights"):
        measured(gpt2_folder, out=out, resume=True)
