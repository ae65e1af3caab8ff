"""States as other tools keep them: arrays, caches by name, files; in one form for each passage."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from odograph.errors import ModelError, UsageError

#: What TransformerLens calls the stream before and after a block.
_BEFORE, _AFTER = "hook_resid_pre", "hook_resid_post"
_NUMBER = re.compile(r"\d+")
_FILES = (".npz", ".safetensors")


def layers_of(states: Any, place: str) -> torch.Tensor:
    """The states of one passage, [layers 0..L, tokens, width].

    Args:
        states: such an array of numpy or torch, a list with an array a layer, a cache with a name
            for each layer (of TransformerLens its `resid_pre` and `resid_post`; else the one
            number in a name is the layer), or a .npz or .safetensors file of any of these. A
            batch of one passage is one passage.
        place: which passage, for messages.

    Raises:
        UsageError: none of these, or layers that do not fit each other.
        ModelError: a file that cannot be read.
    """
    if isinstance(states, str | Path):
        states = _of_file(Path(states))
    if hasattr(states, "items"):
        states = _of_cache(dict(states.items()), place)
    single = hasattr(states, "shape")
    arrays = [_tensor(states)] if single else [_tensor(each) for each in states]
    found = [_without_batch(each, 3 if single else 2, place) for each in arrays]
    if len({(each.shape[-2:], each.dtype) for each in found}) > 1:
        shapes = ", ".join(sorted({f"{tuple(each.shape)} {each.dtype}" for each in found}))
        raise UsageError(
            f"{place}: layers that do not fit each other",
            expected="the same tokens, width and precision in each",
            given=shapes,
        )
    whole = found[0] if single else torch.stack(found)
    if len(whole) < 2 or not whole.dtype.is_floating_point:
        raise UsageError(
            f"{place}: its states",
            expected="floating numbers of the state before the first block and after each block",
            given=f"{len(whole)} layers of {whole.dtype}",
        )
    return whole


def _tensor(value: Any) -> torch.Tensor:
    """An array of any kind as a tensor on the CPU."""
    if isinstance(value, torch.Tensor):
        return value.detach().cpu()
    import numpy as np

    return torch.from_numpy(np.array(value))


def _without_batch(array: torch.Tensor, axes: int, place: str) -> torch.Tensor:
    """The array without a batch of one in front of its tokens."""
    if array.ndim == axes + 1 and array.shape[axes - 2] == 1:
        array = array.squeeze(axes - 2)
    if array.ndim != axes:
        raise UsageError(
            f"{place}: an array of {array.ndim} axes",
            expected="[layers, tokens, width]" if axes == 3 else "[tokens, width] for each layer",
            given=str(tuple(array.shape)),
            remedy="Give the passages one by one, in a list.",
        )
    return array


def _of_file(path: Path) -> Any:
    """What a file holds: an array, or several by name."""
    if path.suffix.lower() not in _FILES:
        raise UsageError(f"{path}", expected=" or ".join(_FILES), given=repr(path.suffix))
    try:
        if path.suffix.lower() == ".npz":
            import numpy as np

            with np.load(path, allow_pickle=False) as file:
                held = {name: file[name] for name in file.files}
        else:
            from safetensors.torch import load_file

            held = load_file(path)
    except Exception as error:  # whatever a damaged file makes the libraries raise
        raise ModelError(f"{path} cannot be read", given=str(error).partition("\n")[0]) from error
    return next(iter(held.values())) if len(held) == 1 else held


def _of_cache(cache: Mapping[Any, Any], place: str) -> Sequence[Any]:
    """The layers of a cache, in their order."""
    after = {name: value for name, value in cache.items() if str(name).endswith(_AFTER)}
    if not after:
        return [value for _, value in _numbered(cache, place)]
    first = next((v for n, v in cache.items() if str(n) == f"blocks.0.{_BEFORE}"), None)
    if first is None:
        raise UsageError(
            f"{place}: no state before the first block",
            expected=f"blocks.0.{_BEFORE}",
            given=", ".join(map(str, list(cache)[:5])),
            remedy="Keep it with names_filter.",
        )
    return [first, *(value for _, value in _numbered(after, place))]


def _numbered(cache: Mapping[Any, Any], place: str) -> list[tuple[int, Any]]:
    """The entries by the one number in their names, without a gap."""
    numbers = [_NUMBER.findall(str(name)) for name in cache]
    layers = [int(each[0]) for each in numbers if len(each) == 1]
    first = min(layers, default=0)
    if sorted(layers) != list(range(first, first + len(cache))):
        raise UsageError(
            f"{place}: names that do not number its layers",
            expected="names with one number each, without a gap",
            given=", ".join(map(repr, list(cache)[:5])),
        )
    return sorted(zip(layers, cache.values(), strict=True), key=lambda each: each[0])
