"""The end of a trunk: which norm, if any, and which projection come after the last block."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import nn

from odograph.models.anatomy import Anatomy
from odograph.models.hooks import stream_of


@dataclass
class Ends:
    """What was seen during one forward pass.

    Attributes:
        norm: the norm outside the blocks that read x_L.
        projection: the linear map whose output is the trunk's, of another width.
        post_norm: whether the output of a block is the output of a norm inside it.
    """

    norm: nn.Module | None = None
    projection: nn.Module | None = None
    post_norm: bool = False
    _last: torch.Tensor | None = None
    _normed: torch.Tensor | None = None
    _mapped: tuple[nn.Module, torch.Tensor] | None = None


@contextmanager
def watching_ends(anatomy: Anatomy, ends: Ends) -> Iterator[None]:
    """Fills `ends` during a forward pass inside the context."""
    inside = {module for block in anatomy.blocks for module in block.modules()}
    outside = [m for m in anatomy.trunk.modules() if m not in inside]
    handles = [b.register_forward_hook(_block_hook(ends)) for b in anatomy.blocks]
    handles += [m.register_forward_hook(_inner_norm_hook(ends)) for m in inside if _is_norm(m)]
    handles += [m.register_forward_hook(_outer_norm_hook(ends)) for m in outside if _is_norm(m)]
    linear = [m for m in outside if isinstance(m, nn.Linear)]
    handles += [m.register_forward_hook(_linear_hook(ends)) for m in linear]
    handles.append(anatomy.trunk.register_forward_hook(_end_hook(ends)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _is_norm(module: nn.Module) -> bool:
    # RobertaPreLayerNormOutput, which has parts, is none.
    return "norm" in type(module).__name__.lower() and not any(module.children())


def _block_hook(ends: Ends) -> Any:
    def hook(module: nn.Module, _: Any, output: Any) -> None:
        ends._last = stream_of(output, module)
        normed = ends._normed
        # Some blocks lay the tokens of all passages in one row inside.
        same = normed is not None and normed.numel() == ends._last.numel()
        if (
            same
            and normed is not None
            and torch.equal(normed.reshape(ends._last.shape), ends._last)
        ):
            ends.post_norm = True

    return hook


def _inner_norm_hook(ends: Ends) -> Any:
    def hook(_: nn.Module, __: Any, output: Any) -> None:
        ends._normed = output if isinstance(output, torch.Tensor) else None

    return hook


def _outer_norm_hook(ends: Ends) -> Any:
    def hook(module: nn.Module, args: Any, _: Any) -> None:
        if args and ends._last is not None and _equal(args[0], ends._last):
            ends.norm = module

    return hook


def _linear_hook(ends: Ends) -> Any:
    def hook(module: nn.Module, _: Any, output: Any) -> None:
        if ends._last is not None:
            ends._mapped = module, output

    return hook


def _end_hook(ends: Ends) -> Any:
    def hook(_: nn.Module, __: Any, output: Any) -> None:
        last = output[0] if not isinstance(output, torch.Tensor) else output
        if ends._mapped is None or ends._last is None or last.shape == ends._last.shape:
            return
        if _equal(ends._mapped[1], last):
            ends.projection = ends._mapped[0]

    return hook


def _equal(a: Any, b: torch.Tensor) -> bool:
    return (
        isinstance(a, torch.Tensor)
        and a.shape == b.shape
        and torch.equal(a, b.to(a.device, a.dtype))
    )


class Unprojected(nn.Module):
    """A trunk that gives N(x_L) in the width of the stream, before its projection."""

    def __init__(self, trunk: nn.Module, projection: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk
        # In a tuple, so that it stays a module of the trunk alone.
        self._projection = (projection,)

    def forward(self, *args: Any, **kwargs: Any) -> tuple[torch.Tensor]:
        """The last normed state, as the first of a tuple."""
        seen: list[torch.Tensor] = []
        handle = self._projection[0].register_forward_pre_hook(lambda _, a: seen.append(a[0]))
        try:
            self.trunk(*args, **kwargs)
        finally:
            handle.remove()
        return (seen[-1],)

    def get_input_embeddings(self) -> Any:
        """Those of the trunk."""
        trunk: Any = self.trunk
        return trunk.get_input_embeddings()


def without_projection(anatomy: Anatomy, projection: nn.Module | None) -> Anatomy:
    """The anatomy whose trunk ends in the width of its stream."""
    if projection is None:
        return anatomy
    return replace(anatomy, trunk=Unprojected(anatomy.trunk, projection), projection=projection)
