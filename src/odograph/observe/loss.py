"""The next-token loss alone: what a model without some of its blocks is judged by."""

from typing import TYPE_CHECKING

import torch

from odograph.models.anatomy import Anatomy
from odograph.observe.prediction import vocabulary_tiles

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor


def next_loss(
    anatomy: Anatomy, normed: "Float[Tensor, 'rows width']", next_ids: "Int[Tensor, ' rows']"
) -> "Float[Tensor, ' rows']":
    """-log p of the token that really follows each row, in nats, float64 (float32 on Apple's GPUs).

    Args:
        anatomy: where the head is.
        normed: N(x_L).
        next_ids: the token that really follows; one in every row.

    The vocabulary passes in tiles: the logits of a batch are never held at once. Half precision is
    widened first.

    Raises:
        ModelError: the model has no head.
    """
    wide = normed.to(torch.promote_types(normed.dtype, torch.float32))
    own = anatomy.target_logits(wide, next_ids)
    mass = own.new_full(own.shape, -torch.inf)
    assert anatomy.head is not None  # target_logits has refused a model without a head
    for tile in vocabulary_tiles(len(anatomy.head.weight), wide.device):
        logits = anatomy.logits(wide, tile)
        mass = torch.logaddexp(mass, torch.logsumexp(logits, dim=-1).to(own.dtype))
    return mass - own
