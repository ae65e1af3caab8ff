"""One model minus another on the command line: in one command, or from two runs."""

import json
from pathlib import Path

import pytest

from odograph.folder.run import open_run


@pytest.fixture(scope="session")
def tuned_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny GPT-2 with an MLP of block 2 that writes three times as far."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp("models") / "tuned"
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype="float32")
    with torch.no_grad():
        model.transformer.h[1].mlp.c_proj.weight *= 3
    model.save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_model).save_pretrained(folder)
    return folder


def test_study_takes_one_model_from_another_in_one_command(
    odograph, tiny_model, tuned_model, texts, tmp_path
):
    asked = ["--model", tiny_model, "--minus", tuned_model, "--texts", texts, "--untrained", 0]
    out = tmp_path / "d"
    ended = odograph("study", "rotation", *asked, "--states", "--out", out, "--quiet", "--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert {finding["study"] for finding in found} == {"rotation", "minus"}
    made = open_run(out)
    assert made.minus == ("tuned", "tiny")
    assert [one.folder.name for one in made.compared] == ["tiny", "tuned"]
    assert "in block 2" in next(f["headline"] for f in found if f["study"] == "minus")
    columns = made.sql("select * from layers limit 0").columns
    assert {"state_angle", "state_distance", "rotation", "relative_step"} <= set(columns)
    assert (out / "report.html").is_file()
    again = odograph("analyse", out, "--quiet", "--json")
    assert again.code == 0, again.err
    assert {finding["study"] for finding in json.loads(again.out)} >= {"minus"}


def test_the_study_minus_measures_both_and_does_nothing_else(
    odograph, tiny_model, tuned_model, texts, tmp_path
):
    out = tmp_path / "d"
    asked = ["--model", tiny_model, "--minus", tuned_model, "--texts", texts]
    ended = odograph("study", "minus", *asked, "--out", out, "--quiet")
    assert ended.code == 0, ended.err
    assert ended.out.startswith("minus, tuned minus tiny (2 blocks): 8 passages")
    assert not open_run(out / "tiny").sections


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["study", "minus"], "the study minus is of two models. Name the other one with --minus."),
        (["study", "rotation", "--states"], "--states is of two models."),
        (
            ["study", "rotation", "--model", "a", "--model", "b", "--minus", "c"],
            "--minus: expected one --model, got 2 of them.",
        ),
    ],
)
def test_what_goes_with_two_models_alone_is_refused_before_anything_is_measured(
    asked, said, odograph, texts, tmp_path
):
    ended = odograph(*asked, "--texts", texts, "--out", tmp_path / "d")
    assert ended.code == 2
    assert ended.err.startswith(f"odograph: {said}")
    assert not (tmp_path / "d").exists()


def test_compare_says_why_nothing_was_taken_away(odograph, finished, other_model, texts, tmp_path):
    two_runs = [finished, tmp_path / "other"]
    measured = ["--model", other_model, "--texts", texts, "--out", two_runs[1], "--quiet"]
    assert odograph("measure", *measured).code == 0
    ended = odograph("compare", *two_runs, "--out", tmp_path / "d", "--study", "minus")
    assert ended.code == 1
    assert "the runs differ in number of blocks: expected 2, got 3." in ended.err
    ended = odograph("compare", *two_runs, "--out", tmp_path / "d", "--allow-unrelated")
    assert (ended.code, ended.err) == (
        2,
        "odograph: --allow-unrelated without --states. Add --states.\n",
    )


def test_models_that_cannot_be_taken_from_each_other_are_refused_before_any_is_measured(
    odograph, tiny_model, other_model, texts, tmp_path
):
    asked = ["--model", tiny_model, "--minus", other_model, "--texts", texts]
    ended = odograph("study", "minus", *asked, "--out", tmp_path / "d", "--quiet")
    assert ended.code == 1
    assert ended.err.endswith(
        "token by token: expected models with the same blocks, got 2 and 3. Two --model compare "
        "them by characters and by relative depth.\n"
    )
    assert not (tmp_path / "d").exists()


def test_both_runs_have_the_same_twins_which_are_measured_once(
    odograph, tiny_model, tuned_model, texts, tmp_path, monkeypatch
):
    from odograph.run import beside

    drawn = []
    twin = beside.untrained_twin
    monkeypatch.setattr(
        beside, "untrained_twin", lambda plan, seed: drawn.append(seed) or twin(plan, seed)
    )
    out = tmp_path / "d"
    asked = ["--texts", texts, "--target", "her", "--untrained", 2, "--quiet"]
    both = ["--model", tiny_model, "--minus", tuned_model]
    ended = odograph("study", "rotation", *both, *asked, "--out", out)
    assert ended.code == 0, ended.err
    assert drawn == [1, 2]
    assert odograph("measure", "--model", tuned_model, *asked, "--out", tmp_path / "a").code == 0
    assert drawn == [1, 2, 1, 2]
    own, alone = open_run(out / "tuned"), open_run(tmp_path / "a")
    for copied, measured in zip(own.untrained, alone.untrained, strict=True):
        query = "select * from layers order by passage, position, layer"
        assert copied.sql(query).fetchall() == measured.sql(query).fetchall()
        for key in ("model", "config_hash", "corpus", "pilot", "seed", "exclusions"):
            assert copied.manifest[key] == measured.manifest[key], key
    # No twin of the second run is measured, so that none can be interrupted.
    assert odograph("verify", out / "tuned").code == 0


@pytest.mark.parametrize("other", [["--seed", 1], ["--convention", "hf"], ["--logits", "full"]])
def test_twins_of_another_run_are_measured_anew(odograph, tiny_model, texts, tmp_path, other):
    from odograph.run.measure import Order, measure_order
    from odograph.run.measured_twins import MeasuredTwins
    from odograph.run.options import make_config

    twins = MeasuredTwins()
    asked = {"model": str(tiny_model), "texts": [str(texts)], "untrained": 1, "logits": "none"}
    more = {other[0][2:]: other[1]}
    first = measure_order(Order(make_config(asked), tmp_path / "a", "", measured_twins=twins))
    second = measure_order(
        Order(make_config(asked | more), tmp_path / "b", "", measured_twins=twins)
    )
    started = [run.untrained[0].manifest["time"]["started"] for run in (first, second)]
    configs = [run.untrained[0].manifest["config"] for run in (first, second)]
    assert configs[0] != configs[1]
    assert len(twins._places) == 2, started
