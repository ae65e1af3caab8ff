"""Products of rows where numpy cannot reach: in one compiled kernel on a GPU, else plain torch."""

from functools import cache
from importlib.util import find_spec
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from torch import Tensor


def squares(state: "Tensor") -> "Tensor":
    """x.x."""
    return chained(state, state)[0]


def chained(state: "Tensor", previous: "Tensor") -> "tuple[Tensor, ...]":
    """x.x and x.p."""
    found: tuple[Tensor, ...] = _way(state.device)[0](state, previous)
    return found


def gram(first: "Tensor", second: "Tensor", third: "Tensor") -> "tuple[Tensor, ...]":
    """u.u, u.v, u.w, v.v, v.w, w.w."""
    found: tuple[Tensor, ...] = _way(first.device)[1](first, second, third)
    return found


def centred(state: "Tensor", previous: "Tensor", means: "Tensor") -> "tuple[Tensor, ...]":
    """|x - m|^2 and (x - m).(p - q); `means` are q and m."""
    found: tuple[Tensor, ...] = _way(state.device)[2](state, previous, means)
    return found


def is_compiled(device: str) -> bool:
    """Whether one compiled kernel takes the products there; on a GPU that is tried out."""
    return _way(torch.device(device))[0] is not plain_chained


def plain_chained(state: "Tensor", previous: "Tensor") -> "tuple[Tensor, ...]":
    """`chained` in plain torch: several passes over the rows."""
    wide = state.double()
    return (wide * wide).sum(-1), (wide * previous.double()).sum(-1)


def plain_gram(first: "Tensor", second: "Tensor", third: "Tensor") -> "tuple[Tensor, ...]":
    """`gram` in plain torch."""
    wide = (first.double(), second.double(), third.double())
    return tuple((u * v).sum(-1) for u, v in combinations_with_replacement(wide, 2))


def plain_centred(state: "Tensor", previous: "Tensor", means: "Tensor") -> "tuple[Tensor, ...]":
    """`centred` in plain torch."""
    about, other = state.double() - means[1], previous.double() - means[0]
    return (about * about).sum(-1), (about * other).sum(-1)


@cache
def _way(device: torch.device) -> tuple[Any, Any, Any]:
    """`chained`, `gram` and `centred`, compiled on a GPU of Nvidia or AMD if that works there."""
    plain = plain_chained, plain_gram, plain_centred
    if device.type != "cuda" or find_spec("triton") is None:
        return plain
    compiled = compiled_ways()
    try:  # a driver, a compiler or a header may be missing; that shows at the first call only
        rows = torch.ones(3, 5, device=device)
        compiled[0](rows, rows)
        compiled[1](rows, rows, rows)
        compiled[2](rows, rows, rows[:2].double())
    except Exception:
        return plain
    return compiled


def compiled_ways() -> tuple[Any, Any, Any]:
    """`chained`, `gram` and `centred` in one kernel each, that reads every row once.

    Sizes are dynamic: batches differ in length, and compiling for each would take longer than
    measuring.
    """
    ways = plain_chained, plain_gram, plain_centred
    chained, gram, centred = (torch.compile(way, dynamic=True) for way in ways)
    return chained, gram, centred
