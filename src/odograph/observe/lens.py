"""The prediction read at one depth: final norm and head on the states of any layer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from odograph.models.anatomy import Anatomy
from odograph.observe.prediction import Above, OnlineSums, row_tiles, vocabulary_tiles, widened

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class LensReading:
    """What is predicted at one depth, and how some tokens stand in it.

    Attributes:
        logprob: of each token asked for, nats, [asked, rows]; NaN where logits are no numbers.
        rank: 1 + how many logits are larger, [asked, rows]; 0 where logits are no numbers.
        entropy: of the distribution, nats, [rows].
        first: the first choice, of equal ones the lower id, [rows].
    """

    logprob: "Float[Tensor, 'asked rows']"
    rank: "Int[Tensor, 'asked rows']"
    entropy: "Float[Tensor, ' rows']"
    first: "Int[Tensor, ' rows']"


def normed(
    anatomy: Anatomy, states: "Float[Tensor, 'rows width']"
) -> "Float[Tensor, 'rows width']":
    """N(x) of states of any layer; x where the trunk has no final norm."""
    if anatomy.final_norm is None:
        return states
    found: Tensor = anatomy.final_norm(states)
    return found.to(states.device)


def first_choice(anatomy: Anatomy, normed: "Float[Tensor, 'rows width']") -> "Int[Tensor, ' rows']":
    """The token with the largest logit in each row, of equal ones the one with the lower id."""
    found = []
    for rows in row_tiles(normed):
        wide = widened(normed[rows])
        best = _Best.beginning(wide)
        for tile in vocabulary_tiles(len(anatomy.needed_head().weight), wide.device):
            best.add(anatomy.logits(wide, tile), tile.start)
        found.append(best.ids)
    return torch.cat(found)


def read_lens(
    anatomy: Anatomy,
    normed: "Float[Tensor, 'rows width']",
    asked: "Int[Tensor, 'asked rows']",
) -> LensReading:
    """The prediction at some rows, and in it the log-probability and rank of tokens asked for.

    The logit of such a token is one product a row; of the others tiles of the vocabulary pass. A
    token that is the first choice has rank 1, whatever two ways of adding up make of its logit.

    Args:
        anatomy: where the head is.
        normed: N(x_l), of any depth.
        asked: token ids, several a row.

    Raises:
        ModelError: the model has no head.
    """
    tiles = [_read(anatomy, widened(normed[rows]), asked[:, rows]) for rows in row_tiles(normed)]
    return LensReading(
        torch.cat([tile.logprob for tile in tiles], dim=1),
        torch.cat([tile.rank for tile in tiles], dim=1),
        torch.cat([tile.entropy for tile in tiles]),
        torch.cat([tile.first for tile in tiles]),
    )


def _read(anatomy: Anatomy, wide: "Tensor", asked: "Tensor") -> LensReading:
    own = torch.stack([anatomy.target_logits(wide, ids) for ids in asked])
    sums, best = OnlineSums.beginning(own[0], wide.dtype), _Best.beginning(wide)
    above = [Above.beginning(logit, ids) for logit, ids in zip(own, asked, strict=True)]
    for tile in vocabulary_tiles(len(anatomy.needed_head().weight), wide.device):
        logits = anatomy.logits(wide, tile)
        room = torch.empty_like(logits)
        best.add(logits, tile.start)
        for one in above:
            one.add(logits, tile.start, room)
        sums.add(logits, room)
    counted = torch.stack([one.count for one in above]) + 1
    is_first = asked == best.ids
    rank = torch.where(is_first, 1, torch.where((counted == 1) & ~is_first, 2, counted))
    known = torch.isfinite(sums.log_mass)
    return LensReading(
        torch.where(known, own - sums.log_mass, torch.nan),
        torch.where(known, rank, 0),
        sums.entropy,
        best.ids,
    )


@dataclass
class _Best:
    """The largest logit of each row so far, and whose it is."""

    logit: "Tensor"
    ids: "Tensor"

    @classmethod
    def beginning(cls, rows: "Tensor") -> "_Best":
        low = rows.new_full((len(rows),), -torch.inf)
        return cls(low, torch.zeros_like(low, dtype=torch.long))

    def add(self, logits: "Tensor", first: int) -> None:
        """Adds a tile, of which the first column is that of token `first`; a later equal loses."""
        column = logits.argmax(-1, keepdim=True)  # of equal ones the first
        largest = logits.gather(1, column).squeeze(1)
        better = largest > self.logit
        self.logit = torch.where(better, largest, self.logit)
        self.ids = torch.where(better, column.squeeze(1) + first, self.ids)
