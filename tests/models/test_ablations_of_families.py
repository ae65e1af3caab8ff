"""What undoing something in a block does, computed again in whole passes through plain hooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch
from families import DECODERS, ENCODERS, Example, build

from odograph.errors import ModelError

TEXTS = [
    [5, 17, 80, 3, 50, 9, 41, 33, 2],
    [7, 7, 20, 60, 2, 39],
    [11, 90, 4],
    [8, 1, 64, 23, 55, 12, 12, 71, 30, 95, 6, 44],
]
#: For some families the modules whose output is what a part adds, before any multiplier.
ADDS = {
    "gpt2": ("attn.c_proj", "mlp.c_proj"),
    "llama": ("self_attn.o_proj", "mlp.down_proj"),
    "gpt_neox (parallel)": ("attention.dense", "mlp.dense_4h_to_h"),
    "gptj": ("attn.out_proj", "mlp.fc_out"),
    "falcon (parallel)": ("self_attention.dense", "mlp.dense_4h_to_h"),
    "cohere": ("self_attn.o_proj", "mlp.down_proj"),
    "mixtral": ("self_attn.o_proj", "mlp"),
    "qwen2_moe (experts and dense layers)": ("self_attn.o_proj", "mlp"),
    "gemma2 (sliding and full attention, soft-caps)": (
        "post_attention_layernorm",
        "post_feedforward_layernorm",
    ),
    "granite": ("self_attn.o_proj", "mlp.down_proj"),
    "bloom": ("self_attention.dense", "mlp.dense_4h_to_h"),
    "opt (pre-norm)": ("self_attn.out_proj", "fc2"),
    "mpt": ("attn.out_proj", "ffn.down_proj"),
    "phi": ("self_attn.dense", "mlp.fc2"),
    "codegen": ("attn.out_proj", "mlp.fc_out"),
    "qwen3_moe": ("self_attn.o_proj", "mlp"),
    "olmo2": ("post_attention_layernorm", "post_feedforward_layernorm"),
    "glm4": ("post_self_attn_layernorm", "post_mlp_layernorm"),
}
EXAMPLES = [example for example in DECODERS if example.name in ADDS]


def test_every_kind_of_block_is_among_them():
    assert {e.name for e in EXAMPLES} == ADDS.keys()
    assert {e.layout for e in EXAMPLES} == {"sequential", "parallel"}


def blocks_of(model: Any) -> Any:
    lists = [m for m in model.modules() if isinstance(m, torch.nn.ModuleList)]
    return next(m for m in lists if len(m) == model.config.num_hidden_layers)


@contextmanager
def hooked(module: Any, hook: Any) -> Iterator[None]:
    handle = module.register_forward_hook(hook, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def without(part: Any, changed: torch.Tensor) -> Any:
    """A context in which a module gives nothing at some tokens."""

    def hook(_: Any, __: Any, ___: Any, output: Any) -> Any:
        given = output[0] if isinstance(output, tuple) else output
        left = torch.where(changed[:, None], 0.0, given)
        return (left, *output[1:]) if isinstance(output, tuple) else left

    return hooked(part, hook)


@contextmanager
def rescaled(block: Any, what: str, changed: torch.Tensor) -> Iterator[None]:
    """Inside, a block's answer has the direction or the length of its input, or is its input."""
    entering: list[torch.Tensor] = []

    def at_start(_: Any, args: Any, kwargs: Any) -> None:
        entering.append((args[0] if args else kwargs["hidden_states"]).clone())

    def hook(_: Any, __: Any, ___: Any, output: Any) -> Any:
        y = output[0] if isinstance(output, tuple) else output
        x = entering[-1]
        lengths = x.norm(dim=-1, keepdim=True), y.norm(dim=-1, keepdim=True)
        new = {
            "turn": x / lengths[0] * lengths[1],
            "growth": y / lengths[1] * lengths[0],
            "block": x,
        }[what]
        left = torch.where(changed[:, None], new, y)
        return (left, *output[1:]) if isinstance(output, tuple) else left

    handle = block.register_forward_pre_hook(at_start, with_kwargs=True)
    try:
        with hooked(block, hook):
            yield
    finally:
        handle.remove()


def log_p(model: Any, ids: list[int]) -> np.ndarray:
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0].double()
    return torch.log_softmax(logits, -1).numpy()


def expected(
    example: Example, model: Any, ids: list[int], block: int, what: str, first: int
) -> Any:
    """Loss of the model, change in loss, divergence; at tokens from `first` on."""
    changed = torch.arange(len(ids)) >= first
    owner = blocks_of(model)[block - 1]
    parts = dict(zip(("attention", "mlp"), ADDS[example.name], strict=True))
    context = (
        without(owner.get_submodule(parts[what]), changed)
        if what in parts
        else rescaled(owner, what, changed)
    )
    before = log_p(model, ids)
    with context:
        after = log_p(model, ids)
    rows = np.arange(first, len(ids) - 1)
    own, other = (p[rows, np.array(ids)[rows + 1]] for p in (before, after))
    divergence = (np.exp(before) * (before - after)).sum(axis=1)[rows]
    return -own.mean(), (own - other).mean(), divergence.mean()


@pytest.mark.parametrize("sinks", ["leave", "too"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.name)
def test_what_is_undone_costs_what_whole_passes_with_plain_hooks_say(measured, example, sinks):
    model = build(example)
    run = measured(model, TEXTS, logits="none", undo="all", sinks=sinks, batch_tokens=40)
    assert run.sql("select count(*) from tokens where sink").fetchall() == [(0,)]
    rows = run.sql("select passage, block, undone, loss, loss_change, kl from ablations").fetchall()
    assert len(rows) == len(TEXTS) * run.blocks * 5
    first = 1 if sinks == "leave" else 0
    for passage, block, what, *found in rows:
        wanted = expected(example, model, TEXTS[passage], block, what, first)
        assert found == pytest.approx(wanted, abs=2e-5), (passage, block, what)


@pytest.mark.parametrize("example", ENCODERS[:1], ids=lambda e: e.name)
def test_an_encoder_is_refused_by_name(measured, example, capsys):
    refusal = r"no next-token loss .*: it is not causal\. Leave out --undo, which the study abl"
    with pytest.raises(ModelError, match=refusal):
        measured(build(example), TEXTS, undo="all", progress=True)
    assert "everything else is measured" not in capsys.readouterr().err
