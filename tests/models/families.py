"""The families that are tried: each a tiny model from its config, and what must be found of it.

`python tests/models/families.py` prints the page docs/families.md from what is really found.
"""

import copy
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])]

EXACT, DIFFERENCED = "exact", "differenced"
POST_NORM = "refused: post-norm: the block's output is a norm of the sum"


@dataclass(frozen=True, eq=False)
class Example:
    """One tiny model.

    Attributes:
        family: model_type.
        kind: name of the config and the model without their endings: Llama, or both written out.
        options: of the config; every one must exist.
        variant: what this one shows, where a family has several.
        part: as in --part.
        decomposition, layout, causal: what must be found.
    """

    family: str
    kind: str
    options: dict[str, Any] = field(default_factory=dict)
    variant: str = ""
    part: str = "auto"
    decomposition: str = EXACT
    layout: str = "sequential"
    causal: bool = True
    head: str = "ForCausalLM"

    @property
    def name(self) -> str:
        """Family and variant, and the part where there are two."""
        part = "" if self.part == "auto" else f" {self.part}"
        return f"{self.family}{part}" + (f" ({self.variant})" if self.variant else "")


VOCABULARY = 96
_SIZES = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
}
_GROUPED = {**_SIZES, "num_key_value_heads": 2}
_GPT = {"vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64}
_SLIDING = ["sliding_attention", "full_attention", "sliding_attention", "full_attention"]
_HYBRID = {"num_hidden_layers": 4, "sliding_window": 4, "layer_types": _SLIDING}
_IDS = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
_EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
_FALCON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
}
_MAMBA = {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 3, "state_size": 8}
_MIXER = "refused: no attention found in block 1, which has norm, mixer"

