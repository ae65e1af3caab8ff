"""Seeing the states while the model runs: hooks on the blocks, always taken off again."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from odograph.errors import ModelError
from odograph.models.anatomy import Anatomy
from odograph.models.families import Family, Part

OnState = Callable[[int, torch.Tensor], None]
OnPart = Callable[[int, str, torch.Tensor], None]


@contextmanager
def watching(anatomy: Anatomy, on_state: OnState, on_part: OnPart | None = None) -> Iterator[None]:
    """Calls `on_state(l, x_l)` for l = 0..L during every forward pass inside the block.

    x_0 is the input of the first block, x_l the output of block l, shape [batch, tokens, width].
    With `on_part`, before that `on_part(l, "attention", a_l)` and `on_part(l, "mlp", m_l)`: what is
    really added to the stream in block l. All come on the device of the token ids. The hooks are
    removed when the context ends, also after an exception.
    """
    home = device_of(anatomy)
    handles = [
        anatomy.blocks[0].register_forward_pre_hook(
            lambda _, args, kwargs: on_state(0, entering(args, kwargs).to(home)), with_kwargs=True
        )
    ]
    try:
        for layer, block in enumerate(anatomy.blocks, start=1):
            if on_part is not None and anatomy.wiring is not None:
                report = _reporter_of_parts(layer, home, on_part)
                handles += _watch_parts(anatomy.wiring, block, anatomy.copies, report)
            handles.append(block.register_forward_hook(_reporter(layer, home, on_state)))
        yield
    finally:
        for handle in handles:
            handle.remove()


def device_of(anatomy: Anatomy) -> torch.device:
    """The device that token ids have to be on, also where the weights lie on several."""
    get: Any = getattr(anatomy.trunk, "get_input_embeddings", None)
    try:
        embeddings = get() if get is not None else None
    except NotImplementedError:
        embeddings = None
    weight = getattr(embeddings, "weight", None)
    if isinstance(weight, torch.Tensor):
        return weight.device
    return next(anatomy.trunk.parameters()).device


_Report = Callable[[str, torch.Tensor], None]


def _reporter(layer: int, home: torch.device, on_state: OnState) -> Callable[..., None]:
    def hook(module: nn.Module, _: Any, output: Any) -> None:
        on_state(layer, stream_of(output, module).to(home))

    return hook


def _reporter_of_parts(layer: int, home: torch.device, on_part: OnPart) -> _Report:
    return lambda part, added: on_part(layer, part, added.to(home))


def _watch_parts(wiring: Family, block: nn.Module, copies: bool, report: _Report) -> list[Any]:
    if wiring.second_norm is not None:
        return _watch_between(block, wiring.second_norm, report)
    handles = []
    for name, part in (("attention", wiring.attention), ("mlp", wiring.mlp)):
        module = None if part is None else module_at(block, part.module)
        if part is not None and module is not None:
            handles.append(_watch_part(block, module, part, copies, name, report))
    return handles


def _watch_part(
    block: nn.Module, module: nn.Module, part: Part, copies: bool, name: str, report: _Report
) -> Any:
    # Reading a signature takes as long as all else that a hook does.
    signature = None if part.minus is None else inspect.signature(module.forward)

    def hook(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        added = stream_of(output, module)
        if signature is not None and part.minus is not None:
            added = added - signature.bind(*args, **kwargs).arguments[part.minus]
        if part.times is not None:
            added = added * getattr(block, part.times)
        report(name, added.clone() if copies else added)

    return module.register_forward_hook(hook, with_kwargs=True)


def _watch_between(block: nn.Module, second_norm: str, report: _Report) -> list[Any]:
    """The parts as differences: attention once the second norm reads, the MLP at the end.

    Copies of two states are held, as blocks of this kind may add in place.
    """
    norm = module_at(block, second_norm)
    held: dict[str, torch.Tensor] = {}

    def at_start(_: nn.Module, args: Any, kwargs: Any) -> None:
        held["entering"] = entering(args, kwargs).clone()

    def between(_: nn.Module, args: Any) -> None:
        before = held["entering"]
        # Some blocks lay the tokens of all passages in one row here.
        held["middle"] = args[0].reshape(before.shape).clone()
        report("attention", held["middle"] - before)

    def at_end(module: nn.Module, _: Any, output: Any) -> None:
        if "middle" in held:
            report("mlp", stream_of(output, module) - held["middle"])
        held.clear()

    handles: list[Any] = [block.register_forward_pre_hook(at_start, with_kwargs=True)]
    if norm is not None:
        handles.append(norm.register_forward_pre_hook(between))
    return [*handles, block.register_forward_hook(at_end)]


def module_at(block: nn.Module, name: str) -> nn.Module | None:
    """The module of that dotted name, or None."""
    try:
        return block.get_submodule(name)
    except AttributeError:
        return None


def entering(args: tuple[Any, ...], kwargs: dict[str, Any]) -> torch.Tensor:
    """The state among the arguments of a block."""
    state = args[0] if args else kwargs.get("hidden_states")
    return _checked(state, "a block's input")


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
        remedy="Models with several residual streams (hyper-connections, AltUp) are not measured.",
    )
