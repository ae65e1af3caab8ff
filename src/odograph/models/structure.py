"""What the modules and the config of a model say: its trunk, its blocks, its limits."""

from typing import Any

import torch
from torch import nn

from odograph.errors import ModelError


def text_config(model: nn.Module) -> Any:
    """The config of the part that reads text.

    Raises:
        ModelError: the model has none.
    """
    config = getattr(model, "config", None)
    if config is None:
        raise ModelError(
            "the model has no config",
            expected="a transformers model",
            given=type(model).__name__,
            remedy="Pass a PreTrainedModel, a hub id or a folder.",
        )
    return config.get_text_config() if hasattr(config, "get_text_config") else config


def trunk_of(model: Any, part: str) -> nn.Module:
    """The module that maps token ids to the last state; of an encoder-decoder the encoder.

    Raises:
        ModelError: the model has both and the encoder was not asked for.
    """
    if not getattr(model.config, "is_encoder_decoder", False):
        trunk: nn.Module = getattr(model, "base_model", model)
        return trunk
    if part == "encoder":
        encoder: nn.Module = model.get_encoder()
        return encoder
    family = model.config.model_type
    if part == "decoder":
        raise ModelError(
            f"the decoder of {family} is not measured",
            expected="states that depend on one text",
            given="a decoder that also reads, in a third part of every block, what the encoder "
            "makes of a source text",
            remedy="Use --part encoder.",
        )
    raise ModelError(
        f"{family} has an encoder and a decoder",
        expected="one of them to be chosen",
        given="--part auto",
        remedy="Use --part encoder; the decoder needs a second text and is not measured.",
    )


def find_blocks(trunk: nn.Module, config: Any) -> tuple[nn.Module, ...]:
    """The longest list of modules that is as long as the config says.

    Raises:
        ModelError: there is none, or its blocks are one and the same module.
    """
    found = [m for m in trunk.modules() if isinstance(m, nn.ModuleList) and len(m) > 0]
    names = ("num_hidden_layers", "encoder_layers", "decoder_layers")
    declared = {int(n) for n in (getattr(config, name, None) for name in names) if n is not None}
    lists = [modules for modules in found if not declared or len(modules) in declared]
    if not lists:
        raise ModelError(
            f"no list of blocks found in {type(trunk).__name__}",
            expected=f"a ModuleList of {' or '.join(map(str, sorted(declared)))} blocks",
            given=f"lists of {sorted({len(modules) for modules in found})} modules",
            remedy="Models that run one block several times, or have no such list, are not "
            "measured.",
        )
    blocks = max((tuple(modules) for modules in lists), key=len)
    for layer, block in enumerate(blocks):
        if block in blocks[:layer]:
            raise ModelError(
                f"{type(trunk).__name__} runs one block several times",
                expected="blocks of their own",
                given=f"block {layer + 1} is block {blocks.index(block) + 1}",
                remedy="Models with shared blocks are not measured.",
            )
    return blocks


def find_positions(trunk: nn.Module, config: Any) -> int | None:
    """The longest input the model accepts, or None where the config states no limit.

    Families that begin to count after the padding id (RoBERTa) have so many positions fewer.
    """
    names = ("max_position_embeddings", "n_positions", "max_seq_len")
    value = next((int(v) for v in (getattr(config, name, None) for name in names) if v), None)
    for name, module in trunk.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            first = 0 if module.padding_idx is None else module.padding_idx + 1
            value = min(value or module.num_embeddings, module.num_embeddings - first)
    return value


def quantisation_of(model: nn.Module) -> str | None:
    """The method by which the weights are quantised; None where they are floating numbers."""
    declared = getattr(getattr(model, "config", None), "quantization_config", None)
    if declared is not None:
        given = declared if isinstance(declared, dict) else vars(declared)
        method = given.get("quant_method") or "unknown method"
        return str(getattr(method, "value", method))
    whole = {p.dtype for p in model.parameters() if p.ndim == 2 and not _is_wide(p.dtype)}
    return ", ".join(sorted(str(dtype).removeprefix("torch.") for dtype in whole)) or None


def _is_wide(dtype: torch.dtype) -> bool:
    return dtype.is_floating_point and dtype.itemsize > 1


def refuse_offloaded(model: nn.Module) -> None:
    """Makes sure that the weights are in memory; they may lie on several devices.

    Raises:
        ModelError: names the first that is not.
    """
    absent = next((name for name, p in model.named_parameters() if p.is_meta), None)
    if absent is not None:
        raise ModelError(
            "the model's weights are not in memory",
            given=f"'{absent}' on the meta device, as device_map leaves what it offloads",
            remedy="Load it onto devices that hold all of it.",
        )
