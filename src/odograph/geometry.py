"""Lengths and angles of vectors, exact to 1e-4 degree in any input precision.

They come from dot products in float64 (`odograph.products`). A cosine that is right to 1e-16 gives
an angle that is right to 1e-6 degree between 0.001 and 179.999 degrees, through Kahan's half-angle
form rather than arccos.
"""

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

# A shorter way, squared, as a share of the vectors' squares, is the rounding of the products alone:
# its length is below the rounding of one float32 vector.
_ROUNDING = 1e-14


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
    """|u - v| of vectors with squares `uu`, `vv` and product `uv`, all float64.

    What rounding leaves between equal vectors is 0, in whatever order their products were summed.
    """
    squares, both = uu + vv - 2 * uv, uu + vv
    return torch.where(squares < _ROUNDING * both, 0, squares).sqrt()


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
