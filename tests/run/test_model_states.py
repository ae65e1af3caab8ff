"""Two models together: angle and distance of their states, token by token and layer by layer."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch

from odograph.errors import ModelError, RunError
from odograph.folder.difference import TwoRuns
from odograph.folder.run import Run
from odograph.models.kinship import LEAST_CORRELATION, kinship
from odograph.models.loading import load
from odograph.run.model_states import states_between
from odograph.studies import compare

Measured = Callable[..., Any]


def other(gpt2_folder: Path, folder: Path, change: Callable[[Any], None]) -> Path:
    """The tiny GPT-2 with other weights, in a folder of its own."""
    model = tiny.build_gpt2()
    with torch.no_grad():
        change(model)
    return tiny.saved(model, folder, begins=False)


def wider(model: Any) -> None:
    """An MLP that writes twice as far."""
    model.transformer.h[1].mlp.c_proj.weight *= 2


def drawn_anew(model: Any) -> None:
    tiny.scatter(model, seed=77)


def states(folder: Path, ids: list[int], model: Any = None) -> list[Any]:
    """x_0..x_{L-1} as transformers gives them; the last of its states is after the norm."""
    from transformers import AutoModelForCausalLM

    network = model or AutoModelForCausalLM.from_pretrained(folder, dtype="float32").eval()
    with torch.no_grad():
        found = network(torch.tensor([ids]), output_hidden_states=True).hidden_states
    return [state[0].double().numpy() for state in found[:-1]]


def values(run: Run, name: str) -> np.ndarray:
    query = f"select {name}::double as v from layers order by passage, position, layer"
    return np.asarray(run.sql(query).fetchnumpy()["v"], float).reshape(-1, run.blocks + 1)


def together(base: Run, run: Run, out: Path, **allowed: bool) -> Run:
    """The difference of two runs, with what is measured of both models together."""
    both = TwoRuns((base, run), states_between(base, run, **allowed))
    return compare(both, out, names=["minus"])


def test_angle_and_distance_are_those_of_the_states_that_hooks_of_others_see(
    gpt2_folder: Path, measured: Measured, tmp_path: Path
) -> None:
    folder = other(gpt2_folder, tmp_path / "wider", wider)
    base, run = measured(gpt2_folder), measured(folder)
    made = together(base, run, tmp_path / "d")
    ids = base.sql("select token_id from tokens where passage = 2 order by position").fetchall()
    pair = [states(one, [int(i) for (i,) in ids]) for one in (gpt2_folder, folder)]
    rows = made.sql(
        "select layer, state_angle, state_distance from layers where passage = 2 "
        "order by position, layer"
    ).fetchnumpy()
    for layer, (x, y) in enumerate(zip(*pair, strict=True)):
        here = np.asarray(rows["layer"]) == layer
        distance = np.linalg.norm(y - x, axis=1)
        cosine = (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
        angle = np.where(distance == 0, 0, np.degrees(np.arccos(np.clip(cosine, -1, 1))))
        np.testing.assert_allclose(rows["state_distance"][here], distance, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(rows["state_angle"][here], angle, atol=1e-2)
    # Block 2 is the first that differs.
    assert not values(made, "state_angle")[:, :2].any()
    assert values(made, "state_angle")[:, 2:].min() > 0
    assert any(f["unit"] == "degrees" and "lie" in f["statement"] for f in made.findings)


@pytest.mark.parametrize("convention", ["hf", "lens"])
def test_under_a_norm_the_last_state_is_the_trunks_own(
    convention: str, gpt2_folder: Path, measured: Measured, tmp_path: Path
) -> None:
    folder = other(gpt2_folder, tmp_path / "wider", wider)
    base, run = (
        measured(one, tiny.TEXTS[:2], convention=convention) for one in (gpt2_folder, folder)
    )
    made = together(base, run, tmp_path / "d")
    loaded = [load(one) for one in (gpt2_folder, folder)]
    ids = [i for (i,) in base.sql("select token_id from tokens where passage = 0").fetchall()]
    with torch.no_grad():
        x, y = (one.anatomy.trunk(torch.tensor([ids]))[0][0].double().numpy() for one in loaded)
    last = values(made, "state_distance")[: len(ids), -1]
    np.testing.assert_allclose(last, np.linalg.norm(y - x, axis=1), rtol=1e-4)


def test_a_model_and_itself_are_nowhere_apart(
    gpt2_folder: Path, measured: Measured, tmp_path: Path
) -> None:
    base = measured(gpt2_folder)
    made = together(base, base, tmp_path / "d")
    assert not values(made, "state_angle").any()
    assert not values(made, "state_distance").any()
    assert made.findings == []


def test_models_that_share_no_start_are_refused_with_the_reason_unless_allowed(
    gpt2_folder: Path, measured: Measured, tmp_path: Path
) -> None:
    folder = other(gpt2_folder, tmp_path / "anew", drawn_anew)
    base, run = measured(gpt2_folder, tiny.TEXTS[:2]), measured(folder, tiny.TEXTS[:2])
    with pytest.raises(ModelError, match=r"share no start.*embeddings correlate by -?0\.0\d+ only"):
        states_between(base, run)
    made = together(base, run, tmp_path / "d", allow_unrelated=True)
    assert 60 < values(made, "state_angle").mean() < 120


def test_a_start_is_shared_by_what_was_made_of_a_model_and_by_no_other(
    gpt2_folder: Path, llama_folder: Path, tmp_path: Path
) -> None:
    base = load(gpt2_folder)
    noisy = other(
        gpt2_folder,
        tmp_path / "noisy",
        lambda m: m.transformer.wte.weight.add_(0.1 * torch.randn(m.transformer.wte.weight.shape)),
    )
    assert kinship(base, load(noisy)).correlation > 0.7
    assert kinship(base, load(noisy)).reason == ""
    anew = kinship(base, load(other(gpt2_folder, tmp_path / "anew", drawn_anew)))
    assert abs(anew.correlation) < LEAST_CORRELATION / 3
    assert not anew.shares_start
    with pytest.raises(ModelError, match="4 blocks of width 48 and 3 blocks of width 32"):
        kinship(base, load(llama_folder))


def test_a_model_that_has_changed_or_was_given_in_python_cannot_be_read_again(
    gpt2_folder: Path, measured: Measured, tmp_path: Path
) -> None:
    folder = other(gpt2_folder, tmp_path / "wider", wider)
    base, run = measured(gpt2_folder, tiny.TEXTS[:2]), measured(folder, tiny.TEXTS[:2])
    drawn_anew_there = tiny.scatter(tiny.build_gpt2(), seed=9)
    drawn_anew_there.save_pretrained(folder)
    with pytest.raises(RunError, match="has changed since"):
        states_between(base, run)
    given = measured(
        tiny.build_gpt2(),
        tiny.TEXTS[:2],
        tokenizer=tiny.tokenizer(begins=False),
        out=tmp_path / "g",
    )
    with pytest.raises(RunError, match="was given in Python and cannot be loaded again"):
        states_between(given, base)


def test_a_run_that_keeps_some_tokens_cannot_be_read_again(
    gpt2_folder: Path, measured: Measured
) -> None:
    some = measured(gpt2_folder, targets=["her"], select="targets")
    with pytest.raises(RunError, match=r"keeps some of the tokens .* \d+ of \d+ tokens"):
        states_between(some, some)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_an_adapter_and_its_base_share_weights_and_give_what_merged_ones_give(
    gpt2_folder: Path, measured: Measured, tmp_path: Path
) -> None:
    peft = pytest.importorskip("peft", reason="peft is not installed: adapters are not tested")
    network = tiny.build_gpt2()
    network.name_or_path = network.config._name_or_path = str(gpt2_folder)
    settings = peft.LoraConfig(
        r=4, task_type="CAUSAL_LM", target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True
    )
    adapted = peft.get_peft_model(network, settings)
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for key, weight in adapted.named_parameters():
            if "lora_" in key:
                weight.copy_(torch.randn(weight.shape, generator=generator) * 0.1)
    adapted.save_pretrained(tmp_path / "adapter", save_embedding_layers=False)
    written = tmp_path / "adapter" / "adapter_config.json"
    named = json.loads(written.read_text()) | {"base_model_name_or_path": str(gpt2_folder)}
    written.write_text(json.dumps(named))
    merged = tiny.saved(adapted.merge_and_unload(), tmp_path / "merged", begins=False)
    base, lora, whole = (
        measured(m, tiny.TEXTS[:3]) for m in (gpt2_folder, tmp_path / "adapter", merged)
    )
    found = []
    for name, run in (("lora", lora), ("whole", whole)):
        found.append(values(together(base, run, tmp_path / f"d-{name}"), "state_angle"))
    np.testing.assert_allclose(found[0], found[1], atol=2e-3)
    assert not found[0][:, 0].any()
    assert found[0][:, -1].min() > 0.1


def trained(folder: Path, start: int, order: int) -> Path:
    """A tiny GPT-2 that has learned the texts, from a start and in an order."""
    reader = tiny.tokenizer(begins=False)
    ids = [torch.tensor([reader(text).input_ids]) for text in tiny.TEXTS]
    model = tiny.scatter(tiny.build_gpt2(), seed=start, spread=0.02).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    generator = torch.Generator().manual_seed(order)
    for _ in range(12):
        for n in torch.randperm(len(ids), generator=generator).tolist():
            if ids[n].shape[1] > 1:
                model(ids[n], labels=ids[n]).loss.backward()
                optimizer.step()
                optimizer.zero_grad()
    return tiny.saved(model.eval(), folder, begins=False)


def test_models_that_learned_the_same_texts_share_a_start_only_if_they_began_alike(
    tmp_path: Path,
) -> None:
    first, again, apart = (
        load(trained(tmp_path / f"{start}-{order}", start, order))
        for start, order in ((1, 1), (1, 2), (2, 1))
    )
    assert kinship(first, again).correlation > 2 * LEAST_CORRELATION
    assert kinship(first, apart).correlation < LEAST_CORRELATION / 2
