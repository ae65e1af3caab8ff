"""What memory a model will take, told from the headers of its files before anything is loaded."""

from dataclasses import dataclass
from math import prod

import torch

from odograph.models.gguf import element_count, gguf_path
from odograph.models.located import locate
from odograph.models.sources import LoadOptions, Source, resolve_dtype
from odograph.models.weights import StoredTensor, stored_tensors

#: Bytes of a value by the names of safetensors; those that are floating numbers can be converted.
_FLOATING = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_WHOLE = {"I64": 8, "U64": 8, "I32": 4, "U32": 4, "I16": 2, "U16": 2}


@dataclass(frozen=True)
class WeightMemory:
    """What the weights of a model take.

    Attributes:
        taken: bytes once it is loaded.
        loading: bytes while it is being loaded.
        value: bytes of most of its values: 2 in half precision.
    """

    taken: int
    loading: int
    value: int


def weight_memory(name: str, options: LoadOptions) -> WeightMemory | None:
    """What the weights will take in the precision asked for; None where no header is at hand.

    Raises:
        ModelError: as for loading it, where the name stands for nothing that can be.
    """
    place = locate(name, options)
    dtype = resolve_dtype(options)
    asked = dtype.itemsize if isinstance(dtype, torch.dtype) else None
    if place.source.gguf is not None:
        return _of_gguf(place.source, place.options, asked or 4)
    tensors = stored_tensors(place.source, place.options)
    tensors = tensors or _at_the_hub(place.source, place.options)
    if not tensors:
        return None
    taken = sum(prod(t.shape) * _bytes_of(t.dtype, asked) for t in tensors.values())
    largest = max(tensors.values(), key=lambda tensor: prod(tensor.shape))
    return WeightMemory(taken, taken, _bytes_of(largest.dtype, asked))


def _bytes_of(stored: str, asked: int | None) -> int:
    if stored in _FLOATING:
        return asked or _FLOATING[stored]
    return _WHOLE.get(stored, 1)


def _of_gguf(source: Source, options: LoadOptions, value: int) -> WeightMemory:
    """Transformers holds all values of a file beside the model that takes them."""
    taken = element_count(gguf_path(source, options)) * value
    return WeightMemory(taken, 2 * taken, value)


def _at_the_hub(source: Source, options: LoadOptions) -> dict[str, StoredTensor]:
    """The tensors of a model that is not on this machine; none where the hub cannot be asked."""
    from pathlib import Path

    if options.offline or Path(source.place).exists():
        return {}
    from huggingface_hub import get_safetensors_metadata

    try:
        known = get_safetensors_metadata(source.place, revision=options.revision)
    except Exception:  # what hinders it, loading will say
        return {}
    return {
        name: StoredTensor(tuple(tensor.shape), str(tensor.dtype))
        for file in known.files_metadata.values()
        for name, tensor in file.tensors.items()
    }