DECODERS = (
    Example("gpt2", "GPT2", _GPT, head="LMHeadModel"),
    Example(
        "gpt_neo",
        "GPTNeo",
        {
            "vocab_size": VOCABULARY,
            "hidden_size": 32,
            "num_layers": 4,
            "num_heads": 4,
            "window_size": 4,
            "attention_types": [[["global", "local"], 2]],
            "max_position_embeddings": 64,
        },
        variant="global and local attention",
    ),
    Example("gptj", "GPTJ", {**_GPT, "rotary_dim": 4}, layout="parallel"),
    Example("gpt_neox", "GPTNeoX", _SIZES, variant="parallel", layout="parallel"),
    Example(
        "gpt_neox", "GPTNeoX", {**_SIZES, "use_parallel_residual": False}, variant="sequential"
    ),
    Example(
        "opt",
        "OPT",
        {
            "vocab_size": VOCABULARY,
            "hidden_size": 32,
            "ffn_dim": 48,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "max_position_embeddings": 64,
            "word_embed_proj_dim": 32,
            "layerdrop": 0.9,
        },
        variant="pre-norm",
        decomposition=DIFFERENCED,
    ),
    Example(
        "opt",
        "OPT",
        {
            "vocab_size": VOCABULARY,
            "hidden_size": 32,
            "ffn_dim": 48,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "max_position_embeddings": 64,
            "word_embed_proj_dim": 16,
            "do_layer_norm_before": False,
        },
        variant="post-norm, embeddings of another width",
        decomposition=POST_NORM,
        layout="unknown",
    ),
    Example(
        "bloom", "Bloom", {"vocab_size": VOCABULARY, "hidden_size": 32, "n_layer": 3, "n_head": 4}
    ),
    Example(
        "bloom",
        "Bloom",
        {
            "vocab_size": VOCABULARY,
            "hidden_size": 32,
            "n_layer": 3,
            "n_head": 4,
            "apply_residual_connection_post_layernorm": True,
        },
        variant="residual after the norm",
        decomposition="refused: attention and MLP do not add up",
        layout="unknown",
    ),
    Example(
        "mpt",
        "Mpt",
        {
            "vocab_size": VOCABULARY,
            "d_model": 32,
            "n_heads": 4,
            "n_layers": 3,
            "expansion_ratio": 2,
            "max_seq_len": 64,
        },
    ),
    Example("falcon", "Falcon", {**_FALCON, "parallel_attn": True}, "parallel", layout="parallel"),
    Example("falcon", "Falcon", {**_FALCON, "parallel_attn": False}, variant="sequential"),
    Example(
        "falcon",
        "Falcon",
        {**_FALCON, "parallel_attn": False, "alibi": True, "bias": True},
        variant="sequential, ALiBi",
    ),
    Example(
        "falcon",
        "Falcon",
        {**_FALCON, "new_decoder_architecture": True, "num_kv_heads": 2},
        variant="new decoder",
        layout="parallel",
    ),
    Example("llama", "Llama", _GROUPED),
    Example("mistral", "Mistral", {**_GROUPED, "sliding_window": 4}, variant="sliding window"),
    Example("mixtral", "Mixtral", {**_GROUPED, "num_local_experts": 4, "num_experts_per_tok": 2}),
    Example("qwen2", "Qwen2", _GROUPED),
    Example(
        "qwen2_moe",
        "Qwen2Moe",
        {
            **_GROUPED,
            **_EXPERTS,
            "shared_expert_intermediate_size": 24,
            "mlp_only_layers": [1],
        },
        variant="experts and dense layers",
    ),
    Example("qwen3", "Qwen3", {**_GROUPED, "head_dim": 8}),
    Example("qwen3_moe", "Qwen3Moe", {**_GROUPED, **_EXPERTS}),
    Example("gemma", "Gemma", {**_GROUPED, "head_dim": 8}),
    Example(
        "gemma2",
        "Gemma2",
        {
            **_GROUPED,
            **_HYBRID,
            "head_dim": 8,
            "final_logit_softcapping": 2.0,
            "attn_logit_softcapping": 5.0,
        },
        variant="sliding and full attention, soft-caps",
    ),
    Example(
        "gemma3_text",
        "Gemma3Text",
        {**_GROUPED, **_HYBRID, "head_dim": 8},
        variant="sliding and full attention",
        head="Gemma3ForCausalLM",
    ),
    Example("phi", "Phi", _GROUPED, layout="parallel"),
    Example("phi3", "Phi3", {**_GROUPED, **_IDS}),
    Example("stablelm", "StableLm", _GROUPED, variant="sequential"),
    Example(
        "stablelm",
        "StableLm",
        {**_GROUPED, "use_parallel_residual": True},
        variant="parallel",
        layout="parallel",
    ),
    Example("olmo", "Olmo", _GROUPED),
    Example("olmo2", "Olmo2", _GROUPED),
    Example("olmo3", "Olmo3", {**_GROUPED, **_HYBRID}, variant="sliding and full attention"),
    Example("cohere", "Cohere", {**_GROUPED, "logit_scale": 0.25}, variant="", layout="parallel"),
    Example(
        "cohere2",
        "Cohere2",
        {**_GROUPED, **_HYBRID, "logit_scale": 0.25},
        variant="sliding and full attention",
        layout="parallel",
    ),
    Example(
        "granite",
        "Granite",
        {
            **_GROUPED,
            "residual_multiplier": 0.22,
            "logits_scaling": 8.0,
            "embedding_multiplier": 12.0,
            "attention_multiplier": 0.1,
        },
    ),
    Example("glm", "Glm", {**_GROUPED, **_IDS, "head_dim": 8}),
    Example("glm4", "Glm4", {**_GROUPED, **_IDS, "head_dim": 8}),
    Example("starcoder2", "Starcoder2", {**_GROUPED, "sliding_window": 4}),
    Example("gpt_bigcode", "GPTBigCode", {**_GPT, "multi_query": True}),
    Example("codegen", "CodeGen", {**_GPT, "n_ctx": 64, "rotary_dim": 4}, layout="parallel"),
    Example("persimmon", "Persimmon", _SIZES),
    Example("nemotron", "Nemotron", {**_GROUPED, "head_dim": 8}),
    Example(
        "smollm3",
        "SmolLM3",
        {**_GROUPED, **_IDS, "no_rope_layers": [1, 0, 1]},
        variant="with and without rotary positions",
    ),
    Example("exaone4", "Exaone4", {**_GROUPED, **_HYBRID}, variant="sliding and full attention"),
    Example(
        "gpt_oss",
        "GptOss",
        {
            **_GROUPED,
            **_HYBRID,
            "head_dim": 8,
            "num_local_experts": 4,
            "num_experts_per_tok": 2,
        },
        variant="sliding and full attention, experts",
    ),
    Example(
        "deepseek_v3",
        "DeepseekV3",
        {
            **_SIZES,
            "num_key_value_heads": 4,
            "moe_intermediate_size": 24,
            "n_routed_experts": 4,
            "num_experts_per_tok": 2,
            "n_group": 2,
            "topk_group": 1,
            "first_k_dense_replace": 1,
            "q_lora_rank": 16,
            "kv_lora_rank": 16,
            "qk_rope_head_dim": 8,
            "qk_nope_head_dim": 8,
            "v_head_dim": 8,
        },
        variant="experts and dense layers",
    ),
    Example("helium", "Helium", {**_GROUPED, "head_dim": 8}),
    Example("apertus", "Apertus", _GROUPED),
)

