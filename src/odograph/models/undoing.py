"""What is left of a block when its turn, its growth, a part of it, or all of it is undone.

x is the state that enters the block, y the one that leaves it, a what attention adds:

    turn    direction of x, length of y        growth  direction of y, length of x
    mlp     x + a                              block   x

and, as it takes running the block again, in `reentry`: attention, a = 0 where the MLP runs on x.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from odograph.measures import ATTENTION, BLOCK, GROWTH, MLP, TURN

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

#: What needs attention and the MLP told apart.
PARTS = (ATTENTION, MLP)


def undone(
    what: str,
    entering: "Float[Tensor, '*tokens width']",
    leaving: "Float[Tensor, '*tokens width']",
    attention: "Float[Tensor, '*tokens width'] | None" = None,
) -> "Float[Tensor, '*tokens width']":
    """The state that leaves a block with something undone, in the precision of the stream.

    Where a state is zero, turn and growth are left as they are: see `has_no_direction`.

    Args:
        what: turn, growth, mlp or block.
        entering: x.
        leaving: y.
        attention: a; needed for mlp alone.
    """
    if what == BLOCK:
        return entering
    if what == MLP:
        assert attention is not None  # whoever asks for the MLP has had the parts kept
        return entering + attention
    return _LENGTHS[what](entering, leaving)


def has_no_direction(
    entering: "Float[Tensor, '*tokens width']", leaving: "Float[Tensor, '*tokens width']"
) -> "Bool[Tensor, ' *tokens']":
    """Where a state is zero, so that neither turn nor growth can be undone."""
    return ~(entering.any(-1) & leaving.any(-1))


def _turn_undone(entering: "Tensor", leaving: "Tensor") -> "Tensor":
    return _with_length_of(leaving, entering, zero=leaving)


def _growth_undone(entering: "Tensor", leaving: "Tensor") -> "Tensor":
    return _with_length_of(entering, leaving, zero=leaving)


def _with_length_of(long: "Tensor", direction: "Tensor", *, zero: "Tensor") -> "Tensor":
    """The direction of one state with the length of another; `zero` where one has none."""
    # The squares of a half-precision stream overflow.
    wide = direction.to(torch.promote_types(direction.dtype, torch.float32))
    lengths = [
        torch.linalg.vector_norm(s, dim=-1, keepdim=True, dtype=wide.dtype)
        for s in (long, direction)
    ]
    scaled = (wide * (lengths[0] / lengths[1])).to(direction.dtype)
    nowhere = has_no_direction(long, direction)
    return torch.where(nowhere[..., None], zero, scaled)


_LENGTHS: dict[str, Callable[["Tensor", "Tensor"], "Tensor"]] = {
    TURN: _turn_undone,
    GROWTH: _growth_undone,
}
