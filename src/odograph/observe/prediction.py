"""What the model predicts next: the true next token's logit, log-probability and rank, the entropy.

The logits of a batch are never held at once: the vocabulary passes in chunks, and the sums that
log-probability and entropy need are kept online.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from odograph.models.anatomy import Anatomy

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

_VOCABULARY_CHUNK = 4096


@dataclass
class _Online:
    """Running maximum m, sum of e^{z-m}, sum of e^{z-m} z, and how many logits beat the target."""

    maximum: "Tensor"
    mass: "Tensor"
    weighted: "Tensor"
    above: "Tensor"


def predict(
    anatomy: Anatomy,
    normed: "Float[Tensor, 'rows width']",
    next_ids: "Int[Tensor, ' rows']",
    full: bool,
) -> "dict[str, Tensor]":
    """`next_logit`, and if `full` `next_logprob` and `entropy` (nats) and `rank`, one each a row.

    Args:
        anatomy: where the head is.
        normed: N(x_L).
        next_ids: the token that really follows; -1 where none does.
        full: whether the whole vocabulary is looked at.

    Rows without a next token get NaN (rank 0); their entropy is still that of the prediction.
    """
    known = next_ids >= 0
    targets = next_ids.clamp_min(0)
    # Logits in half precision would be rounded by up to 0.06, and a log-probability could pass 0.
    wide = normed.to(torch.promote_types(normed.dtype, torch.float32))
    own = anatomy.target_logits(wide, targets)
    predicted = {"next_logit": torch.where(known, own, torch.nan)}
    if not full:
        return predicted
    sums = _scan(anatomy, wide, own, targets)
    log_mass = sums.maximum + sums.mass.log()
    predicted["next_logprob"] = torch.where(known, own - log_mass, torch.nan)
    predicted["entropy"] = log_mass - sums.weighted / sums.mass
    predicted["rank"] = torch.where(known, sums.above + 1, 0)
    return predicted


def _scan(anatomy: Anatomy, normed: "Tensor", own: "Tensor", targets: "Tensor") -> _Online:
    """One pass over the vocabulary in chunks."""
    head = anatomy.head
    assert head is not None  # target_logits has refused a model without a head
    rows, vocabulary = len(normed), len(head.weight)
    sums = _Online(
        maximum=own.new_full((rows,), -torch.inf),
        mass=own.new_zeros(rows),
        weighted=own.new_zeros(rows),
        above=torch.zeros(rows, dtype=torch.int64, device=normed.device),
    )
    for start in range(0, vocabulary, _VOCABULARY_CHUNK):
        stop = min(start + _VOCABULARY_CHUNK, vocabulary)
        logits = anatomy.logits(normed, slice(start, stop))
        _count_above(sums, logits, own, targets - start)
        _add_chunk(sums, logits)
    return sums


def _count_above(sums: _Online, logits: "Tensor", own: "Tensor", column: "Tensor") -> None:
    """Counts the logits above the target's own, which itself never counts."""
    beats = logits > own[:, None].to(logits.dtype)
    inside = (column >= 0) & (column < logits.shape[1])
    own_column = column.clamp(0, logits.shape[1] - 1)[:, None]
    itself = beats.gather(1, own_column).squeeze(1) & inside
    sums.above += beats.sum(-1) - itself.long()


def _add_chunk(sums: _Online, logits: "Tensor") -> None:
    wide = sums.mass.dtype
    top = torch.maximum(sums.maximum, logits.amax(-1).to(wide))
    shrink = torch.exp(sums.maximum - top)
    weights = torch.exp(logits - top[:, None].to(logits.dtype))
    sums.mass = sums.mass * shrink + weights.sum(-1, dtype=wide)
    products = (weights * logits).sum(-1, dtype=wide)
    sums.weighted = sums.weighted * shrink + products
    sums.maximum = top
