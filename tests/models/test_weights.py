"""Weights that are not those of the model that its config describes are refused, by name."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from families import EXAMPLES, build
from safetensors.torch import load_file, save_file
from tiny import build_gpt2, saved

from odograph.errors import ModelError
from odograph.models.loading import load
from odograph.models.sources import LoadOptions

EVERY = {example.name: example for example in EXAMPLES}
WEIGHTS = "model.safetensors"
ALL_THE_SAME = LoadOptions(allow_unused_weights=True)


def written(name: str, folder: Path) -> Path:
    example = EVERY[name]
    options = {**example.options, "vocab_size": 400}
    return saved(build(replace(example, options=options)), folder, begins=False)


def changed(folder: Path, **options: Any) -> Path:
    """The folder with these options in its config."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert options.keys() <= config.keys()
    (folder / "config.json").write_text(json.dumps(config | options), "utf-8")
    return folder


def rewritten(folder: Path, change: Any) -> Path:
    """The folder with `change` made of its tensors."""
    tensors = load_file(folder / WEIGHTS)
    save_file(change(tensors), folder / WEIGHTS, {"format": "pt"})
    return folder


@pytest.mark.parametrize(
    ("name", "option", "block", "count"),
    [
        ("llama", "num_hidden_layers", r"model\.layers\.2", 9),
        ("mixtral", "num_hidden_layers", r"model\.layers\.2", 9),
        ("gpt2", "n_layer", r"transformer\.h\.2", 11),
    ],
)
def test_more_blocks_in_the_file_than_in_the_config_are_refused_with_their_count_and_name(
    name: str, option: str, block: str, count: int, tmp_path: Path
) -> None:
    folder = changed(written(name, tmp_path), **{option: 2})
    with pytest.raises(ModelError, match=rf"more than its .*'{block}\.\* \({count} weights\)'"):
        load(folder)
    loaded = load(folder, ALL_THE_SAME)
    assert loaded.identity.blocks == 2
    assert len(loaded.identity.weights.unused) == 1


def test_blocks_that_a_body_saved_without_its_prefix_has_too_many_are_refused(
    tmp_path: Path,
) -> None:
    folder = saved(build_gpt2(blocks=3).transformer, tmp_path, begins=False)
    with pytest.raises(ModelError, match=r"'h\.2\.\* \(11 weights\)'"):
        load(changed(folder, n_layer=2))


def test_a_weight_of_the_trunk_that_the_model_has_no_place_for_is_refused(tmp_path: Path) -> None:
    folder = written("llama", tmp_path)
    extra = {"model.layers.0.mlp.gate_proj.bias": torch.ones(4), "model.scale": torch.ones(3)}
    rewritten(folder, lambda tensors: tensors | extra)
    with pytest.raises(ModelError, match=r"'model\.layers\.0\.\* \(1 weight\)', 'model\.scale'"):
        load(folder)


@pytest.mark.parametrize("name", ["model.norm.weight", "model.embed_tokens.weight"])
def test_a_weight_outside_the_blocks_that_would_be_random_is_refused(
    name: str, tmp_path: Path
) -> None:
    folder = written("llama", tmp_path)
    rewritten(folder, lambda tensors: {k: v for k, v in tensors.items() if k != name})
    with pytest.raises(ModelError, match=f"not complete: .* none for '{name}'.*They would be"):
        load(folder)
    assert load(folder, ALL_THE_SAME).identity.weights.random == (name,)


def test_weights_of_another_shape_are_refused_by_name_whatever_is_allowed(tmp_path: Path) -> None:
    folder = written("llama", tmp_path)
    other = {f"model.layers.{block}.input_layernorm.weight": torch.ones(7) for block in (0, 2)}
    rewritten(folder, lambda tensors: tensors | other)
    words = r"other shapes .* expected \[32\] for 'model\.layers\.0\.input_.* got \[7\], and 1 "
    for options in (LoadOptions(), ALL_THE_SAME):
        with pytest.raises(ModelError, match=words):
            load(folder, options)


def test_a_weight_of_the_head_that_the_model_has_no_place_for_is_refused(tmp_path: Path) -> None:
    """It would predict something else than the model that was stored."""
    folder = written("llama", tmp_path)
    rewritten(folder, lambda tensors: tensors | {"lm_head.bias": torch.ones(400)})
    with pytest.raises(ModelError, match=r"more than its config .* none for 'lm_head\.bias'"):
        load(folder)
    assert load(folder, ALL_THE_SAME).identity.weights.unused == ("lm_head.bias",)


def test_what_the_class_declares_as_ignored_is_measured_without_and_named(tmp_path: Path) -> None:
    """Block 62 of DeepSeek-V3 predicts further tokens and is no block of the trunk."""
    folder = written("deepseek_v3 (experts and dense layers)", tmp_path)
    extra = {f"model.layers.61.{part}.weight": torch.ones(4) for part in ("enorm", "hnorm")}
    rewritten(folder, lambda tensors: tensors | extra)
    fit = load(folder).identity.weights
    assert fit.ignored == ("model.layers.61.* (2 weights)",)
    assert (fit.unused, fit.random) == ((), ())


