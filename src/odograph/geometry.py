"""Lengths and angles of vectors, exact to 1e-4 degree in any input precision.

All sums run in float64. A cosine that is right to 1e-16 gives an angle that is right to 1e-6 degree
between 0.001 and 179.999 degrees, through Kahan's half-angle form rather than arccos.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

# Rows of float64 that fit a core's second-level cache: converting and multiplying there, chunk by
# chunk, takes a seventh of the time of doing it over the whole batch. On such small chunks numpy
# is a third faster than torch.
_CHUNK_BYTES = 256 * 1024


def row_squares(state: "Float[Tensor, 'tokens width']") -> "Float[Tensor, ' tokens']":
    """|x|^2 of every row x, float64, for any floating precision."""
    if state.device.type != "cpu":
        return state.double().square().sum(-1)
    squares = np.empty(len(state))
    (here,) = _buffers(state, 1)
    for chunk in _chunks(state):
        wide = _widened(state[chunk], here)
        np.vecdot(wide, wide, out=squares[chunk])
    return torch.from_numpy(squares)


def row_products(
    state: "Float[Tensor, 'tokens width']", previous: "Float[Tensor, 'tokens width']"
) -> "tuple[Float[Tensor, ' tokens'], Float[Tensor, ' tokens']]":
    """|x|^2 of every row x, and x.p with the same row p of `previous`, float64.

    Any floating precision; both arrays have the same shape.
    """
    if state.device.type != "cpu":
        wide = state.double()
        return wide.square().sum(-1), (wide * previous).sum(-1)
    squares, products = np.empty(len(state)), np.empty(len(state))
    here, before = _buffers(state, 2)
    for chunk in _chunks(state):
        rows = _widened(state[chunk], here)
        np.vecdot(rows, rows, out=squares[chunk])
        np.vecdot(rows, _widened(previous[chunk], before), out=products[chunk])
    return torch.from_numpy(squares), torch.from_numpy(products)


def _rows(state: "Float[Tensor, 'tokens width']") -> int:
    return max(16, _CHUNK_BYTES // (8 * state.shape[1]))


def _chunks(state: "Float[Tensor, 'tokens width']") -> Iterator[slice]:
    rows = _rows(state)
    return (slice(start, start + rows) for start in range(0, len(state), rows))


def _buffers(state: "Float[Tensor, 'tokens width']", count: int) -> NDArray[np.float64]:
    """Room for `count` chunks in float64, used again for every chunk."""
    return np.empty((count, _rows(state), state.shape[1]))


def _widened(
    rows: "Float[Tensor, 'tokens width']", buffer: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The rows in float64, in the buffer; numpy knows no bfloat16, which float32 holds exactly."""
    known = rows if rows.dtype in (torch.float32, torch.float64) else rows.float()
    wide = buffer[: len(rows)]
    np.copyto(wide, known.numpy())
    return wide


def angle_from_products(
    uu: "Float[Tensor, '*any']", vv: "Float[Tensor, '*any']", uv: "Float[Tensor, '*any']"
) -> "Float[Tensor, '*any']":
    """Angle in degrees of vectors with squares `uu`, `vv` and product `uv`, all float64.

    Formula: 2 atan2(|u/|u| - v/|v||, |u/|u| + v/|v||), where |u/|u| -+ v/|v||^2 = 2 -+ 2 cos.
    A zero vector gives NaN.
    Source: Kahan, Computing Cross-Products and Rotations, sec. 13.
    """
    cosine = uv / (uu.sqrt() * vv.sqrt())
    # Rounding may push |cos| past 1 by one part in 1e16; the maximum keeps NaN as NaN.
    apart = torch.clamp_min(1 - cosine, 0)
    together = torch.clamp_min(1 + cosine, 0)
    return torch.rad2deg(2 * torch.atan2(apart.sqrt(), together.sqrt()))


def distance_from_products(
    uu: "Float[Tensor, '*any']", vv: "Float[Tensor, '*any']", uv: "Float[Tensor, '*any']"
) -> "Float[Tensor, '*any']":
    """|u - v| of vectors with squares `uu`, `vv` and product `uv`, all float64."""
    return torch.clamp_min(uu + vv - 2 * uv, 0).sqrt()


def angle(
    u: "Float[Tensor, '*rows width']", v: "Float[Tensor, '*rows width']"
) -> "Float[Tensor, '*rows']":
    """Angle between the vectors of two arrays, in degrees, float64.

    A zero vector gives NaN.

    >>> import torch
    >>> angle(torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1.0])).item()
    45.0
    """
    wide_u, wide_v = u.double(), v.double()
    unit_u = wide_u / torch.linalg.vector_norm(wide_u, dim=-1, keepdim=True)
    unit_v = wide_v / torch.linalg.vector_norm(wide_v, dim=-1, keepdim=True)
    apart = torch.linalg.vector_norm(unit_u - unit_v, dim=-1)
    together = torch.linalg.vector_norm(unit_u + unit_v, dim=-1)
    return 2 * torch.atan2(apart, together) * (180 / math.pi)
