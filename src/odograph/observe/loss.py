"""The next-token loss alone, and how far a changed model's prediction is from the model's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from odograph.models.anatomy import Anatomy
from odograph.observe.prediction import rows_of_a_tile, vocabulary_tiles, widened

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the intact model predicts at some rows.

    Attributes:
        normed: N(x_L), [rows, width].
        next_ids: the token that really follows each, [rows].
        log_mass: log of sum e^z over the vocabulary, [rows].
        loss: -log p of `next_ids`, nats, [rows].
    """

    normed: "Float[Tensor, 'rows width']"
    next_ids: "Int[Tensor, ' rows']"
    log_mass: "Float[Tensor, ' rows']"
    loss: "Float[Tensor, ' rows']"


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
    return predicted(anatomy, normed, next_ids).loss


def predicted(
    anatomy: Anatomy, normed: "Float[Tensor, 'rows width']", next_ids: "Int[Tensor, ' rows']"
) -> Prediction:
    """What `next_loss` gives, with what a comparison of predictions needs; see there."""
    wide = widened(normed)
    own = anatomy.target_logits(wide, next_ids)
    mass = own.new_full(own.shape, -torch.inf)
    for tile in vocabulary_tiles(len(anatomy.needed_head().weight), wide.device):
        mass = _with_tile(mass, anatomy.logits(wide, tile))
    return Prediction(wide, next_ids, mass, mass - own)


def compared(
    anatomy: Anatomy, intact: Prediction, normed: "Float[Tensor, 'ways rows width']"
) -> "tuple[Float[Tensor, 'ways rows'], Float[Tensor, 'ways rows']]":
    """Loss of each changed prediction, and its KL divergence from the intact one, in nats.

    The divergence is sum p log(p/q), p the intact model's distribution, q the changed one's. The
    vocabulary passes in tiles, as in `next_loss`; of each tile p is computed once for all ways.

    Args:
        anatomy: where the head is.
        intact: the model's own prediction.
        normed: N(x_L) of the same rows, once for each way of changing the model.
    """
    wide = widened(normed)
    own = anatomy.target_logits(wide.flatten(0, 1), intact.next_ids.repeat(len(wide)))
    mass = torch.full_like(own, -torch.inf).view(wide.shape[:2])
    gap = torch.zeros_like(mass)
    for tile in vocabulary_tiles(len(anatomy.needed_head().weight), wide.device):
        before = anatomy.logits(intact.normed, tile)
        share = torch.exp(before - intact.log_mass[:, None].to(before.dtype))
        for ways in _ways_at_once(wide):
            after = anatomy.logits(wide[ways], tile)
            mass[ways] = _with_tile(mass[ways], after)
            gap[ways] += (share * (before - after)).sum(-1, dtype=gap.dtype)
    return mass - own.view_as(mass), gap + mass - intact.log_mass


def _ways_at_once(normed: "Tensor") -> "Iterator[slice]":
    """The ways in pieces whose rows together are about those of which a tile is looked at."""
    ways, rows = normed.shape[:2]
    at_once = max(1, rows_of_a_tile(normed.device) // max(1, rows))
    return (slice(first, first + at_once) for first in range(0, ways, at_once))


def _with_tile(mass: "Tensor", logits: "Tensor") -> "Tensor":
    return torch.logaddexp(mass, torch.logsumexp(logits, dim=-1).to(mass.dtype))
