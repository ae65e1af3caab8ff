"""What is known of a model before its weights are read: its config, its tokenizer, their size."""

from dataclasses import dataclass
from typing import Any

from torch import nn

from odograph.errors import ModelError
from odograph.models.located import locate
from odograph.models.memory import WeightMemory, weight_memory
from odograph.models.own_class import OwnNetwork, of_own_class
from odograph.models.pretrained import tokenizer_of
from odograph.models.sources import LoadOptions, Source, load_error


@dataclass(frozen=True)
class Outline:
    """A model without its weights.

    Attributes:
        tokenizer: its tokenizer.
        blocks, width: as its config says; 0 where it does not.
        positions: the longest input as its config says, or None.
        memory: what its weights will take; None where no header of them is at hand.
        causal: taken for granted; whether it is so is tried out once it is loaded.
    """

    tokenizer: Any
    blocks: int
    width: int
    positions: int | None
    memory: WeightMemory | None
    causal: bool = True

    @property
    def parameters(self) -> int | None:
        """About how many weights it has; None where that is not known."""
        return None if self.memory is None else self.memory.taken // self.memory.value


def outline_of(name: str, options: LoadOptions) -> Outline:
    """The outline of a hub id, folder, adapter (that of its base) or GGUF file.

    Raises:
        ModelError: no such model, or its config or tokenizer cannot be read.
    """
    place = locate(name, options)
    own = (place.source, place.options) if place.adapter is None else place.adapter.tokenizer
    config = _config(place.source, place.options)
    return Outline(
        tokenizer_of(*own),
        int(getattr(config, "num_hidden_layers", 0) or 0),
        int(getattr(config, "hidden_size", 0) or 0),
        getattr(config, "max_position_embeddings", None),
        weight_memory(name, options),
    )


def outline_in_memory(model: nn.Module, tokenizer: Any) -> Outline:
    """The outline of a model that is loaded already, of any class; nothing is run.

    Raises:
        ModelError: a class of one's own without a list of blocks.
    """
    network: Any = OwnNetwork(model) if of_own_class(model) else model
    config = network.config
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    values = list(model.parameters())
    taken = sum(each.numel() * each.element_size() for each in values)
    value = max(values, key=lambda each: each.numel()).element_size() if values else 4
    return Outline(
        tokenizer,
        int(getattr(text, "num_hidden_layers", 0) or 0),
        int(getattr(text, "hidden_size", 0) or 0),
        getattr(text, "max_position_embeddings", None),
        WeightMemory(taken, taken, value),
    )


def _config(source: Source, options: LoadOptions) -> Any:
    """The config of the part that reads text."""
    import transformers

    try:
        config = transformers.AutoConfig.from_pretrained(
            source.place, **options.where, **source.file
        )
    except Exception as error:  # whatever a damaged or foreign file makes the library raise
        raise load_error(source, "model", error, options) from error
    if not hasattr(config, "get_text_config"):
        raise ModelError(f"the config of '{source.place}' is none of transformers")
    return config.get_text_config()
