"""A run that was interrupted, damaged or refused leaves nothing, or something that can go on."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny import TEXTS, build_gpt2

import odograph
from odograph.corpus.passages import Passage, Word
from odograph.errors import ModelError, OdographError, RunError, TextError
from odograph.folder import writer
from odograph.folder.manifest import read_manifest
from odograph.folder.model_names import Called
from odograph.run import shard_files as measuring
from odograph.run.manifest import folder_names, is_valid

Measured = Callable[..., Any]
SMALL = {"shard_tokens": 20, "logits": "full", "measures": ["bend"], "targets": ["her"]}


def files_of(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def leftovers(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.name.endswith(".tmp")]


def stop_after(monkeypatch: pytest.MonkeyPatch, shards: int, error: BaseException) -> list[int]:
    """Lets so many shards through, then raises; gives the list of those that were begun."""
    begun: list[int] = []
    real = measuring.measure_shard

    def limited(loaded: Any, shard: Any, *rest: Any) -> Any:
        if len(begun) == shards:
            raise error
        begun.append(shard.index)
        return real(loaded, shard, *rest)

    monkeypatch.setattr(measuring, "measure_shard", limited)
    return begun


def same_values(a: Any, b: Any) -> None:
    for table in ("tokens", "layers", "pairs"):
        assert a.arrow(table).equals(b.arrow(table)), table


@pytest.mark.parametrize(("shards", "untrained"), [(1, 0), (3, 0), (6, 1)])
def test_an_interrupted_run_is_refused_and_goes_on_to_the_same_values(
    shards: int,
    untrained: int,
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "broken"
    options = {**SMALL, "untrained": untrained}
    with monkeypatch.context() as patched:
        stop_after(patched, shards, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            measured(gpt2_folder, out=out, **options)
    assert leftovers(out) == []
    record = json.loads((out / "manifest.json").read_text("utf-8"))
    if not untrained:
        assert len(record["shards"]) == shards
    finished = len(record["shards"])
    there = "1 finished shard" if finished == 1 else f"{finished} finished shards"
    with pytest.raises(
        RunError,
        match=rf"is not finished: .*{there}\..* with the command that measured it and --resume",
    ):
        odograph.open(out)
    with pytest.raises(RunError, match="is not empty"):
        measured(gpt2_folder, out=out, **options)
    with monkeypatch.context() as patched:
        begun = stop_after(patched, 1000, KeyboardInterrupt())
        resumed = measured(gpt2_folder, out=out, resume=True, **options)
    whole = measured(gpt2_folder, out=tmp_path / "whole", **options)
    assert len(begun) == len(whole.manifest["shards"]) * (1 + untrained) - shards
    same_values(resumed, whole)
    assert len(resumed.untrained) == untrained
    for ours, wanted in zip(resumed.untrained, whole.untrained, strict=True):
        same_values(ours, wanted)
    assert files_of(out) == files_of(whole.folder)
    for key in ("exclusions", "corpus", "not_a_number", "config_hash", "complete", "untrained"):
        assert resumed.manifest[key] == whole.manifest[key]


#: A run that writes every folder there is.
TAGGED: dict[str, Any] = {
    "tags": "conllu",
    "targets": ["saw", "dog"],
    "measures": ["block_distance", "update_cosine"],
    "vectors": 5,
    "parts": 7,
    "skip_blocks": True,
    "shard_tokens": 8,
    "pairs": 2,
}


def tagged(name: str) -> Passage:
    forms = ("A", "dog", "saw", "us")
    words, start = [], 0
    for form in forms:
        words.append(Word(form, start, start + len(form), "NOUN", form.lower()))
        start += len(form) + 1
    return Passage(name, " ".join(forms), "here", tuple(words))


PASSAGES = tuple(tagged(name) for name in "stuvw")


@pytest.mark.parametrize("shards", [1, 2])
def test_every_folder_of_an_interrupted_run_is_in_a_receipt_and_goes_on(
    shards: int,
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "broken"
    with monkeypatch.context() as patched:
        stop_after(patched, shards, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            measured(gpt2_folder, PASSAGES, out=out, **TAGGED)
    words = out / "words" / "part-00000.parquet"
    before = words.stat().st_mtime_ns
    resumed = measured(gpt2_folder, PASSAGES, out=out, resume=True, **TAGGED)
    assert words.stat().st_mtime_ns == before  # its shard was finished
    whole = measured(gpt2_folder, PASSAGES, out=tmp_path / "whole", **TAGGED)
    assert files_of(out) == files_of(whole.folder)
    same_values(resumed, whole)
    for table in ("words", "spans", "skips"):
        assert resumed.arrow(table).equals(whole.arrow(table)), table
    named = {name for shard in whole.manifest["shards"] for name in shard["files"]}
    assert {name.split("/")[0] for name in named} == {
        *(
            "passages",
            "tokens",
            "layers",
            "pairs",
            "moments",
            "words",
            "spans",
            "vectors",
            "sinks",
            "texts",
        )
    }
    others = {"manifest.json", "pilot.safetensors", "skips/part-00000.parquet"}
    assert named | others == files_of(whole.folder)
    for folder in (out, whole.folder):
        assert all(is_valid(folder, shard) for shard in read_manifest(folder)["shards"])


@pytest.mark.parametrize("folder", ["words", "spans", "vectors", "skips"])
def test_a_damaged_file_of_any_folder_is_written_again(
    folder: str, gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    out = tmp_path / "run"
    measured(gpt2_folder, PASSAGES, out=out, **TAGGED).close()
    victim = next((out / folder).glob("part-*"))
    before = victim.read_bytes()
    victim.write_bytes(before[:-3] + b"xyz")
    measured(gpt2_folder, PASSAGES, out=out, resume=True, **TAGGED).close()
    assert victim.read_bytes() == before


def test_the_run_whose_axes_are_asked_for_is_not_overwritten(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    out = tmp_path / "run"
    measured(gpt2_folder, out=out).close()
    before = files_of(out)
    for axes in (out, tmp_path / "other" / ".." / "run"):
        with pytest.raises(RunError) as error:
            measured(gpt2_folder, out=out, axes=str(axes), overwrite=True)
        assert str(error.value) == (
            f"--overwrite would remove '{out}', which --axes needs: expected an earlier run in "
            f"another folder, got --axes {out}. Choose another --out."
        )
    assert files_of(out) == before


def test_a_run_stopped_among_its_twins_is_not_finished(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    stop_after(monkeypatch, 1, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        measured(gpt2_folder, out=out, untrained=1)
    with pytest.raises(RunError, match="is not finished"):
        odograph.open(out)


def test_damaged_shards_of_a_finished_run_are_done_again(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    whole = measured(gpt2_folder, out=tmp_path / "whole", **SMALL)
    out = tmp_path / "damaged"
    measured(gpt2_folder, out=out, **SMALL).close()
    for shard, table in enumerate(("tokens", "layers", "moments"), start=1):
        victim = next((out / table).glob(f"part-{shard:05d}.*"))
        content = bytearray(victim.read_bytes())
        content[len(content) // 2] ^= 0xFF
        victim.write_bytes(bytes(content))
    same_values(measured(gpt2_folder, out=out, resume=True, **SMALL), whole)
    next((out / "pairs").glob("part-00001.*")).unlink()
    same_values(measured(gpt2_folder, out=out, resume=True, **SMALL), whole)


def test_resuming_a_finished_run_measures_nothing(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    measured(gpt2_folder, out=out, **SMALL).close()
    before = (out / "manifest.json").read_bytes()
    stop_after(monkeypatch, 0, AssertionError("a shard was measured again"))
    measured(gpt2_folder, out=out, resume=True, **SMALL)
    assert (out / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    "changed",
    [{"seed": 1}, {"convention": "hf"}, {"shard_tokens": 21}, {"targets": ["him", "her"]}],
)
def test_a_changed_config_is_refused(
    changed: dict[str, Any], gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    out = tmp_path / "run"
    measured(gpt2_folder, out=out, **SMALL)
    with pytest.raises(RunError) as error:
        measured(gpt2_folder, out=out, resume=True, **{**SMALL, **changed})
    assert str(error.value) == (
        f"'{out}' was measured with another config: expected the same options as before. "
        "Choose another --out, or replace it with --overwrite."
    )


def test_batch_size_may_change_on_resuming(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    out = tmp_path / "run"
    measured(gpt2_folder, out=out, **SMALL)
    measured(gpt2_folder, out=out, resume=True, batch_tokens=64, **SMALL)


def test_other_texts_or_other_weights_are_refused_on_resuming(
    gpt2_folder: Path, tmp_path: Path, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The options are the same; what they name is not."""
    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        stop_after(patched, 2, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            measured(gpt2_folder, out=out, **SMALL)
    with pytest.raises(RunError, match="was measured with other texts"):
        measured(gpt2_folder, TEXTS[::-1], out=out, resume=True, **SMALL)
    kept = (gpt2_folder / "model.safetensors").read_bytes()
    try:
        other = build_gpt2(spread=0.1)
        other.save_pretrained(gpt2_folder)
        with pytest.raises(RunError, match="was measured with other weights"):
            measured(gpt2_folder, out=out, resume=True, **SMALL)
    finally:
        (gpt2_folder / "model.safetensors").write_bytes(kept)


@pytest.mark.parametrize(
    ("place", "value", "changed"),
    [((), "bfloat16", "precision"), (("model",), "a0b1c2", "weights")],
)
def test_another_precision_or_revision_is_refused_on_resuming(
    place: tuple[str, ...],
    value: str,
    changed: str,
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
) -> None:
    """As left by `--dtype auto` on another device, or by a branch that has moved on the hub."""
    out = tmp_path / "run"
    measured(gpt2_folder, out=out, **SMALL).close()
    record = json.loads((out / "manifest.json").read_text("utf-8"))
    (record["model"] if place else record)["revision" if place else "dtype"] = value
    (out / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(RunError, match=f"was measured with other {changed}: expected the same"):
        measured(gpt2_folder, out=out, resume=True, **SMALL)


def test_what_is_synced_may_be_written_as_windows_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl", reason="the mode of a handle is asked the POSIX way")
    import os

    modes: list[int] = []
    monkeypatch.setattr(
        writer.os,
        "fsync",
        lambda handle: modes.append(fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE),
    )
    writer.write_text("x", tmp_path / "file")
    assert modes == [os.O_RDWR]


@pytest.mark.parametrize(
    ("models", "names"),
    [
        (["gpt2-medium", "gpt2"], ["gpt2-medium", "gpt2"]),
        (["a/m", "b/m", "c/m"], ["a-m", "b-m", "c-m"]),
        (["x/m", "x/m", "m-2"], ["m", "m-2", "m-2-2"]),
        (["..", "./", "x/Llama-3.1-8B"], ["model", "model-2", "Llama-3.1-8B"]),
    ],
)
def test_every_model_has_a_folder_of_its_own_inside_the_comparison(
    models: list[str], names: list[str]
) -> None:
    assert folder_names([Called(model) for model in models]) == names


@pytest.mark.parametrize("existed", [False, True])
def test_nothing_is_left_when_the_first_shard_fails(
    existed: bool,
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "run"
    if existed:
        out.mkdir()
    with monkeypatch.context() as patched:
        stop_after(patched, 0, RuntimeError("on purpose"))
        with pytest.raises(RuntimeError, match="on purpose"):
            measured(gpt2_folder, out=out)
    assert out.exists() == existed
    assert not existed or not any(out.iterdir())
    measured(gpt2_folder, out=out)


def full_disk(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """The disk is full once so many files have been synced."""
    import os

    real, count = os.fsync, [0]

    def fsync(descriptor: int) -> None:
        count[0] += 1
        if count[0] > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(writer.os, "fsync", fsync)


@pytest.mark.parametrize("after", [0, 2, 5, 9])
def test_a_full_disk_is_said_with_a_remedy_and_leaves_no_temporary_files(
    after: int,
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patched:
        full_disk(patched, after)
        with pytest.raises(RunError) as error:
            measured(gpt2_folder, TEXTS[:4], out=out, **SMALL)
    assert str(error.value).endswith(
        "the disk is full. Free space, or choose another place. What was finished is whole: "
        "continue with resume=True."
    )
    assert not out.exists() or leftovers(out) == []
    resumed = measured(gpt2_folder, TEXTS[:4], out=out, resume=True, **SMALL)
    same_values(resumed, measured(gpt2_folder, TEXTS[:4], **SMALL))


def test_overwriting_replaces_a_run_and_refuses_anything_else(
    gpt2_folder: Path, tmp_path: Path, measured: Measured
) -> None:
    out = tmp_path / "run"
    measured(gpt2_folder, out=out, seed=1).close()
    assert measured(gpt2_folder, out=out, overwrite=True, seed=2).manifest["seed"] == 2
    other = tmp_path / "letters"
    other.mkdir()
    (other / "letter.txt").write_text("Dear all", encoding="utf-8")
    with pytest.raises(RunError, match="is not a run folder and is not overwritten"):
        measured(gpt2_folder, out=other, overwrite=True)
    assert (other / "letter.txt").read_text("utf-8") == "Dear all"
    with pytest.raises(RunError, match="is a file or under one: expected a folder"):
        measured(gpt2_folder, out=other / "letter.txt", overwrite=True)


@pytest.mark.parametrize(
    ("model", "texts", "options", "error"),
    [
        ("./nowhere", ["a b"], {}, ModelError),
        ("", ["a b"], {"targets": ["her"]}, TextError),
        ("", [""], {}, TextError),
    ],
)
def test_a_mistake_beside_overwrite_costs_no_run(
    model: str,
    texts: list[str],
    options: dict[str, Any],
    error: type[OdographError],
    gpt2_folder: Path,
    tmp_path: Path,
    measured: Measured,
) -> None:
    out = tmp_path / "run"
    measured(gpt2_folder, out=out).close()
    before = files_of(out)
    with pytest.raises(error):
        measured(model or gpt2_folder, texts, out=out, overwrite=True, **options)
    assert files_of(out) == before
