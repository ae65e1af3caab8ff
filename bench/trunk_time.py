"""How long a model's trunk computes, what hooks on its blocks take left out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from torch import nn

from odograph.models.anatomy import Anatomy


@dataclass
class Clock:
    """Seconds in the trunk's forward passes, and of these between its blocks: in their hooks."""

    whole: float = 0.0
    hooks: float = 0.0
    left_at: float | None = None

    @property
    def own(self) -> float:
        """Seconds of the forward pass itself."""
        return self.whole - self.hooks


@contextmanager
def timed(anatomy: Anatomy) -> Iterator[Clock]:
    """Times every forward pass of the trunk inside the block.

    A block's own time is that of its `forward`; hooks run around it. What lies between the first
    block's call and its `forward`, between one `forward` and the next, and between the last and the
    final norm is the hooks' (and a loop in Python).
    """
    clock = Clock()
    blocks = list(anatomy.blocks)
    with _instead(anatomy.trunk, _whole(clock)):
        handles = [blocks[0].register_forward_pre_hook(lambda *_: _leave(clock), prepend=True)]
        if anatomy.final_norm is not None:
            handles.append(anatomy.final_norm.register_forward_pre_hook(lambda *_: _enter(clock)))
        restore = [_replaced(block, _between(clock)) for block in blocks]
        try:
            yield clock
        finally:
            for handle in handles:
                handle.remove()
            for undo in restore:
                undo()


def _leave(clock: Clock) -> None:
    clock.left_at = perf_counter()


def _enter(clock: Clock) -> None:
    if clock.left_at is not None:
        clock.hooks += perf_counter() - clock.left_at
        clock.left_at = None


def _between(clock: Clock) -> Callable[[Any], Any]:
    """Around a block's forward: entering ends the hooks' time, leaving begins it."""

    def around(forward: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            _enter(clock)
            try:
                return forward(*args, **kwargs)
            finally:
                _leave(clock)

        return run

    return around


def _whole(clock: Clock) -> Callable[[Any], Any]:
    def around(forward: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            started = perf_counter()
            try:
                return forward(*args, **kwargs)
            finally:
                clock.whole += perf_counter() - started
                clock.left_at = None

        return run

    return around


def _replaced(module: nn.Module, around: Callable[[Any], Any]) -> Callable[[], None]:
    """Puts `around` around the module's forward; gives what undoes it."""
    from functools import wraps

    own = module.forward
    module.forward = wraps(own)(around(own))
    return lambda: module.__dict__.pop("forward", None)


@contextmanager
def _instead(module: nn.Module, around: Callable[[Any], Any]) -> Iterator[None]:
    undo = _replaced(module, around)
    try:
        yield
    finally:
        undo()
