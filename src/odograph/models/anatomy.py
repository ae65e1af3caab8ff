"""Where things are in a model: trunk, blocks, final norm, head, and what each block adds.

Blocks are found by structure: the longest list of modules in the trunk. What a family calls its
attention and MLP stands in one table; for a family that is not in it the usual names are tried.
Either way the self-check decides whether the guess is right.
"""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn

from odograph.errors import ModelError

SEQUENTIAL, PARALLEL = "sequential", "parallel"


@dataclass(frozen=True)
class Family:
    """One row of the table: names of the sub-layers in a block and how they are wired."""

    attention: str
    mlp: str
    layout: str = SEQUENTIAL


# Families whose sub-layers return exactly what is added to the stream.
FAMILIES: dict[str, Family] = {
    "gpt2": Family("attn", "mlp"),
    "llama": Family("self_attn", "mlp"),
    "mistral": Family("self_attn", "mlp"),
    "qwen2": Family("self_attn", "mlp"),
    "qwen3": Family("self_attn", "mlp"),
    "phi3": Family("self_attn", "mlp"),
    "gpt_neox": Family("attention", "mlp", PARALLEL),
    "gptj": Family("attn", "mlp", PARALLEL),
}

_ATTENTION_NAMES = ("self_attn", "attn", "attention", "self_attention")
_MLP_NAMES = ("mlp", "feed_forward", "ffn")
_NORM_NAMES = ("norm", "ln_f", "final_layer_norm", "final_layernorm", "ln", "final_norm")


@dataclass(frozen=True)
class Anatomy:
    """The parts of a loaded model that are observed.

    Attributes:
        family: the config's model_type.
        trunk: the module that maps token ids to the last normed state, without the head.
        blocks: the L blocks, in order.
        final_norm: N, or None where the trunk ends without one.
        head: the output embedding, or None.
        layout: sequential, parallel, or unknown.
        attention, mlp: name of the sub-layer in a block, or None.
        width: length of a state.
        positions: the longest input the model accepts, or None.
    """

    family: str
    trunk: nn.Module
    blocks: tuple[nn.Module, ...]
    final_norm: nn.Module | None
    head: nn.Linear | None
    layout: str
    attention: str | None
    mlp: str | None
    width: int
    positions: int | None
    config: Any

    def logits(self, normed: torch.Tensor, rows: slice | None = None) -> torch.Tensor:
        """Logits of normed states for the vocabulary rows given (all by default).

        In the precision of `normed`. Applies the head's bias, then the family's logit scale and
        soft-cap.
        """
        if self.head is None:
            raise ModelError(f"{self.family} has no output head", remedy="Use --logits none.")
        chosen = slice(None) if rows is None else rows
        bias = getattr(self.head, "bias", None)
        raw = nn.functional.linear(
            normed,
            self.head.weight[chosen].to(normed.dtype),
            None if bias is None else bias[chosen].to(normed.dtype),
        )
        return scale_logits(raw, self.config)

    def target_logits(self, normed: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The one logit of each row's target token, without the other logits, float64.

        On Apple's GPUs, which have no float64, float32.
        """
        if self.head is None:
            raise ModelError(f"{self.family} has no output head", remedy="Use --logits none.")
        weight = self.head.weight[targets]
        wide = torch.float32 if normed.device.type == "mps" else torch.float64
        raw = (normed * weight).sum(-1, dtype=wide)
        bias = getattr(self.head, "bias", None)
        return scale_logits(raw if bias is None else raw + bias[targets], self.config)


def scale_logits(raw: torch.Tensor, config: Any) -> torch.Tensor:
    """Raw logits after the family's multiplier (Cohere), divisor (Granite) and soft-cap (Gemma)."""
    multiplier = getattr(config, "logit_scale", None)
    divisor = getattr(config, "logits_scaling", None)
    cap = getattr(config, "final_logit_softcapping", None)
    logits = raw if not multiplier else raw * multiplier
    logits = logits if not divisor else logits / divisor
    return logits if not cap else torch.tanh(logits / cap) * cap


def dissect(model: nn.Module) -> Anatomy:
    """The anatomy of a transformers model.

    Raises:
        ModelError: no list of blocks is found, or the model keeps several residual streams.
    """
    config = _text_config(model)
    trunk = getattr(model, "base_model", model)
    owner, blocks = _find_blocks(trunk, config)
    family = str(getattr(config, "model_type", type(model).__name__))
    row = FAMILIES.get(family)
    get_head: Any = getattr(model, "get_output_embeddings", None)
    head = get_head() if get_head is not None else None
    return Anatomy(
        family=family,
        trunk=trunk,
        blocks=tuple(blocks),
        final_norm=_find_final_norm(owner, blocks),
        head=cast(nn.Linear, head) if _is_linear(head) else None,
        layout=_layout(row, config),
        attention=row.attention if row else _first_child(blocks[0], _ATTENTION_NAMES),
        mlp=row.mlp if row else _first_child(blocks[0], _MLP_NAMES),
        width=int(config.hidden_size),
        positions=_positions(config),
        config=config,
    )


def _is_linear(head: Any) -> bool:
    """Whether it maps by a weight [vocabulary, width], whatever its class is called."""
    weight = getattr(head, "weight", None)
    return isinstance(weight, torch.Tensor) and weight.ndim == 2


def _text_config(model: nn.Module) -> Any:
    config = getattr(model, "config", None)
    if config is None:
        raise ModelError(
            "the model has no config",
            expected="a transformers model",
            given=type(model).__name__,
            remedy="Pass a PreTrainedModel, a hub id or a folder.",
        )
    return config.get_text_config() if hasattr(config, "get_text_config") else config


def _find_blocks(trunk: nn.Module, config: Any) -> tuple[nn.Module, nn.ModuleList]:
    """The longest list of modules and the module that owns it."""
    found: list[tuple[nn.Module, nn.ModuleList]] = []
    for owner in trunk.modules():
        found += [
            (owner, child)
            for child in owner.children()
            if isinstance(child, nn.ModuleList) and len(child) > 0
        ]
    declared = getattr(config, "num_hidden_layers", None)
    lists = [pair for pair in found if declared is None or len(pair[1]) == declared]
    if not lists:
        raise ModelError(
            f"no list of blocks found in {type(trunk).__name__}",
            expected=f"a ModuleList of {declared} blocks",
            given=f"lists of {sorted({len(child) for _, child in found})} modules",
            remedy="This architecture is not supported.",
        )
    return max(lists, key=lambda pair: len(pair[1]))


def _find_final_norm(owner: nn.Module, blocks: nn.ModuleList) -> nn.Module | None:
    """The norm registered beside the blocks under one of its usual names."""
    for name in _NORM_NAMES:
        child = getattr(owner, name, None)
        if isinstance(child, nn.Module) and child is not blocks:
            return child
    return None


def _first_child(block: nn.Module, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if isinstance(getattr(block, name, None), nn.Module)), None)


def _layout(row: Family | None, config: Any) -> str:
    if getattr(config, "use_parallel_residual", None) is False:
        return SEQUENTIAL
    return row.layout if row else "unknown"


def _positions(config: Any) -> int | None:
    value = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
    return int(value) if value else None
