"""What half precision costs and what memory a model takes are said, and are what they are."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny import build_llama, saved

from odograph.folder.card import card_of
from odograph.models.loading import PROMPT, load
from odograph.models.memory import weight_memory
from odograph.models.precision import load_compared
from odograph.models.sources import LoadOptions
from odograph.run.memory import announce_memory

HALF = LoadOptions(dtype="bfloat16")


def states(folder: Path, dtype: torch.dtype) -> torch.Tensor:
    """All states of the prompt as transformers gives them, [L, tokens, width] without the last."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
    ids = AutoTokenizer.from_pretrained(folder)(
        PROMPT, add_special_tokens=False, return_tensors="pt"
    ).input_ids
    with torch.no_grad():
        given = model(ids, output_hidden_states=True).hidden_states
    return torch.stack(given[:-1])[:, 0].double()


def test_the_error_of_bfloat16_is_that_of_the_states_against_float32(llama_folder: Path) -> None:
    found = load_compared(str(llama_folder), HALF).rounding
    assert found is not None
    exact, rounded = (states(llama_folder, d) for d in (torch.float32, torch.bfloat16))
    norms = ((rounded.norm(dim=-1) - exact.norm(dim=-1)) / exact.norm(dim=-1)).abs()
    assert found.norm >= float(norms.max()) > 0

    def angles(x: torch.Tensor) -> torch.Tensor:
        cosine = torch.nn.functional.cosine_similarity(x[:-1], x[1:], dim=-1)
        return cosine.clamp(-1, 1).arccos().rad2deg()

    errors = (angles(rounded) - angles(exact)).abs()
    assert found.rotation >= float(errors.max()) > found.rotation_median > 0
    assert found.cosine is not None
    assert 0 < found.cosine < 0.5
    assert found.tokens == exact.shape[1]


def test_in_float32_there_is_no_error_to_tell(llama_folder: Path) -> None:
    assert load_compared(str(llama_folder), LoadOptions()).rounding is None
    assert load_compared(build_llama(), LoadOptions()).rounding is None


def test_where_float32_does_not_fit_the_error_is_not_known(
    llama_folder: Path, monkeypatch: pytest.MonkeyPatch, measured: Any
) -> None:
    monkeypatch.setattr("odograph.models.precision.free_bytes", lambda _: 10)
    run = measured(llama_folder, dtype="bfloat16")
    assert run.manifest["rounding"] is None
    card = card_of(run.manifest, unit="", test="")
    assert card["precision"].endswith(", error against float32 not known")


def test_the_card_and_check_name_the_error(
    llama_folder: Path, measured: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    from odograph.cli import run

    manifest = measured(llama_folder, dtype="bfloat16").manifest
    words = card_of(manifest, unit="", test="")["precision"]
    assert "against float32 rotation up to" in words
    assert f"{manifest['rounding']['rotation']:.2g} degrees off" in words
    capfd.readouterr()
    assert run(["check", str(llama_folder), "--dtype", "bfloat16"]) == 0
    assert "rounding     against float32 rotation up to" in capfd.readouterr().out


@pytest.mark.parametrize(("dtype", "value"), [("float32", 4), ("bfloat16", 2), ("float64", 8)])
def test_the_memory_told_is_that_of_the_weights_once_they_are_loaded(
    dtype: str, value: int, llama_folder: Path
) -> None:
    options = LoadOptions(dtype=dtype)
    told = weight_memory(str(llama_folder), options)
    assert told is not None
    network: Any = load(str(llama_folder), options).model
    assert told.taken == sum(p.numel() * p.element_size() for p in network.parameters())
    assert told.value == value


def test_what_to_do_is_said_where_the_memory_is_not_there(
    llama_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    announce_memory(str(llama_folder), LoadOptions())
    assert capsys.readouterr().err == "", "little memory is not worth a word"
    monkeypatch.setattr("odograph.run.memory.free_bytes", lambda _: 1000)
    announce_memory(str(llama_folder), LoadOptions(), processes=2)
    said = capsys.readouterr().err
    assert said.startswith(f"odograph: the weights of {llama_folder} take 1 MB of memory (cpu)")
    assert "in each of 3 processes; 1 MB can be had. It may not fit: use fewer --work" in said
    assert "--dtype bfloat16" in said
    monkeypatch.setattr("odograph.run.memory._LEAST", 1)
    monkeypatch.setattr("odograph.run.memory.free_bytes", lambda _: 10**12)
    announce_memory(str(llama_folder), HALF)
    said = capsys.readouterr().err
    assert "in float32 (cpu) to find the error of bfloat16" in said
    assert said.endswith("; 1000 GB can be had\n")


def test_memory_is_told_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from odograph.cli import run

    folder = saved(build_llama(), tmp_path / "model", begins=True)
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"num_attention_heads": 5}), "utf-8")
    monkeypatch.setattr("odograph.run.memory._LEAST", 1)
    assert run(["check", str(folder)]) == 1
    said = capfd.readouterr().err.splitlines()
    assert said[0].startswith("odograph: the weights of ")
    assert "cannot be loaded" in said[1]
