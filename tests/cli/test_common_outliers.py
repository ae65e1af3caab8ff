"""Models of one command and one width are read without the outlier coordinates of all of them."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tiny import HUGE, TEXTS, build_gpt2, build_outlier_gpt2, saved

from odograph.folder.pilot import OUTLIER
from odograph.folder.run import open_run

ASKED = ("--target", "her", "--untrained", 1, "--bos", "always", "--quiet")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model without outlier coordinates and one of the same weights that has one."""
    folder = tmp_path_factory.mktemp("models")
    plain = saved(build_gpt2(blocks=4), folder / "plain", begins=False)
    return plain, saved(build_outlier_gpt2(), folder / "outlier", begins=False)


@pytest.fixture(scope="module")
def many_texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough of them for a pilot."""
    path = tmp_path_factory.mktemp("texts") / "texts.txt"
    path.write_text("\n".join(TEXTS), encoding="utf-8")
    return path


def _trimmed(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Rotation of one passage without a coordinate, as measured and from the model's states."""
    from transformers import AutoModelForCausalLM

    run = open_run(folder)
    model = AutoModelForCausalLM.from_pretrained(run.manifest["model"]["name"])
    ids = run.sql("select token_id from tokens where passage = 2 order by position").fetchnumpy()
    with torch.inference_mode():
        given = torch.as_tensor(ids["token_id"])[None]
        hidden = model(given, output_hidden_states=True).hidden_states[:-1]
    states = np.delete(torch.cat(hidden).double().numpy(), HUGE, axis=2)
    units = states / np.linalg.norm(states, axis=2, keepdims=True)
    turned = np.degrees(np.arccos((units[1:] * units[:-1]).sum(axis=2)))
    measured = run.sql(
        "select rotation_trimmed from layers where passage = 2 and layer between 1 and "
        f"{len(turned)} order by layer, position"
    ).fetchnumpy()
    return np.asarray(measured["rotation_trimmed"]).reshape(turned.shape), turned


def test_models_compared_in_one_command_are_read_without_the_same_coordinates(
    odograph, models, many_texts, tmp_path
):
    several = [part for model in models for part in ("--model", model)]
    asked = [*several, "--texts", many_texts, *ASKED, "--json", "--out", tmp_path / "d"]
    ended = odograph("study", "rotation", *asked)
    assert ended.code == 0, ended.err
    pilots = [open_run(tmp_path / "d" / m.name).manifest["pilot"] for m in models]
    assert [pilot["coordinates"] for pilot in pilots] == [[HUGE], [HUGE]]
    assert pilots[0]["peaks"][0] < OUTLIER <= pilots[1]["peaks"][0]
    twins = [open_run(tmp_path / "d" / m.name).untrained[0].manifest["pilot"] for m in models]
    assert [twin["coordinates"] for twin in twins] == [[HUGE], [HUGE]]
    measured, truth = _trimmed(tmp_path / "d" / "plain")
    np.testing.assert_allclose(measured, truth, atol=1e-3)
    said = [f for f in json.loads(ended.out) if "plain" in f["statement"] and f.get("readings")]
    assert said
    for finding in said:
        assert f"without the outlier coordinates ({HUGE} of 48)" in finding["statement"]
    notes = json.dumps(open_run(tmp_path / "d" / "plain").sections)
    assert f"Outliers of models that it was measured with: {HUGE} (up to " in notes
    assert "hold a quarter or more" not in notes


def test_one_model_minus_another_has_the_readings_without_outliers_of_either(
    odograph, models, many_texts, tmp_path
):
    base, model = models
    asked = ["--model", base, "--minus", model, "--texts", many_texts, *ASKED]
    ended = odograph("study", "rotation", *asked, "--out", tmp_path / "d")
    assert ended.code == 0, ended.err
    columns = open_run(tmp_path / "d").sql("select * from layers limit 0").columns
    assert {"rotation_trimmed", "outlier_share"} <= set(columns)


def test_texts_from_stdin_are_read_by_every_model(
    odograph, models, many_texts, tmp_path, monkeypatch
):
    given = io.BytesIO(many_texts.read_bytes())
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=given))
    several = [part for model in models for part in ("--model", model)]
    ended = odograph("study", "rotation", *several, "--texts", "-", *ASKED, "--out", tmp_path / "d")
    assert ended.code == 0, ended.err
    runs = [open_run(tmp_path / "d" / model.name) for model in models]
    assert {run.manifest["corpus"]["passages"] for run in runs} == {len(TEXTS)}
