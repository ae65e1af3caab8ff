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
class _Online:
    """Running maximum m, sums of e^{z-m} and e^{z-m} (z-m), and how many logits beat the target."""

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

    Rows without a next token get NaN (rank 0); their entropy is still that of the prediction. Rows
    whose logits are no numbers have no rank either.
    """
    known = next_ids >= 0
    targets = next_ids.clamp_min(0)
    # Logits in half precision would be rounded by up to 0.06, and a log-probability could pass 0.
    wide = normed.to(torch.promote_types(normed.dtype, torch.float32))
    own = anatomy.target_logits(wide, targets)
    predicted = {"next_logit": torch.where(known, own, torch.nan)}
    if not full:
        return predicted
    parts = [_scan(anatomy, wide[tile], own[tile], targets[tile]) for tile in _tiles(wide)]
    log_mass, entropy, above = (torch.cat(values) for values in zip(*parts, strict=True))
    predicted["next_logprob"] = torch.where(known, own - log_mass, torch.nan)
    predicted["entropy"] = entropy
    predicted["rank"] = torch.where(known & torch.isfinite(log_mass), above + 1, 0)
    return predicted


def vocabulary_tiles(vocabulary: int, device: torch.device) -> Iterator[slice]:
    """The vocabulary in pieces whose logits stay small."""
    columns = _COLUMNS.get(device.type, _COLUMNS["cpu"])
    return (slice(start, start + columns) for start in range(0, vocabulary, columns))


def _tiles(normed: "Tensor") -> Iterator[slice]:
    rows = _ROWS.get(normed.device.type, _ROWS["cpu"])
    return (slice(start, start + rows) for start in range(0, max(1, len(normed)), rows))


def _scan(
    anatomy: Anatomy, normed: "Tensor", own: "Tensor", targets: "Tensor"
) -> "tuple[Tensor, Tensor, Tensor]":
    """Log of sum e^z, entropy, and how many logits beat the target's; one each a row."""
    head = anatomy.head
    assert head is not None  # target_logits has refused a model without a head
    sums = _Online(
        maximum=own.to(normed.dtype),
        mass=torch.zeros_like(own),
        weighted=torch.zeros_like(own),
        above=torch.zeros_like(targets),
    )
    for tile in vocabulary_tiles(len(head.weight), normed.device):
        logits = anatomy.logits(normed, tile)
        room = torch.empty_like(logits)
        _count_above(sums, logits, own, targets - tile.start, room)
        _add_tile(sums, logits, room)
    log_mass = sums.mass.log()
    return log_mass + sums.maximum, log_mass - sums.weighted / sums.mass, sums.above


def _count_above(
    sums: _Online, logits: "Tensor", own: "Tensor", column: "Tensor", room: "Tensor"
) -> None:
    """Counts the logits above the target's own, which itself never counts."""
    # As 0.0 and 1.0: sums of booleans take several times as long, and a tile's count is exact.
    beats = torch.gt(logits, own[:, None].to(logits.dtype), out=room)
    inside = (column >= 0) & (column < logits.shape[1])
    own_column = column.clamp(0, logits.shape[1] - 1)[:, None]
    itself = beats.gather(1, own_column).squeeze(1) * inside
    sums.above += (beats.sum(-1) - itself).to(sums.above.dtype)


def _add_tile(sums: _Online, logits: "Tensor", room: "Tensor") -> None:
    """Adds a tile, in place: its logits become distances from the maximum."""
    top = torch.maximum(sums.maximum, logits.amax(-1))
    rise = (top - sums.maximum).to(sums.mass.dtype)
    below = logits.sub_(top[:, None])
    weights = torch.exp(below, out=room)
    shrink = torch.exp(-rise)
    # What was z - m is z - m' = (z - m) - (m' - m).
    sums.weighted = (sums.weighted - sums.mass * rise) * shrink
    sums.mass = sums.mass * shrink + weights.sum(-1)
    sums.weighted += weights.mul_(below).sum(-1)
    sums.maximum = top
