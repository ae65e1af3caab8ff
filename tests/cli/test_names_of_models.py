"""Names and revisions of models on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from odograph.errors import UsageError
from odograph.run.config import RunConfig
from odograph.run.options import make_config


def test_a_revision_may_stand_behind_the_model() -> None:
    both = make_config({"model": "a/b", "revision": "step1"})
    assert make_config({"model": "a/b@step1"}) == both
    assert make_config({"model": "a/b@step1"}).hash == both.hash


@pytest.mark.parametrize("options", [{"model": "a/b@"}, {"model": "a/b@c", "revision": "d"}])
def test_one_revision_is_given(options: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="the model needs one revision: expected MODEL@REVISION"):
        make_config(options)


def test_a_folder_may_have_such_a_name(tmp_path: Path) -> None:
    (tmp_path / "a@b").mkdir()
    config = make_config({"model": str(tmp_path / "a@b")})
    assert (config.model, config.revision) == (str(tmp_path / "a@b"), None)


def test_a_revision_of_a_folder_is_refused(odograph: Any, tiny_model: Path) -> None:
    ended = odograph("check", f"{tiny_model}@main")
    assert (ended.code, ended.out) == (2, "")
    assert "a revision is a branch, tag or commit of the hub" in ended.err


def test_a_name_decides_no_number() -> None:
    assert RunConfig(name="young").hash == RunConfig().hash
    with pytest.raises(UsageError, match="option 'name': expected a name that is not empty"):
        make_config({"name": " "})


def test_a_study_of_two_models_calls_them_as_it_is_told(
    odograph: Any, tiny_model: Path, other_model: Path, texts: Path, tmp_path: Path
) -> None:
    models = ["--model", tiny_model, "--model", other_model, "--target", "her"]
    given = [*models, "--texts", texts, "--untrained", 0, "--out", tmp_path / "both"]
    ended = odograph("study", "rotation", *given, "--name", "one")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "odograph: a name for each model, or for none: expected --name 2 times, in the order of "
        "--model, got 1 times.\n"
    )
    assert odograph("study", "rotation", *given, "--name", "young", "--name", "old").code == 0
    manifest = json.loads((tmp_path / "both" / "manifest.json").read_text("utf-8"))
    assert manifest["models"] == ["young", "old"]
    assert manifest["runs"] == ["young", "old"]
    assert "young" in (tmp_path / "both" / "report.html").read_text("utf-8")
