"""Lengths and angles of vectors, exact to 1e-4 degree in any input precision.

All sums run in float64. A cosine that is right to 1e-16 gives an angle that is right to 1e-6 degree
between 0.001 and 179.999 degrees, through Kahan's half-angle form rather than arccos.
"""

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

# Rows of float64 that fit a core's second-level cache: converting and multiplying there, chunk by
# chunk, halves the time of doing it over the whole batch.
_CHUNK_BYTES = 256 * 1024


def row_products(
    state: "Float[Tensor, 'tokens width']", previous: "Float[Tensor, 'tokens width'] | None"
) -> "tuple[Float[Tensor, ' tokens'], Float[Tensor, ' tokens'] | None]":
    """|x|^2 of every row and x.p with the row of `previous`, float64.

    Args:
        state: vectors x in any floating precision.
        previous: vectors p, same shape; None at the first state.

    Returns:
        The squares and the products; the products are None without `previous`.
    """
    if state.device.type != "cpu":
        return _row_products_at_once(state, previous)
    tokens, width = state.shape
    squares = torch.empty(tokens, dtype=torch.float64)
    products = None if previous is None else torch.empty(tokens, dtype=torch.float64)
    rows = max(16, _CHUNK_BYTES // (8 * width))
    for start in range(0, tokens, rows):
        chunk = slice(start, start + rows)
        here = state[chunk].double()
        if previous is not None and products is not None:
            torch.sum(here * previous[chunk], dim=-1, out=products[chunk])
        torch.sum(here.square_(), dim=-1, out=squares[chunk])
    return squares, products


def _row_products_at_once(
    state: "Float[Tensor, 'tokens width']", previous: "Float[Tensor, 'tokens width'] | None"
) -> "tuple[Float[Tensor, ' tokens'], Float[Tensor, ' tokens'] | None]":
    wide = state.double()
    products = None if previous is None else (wide * previous).sum(-1)
    return wide.square().sum(-1), products


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
    wide_u, wide_v = torch.broadcast_tensors(u.double(), v.double())
    unit_u = wide_u / torch.linalg.vector_norm(wide_u, dim=-1, keepdim=True)
    unit_v = wide_v / torch.linalg.vector_norm(wide_v, dim=-1, keepdim=True)
    apart = torch.linalg.vector_norm(unit_u - unit_v, dim=-1)
    together = torch.linalg.vector_norm(unit_u + unit_v, dim=-1)
    return 2 * torch.atan2(apart, together) * (180 / math.pi)
