"""Squares and dot products of rows, summed in float64 in any precision of the rows.

Every measure of a state comes from these. They are taken while the model runs, so they are made to
cost as little as possible: on a CPU each row is widened once, in pieces that stay in the core's
cache (`chunked`), or by one compiled loop where numba is installed (`fused`, a quarter of the
time); on a GPU by one compiled kernel (`on_device`).
"""

from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import torch

from odograph.products import chunked, on_device

if TYPE_CHECKING:
    from jaxtyping import Float
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


class Advance(NamedTuple):
    """What one pass over a block's states gives: x behind it, p before it, its parts a and m.

    Attributes:
        squares, chained: x.x and x.p, [tokens].
        units: the sum of x / |x|, [width], each row with its weight.
        parts: p.a, p.m, a.a, a.m, m.m, [tokens]; empty without parts.
        sums: of a and m, [2, width]; [0, width] without parts.
    """

    squares: "Float[Tensor, ' tokens']"
    chained: "Float[Tensor, ' tokens']"
    units: "Float[Tensor, ' width']"
    parts: "tuple[Float[Tensor, ' tokens'], ...]"
    sums: "Float[Tensor, 'parts width']"


def advance(
    state: "Float[Tensor, 'tokens width']",
    previous: "Float[Tensor, 'tokens width']",
    weights: "Float[Tensor, ' tokens']",
    parts: "tuple[Float[Tensor, 'tokens width'], ...]" = (),
) -> Advance | None:
    """All that is taken of a block at once; `previous` then holds the state.

    Only compiled loops do that: None where they do not reach, and nothing is written then. Zero
    vectors and rows that are not finite have no part in the sums. Weights are float32.
    """
    if _way(state, previous, *parts) is not _fused():
        return None
    found, totals = _way(state).advance(state, previous, weights, parts)
    squares, chained, *more = found
    return Advance(squares, chained, totals[0], tuple(more), totals[1:])


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
    plain = all(r.dtype == torch.float32 and r.is_contiguous() for r in rows)
    return (_fused() if plain else None) or chunked


@cache
def _fused() -> ModuleType | None:
    """The compiled loops; None where numba is not installed or does not work here."""
    try:
        from odograph.products import fused
    except Exception:  # numba breaks in many ways beside numpy's newest; nothing is lost
        return None
    return fused
