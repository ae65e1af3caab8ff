"""A batch run once as a whole, then again from any block on, on states that somebody gives.

What lies before that block is not run again. The trunk itself is called both times, so that masks,
positions and whatever else a family hands its blocks are its own.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from odograph.errors import ModelError, UsageError
from odograph.models.anatomy import Anatomy
from odograph.models.families import Part
from odograph.models.hooks import module_at, stream_of, watching

_OWN = "forward"
Inputs = Mapping[str, torch.Tensor]


@dataclass(frozen=True, eq=False)
class Intact:
    """One batch as the model itself runs it.

    Attributes:
        inputs: what the trunk was called with, the batch in the first axis of each.
        states: x_0..x_L, [batch, tokens, width], copies of their own.
        attention: a_1..a_L, what attention adds in each block; empty where it was not asked for.
        normed: N(x_L).
        forms: for each block the form of its answer, see `_form`.
    """

    inputs: Inputs
    states: tuple[torch.Tensor, ...]
    attention: tuple[torch.Tensor, ...]
    normed: torch.Tensor
    forms: tuple[Any, ...]


def run_intact(anatomy: Anatomy, inputs: Inputs, *, attention: bool = False) -> Intact:
    """Runs a batch and keeps the states that enter and leave each block.

    Args:
        anatomy: the model.
        inputs: what the trunk is called with.
        attention: whether to keep what attention adds, too; the model's parts must close.
    """
    states: list[torch.Tensor] = []
    added: list[torch.Tensor] = []
    forms: list[Any] = []

    def on_part(_: int, part: str, values: torch.Tensor) -> None:
        if part == "attention":
            added.append(values.clone())

    # Copies: some models write over a state that a block has returned.
    on_state = lambda _, state: states.append(state.clone())  # noqa: E731
    handles = [
        block.register_forward_hook(lambda module, _, output: forms.append(_form(output, module)))
        for block in anatomy.blocks
    ]
    try:
        with watching(anatomy, on_state, on_part if attention else None):
            normed = anatomy.trunk(**inputs, use_cache=False)[0]
    finally:
        for handle in handles:
            handle.remove()
    return Intact(inputs, tuple(states), tuple(added), normed, tuple(forms))


def run_from(
    anatomy: Anatomy,
    intact: Intact,
    block: int,
    states: torch.Tensor,
    without_attention: torch.Tensor | None = None,
) -> torch.Tensor:
    """N(x_L) of states that enter a block, [ways x batch, tokens, width].

    Blocks before it are not run, nor are their hooks' modules inside. The model is itself again
    afterwards, also after an exception.

    Args:
        anatomy: the model.
        intact: the batch as a whole.
        block: the first block that is run, 1..L; L + 1: none is, only the final norm.
        states: what enters it, the batch repeated as often as there are ways; the model may write
            over them.
        without_attention: [ways x batch, tokens], for which tokens attention adds nothing in that
            block.

    Raises:
        UsageError: there is no such block.
    """
    blocks = len(anatomy.blocks)
    if not 1 <= block <= blocks + 1:
        raise UsageError("block to enter", expected=f"1 to {blocks + 1}", given=str(block))
    ways = len(states) // len(intact.states[0])
    inputs = {name: _repeated(value, ways) for name, value in intact.inputs.items()}
    with ExitStack() as stack:
        if block == 1:
            stack.enter_context(_beginning_with(anatomy, states))
        else:
            stack.enter_context(_answering(anatomy, intact.forms[: block - 1], states))
        if without_attention is not None:
            stack.enter_context(_without_attention(anatomy, block, without_attention))
        normed: torch.Tensor = anatomy.trunk(**inputs, use_cache=False)[0]
    return normed


def _repeated(value: torch.Tensor, ways: int) -> torch.Tensor:
    return value.repeat(ways, *[1] * (value.ndim - 1))


@contextmanager
def _beginning_with(anatomy: Anatomy, states: torch.Tensor) -> Iterator[None]:
    """Inside, these states enter the first block, whatever the embeddings are."""

    def hook(_: nn.Module, args: Any, kwargs: Any) -> tuple[Any, Any]:
        if args:
            return (states, *args[1:]), kwargs
        return args, {**kwargs, "hidden_states": states}

    handle = anatomy.blocks[0].register_forward_pre_hook(hook, with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _answering(anatomy: Anatomy, forms: tuple[Any, ...], states: torch.Tensor) -> Iterator[None]:
    """Inside, the first blocks answer with these states, each in its own form, and do not run."""
    chosen = anatomy.blocks[: len(forms)]
    before = [block.__dict__.get(_OWN) for block in chosen]
    try:
        for block, form in zip(chosen, forms, strict=True):
            block.forward = _always(_filled(form, states))
        yield
    finally:
        for block, own in zip(chosen, before, strict=True):
            block.__dict__.pop(_OWN, None)
            if own is not None:  # somebody else had replaced it before
                block.forward = own


def _always(answer: Any) -> Callable[..., Any]:
    return lambda *_, **__: answer


def _form(output: Any, block: nn.Module) -> Any:
    """The form of an answer: None for a plain tensor, else list or tuple, and its length.

    Families differ in it, and so do releases of one.
    """
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


@contextmanager
def _without_attention(anatomy: Anatomy, block: int, tokens: torch.Tensor) -> Iterator[None]:
    """Inside, attention adds nothing to these tokens in a block; the MLP reads what is left.

    Raises:
        ModelError: where attention adds is not known in this model.
    """
    wiring, owner = anatomy.wiring, anatomy.blocks[block - 1]
    module = None if wiring is None else module_at(owner, wiring.attention.module)
    if wiring is None or module is None:
        raise ModelError(
            f"attention of {anatomy.family} cannot be taken away in block {block}",
            expected="a part whose output is added to the stream",
            given="none that is known",
        )
    handle = module.register_forward_hook(_emptied(wiring.attention, tokens), with_kwargs=True)
    try:
        yield
    finally:
        handle.remove()


def _emptied(part: Part, tokens: torch.Tensor) -> Callable[..., Any]:
    """A hook that leaves of a part's output only what is no addition, at these tokens."""

    def hook(module: nn.Module, args: Any, kwargs: Any, output: Any) -> Any:
        added = stream_of(output, module)
        nothing = torch.zeros_like(added)
        if part.minus is not None:
            nothing = inspect.signature(module.forward).bind(*args, **kwargs).arguments[part.minus]
        left = torch.where(tokens[..., None].to(added.device), nothing, added)
        return (left, *output[1:]) if isinstance(output, tuple) else left

    return hook
