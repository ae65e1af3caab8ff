"""Seeing the states while the model runs: hooks on the blocks, always taken off again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from odograph.errors import ModelError
from odograph.models.anatomy import Anatomy

OnState = Callable[[int, torch.Tensor], None]
OnPart = Callable[[int, str, torch.Tensor], None]


@contextmanager
def watching(anatomy: Anatomy, on_state: OnState, on_part: OnPart | None = None) -> Iterator[None]:
    """Calls `on_state(l, x_l)` for l = 0..L during every forward pass inside the block.

    x_0 is the input of the first block, x_l the output of block l, shape [batch, tokens, width].
    With `on_part`, also `on_part(l, "attention" | "mlp", output)` for the sub-layers of block l.
    The hooks are removed when the context ends, also after an exception.
    """
    handles = [
        anatomy.blocks[0].register_forward_pre_hook(
            lambda _, args, kwargs: on_state(0, _entering(args, kwargs)), with_kwargs=True
        )
    ]
    try:
        for layer, block in enumerate(anatomy.blocks, start=1):
            if on_part is not None:
                handles += _watch_parts(anatomy, block, layer, on_part)
            handles.append(block.register_forward_hook(_reporter(layer, on_state)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _reporter(layer: int, on_state: OnState) -> Callable[..., None]:
    def hook(module: nn.Module, _: Any, output: Any) -> None:
        on_state(layer, stream_of(output, module))

    return hook


def _watch_parts(anatomy: Anatomy, block: nn.Module, layer: int, on_part: OnPart) -> list[Any]:
    handles = []
    for part, name in (("attention", anatomy.attention), ("mlp", anatomy.mlp)):
        module = getattr(block, name, None) if name else None
        if isinstance(module, nn.Module):

            def hook(module: nn.Module, _: Any, output: Any, part: str = part) -> None:
                on_part(layer, part, stream_of(output, module))

            handles.append(module.register_forward_hook(hook))
    return handles


def _entering(args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.Tensor:
    state = args[0] if args else kwargs.get("hidden_states")
    return _checked(state, "the first block's input")


def stream_of(output: Any, module: nn.Module) -> torch.Tensor:
    """The state in a block's output, whether it returns a tensor or a tuple that starts with it.

    Raises:
        ModelError: it is neither, or has not the shape [batch, tokens, width].
    """
    state = output[0] if isinstance(output, tuple | list) and output else output
    return _checked(state, f"the output of {type(module).__name__}")


def _checked(state: Any, place: str) -> torch.Tensor:
    if isinstance(state, torch.Tensor) and state.ndim == 3:
        return state
    given = (
        f"a tensor of shape {tuple(state.shape)}"
        if isinstance(state, torch.Tensor)
        else type(state).__name__
    )
    raise ModelError(
        f"{place} is not one vector per token",
        expected="a tensor [batch, tokens, width]",
        given=given,
        remedy="Models with several residual streams are not measured.",
    )
