"""Options that say which model is measured, and how it is loaded."""

from typing import Literal

from odograph.run.config.fields import Options, option


class ModelOptions(Options):
    """Which model is measured, and how it is loaded."""

    model: str = option(
        "bundled",
        "Hub id, folder, .gguf file, FOLDER:NAME.gguf, or 'bundled' for the small model that "
        "odograph brings.",
        group="Model",
    )
    revision: str | None = option(
        None, "Branch, tag or commit on the hub; or --model MODEL@REVISION.", group="Model"
    )
    name: str | None = option(
        None,
        "What the model is called in figures, tables and reports; by default the shortest that "
        "tells it apart.",
        group="Model",
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16", "float64"] = option(
        "auto", "Precision of the model; auto is float32 on a CPU, else as stored.", group="Model"
    )
    device: str = option(
        "auto",
        "auto (first GPU, else CPU), cpu, cuda, cuda:1, mps, or spread: the blocks over all GPUs, "
        "for a model larger than one.",
        group="Model",
    )
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = option(
        "auto", "Attention kernel; auto leaves the choice to transformers.", group="Model"
    )
    part: Literal["auto", "encoder", "decoder"] = option(
        "auto",
        "Part that is measured; of a model that has both only the encoder can be.",
        group="Model",
    )
    offline: bool = option(False, "Never touch the network.", group="Model")
    trust_remote_code: bool = option(
        False, "Run model code that comes with the weights.", group="Model"
    )
    allow_unused_weights: bool = option(
        False,
        "Measure a model although its files hold weights that it has no place for, or lack some, "
        "which are then random.",
        group="Model",
    )
