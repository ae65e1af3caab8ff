"""Network and tokenizer of a hub id, a folder or a GGUF file, with one message where it fails."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import replace
from io import StringIO
from typing import Any

from odograph.errors import ModelError, is_out_of_memory
from odograph.models.gguf import gguf_path, left_out, require_gguf
from odograph.models.sources import LoadOptions, Source, load_error
from odograph.models.spreading import SPREAD, spread
from odograph.models.weights import (
    WeightFit,
    fit_of,
    grouped,
    lacks_head,
    refuse_other_shapes,
    refuse_unfit,
    stored_tensors,
)


def network_of(source: Source, options: LoadOptions, dtype: Any) -> tuple[Any, WeightFit]:
    """The network of a folder or hub id, and how the weights in the files fit it.

    Raises:
        ModelError: it cannot be loaded, or the weights are not those of the model that the config
            describes; says why and what to do.
    """
    if source.gguf is not None:
        require_gguf(source)
    try:
        with _without_bars(gguf=source.gguf is not None):
            network, report = _loaded(source, options, dtype)
    except Exception as error:  # whatever a damaged or foreign file makes the libraries raise
        if is_out_of_memory(error):
            raise
        raise load_error(source, "model", error, options) from error
    refuse_other_shapes(source, report["mismatched_keys"])
    fit = fit_of(network, report, stored_tensors(source, options), options.part)
    if source.gguf is not None:
        blocks = int(network.config.num_hidden_layers)
        fit = replace(fit, unused=grouped(left_out(gguf_path(source, options), blocks)))
    if not options.allow_unused_weights:
        refuse_unfit(source, fit)
    if source.gguf is not None and hasattr(network.config, "quantization_config"):
        del network.config.quantization_config  # its weights are floating numbers now
    return network, fit


def _loaded(source: Source, options: LoadOptions, dtype: Any) -> tuple[Any, dict[str, Any]]:
    """The network and the loading report of transformers; without a head where it has none."""
    import transformers

    config = transformers.AutoConfig.from_pretrained(source.place, **options.where, **source.file)
    how = {
        "config": config,
        **options.where,
        **source.file,
        "dtype": dtype,
        "attn_implementation": None if options.attention == "auto" else options.attention,
        "use_safetensors": None if source.gguf else True,
        "output_loading_info": True,
        "ignore_mismatched_sizes": True,  # they are refused below, by name
    }
    network, report = _class_for(config).from_pretrained(source.place, **how)
    if lacks_head(network, report["missing_keys"]):
        network, report = transformers.AutoModel.from_pretrained(source.place, **how)
    return network, report


@contextmanager
def _without_bars(*, gguf: bool) -> Iterator[None]:
    """No bar of transformers' own while weights are read: stderr is ours, and the caller's."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        # What reads GGUF files shows its bar whatever was said.
        with redirect_stderr(StringIO()) if gguf else nullcontext():
            yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _class_for(config: Any) -> Any:
    """The class that loads a decoder with its head, and encoders and encoder-decoders without."""
    import transformers
    from transformers.models.auto import modeling_auto

    kind = config.model_type
    named = getattr(config, "architectures", None) or ()
    if any(name.endswith("EncoderModel") for name in named):
        return transformers.AutoModelForTextEncoding
    both = getattr(config, "is_encoder_decoder", False)
    masked = kind in modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    decoding = getattr(config, "is_decoder", False) or any(
        name.endswith(("ForCausalLM", "LMHeadModel")) for name in named
    )
    known = kind in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    remote = "AutoModelForCausalLM" in (getattr(config, "auto_map", None) or {})
    if both or (masked and not decoding) or not (known or remote):
        return transformers.AutoModel
    return transformers.AutoModelForCausalLM


def placed(network: Any, device: str) -> Any:
    """The network on the device, or its blocks over all GPUs.

    Raises:
        ModelError: its weights cannot be moved, as some quantised ones cannot.
    """
    try:
        return spread(network) if device == SPREAD else network.to(device)
    except (ValueError, NotImplementedError) as error:
        raise ModelError(
            "the model's weights cannot be moved",
            given=f"device {device}: {str(error)[:200].rstrip('.')}",
            remedy="Load it in Python where it has to be and give the model itself.",
        ) from error


def tokenizer_of(source: Source, options: LoadOptions) -> Any:
    """The tokenizer of a folder or hub id, or the one in a GGUF file.

    Raises:
        ModelError: there is none, or it cannot be loaded.
    """
    import transformers

    try:
        with _without_bars(gguf=source.gguf is not None):
            tokenizer = transformers.AutoTokenizer.from_pretrained(
                source.place, **options.where, **source.file
            )
        # Without its files some tokenizers are made all the same, with special tokens only.
        if len(tokenizer) <= len(tokenizer.all_special_ids):
            raise ValueError("it has no vocabulary")
        return tokenizer
    except Exception as error:
        raise load_error(source, "tokenizer", error, options) from error
