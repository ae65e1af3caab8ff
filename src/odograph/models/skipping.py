"""Running a model without some of its blocks, and having it whole again afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from odograph.errors import UsageError
from odograph.models.anatomy import Anatomy
from odograph.models.hooks import entering, stream_of

_OWN = "forward"


@contextmanager
def skipping(anatomy: Anatomy, first: int, count: int) -> Iterator[None]:
    """Inside, blocks `first` to `first + count - 1` (from 1) give their input as their output.

    Only `forward` of these blocks is replaced, so hooks still run and everything else that a model
    reads of a block is there. The blocks are themselves again when the context ends, also after an
    exception; contexts may be nested.

    Raises:
        UsageError: the blocks are not all in the model.
    """
    blocks = len(anatomy.blocks)
    if first < 1 or count < 0 or first + count - 1 > blocks:
        raise UsageError(
            "blocks to skip",
            expected=f"some of 1 to {blocks}",
            given=f"{count} beginning with {first}",
        )
    chosen = anatomy.blocks[first - 1 : first - 1 + count]
    before = [block.__dict__.get(_OWN) for block in chosen]
    try:
        for block in chosen:
            block.forward = _passing_on(block)
        yield
    finally:
        for block, own in zip(chosen, before, strict=True):
            block.__dict__.pop(_OWN, None)
            if own is not None:  # somebody else had replaced it before
                block.forward = own


def _passing_on(block: nn.Module) -> Callable[..., Any]:
    """A `forward` that gives the entering state in the form in which the block itself answers.

    Families differ in that form, and so do releases of one: the block is asked at the first call.
    """
    own = block.forward
    form: list[Any] = []

    def forward(*args: Any, **kwargs: Any) -> Any:
        state = entering(args, kwargs)
        if not form:
            state = state.clone()  # some blocks add to the state that they were given
            form.append(_emptied(own(*args, **kwargs), block))
        return _filled(form[0], state)

    return forward


def _emptied(output: Any, block: nn.Module) -> Any:
    """The form of an output: None for a plain tensor, else list or tuple, and its length."""
    stream_of(output, block)
    if isinstance(output, list):
        return list, len(output)
    return (tuple, len(output)) if isinstance(output, tuple) else None


def _filled(form: Any, state: torch.Tensor) -> Any:
    """The state in that form; what a block says beside the state (attention weights) is None."""
    if form is None:
        return state
    kind, length = form
    return kind((state, *[None] * (length - 1)))