ENCODERS = tuple(
    Example(
        family,
        kind,
        options,
        decomposition=decomposition,
        layout=layout,
        causal=False,
        head="Model",
    )
    for family, kind, options, decomposition, layout in (
        ("bert", "Bert", _SIZES, POST_NORM, "unknown"),
        ("roberta", "Roberta", _SIZES, POST_NORM, "unknown"),
        (
            "distilbert",
            "DistilBert",
            {"vocab_size": VOCABULARY, "dim": 32, "hidden_dim": 48, "n_layers": 3, "n_heads": 4},
            POST_NORM,
            "unknown",
        ),
        (
            "modernbert",
            "ModernBert",
            {**_SIZES, **_IDS, "local_attention": 4, "cls_token_id": 1, "sep_token_id": 2},
            EXACT,
            "sequential",
        ),
        ("deberta-v2", "DebertaV2", _SIZES, POST_NORM, "unknown"),
    )
)

STATE_SPACE = (
    Example("mamba", "Mamba", _MAMBA, decomposition=_MIXER, layout="unknown"),
    Example(
        "mamba2",
        "Mamba2",
        {**_MAMBA, "num_heads": 8, "head_dim": 8, "n_groups": 2, "chunk_size": 8},
        decomposition=_MIXER,
        layout="unknown",
    ),
    Example(
        "jamba",
        "Jamba",
        {
            **_GROUPED,
            "num_hidden_layers": 4,
            "attn_layer_period": 2,
            "attn_layer_offset": 1,
            "expert_layer_period": 2,
            "num_experts": 4,
            "mamba_d_state": 8,
            "mamba_dt_rank": 4,
        },
        variant="Mamba and attention, experts",
        decomposition="refused: no attention found in block 1, which has mamba",
        layout="unknown",
    ),
    Example(
        "recurrent_gemma",
        "RecurrentGemma",
        {
            "vocab_size": VOCABULARY,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 1,
            "lru_width": 32,
            "attention_window_size": 4,
        },
        variant="recurrent and local attention",
        decomposition="refused: no attention found in block 1, which has temporal_pre_norm",
        layout="unknown",
    ),
)

BOTH = (
    Example(
        "t5",
        "T5",
        {
            "vocab_size": VOCABULARY,
            "d_model": 32,
            "d_kv": 8,
            "d_ff": 48,
            "num_layers": 3,
            "num_heads": 4,
        },
        part="encoder",
        causal=False,
        head="Model",
    ),
    Example(
        "bart",
        "Bart",
        {
            "vocab_size": VOCABULARY,
            "d_model": 32,
            "encoder_ffn_dim": 48,
            "decoder_ffn_dim": 48,
            "encoder_layers": 3,
            "decoder_layers": 2,
            "encoder_attention_heads": 4,
            "decoder_attention_heads": 4,
            "max_position_embeddings": 64,
        },
        part="encoder",
        decomposition=POST_NORM,
        layout="unknown",
        causal=False,
        head="Model",
    ),
)

