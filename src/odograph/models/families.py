"""The table of families: where in a block stands what attention and the MLP really add.

A row says which module's output is added to the stream, and what happens to it on the way. Layout
(sequential or parallel), direction (causal or not) and norms after the sum are not written here:
they are tried out on the model itself. Whether a row is right is decided by the self-check.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Part:
    """How what a sub-layer adds is read.

    Attributes:
        module: dotted name in the block of the module whose output is added; of the norm after the
            sub-layer where there is one.
        minus: the argument of that module which is already in its output: it returns x + residual.
        times: the block's attribute that multiplies the output before it is added.
    """

    module: str
    minus: str | None = None
    times: str | None = None


@dataclass(frozen=True)
class Family:
    """One row: how both parts are read.

    `mlp` is None where the MLP is not one module. Then `second_norm` names the norm that reads the
    state between the sub-layers, and the parts are differences: a = mid - in, m = out - mid.
    """

    attention: Part
    mlp: Part | None
    second_norm: str | None = None


def _plain(attention: str, mlp: str) -> Family:
    return Family(Part(attention), Part(mlp))


_LLAMA = _plain("self_attn", "mlp")
_GPT2 = _plain("attn", "mlp")
_NORMED = _plain("post_attention_layernorm", "post_feedforward_layernorm")
_T5 = Family(
    Part("layer.0", minus="hidden_states"),
    Part("layer.1", minus="hidden_states"),
)

FAMILIES: dict[str, Family] = {
    "apertus": _LLAMA,
    "bloom": Family(Part("self_attention", minus="residual"), Part("mlp", minus="residual")),
    "codegen": _GPT2,
    "cohere": _LLAMA,
    "cohere2": _LLAMA,
    "deepseek_v3": _LLAMA,
    "exaone4": _NORMED,
    "falcon": _plain("self_attention", "mlp"),
    "gemma": _LLAMA,
    "gemma2": _NORMED,
    "gemma3_text": _NORMED,
    "glm": _LLAMA,
    "glm4": _plain("post_self_attn_layernorm", "post_mlp_layernorm"),
    "gpt2": _GPT2,
    "gpt_bigcode": _GPT2,
    "gpt_neo": _GPT2,
    "gpt_neox": _plain("attention", "mlp"),
    "gpt_oss": _LLAMA,
    "gptj": _GPT2,
    "granite": Family(
        Part("self_attn", times="residual_multiplier"), Part("mlp", times="residual_multiplier")
    ),
    "helium": _LLAMA,
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "mixtral": _LLAMA,
    "modernbert": _GPT2,
    "mpt": Family(Part("attn"), Part("ffn", minus="residual")),
    "nemotron": _LLAMA,
    "olmo": _LLAMA,
    "olmo2": _NORMED,
    "olmo3": _NORMED,
    "opt": Family(Part("self_attn"), None, second_norm="final_layer_norm"),
    "persimmon": _LLAMA,
    "phi": _LLAMA,
    "phi3": _LLAMA,
    "qwen2": _LLAMA,
    "qwen2_moe": _LLAMA,
    "qwen3": _LLAMA,
    "qwen3_moe": _LLAMA,
    "smollm3": _LLAMA,
    "stablelm": _LLAMA,
    "starcoder2": _LLAMA,
    "t5": _T5,
}

# What other families call their sub-layers, and the norms that some put after them.
_ATTENTION_NAMES = ("self_attn", "attn", "attention", "self_attention")
_MLP_NAMES = ("mlp", "feed_forward", "ffn", "block_sparse_moe")
_NORM_PAIRS = (
    ("post_attention_layernorm", "post_feedforward_layernorm"),
    ("post_self_attn_layernorm", "post_mlp_layernorm"),
    ("post_attention_norm", "post_ffn_norm"),
    ("post_attention_norm", "post_feedforward_norm"),
)


def candidates(family: str, blocks: Sequence[nn.Module]) -> tuple[Family, ...]:
    """The row of the family; for a family without one what its modules' names suggest.

    Empty where not every block has an attention and an MLP.
    """
    if family in FAMILIES:
        return (FAMILIES[family],)
    return tuple(_suggested(blocks))


def _suggested(blocks: Sequence[nn.Module]) -> Iterator[Family]:
    attention = _in_every(blocks, _ATTENTION_NAMES)
    mlp = _in_every(blocks, _MLP_NAMES)
    if attention is None or mlp is None:
        return
    yield _plain(attention, mlp)
    for after_attention, after_mlp in _NORM_PAIRS:
        names = (after_attention, after_mlp)
        if all(_in_every(blocks, (name,)) for name in names):
            yield _plain(*names)


def _in_every(blocks: Sequence[nn.Module], names: tuple[str, ...]) -> str | None:
    """The first of the names that is a module in every block."""
    for name in names:
        if all(isinstance(getattr(block, name, None), nn.Module) for block in blocks):
            return name
    return None


def without_parts(blocks: Sequence[nn.Module]) -> str:
    """Which part is found in which block not, and what the block has instead."""
    for part, names in (("attention", _ATTENTION_NAMES), ("MLP", _MLP_NAMES)):
        for layer, block in enumerate(blocks, start=1):
            if _in_every([block], names) is None:
                own = ", ".join(name for name, _ in block.named_children())
                return f"no {part} found in block {layer}, which has {own}"
    return "the blocks do not name their attention and MLP alike"
