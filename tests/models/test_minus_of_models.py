"""One model minus another from end to end: a GGUF file and its original, revisions of the hub."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tiny
from made_hub import on_the_hub

from odograph.cli import run
from odograph.folder.run import open_run


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(tiny.TEXTS), encoding="utf-8")
    return path


def test_a_quantised_copy_is_taken_from_its_original(texts: Path, tmp_path: Path) -> None:
    pytest.importorskip("gguf", reason="gguf is not installed: GGUF files are not tested")
    import made_gguf

    original = tiny.saved(made_gguf.build(), tmp_path / "original", begins=False)
    file = made_gguf.write(made_gguf.build(), tmp_path / "tiny.Q8_0.gguf", kind="Q8_0")
    both = ["--model", str(original), "--minus", str(file), "--states", "--bos", "always"]
    asked = ["--texts", str(texts), "--untrained", "0", "--quiet", "--out", str(tmp_path / "d")]
    assert run(["study", "minus", *both, *asked]) == 0
    with open_run(tmp_path / "d") as made:
        assert made.minus == ("tiny.Q8_0.gguf", "original")
        ((turned, apart),) = made.sql(
            "select max(abs(rotation)), max(state_angle) from layers where position > 0"
        ).fetchall()
    assert 0 < turned < 10
    assert 0 < apart < 10


COMMANDS = """
import sys
from odograph.cli import run
texts, out = sys.argv[1:]
asked = ["--texts", texts, "--untrained", "0", "--offline", "--quiet", "--out"]
both = ["--model", "me/tiny@step1", "--minus", "me/tiny@step2", "--states"]
assert run(["study", "minus", *both, *asked, f"{out}/minus"]) == 0
series = ["study", "rotation", "--model", "me/tiny", "--revisions"]
assert run([*series, "step1,step2", *asked, f"{out}/series"]) == 0
sys.exit(run([*series, "step2,same", *asked, f"{out}/same", "--axis", "step=1,2"]))
"""


def test_two_revisions_of_the_hub_are_taken_from_each_other_and_make_a_series(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    tuned = tiny.saved(_with_longer_steps(), tmp_path / "tuned", begins=False)
    cache = tmp_path / "cache"
    folders = {"step1": gpt2_folder, "step2": tuned, "same": tuned}
    for number, (branch, source) in enumerate(folders.items(), start=1):
        on_the_hub(cache, source, "me/tiny", str(number) * 40, branch)
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, str(texts), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_CACHE": str(cache), "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 1, done.stderr
    assert "have the same weights" in done.stderr
    assert not (tmp_path / "out" / "same").exists()
    minus = open_run(tmp_path / "out" / "minus")
    assert minus.minus == ("tiny@step2", "tiny@step1")
    assert [one.manifest["model"]["revision"] for one in minus.compared] == ["1" * 40, "2" * 40]
    ((first, last),) = minus.sql(
        "select max(state_angle) filter (where layer = 1), max(state_angle) from layers"
    ).fetchall()
    assert first == 0 < last
    series = open_run(tmp_path / "out" / "series")
    assert series.manifest["series"] == {"axis": "training step", "values": [1, 2]}


def _with_longer_steps() -> Any:
    """The tiny GPT-2 with an MLP of block 2 that writes three times as far."""
    import torch

    model = tiny.build_gpt2()
    with torch.no_grad():
        model.transformer.h[1].mlp.c_proj.weight *= 3
    return model


def trained_adapter(base: Path, folder: Path) -> Path:
    """An adapter of block 3 that has learned one text for some steps."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(0)
    lora = LoraConfig(
        r=4,
        target_modules=["c_attn", "c_fc"],
        layers_to_transform=[2],
        fan_in_fan_out=True,
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), lora).train()
    ids = torch.tensor([tiny.tokenizer(begins=False)(tiny.TEXTS[2]).input_ids])
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.02)
    for _ in range(20):
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")  # peft asks it
def test_an_adapter_trained_on_one_text_is_found_where_it_was_trained_and_its_null_is_silent(
    gpt2_folder: Path, texts: Path, tmp_path: Path
) -> None:
    pytest.importorskip("peft", reason="peft is not installed: adapters are not tested")
    adapter = trained_adapter(gpt2_folder, tmp_path / "adapter")
    both = ["--model", str(gpt2_folder), "--minus", str(adapter), "--states", "--bos", "always"]
    asked = ["--texts", str(texts), "--untrained", "2", "--quiet", "--out", str(tmp_path / "d")]
    assert run(["study", "minus", *both, *asked]) == 0
    with open_run(tmp_path / "d") as made:
        moved = made.sql(
            "select layer, max(abs(rotation)), max(state_angle) from layers where position > 0 "
            "group by layer order by layer"
        ).fetchall()
        found = made.findings[0]
    assert [angle for _, _, angle in moved[:3]] == [0, 0, 0]
    assert all(turned > 0 and angle > 0 for _, turned, angle in moved[3:])
    assert found["show"]["layer"] in (3, 4)
    (null,) = found["null_values"]
    assert null["name"] == "two seeds of the twin"
    assert abs(null["estimate"]) < abs(found["estimate"])