EXAMPLES = (*DECODERS, *ENCODERS, *STATE_SPACE, *BOTH)


def build(example: Example, spread: float = 0.15) -> Any:
    """The tiny model, every parameter drawn anew."""
    import transformers
    from tiny import checked, scatter

    config_class = getattr(transformers, f"{example.kind}Config")
    whole = example.head.startswith(example.kind.removesuffix("Text"))
    model_class = getattr(transformers, example.head if whole else example.kind + example.head)
    config = checked(config_class, **example.options)
    model = scatter(model_class(config), seed=7, spread=spread)
    parameters = sum(p.numel() for p in model.parameters())
    assert parameters < 400_000, f"a tiny {example.name} of {parameters} parameters"
    return model


@cache
def _built(example: Example) -> Any:
    return build(example)


@dataclass(frozen=True)
class Found:
    """What the program says of one tiny model in one precision."""

    decomposition: str
    layout: str
    causal: bool
    failed: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Without the numbers of this model."""
        return self.decomposition.split(" (error")[0].split(" in block 2")[0]


@cache
def found(example: Example, dtype: str) -> Found:
    """Anatomy and self-check of the tiny model."""
    import torch

    from odograph.models.probe import dissect
    from odograph.models.selfcheck import self_check

    model = copy.deepcopy(_built(example)).to(getattr(torch, dtype))
    anatomy = dissect(model, example.part)
    checks = self_check(model, anatomy)
    failed = tuple(c.name for c in checks.checks[1:] if c.passed is False)
    return Found(checks.decomposition, anatomy.layout, anatomy.causal, failed)


DTYPES = ("float32", "bfloat16")
_HEAD = """# Families

Made by `python tests/models/families.py` from what is found on tiny models with random weights, in
float32 and bfloat16; do not edit. `odograph check MODEL` says the same of your model, and a
family that is not here is read by the names and the structure of its modules and gets the
same checks.

- **exact**: what attention and the MLP really add in each block is read, and x + a + m gives the
  next state within rounding.
- **differenced**: the same, as differences: the state between the two is read.
- **refused**: attention and MLP are not told apart; norm, rotation, step and neighbours are
  measured all the same.

*Direction* is tried out: in a causal model no state depends on a later token; in the others there
is no prediction of a next token (`--logits none`). *Layout* is tried out as well: whether the MLP
of a block sees what its attention has added. The states of every family below are measured.

| family | layout | direction | attention and MLP |
|---|---|---|---|
"""
_TAIL = """
Not measured at all, and refused by name: several residual streams (hyper-connections: deepseek_v4;
AltUp: gemma3n), blocks that are run several times (albert), the decoder of an
encoder-decoder (its states depend on a second text), weights that are not in memory (offloaded by
`device_map`). Quantised weights are measured as they are; `odograph check` and the manifest name
the method.
"""


def page() -> str:
    """docs/families.md."""
    return _HEAD + "\n".join(_rows()) + "\n" + _TAIL


def _rows() -> Iterator[str]:
    for example in sorted(EXAMPLES, key=lambda e: e.name):
        results = [found(example, dtype) for dtype in DTYPES]
        verdicts = dict.fromkeys((r.verdict, r.layout, r.causal, r.failed) for r in results)
        for verdict, layout, causal, failed in verdicts:
            direction = "causal" if causal else "both ways"
            also = f"; fails {', '.join(failed)}" if failed else ""
            yield f"| {example.name} | {layout} | {direction} | {verdict}{also} |"


if __name__ == "__main__":
    import os

    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.stdout.write(page())