def test_a_head_for_another_task_is_named_and_no_random_one_is_taken(tmp_path: Path) -> None:
    from transformers import LlamaForSequenceClassification

    options = {**EVERY["llama"].options, "vocab_size": 400, "tie_word_embeddings": False}
    config = build(replace(EVERY["llama"], options=options)).config
    config.pad_token_id = 0
    folder = saved(LlamaForSequenceClassification(config), tmp_path, begins=False)
    loaded = load(folder)
    assert loaded.anatomy.head is None
    assert loaded.identity.weights.ignored == ("score.weight",)


@pytest.mark.parametrize("kind", ["BertForMaskedLM", "BertForSequenceClassification"])
def test_heads_and_poolers_of_encoders_hinder_nothing(kind: str, tmp_path: Path) -> None:
    import transformers

    options = {**EVERY["bert"].options, "vocab_size": 400}
    config = build(replace(EVERY["bert"], options=options)).config
    loaded = load(saved(getattr(transformers, kind)(config), tmp_path, begins=False))
    assert not loaded.anatomy.causal
    assert loaded.identity.weights.random == ()


def test_a_body_of_bert_used_as_decoder_gets_no_random_head(tmp_path: Path) -> None:
    from transformers import BertModel

    options = {**EVERY["bert"].options, "vocab_size": 400, "is_decoder": True}
    config = build(replace(EVERY["bert"], options=options)).config
    loaded = load(saved(BertModel(config), tmp_path, begins=False))
    assert loaded.anatomy.causal
    assert loaded.anatomy.head is None


def test_masks_and_positions_that_old_files_hold_are_no_weights(tmp_path: Path) -> None:
    folder = written("gptj", tmp_path)
    mask = {
        "transformer.h.0.attn.bias": torch.ones(1, 1, 8, 8).tril().bool(),
        "transformer.h.0.attn.masked_bias": torch.tensor(-1e9),
        "transformer.h.0.attn.rotary_emb.inv_freq": torch.ones(4),
    }
    rewritten(folder, lambda tensors: tensors | mask)
    fit = load(folder).identity.weights
    assert (fit.ignored, fit.unused, fit.random) == ((), (), ())


@pytest.mark.parametrize("name", [example.name for example in EXAMPLES][::9])
def test_a_model_as_transformers_writes_it_fits(name: str, tmp_path: Path) -> None:
    part = EVERY[name].part
    fit = load(written(name, tmp_path), LoadOptions(part=part)).identity.weights
    assert (fit.ignored, fit.unused, fit.random) == ((), (), ())


def test_weights_in_several_files_are_looked_at_alike(tmp_path: Path) -> None:
    folder = written("llama", tmp_path / "whole")
    model = load(folder).model
    assert isinstance(model, torch.nn.Module)
    model.save_pretrained(folder, max_shard_size="20KB")  # type: ignore[operator]
    (folder / WEIGHTS).unlink()
    assert len(list(folder.glob("*.safetensors"))) > 1
    assert load(folder).identity.weights.unused == ()
    with pytest.raises(ModelError, match=r"'model\.layers\.2\.\* \(9 weights\)'"):
        load(changed(folder, num_hidden_layers=2))


def test_what_was_left_out_stands_in_the_manifest_and_on_the_card(
    tmp_path: Path, measured: Any
) -> None:
    from odograph.folder.card import card_of

    folder = changed(written("llama", tmp_path), num_hidden_layers=2)
    run = measured(folder, allow_unused_weights=True)
    assert list(run.manifest["model"]["weights"]["unused"]) == ["model.layers.2.* (9 weights)"]
    card = card_of(run.manifest, unit="", test="")
    assert card["model"].endswith("; left out: model.layers.2.* (9 weights)")


def test_check_names_what_is_not_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from odograph.cli import run

    folder = changed(written("llama", tmp_path), num_hidden_layers=2)
    assert run(["check", str(folder)]) == 1
    assert "--allow-unused-weights" in capfd.readouterr().err
    assert run(["check", str(folder), "--allow-unused-weights"]) == 0
    assert "left out     model.layers.2.* (9 weights)" in capfd.readouterr().out


def test_a_bert_used_as_decoder_is_measured_without_logits(tmp_path: Path, measured: Any) -> None:
    """Only its logits cannot be checked: its head is more than a map of the last state."""
    from transformers import BertLMHeadModel

    options = {**EVERY["bert"].options, "vocab_size": 400, "is_decoder": True}
    config = build(replace(EVERY["bert"], options=options)).config
    folder = saved(BertLMHeadModel(config), tmp_path / "model", begins=False)
    with pytest.raises(ModelError, match=r"All else can be measured: --logits none\."):
        measured(folder)
    run = measured(folder, logits="none")
    assert "rotation" in run.sql("select * from layers").columns
