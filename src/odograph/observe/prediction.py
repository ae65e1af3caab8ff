"""What the model predicts next: the true next token's logit, log-probability and rank, the entropy.

The logits of a batch are never held at once: the vocabulary passes in small tiles, and the sums
that log-probability and entropy need are kept online.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from odograph.models.anatomy import Anatomy

if TYPE_CHECKING:
    from jaxtyping import Float, Int
    from torch import Tensor

# Logits at once: on a CPU two megabytes, which stay in the second-level cache through the ten
# passes over them (half the time of 4,096 columns); a GPU wants larger pieces to be busy.
_ROWS = {"cpu": 512, "cuda": 8192}
_COLUMNS = {"cpu": 1024, "cuda": 4096}


@dataclass
class OnlineSums:
    """Over the tiles so far, for each row: maximum m, and sums of e^{z-m} and of e^{z-m} (z-m)."""

    maximum: "Tensor"
    mass: "Tensor"
    weighted: "Tensor"

    @classmethod
    def beginning(cls, own: "Tensor", kind: torch.dtype) -> "OnlineSums":
        """Nothing yet; the maximum begins at some logit of each row, which are of a precision."""
        return cls(own.to(kind), torch.zeros_like(own), torch.zeros_like(own))

    def add(self, logits: "Tensor", room: "Tensor") -> None:
        """Adds a tile, in place: its logits become distances from the maximum."""
        top = torch.maximum(self.maximum, logits.amax(-1))
        rise = (top - self.maximum).to(self.mass.dtype)
        below = logits.sub_(top[:, None])
        weights = torch.exp(below, out=room)
        shrink = torch.exp(-rise)
        # What was z - m is z - m' = (z - m) - (m' - m).
        self.weighted = (self.weighted - self.mass * rise) * shrink
        self.mass = self.mass * shrink + weights.sum(-1)
        self.weighted += weights.mul_(below).sum(-1)
        self.maximum = top

    @property
    def log_mass(self) -> "Tensor":
        """Log of sum e^z."""
        return self.mass.log() + self.maximum

    @property
    def entropy(self) -> "Tensor":
        """Of the distribution, nats."""
        return self.mass.log() - self.weighted / self.mass


@dataclass
class Above:
    """How many logits are larger than that of one token of each row, which itself never counts."""

    own: "Tensor"
    ids: "Tensor"
    count: "Tensor"

    @classmethod
    def beginning(cls, own: "Tensor", ids: "Tensor") -> "Above":
        """None yet; the token of each row and its logit."""
        return cls(own, ids, torch.zeros_like(ids))

    def add(self, logits: "Tensor", first: int, room: "Tensor") -> None:
        """Adds a tile, of which the first column is that of token `first`."""
        # As 0.0 and 1.0: sums of booleans take several times as long, and a tile's count is exact.
        beats = torch.gt(logits, self.own[:, None].to(logits.dtype), out=room)
        column = self.ids - first
        inside = (column >= 0) & (column < logits.shape[1])
        own_column = column.clamp(0, logits.shape[1] - 1)[:, None]
        itself = beats.gather(1, own_column).squeeze(1) * inside
        self.count += (beats.sum(-1) - itself).to(self.count.dtype)


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

    Rows without a next token get NaN (rank 0); their entropy is still that of the prediction. Rows
    whose logits are no numbers have no rank either.
    """
    known = next_ids >= 0
    targets = next_ids.clamp_min(0)
    wide = widened(normed)
    own = anatomy.target_logits(wide, targets)
    predicted = {"next_logit": torch.where(known, own, torch.nan)}
    if not full:
        return predicted
    parts = [_scan(anatomy, wide[tile], own[tile], targets[tile]) for tile in row_tiles(wide)]
    log_mass, entropy, above = (torch.cat(values) for values in zip(*parts, strict=True))
    predicted["next_logprob"] = torch.where(known, own - log_mass, torch.nan)
    predicted["entropy"] = entropy
    predicted["rank"] = torch.where(known & torch.isfinite(log_mass), above + 1, 0)
    return predicted


def widened(normed: "Tensor") -> "Tensor":
    """In single precision at least: logits in half precision would be rounded by up to 0.06."""
    return normed.to(torch.promote_types(normed.dtype, torch.float32))


def vocabulary_tiles(vocabulary: int, device: torch.device) -> Iterator[slice]:
    """The vocabulary in pieces whose logits stay small."""
    columns = _COLUMNS.get(device.type, _COLUMNS["cpu"])
    return (slice(start, start + columns) for start in range(0, vocabulary, columns))


def rows_of_a_tile(device: torch.device) -> int:
    """Of how many rows a tile of the vocabulary is looked at together."""
    return _ROWS.get(device.type, _ROWS["cpu"])


def row_tiles(normed: "Tensor") -> Iterator[slice]:
    """The rows in pieces of which a tile of the vocabulary is looked at together."""
    rows = rows_of_a_tile(normed.device)
    return (slice(start, start + rows) for start in range(0, max(1, len(normed)), rows))


def _scan(
    anatomy: Anatomy, normed: "Tensor", own: "Tensor", targets: "Tensor"
) -> "tuple[Tensor, Tensor, Tensor]":
    """Log of sum e^z, entropy, and how many logits beat the target's; one each a row."""
    sums, above = OnlineSums.beginning(own, normed.dtype), Above.beginning(own, targets)
    for tile in vocabulary_tiles(len(anatomy.needed_head().weight), normed.device):
        logits = anatomy.logits(normed, tile)
        room = torch.empty_like(logits)
        above.add(logits, tile.start, room)
        sums.add(logits, room)
    return sums.log_mass, sums.entropy, above.count
