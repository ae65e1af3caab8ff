"""Options that say which model is measured, and how it is loaded."""

from typing import Literal

from odograph.run.config.fields import Options, model_option


class ModelOptions(Options):
    """Which model is measured, and how it is loaded."""

    model: str = model_option(
        "bundled",
        "Hub id, folder, .gguf file, FOLDER:NAME.gguf, or 'bundled' for the small model that "
        "odograph brings.",
    )
    revision: str | None = model_option(
        None, "Branch, tag or commit on the hub; or --model MODEL@REVISION."
    )
    name: str | None = model_option(
        None,
        "What the model is called in figures, tables and reports; by default the shortest that "
        "tells it apart.",
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16", "float64"] = model_option(
        "auto", "Precision of the model; auto is float32 on a CPU, else as stored."
    )
    device: str = model_option(
        "auto",
        "auto (first GPU, else CPU), cpu, cuda, cuda:1, mps, or spread: the blocks over all GPUs, "
        "for a model larger than one.",
    )
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = model_option(
        "auto", "Attention kernel; auto leaves the choice to transformers."
    )
    part: Literal["auto", "encoder", "decoder"] = model_option(
        "auto", "Part that is measured; of a model that has both only the encoder can be."
    )
    offline: bool = model_option(False, "Never touch the network.")
    trust_remote_code: bool = model_option(False, "Run model code that comes with the weights.")
    allow_unused_weights: bool = model_option(
        False,
        "Measure a model although its files hold weights that it has no place for, or lack some, "
        "which are then random.",
    )
