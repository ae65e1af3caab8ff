"""A model in half precision, with what that costs against float32."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from odograph.models.free_memory import free_bytes
from odograph.models.loading import PROMPT, Loaded, load
from odograph.models.memory import WeightMemory, weight_memory
from odograph.models.rounding import Measures, measures_of, rounding_between
from odograph.models.sources import LoadOptions, resolve_device

_HALF = 2


def load_compared(
    model: "str | Path | nn.Module",
    options: LoadOptions,
    tokenizer: Any = None,
    load_with: Callable[..., Loaded] = load,
) -> Loaded:
    """As `load`; a model in half precision is told with its error against float32 (`rounding`).

    The model is loaded in float32 first, and let go before it is loaded as it was asked for. Where
    there is no memory for that, and for a model given as an object, the error is not known.
    `load_with` loads it as it was asked for.
    """
    exact = None if isinstance(model, nn.Module) else _exact(str(model), options)
    loaded = load_with(model, options, tokenizer)
    if exact is None:
        return loaded
    return replace(loaded, rounding=rounding_between(exact, _measures(loaded)))


def exact_first(name: str, options: LoadOptions) -> tuple[LoadOptions, WeightMemory] | None:
    """How a model in half precision is loaded in float32 first, and what that takes.

    On the device itself where it fits, else on the CPU. None where it is not asked for in half
    precision, or fits nowhere.
    """
    asked = weight_memory(name, options)
    if asked is None or asked.value != _HALF:
        return None
    exact = replace(options, dtype="float32")
    needed = weight_memory(name, exact)
    for place in dict.fromkeys((resolve_device(options.device), "cpu")):
        free = free_bytes(place)
        if needed is not None and free is not None and needed.loading < free:
            return replace(exact, device=place), needed
    return None


def _exact(name: str, options: LoadOptions) -> Measures | None:
    """The path of the prompt in float32; None where it is not asked for or does not fit."""
    first = exact_first(name, options)
    return None if first is None else _measures(load(name, first[0]))


def _measures(loaded: Loaded) -> Measures:
    ids = list(loaded.tokenizer(PROMPT, add_special_tokens=False).input_ids)  # type: ignore[misc]
    return measures_of(loaded.anatomy, ids[: loaded.anatomy.positions])
