"""What goes wrong elsewhere without a word, one test for each."""

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from families import EXAMPLES, VOCABULARY, build
from tiny import build_gpt2, checked, saved, scatter
from torch import nn

from odograph.errors import ModelError
from odograph.models.hooks import device_of, watching
from odograph.models.loading import load
from odograph.models.probe import dissect
from odograph.models.selfcheck import self_check
from odograph.models.sources import LoadOptions, resolve_device
from odograph.models.spreading import SPREAD, spread
from odograph.models.twins import twin_plan, untrained_twin

EVERY = {example.name: example for example in EXAMPLES}
Measured = Callable[..., Any]
#: Of very different lengths; longer than the windows of the tiny models.
TEXTS = [[3 + (7 * k * n) % 90 for k in range(1, n)] for n in (21, 4, 13, 9, 30)]
CONVENTIONS = ("stream", "hf", "lens")


def hooks_on(model: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules())


def measured_alike(given: Any, wanted: Any) -> None:
    for table in ("layers", "tokens"):
        one, other = given.arrow(table), wanted.arrow(table)
        assert one.column_names == other.column_names
        for name in one.column_names:
            a, b = one[name].to_numpy(), other[name].to_numpy()
            if b.dtype.kind == "f":
                np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-3, err_msg=name)


@pytest.mark.parametrize(
    "name",
    [
        "gpt2",
        "gptj",
        "opt (pre-norm)",
        "opt (post-norm, embeddings of another width)",
        "bloom",
        "mpt",
        "falcon (sequential, ALiBi)",
        "mistral (sliding window)",
        "gpt_neo (global and local attention)",
        "gemma2 (sliding and full attention, soft-caps)",
        "mamba2",
        "recurrent_gemma (recurrent and local attention)",
        "modernbert",
        "roberta",
        "deberta-v2",
        "t5 encoder",
    ],
)
def test_passages_padded_side_by_side_are_measured_as_each_alone(
    name: str, measured: Measured
) -> None:
    """Positions learned (OPT from 2 on), rotary or by ALiBi, sliding windows, masks of encoders."""
    example = EVERY[name]
    asked = {"logits": "full" if example.causal else "none", "part": example.part}
    together = measured(build(example), TEXTS, batch_tokens=4096, **asked)
    alone = measured(build(example), TEXTS, batch_tokens=1, **asked)
    measured_alike(together, alone)


