"""Checkpoints on the command line: measured one by one, compared in the order of their steps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from odograph.cli.series import MemberOptions, members_in
from odograph.errors import UsageError

STEPS = (0, 8, 16, 64, 128)


@pytest.fixture(scope="module")
def ladder(model_in: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints of one block, each further from the first, beside a file that is none."""
    import torch
    from safetensors.torch import load_file, save_file

    folder = tmp_path_factory.mktemp("ladder")
    for rank, step in enumerate(STEPS):
        weights = model_in(folder / f"step{step}", 1) / "model.safetensors"
        tensors = load_file(weights)
        grown = {
            name: tensor * (1 + rank) if "mlp" in name else tensor
            for name, tensor in tensors.items()
        }
        assert torch.isfinite(grown["transformer.ln_f.weight"]).all()
        save_file(grown, weights, {"format": "pt"})
    (folder / "notes.txt").write_text("no model")
    return folder


def test_a_folder_stands_for_its_checkpoints_by_number(ladder: Path) -> None:
    assert members_in(str(ladder)) == [str(ladder / f"step{step}") for step in STEPS]
    assert members_in(str(ladder / "step8")) == [str(ladder / "step8")]


def test_a_study_of_a_series_measures_each_and_compares_them_in_order(
    odograph: Any, ladder: Path, texts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "series"
    given = ["--texts", texts, "--target", "her", "--untrained", 0, "--out", out]
    ended = odograph("study", "rotation", "--series", ladder, *given)
    assert (ended.code, ended.err) == (0, "")
    assert "rotation of 'her' over all blocks" in " ".join(ended.out.split())
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["series"] == {"axis": "training step", "values": list(STEPS)}
    assert manifest["runs"] == [f"step{step}" for step in STEPS]
    findings = json.loads((out / "findings.json").read_text("utf-8"))
    assert findings[0]["weight"] == 3
    assert (out / "figures" / "rotation_series_turned.svg").is_file()
    again = [*(out / f"step{step}" for step in STEPS[::-1]), "--out", tmp_path / "again"]
    ended = odograph("compare", *again, "--axis", "training step", "--study", "rotation")
    assert ended.code == 0
    compared = json.loads((tmp_path / "again" / "findings.json").read_text("utf-8"))
    assert [each["p"] for each in compared] == [each["p"] for each in findings]


def test_members_with_the_same_weights_are_refused_before_anything_is_measured(
    odograph: Any, ladder: Path, texts: Path, tmp_path: Path, model_in: Callable[..., Path]
) -> None:
    model_in(tmp_path / "more" / "step256", 1)
    given = ["--series", ladder, "--series", tmp_path / "more", "--target", "her"]
    ended = odograph(
        "study", "rotation", *given, "--texts", texts, "--out", tmp_path / "out", "--quiet"
    )
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "odograph: members of the series have the same weights: expected weights of its own for "
        "each, got 'step0', 'step256'. Leave out those that are not what they are called, or keep "
        "all with --allow-same (allow_same=True in Python).\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_study_that_looks_at_one_run_is_refused_a_series(
    odograph: Any, ladder: Path, texts: Path, tmp_path: Path
) -> None:
    given = ["--series", ladder, "--texts", texts, "--out", tmp_path / "out"]
    ended = odograph("study", "decomposition", *given)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("odograph: the study decomposition looks at no series")


def test_revisions_are_those_of_one_model() -> None:
    asked = MemberOptions(revisions="step1, step2")
    assert asked.models(["a/b"]) == [
        {"model": "a/b", "revision": "step1"},
        {"model": "a/b", "revision": "step2"},
    ]
    with pytest.raises(UsageError, match="--revisions are those of one model"):
        asked.models(["a/b", "c/d"])
    with pytest.raises(UsageError, match=r"two members or more, got 1 \(step1\)"):
        MemberOptions(revisions="step1").models(["a/b"])
    with pytest.raises(UsageError, match=r"got 1 \(no/folder\)\. Name a folder with models"):
        MemberOptions(series=["no/folder"]).models([])
    with pytest.raises(UsageError, match="--revisions and --series both name the members"):
        MemberOptions(revisions="a,b", series=["c"]).models([])
    with pytest.raises(UsageError, match="--series names the models"):
        MemberOptions(series=["c", "d"]).models(["a"])


def test_where_a_member_stands_is_known_before_anything_is_measured(
    odograph: Any, texts: Path, tmp_path: Path
) -> None:
    given = ["--model", "a/b", "--revisions", "main,step2", "--texts", texts]
    ended = odograph("study", "rotation", *given, "--out", tmp_path / "out")
    assert (ended.code, ended.out) == (2, "")
    assert "the training step cannot be read from a name" in ended.err
    assert "got a/b@main" in ended.err or "got b@main" in ended.err
