"""The next-token loss alone: what a model without some of its blocks is judged by."""

from typing import TYPE_CHECKING

import torch

from odograph.models.anatomy import Anatomy

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

_VOCABULARY_CHUNK = 8192


def next_loss(
    anatomy: Anatomy, normed: "Float[Tensor, 'rows width']", next_ids: "Int[Tensor, ' rows']"
) -> "Float[Tensor, ' rows']":
    """-log p of the token that really follows each row, in nats, float64 (float32 on Apple's GPUs).

    Args:
        anatomy: where the head is.
        normed: N(x_L).
        next_ids: the token that really follows; one in every row.

    The vocabulary passes in chunks: the logits of a batch are never held at once. Half precision is
    widened first.

    Raises:
        ModelError: the model has no head.
    """
    wide = normed.to(torch.promote_types(normed.dtype, torch.float32))
    own = anatomy.target_logits(wide, next_ids)
    mass = own.new_full(own.shape, -torch.inf)
    assert anatomy.head is not None  # target_logits has refused a model without a head
    for start in range(0, len(anatomy.head.weight), _VOCABULARY_CHUNK):
        logits = anatomy.logits(wide, slice(start, start + _VOCABULARY_CHUNK))
        mass = torch.logaddexp(mass, torch.logsumexp(logits, dim=-1).to(own.dtype))
    return mass - own