def test_encoders_would_be_measured_wrongly_without_their_mask(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That the test above can fail: passages really stand side by side in it."""
    model = build(EVERY["roberta"])
    wanted = measured(model, TEXTS, batch_tokens=1, logits="none")
    taken_for_causal = replace(load(model), anatomy=replace(dissect(model), causal=True))
    monkeypatch.setattr("odograph.run.preparing.load_compared", lambda *_: taken_for_causal)
    given = measured(model, TEXTS, batch_tokens=4096, logits="none")
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        measured_alike(given, wanted)


def test_a_model_that_counts_positions_after_its_padding_id_has_fewer_of_them() -> None:
    example = EVERY["roberta"]
    model = build(replace(example, options={**example.options, "max_position_embeddings": 22}))
    anatomy = dissect(model)
    assert anatomy.positions == 22 - 1 - model.config.pad_token_id
    assert all(c.passed is not False for c in self_check(model, anatomy).checks)
    with pytest.raises((IndexError, RuntimeError)):
        model(torch.full((1, anatomy.positions + 1), 5))


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_stream_wider_than_its_embeddings_is_measured_in_its_own_width(
    convention: str, measured: Measured
) -> None:
    """OPT-350m: embeddings and head of 512, stream of 1024, no final norm."""
    example = EVERY["opt (post-norm, embeddings of another width)"]
    model = build(example)
    anatomy = dissect(model)
    assert (anatomy.width, anatomy.head.in_features) == (32, 16)  # type: ignore[union-attr]
    run = measured(model, TEXTS[:1], convention=convention, logits="full")
    given = run.arrow("tokens")["next_logit"].to_numpy()[:-1]
    ids = torch.tensor(TEXTS[:1])
    with torch.no_grad():
        own = model(ids).logits[0, :-1].gather(1, ids[0, 1:, None])[:, 0]
    np.testing.assert_allclose(given, own, rtol=1e-4, atol=1e-5)
    assert not run.manifest["not_a_number"]


@pytest.mark.parametrize(
    "name",
    [
        "gpt2",
        "llama",
        "gptj",
        "gemma2 (sliding and full attention, soft-caps)",
        "cohere",
        "granite",
        "opt (post-norm, embeddings of another width)",
    ],
)
@pytest.mark.parametrize("tied", [True, False])
def test_a_head_tied_to_the_embeddings_or_not_gives_the_models_own_logits(
    name: str, tied: bool
) -> None:
    example = EVERY[name]
    options = {**example.options, "tie_word_embeddings": tied}
    model = build(replace(example, options=options))
    head, embeddings = model.get_output_embeddings(), model.get_input_embeddings()
    assert (head.weight is embeddings.weight) == tied
    ids = torch.tensor(TEXTS[:1])
    anatomy = dissect(model)
    with torch.no_grad():
        normed = anatomy.trunk(ids, use_cache=False)[0]
        own = model(ids).logits
        torch.testing.assert_close(anatomy.logits(normed), own)
        targets = anatomy.target_logits(normed[0], ids[0]).float()
    torch.testing.assert_close(targets, own[0].gather(1, ids[0][:, None])[:, 0])


def test_what_a_block_adds_in_place_after_the_hook_does_not_change_what_was_seen() -> None:
    """Parallel Falcon writes attention's part over the MLP's."""
    model = build(EVERY["falcon (parallel)"])
    anatomy = dissect(model)
    assert anatomy.copies
    assert _sums(anatomy, held=True) < 1e-6
    assert _sums(replace(anatomy, copies=False), held=True) > 0.1


@pytest.mark.parametrize("name", ["bloom", "opt (pre-norm)", "granite", "gemma", "t5 encoder"])
def test_parts_come_before_their_state_and_add_up_to_it(name: str) -> None:
    assert _sums(dissect(build(EVERY[name]), EVERY[name].part), held=True) < 1e-6


def _sums(anatomy: Any, held: bool) -> float:
    """The largest error of x + a + m against x', with what the hooks gave held until then."""
    before: list[torch.Tensor] = []
    parts: list[torch.Tensor] = []
    errors: list[float] = []

    def on_state(layer: int, state: torch.Tensor) -> None:
        if layer:
            assert len(parts) == 2
            summed = before[-1] + parts[0] + parts[1]
            errors.append(float((summed - state).norm() / state.norm()))
        before.append(state.clone())
        parts.clear()

    def on_part(layer: int, part: str, added: torch.Tensor) -> None:
        assert part == ("attention", "mlp")[len(parts)]
        parts.append(added)

    with torch.no_grad(), watching(anatomy, on_state, on_part):
        anatomy.trunk(torch.tensor(TEXTS[:2][:1]), use_cache=False)
    return max(errors)


def test_sub_layers_and_blocks_that_return_a_tuple_or_a_tensor_are_read() -> None:
    kinds = set()
    for name in ("gptj", "gpt2"):
        anatomy = dissect(build(EVERY[name]))
        block = anatomy.blocks[0]
        handle = block.register_forward_hook(lambda _, __, out: kinds.add(type(out)))
        assert _sums(anatomy, held=True) < 1e-6
        handle.remove()
    assert kinds == {tuple, torch.Tensor}


def test_layers_are_not_dropped_and_the_caller_gets_his_modes_back(measured: Measured) -> None:
    model = build(EVERY["opt (pre-norm)"]).train()
    assert model.model.decoder.layerdrop == 0.9
    again = [measured(model, TEXTS, logits="none") for _ in range(2)]
    measured_alike(*again)
    assert all(module.training for module in model.modules())
    dissect(model)
    assert all(module.training for module in model.modules())


def test_shared_blocks_are_refused_by_name() -> None:
    from transformers import AlbertConfig, AlbertModel

    config = checked(
        AlbertConfig,
        vocab_size=VOCABULARY,
        embedding_size=16,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
    )
    with pytest.raises(ModelError, match=r"ModuleList of 3 blocks, got .*one block several times"):
        dissect(AlbertModel(config))
    model = build(EVERY["llama"])
    model.model.layers[2] = model.model.layers[0]
    with pytest.raises(ModelError, match="block 3 is block 1"):
        dissect(model)


def test_several_residual_streams_are_refused_by_name_and_leave_no_hook() -> None:
    for build_one in (_hyper_connections, _altup):
        model = build_one()
        before = hooks_on(model)
        with pytest.raises(ModelError, match="several residual streams") as error:
            dissect(model)
        assert model.config.model_type in str(error.value)
        assert hooks_on(model) == before


def _hyper_connections() -> Any:
    from transformers import DeepseekV4Config, DeepseekV4ForCausalLM

    config = checked(
        DeepseekV4Config,
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        head_dim=8,
        moe_intermediate_size=24,
        n_routed_experts=4,
        num_experts_per_tok=2,
        q_lora_rank=16,
        index_n_heads=2,
        index_head_dim=8,
        sliding_window=8,
        max_position_embeddings=64,
    )
    return scatter(DeepseekV4ForCausalLM(config), seed=3)


def _altup() -> Any:
    from transformers import Gemma3nForCausalLM, Gemma3nTextConfig

    config = checked(
        Gemma3nTextConfig,
        vocab_size=VOCABULARY,
        vocab_size_per_layer_input=VOCABULARY,
        hidden_size=32,
        hidden_size_per_layer_input=8,
        intermediate_size=[48] * 4,
        activation_sparsity_pattern=[0.0] * 4,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        laurel_rank=4,
        sliding_window=8,
        num_kv_shared_layers=0,
        max_position_embeddings=64,
    )
    return scatter(Gemma3nForCausalLM(config), seed=3)


@pytest.mark.parametrize("name", ["t5 encoder", "bart encoder"])
def test_of_an_encoder_decoder_only_the_encoder_is_measured(name: str) -> None:
    model = build(EVERY[name])
    with pytest.raises(ModelError, match=r"has an encoder and a decoder.*Use --part encoder"):
        dissect(model)
    with pytest.raises(ModelError, match=r"the decoder of .* is not measured"):
        dissect(model, "decoder")
    anatomy = dissect(model, "encoder")
    assert not anatomy.causal
    assert set(anatomy.blocks) <= set(model.get_encoder().modules())


def test_a_part_that_a_model_has_not_is_refused() -> None:
    assert dissect(build(EVERY["llama"]), "decoder").causal
    assert not dissect(build(EVERY["bert"]), "encoder").causal
    with pytest.raises(ModelError, match="llama is no encoder"):
        dissect(build(EVERY["llama"]), "encoder")
    with pytest.raises(ModelError, match="bert is no decoder"):
        dissect(build(EVERY["bert"]), "decoder")


def test_a_model_that_is_not_causal_predicts_nothing(measured: Measured) -> None:
    run = measured(build(EVERY["bert"]), TEXTS)
    assert "rotation" in run.sql("select * from layers").columns
    assert "next_logit" not in run.sql("select * from tokens").columns
    with pytest.raises(
        ModelError, match=r"is not causal and predicts no next token.*--logits none"
    ):
        measured(build(EVERY["bert"]), TEXTS, logits="full")


@pytest.mark.parametrize("name", ["bert", "modernbert", "t5 encoder", "bart encoder"])
def test_encoders_are_loaded_from_a_folder_and_have_twins(name: str, tmp_path: Path) -> None:
    example = EVERY[name]
    model = build(replace(example, options={**example.options, "vocab_size": 400}))
    folder = saved(model, tmp_path, begins=False)
    loaded = load(folder, LoadOptions(part=example.part))
    assert loaded.identity.family == example.family
    assert not loaded.anatomy.causal
    loaded.checks.refuse_if_failed(logits=False)
    twin = untrained_twin(twin_plan(loaded), 1)
    assert (twin.identity.part, twin.identity.untrained_seed) == (example.part, 1)
    assert not twin.anatomy.causal


def test_check_says_part_direction_and_verdict(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from odograph.cli import run

    example = EVERY["t5 encoder"]
    model = build(replace(example, options={**example.options, "vocab_size": 400}))
    folder = str(saved(model, tmp_path, begins=False))
    assert run(["check", folder, "--part", "encoder"]) == 0
    shown = capfd.readouterr().out
    assert "direction    both ways: a state depends on later tokens too" in shown
    assert "decomposition into attention and MLP: exact" in shown
    assert run(["check", folder]) == 1
    assert "Use --part encoder" in capfd.readouterr().err


def test_blocks_that_the_files_do_not_hold_are_refused_and_not_drawn_at_random(
    tmp_path: Path,
) -> None:
    model = build(replace(EVERY["opt (pre-norm)"], options=_opt_of(400)))
    folder = saved(model, tmp_path, begins=False)
    config = folder / "config.json"
    text = config.read_text("utf-8")
    config.write_text(text.replace('"num_hidden_layers": 3', '"num_hidden_layers": 4'), "utf-8")
    with pytest.raises(ModelError, match=r"not complete: .* none for 'model\.decoder\.layers\.3\."):
        load(folder)


def test_an_encoder_alone_is_read_from_a_folder(tmp_path: Path) -> None:
    from transformers import T5EncoderModel

    options = {**EVERY["t5 encoder"].options, "vocab_size": 400}
    model = build(replace(EVERY["t5 encoder"], options=options))
    alone = T5EncoderModel(model.config)
    alone.load_state_dict(model.state_dict(), strict=False)
    folder = saved(alone, tmp_path, begins=False)
    loaded = load(folder, LoadOptions(part="encoder"))
    torch.testing.assert_close(
        loaded.anatomy.blocks[2].layer[1].DenseReluDense.wo.weight,
        model.encoder.block[2].layer[1].DenseReluDense.wo.weight,
    )


def test_a_decoder_is_loaded_with_its_head(tmp_path: Path) -> None:
    model = build(replace(EVERY["opt (pre-norm)"], options=_opt_of(400)))
    loaded = load(saved(model, tmp_path, begins=False))
    assert type(loaded.model).__name__ == "OPTForCausalLM"
    assert loaded.anatomy.head is not None


def _opt_of(vocabulary: int) -> dict[str, Any]:
    return {**EVERY["opt (pre-norm)"].options, "vocab_size": vocabulary}


def test_offloaded_weights_are_refused_by_name() -> None:
    model = build(EVERY["llama"])
    model.model.layers[1].to("meta")
    with pytest.raises(ModelError, match=r"not in memory: got 'model\.layers\.1\."):
        dissect(model)


@pytest.mark.parametrize("name", ["gpt2", "bloom", "opt (pre-norm)", "falcon (parallel)"])
def test_a_model_placed_by_device_map_is_measured_as_before(name: str, measured: Measured) -> None:
    accelerate = pytest.importorskip("accelerate")
    placed = build(EVERY[name])
    places = {part: "cpu" for part, _ in placed.named_children()}
    placed = accelerate.dispatch_model(placed, places, force_hooks=True)
    assert hasattr(placed, "_hf_hook"), "the hooks of device_map are on"
    given, wanted = (measured(m, TEXTS, logits="full") for m in (placed, build(EVERY[name])))
    assert given.manifest["decomposition"] == EVERY[name].decomposition
    measured_alike(given, wanted)
    with pytest.raises(ModelError, match="not in memory"):
        dissect(accelerate.cpu_offload(build(EVERY[name])))


def test_blocks_are_spread_whole_over_the_devices_there_are(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cards are played by numbers: how the blocks would lie; then all is put on the CPU."""
    accelerate = pytest.importorskip("accelerate")
    model, seen = build(EVERY["llama"]), {}
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    room = {0: size * 2 // 3, 1: size * 2 // 3, "cpu": 0}

    def on_the_cpu(network: Any, device_map: dict[str, Any]) -> Any:
        seen.update(device_map)
        return dispatch(network, dict.fromkeys(device_map, "cpu"), force_hooks=True)

    dispatch = accelerate.dispatch_model
    monkeypatch.setattr("accelerate.utils.get_balanced_memory", lambda *_, **__: room)
    monkeypatch.setattr("accelerate.dispatch_model", on_the_cpu)
    model = spread(model)
    assert {0, 1} == set(seen.values())
    blocks = [place for place in seen if "layers." in place]
    assert blocks
    assert all(re.fullmatch(r"model\.layers\.\d+", block) for block in blocks), "a block is cut"
    given = measured(model, TEXTS, untrained=1)
    measured_alike(given, measured(build(EVERY["llama"]), TEXTS, untrained=1))
    assert given.manifest["untrained"] == ["untrained/seed-1"]


def test_spreading_without_a_gpu_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ModelError, match="device 'spread' is not available: expected auto, cpu"):
        resolve_device(SPREAD)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert resolve_device(SPREAD) == SPREAD
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(ModelError, match=r"pip install 'odograph\[spread\]'"):
        resolve_device(SPREAD)


@pytest.mark.parametrize("name", ["gpt2", "granite", "bloom", "opt (pre-norm)"])
def test_what_is_seen_comes_to_the_device_of_the_token_ids(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anatomy = dissect(build(EVERY[name]))
    assert device_of(anatomy).type == "cpu"
    monkeypatch.setattr("odograph.models.hooks.device_of", lambda _: torch.device("meta"))
    seen: list[torch.Tensor] = []
    with (
        torch.no_grad(),
        watching(anatomy, lambda _, x: seen.append(x), lambda _, __, x: seen.append(x)),
    ):
        anatomy.trunk(torch.tensor(TEXTS[:1]), use_cache=False)
    assert len(seen) == 1 + 3 * 3
    assert {tensor.device.type for tensor in seen} == {"meta"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU beside the CPU")
@pytest.mark.parametrize("name", ["gpt2", "falcon (parallel)", "opt (pre-norm)"])
def test_a_model_sharded_over_devices_is_measured_as_on_one(name: str, measured: Measured) -> None:
    whole, sharded = build(EVERY[name]), build(EVERY[name])
    anatomy = dissect(sharded)
    moved = [*anatomy.blocks[1:], anatomy.final_norm]
    for module in moved:
        assert module is not None
        module.to("cuda").register_forward_pre_hook(_to_cuda, with_kwargs=True)
    anatomy.trunk.register_forward_hook(_back)
    assert device_of(dissect(sharded)).type == "cpu"
    one, other = (measured(m, TEXTS, logits="full") for m in (whole, sharded))
    measured_alike(other, one)


def _to_cuda(_: Any, args: Any, kwargs: Any) -> Any:
    """As device_map does: what a module gets comes to where the module is."""
    return tuple(map(_moved, args)), {name: _moved(value) for name, value in kwargs.items()}


def _moved(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_moved, value))
    return value.to("cuda") if isinstance(value, torch.Tensor) else value


def _back(_: Any, __: Any, output: Any) -> Any:
    output.last_hidden_state = output.last_hidden_state.to("cpu")
    return output


class Int8Linear(nn.Module):
    """A linear map whose weight is kept as bytes."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        scale = linear.weight.abs().amax() / 127
        whole = (linear.weight / scale).round().to(torch.int8)
        self.weight = nn.Parameter(whole, requires_grad=False)
        self.scale = nn.Parameter(scale.detach())

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return rows @ (self.weight.to(rows.dtype) * self.scale).T


def test_quantised_weights_are_measured_and_named(measured: Measured) -> None:
    model = build(EVERY["llama"])
    assert dissect(model).quantised is None
    for block in model.model.layers:
        block.mlp.up_proj = Int8Linear(block.mlp.up_proj)
    loaded = load(model)
    assert loaded.identity.quantised == "int8"
    assert loaded.dtype == "float32"
    assert loaded.checks.decomposition == "exact"
    model.config.quantization_config = {"quant_method": "bitsandbytes", "load_in_8bit": True}
    assert dissect(model).quantised == "bitsandbytes"
    del model.config.quantization_config
    assert measured(model, TEXTS).manifest["model"]["quantised"] == "int8"


def test_hooks_are_gone_after_dissecting_and_checking_every_kind_of_wiring() -> None:
    for name in ("llama", "opt (pre-norm)", "bloom", "bert", "mamba", "falcon (parallel)"):
        model = build(EVERY[name])
        before = hooks_on(model)
        self_check(model, dissect(model))
        assert hooks_on(model) == before, name


def test_hooks_between_sub_layers_are_gone_after_an_exception() -> None:
    model = build(EVERY["opt (pre-norm)"])
    anatomy = dissect(model)
    before = hooks_on(model)

    def fail(*_: Any) -> None:
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"), watching(anatomy, lambda *_: None, fail):
        model(torch.tensor(TEXTS[:1]))
    assert hooks_on(model) == before


def test_two_models_of_different_wiring_are_watched_at_once() -> None:
    seen: dict[str, list[tuple[int, str]]] = {"opt": [], "bloom": []}
    opt, bloom = build(EVERY["opt (pre-norm)"]), build(EVERY["bloom"])
    ids = torch.tensor(TEXTS[:1])

    def into(name: str) -> Any:
        return lambda layer, part, _: seen[name].append((layer, part))

    with (
        torch.no_grad(),
        watching(dissect(opt), lambda *_: None, into("opt")),
        watching(dissect(bloom), lambda *_: None, into("bloom")),
    ):
        opt(ids)
        bloom(ids)
    wanted = [(layer, part) for layer in (1, 2, 3) for part in ("attention", "mlp")]
    assert seen == {"opt": wanted, "bloom": wanted}


def test_a_model_that_cannot_run_on_token_ids_is_refused_by_name() -> None:
    from transformers import XmodConfig, XmodModel

    config = checked(
        XmodConfig,
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
    )
    with pytest.raises(ModelError, match="xmod cannot be run on token ids alone"):
        dissect(XmodModel(config))


def test_a_body_saved_without_its_head_gets_no_random_one(tmp_path: Path) -> None:
    model = build_gpt2()
    for tied in (True, False):
        model.config.tie_word_embeddings = tied
        model.transformer.config.tie_word_embeddings = tied
        folder = saved(model.transformer, tmp_path / str(tied), begins=False)
        anatomy = load(str(folder)).anatomy
        assert (anatomy.head is not None) == tied
