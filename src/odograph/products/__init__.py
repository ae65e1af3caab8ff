"""Squares and dot products of rows, summed in float64 in any precision of the rows.

Every measure of a state comes from these. They are taken while the model runs, so they are made to
cost as little as possible: on a CPU each row is widened once, in pieces that stay in the core's
cache (`chunked`), or by one compiled loop where numba works (`fused`, a quarter of the
time); on a GPU by one compiled kernel (`on_device`).
"""

from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

import torch

from odograph.products import chunked, on_device

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor


def row_squares(state: "Float[Tensor, 'tokens width']") -> "Float[Tensor, ' tokens']":
    """|x|^2 of every row x, float64, for any floating precision."""
    squares: Tensor = _way(state).squares(state)
    return squares


def row_products(
    state: "Float[Tensor, 'tokens width']", previous: "Float[Tensor, 'tokens width']"
) -> "tuple[Float[Tensor, ' tokens'], Float[Tensor, ' tokens']]":
    """|x|^2 of every row x, and x.p with the same row p of `previous`, float64.

    Any floating precision; both arrays have the same shape.
    """
    squares, products = _way(state, previous).chained(state, previous)
    return squares, products


def row_centred(
    state: "Float[Tensor, 'tokens width']",
    previous: "Float[Tensor, 'tokens width']",
    means: "Float[Tensor, '2 width']",
) -> "tuple[Float[Tensor, ' tokens'], Float[Tensor, ' tokens']]":
    """|x - m|^2 of every row x, and (x - m).(p - q) with the same row p of `previous`, float64.

    `means` are q and m, in that order, float64.
    """
    way = chunked if state.is_cpu else on_device
    squares, products = way.centred(state, previous, means)
    return squares, products


class Passes(Protocol):
    """What one pass over the states of each block gives; see `fused.Passes`."""

    def take(
        self,
        layer: int,
        state: "Float[Tensor, 'tokens width']",
        previous: "Float[Tensor, 'tokens width']",
        parts: "tuple[Float[Tensor, 'tokens width'], ...]" = (),
    ) -> "Float[Tensor, ' tokens']":
        """Takes all that is taken of a block; gives x.x. `previous` then holds the state."""

    def of(
        self, layer: int
    ) -> "tuple[tuple[Float[Tensor, ' tokens'], ...], Float[Tensor, 'sums width']]":
        """What was taken: x.x, x.p, with parts p.a, p.m, a.a, a.m, m.m; sums over the rows."""

    def read(self, layer: int) -> "tuple[Float[Tensor, 'k tokens'], tuple[Tensor, ...]]":
        """Coordinates of x; with means |x - m|^2 and (x - m).(p - q)."""


def passes(
    layers: int,
    weights: "Float[Tensor, ' tokens']",
    width: int,
    *,
    parts: bool,
    coordinates: "Int[Tensor, ' k'] | None" = None,
    means: "Float[Tensor, 'layers width'] | None" = None,
) -> Passes | None:
    """Room for what one pass over each block gives, where compiled loops make such passes."""
    fused = _fused()
    if fused is None:
        return None
    read = torch.empty(0).long() if coordinates is None else coordinates
    room: Passes = fused.Passes(layers, weights, width, read, means, parts=parts)
    return room


def in_one_pass(*rows: "Float[Tensor, 'tokens width']") -> bool:
    """Whether one pass can take these: float32 on a CPU, without gaps, and numba works."""
    return _are_plain(rows) and _fused() is not None


def row_gram(
    first: "Float[Tensor, 'tokens width']",
    second: "Float[Tensor, 'tokens width']",
    third: "Float[Tensor, 'tokens width']",
) -> "tuple[Float[Tensor, ' tokens'], ...]":
    """u.u, u.v, u.w, v.v, v.w, w.w of the same rows u, v, w of three arrays, float64."""
    gram: tuple[Tensor, ...] = _way(first, second, third).gram(first, second, third)
    return gram


def way_of(device: str, dtype: str = "float32") -> str:
    """How products of states of a precision are taken there: numpy, numba, or torch."""
    if device.partition(":")[0] not in ("cpu", "mps"):
        return "torch, compiled" if on_device.is_compiled(device) else "torch"
    return "numba" if dtype == "float32" and _fused() is not None else "numpy"


def _way(*rows: torch.Tensor) -> ModuleType:
    if rows[0].device.type != "cpu":
        return on_device
    return (_fused() if _are_plain(rows) else None) or chunked


def _are_plain(rows: "tuple[Tensor, ...]") -> bool:
    # A loop, no generator: it is asked of every block, where each of Python's steps is slow.
    for one in rows:
        if one.dtype is not torch.float32 or not one.is_cpu or not one.is_contiguous():
            return False
    return True


@cache
def _fused() -> ModuleType | None:
    """The compiled loops; None where numba cannot be imported or does not work here."""
    try:
        from odograph.products import fused
    except Exception:  # numba breaks in many ways beside numpy's newest; nothing is lost
        return None
    return fused
