"""Whether what is read of attention and the MLP is what each block adds: x + a + m against x'.

Three things have to hold, judged against what rounding alone can do in the precision of the stream:

- no token's error is longer than rounding makes it, measured against |x| + |a| + |m|;
- when x, a and m are added and rounded as the block does, what is left holds nothing of a or m.
  Where the stream is long and the precision low, a wrong reading (a multiplier left out, a norm
  passed over) may hide below the rounding of a sum; it does not hide from this;
- in some block the part is not lost in that rounding, so that there was something to judge.
"""

from dataclasses import dataclass

import torch

from odograph.models.observed import PART_NAMES, Observed

#: How much of a part may be missing or too much, over all tokens of a block.
_SHARE = 0.05
#: How much of a part has to reach the stream in some block.
_ARRIVED = 0.5


@dataclass(frozen=True)
class Closure:
    """The worst block: its number from 1, the error, the tolerance; what is wrong, or empty."""

    layer: int
    error: float
    tolerance: float
    wrong: str


def closure(seen: Observed) -> Closure:
    """The outcome over all blocks; every part has to have been seen."""
    # The states may be wider than the weights, which is where the roundings are.
    kinds = {added.dtype for _, _, added in seen.parts} | {seen.states[0].dtype}
    tolerance = 2 * max(torch.finfo(kind).eps for kind in kinds)
    blocks = [_judged(seen, layer) for layer in range(1, len(seen.states))]
    worst = max(blocks, key=lambda block: block.error)
    if worst.error > tolerance:
        wrong = f"attention and MLP do not add up in block {worst.layer}"
    else:
        wrong = next((b.misread for b in blocks if b.misread), "") or _lost(blocks)
    return Closure(worst.layer, worst.error, tolerance, wrong)


@dataclass(frozen=True)
class _Block:
    """One block: the longest error, what is misread, and how much of each part has arrived."""

    layer: int
    error: float
    misread: str
    arrived: tuple[float, ...]


def _judged(seen: Observed, layer: int) -> _Block:
    before, after = seen.states[layer - 1].cpu(), seen.states[layer].cpu()
    attention, mlp = (_seen(seen, layer, name).cpu() for name in PART_NAMES)
    exact = [_wide(values) for values in (before, attention, mlp)]
    left = _left_over(before, after, attention, mlp)
    misread = [
        f"{beyond:+.0%} of what {name} gives is added as well in block {layer}"
        for name, part in zip(PART_NAMES, exact[1:], strict=True)
        if abs(beyond := _share(left, part, 0.0)) > _SHARE
    ]
    apart = _wide(after) - sum(exact)
    arrived = tuple(_share(apart + part, part, 1.0) for part in exact[1:])
    return _Block(layer, _longest(apart, exact), "".join(misread[:1]), arrived)


def _lost(blocks: list[_Block]) -> str:
    for index, name in enumerate(PART_NAMES):
        if all(block.arrived[index] < _ARRIVED for block in blocks):
            return f"what {name} gives is lost in the rounding of the stream in every block"
    return ""


def _left_over(
    before: torch.Tensor, after: torch.Tensor, attention: torch.Tensor, mlp: torch.Tensor
) -> torch.Tensor:
    """What the sum, rounded in the nearer of the two orders in use, leaves of the next state."""
    sums = ((before + attention) + mlp, (attention + mlp) + before)
    left = [_wide(after) - _wide(summed) for summed in sums]
    return min(left, key=lambda rest: float(rest.norm()))


def _share(left: torch.Tensor, part: torch.Tensor, of_nothing: float) -> float:
    """How many times a part is in what is left, over all tokens."""
    square = float(part.square().sum())
    return float((left * part).sum()) / square if square else of_nothing


def apart_from(given: torch.Tensor, wanted: torch.Tensor, scale: torch.Tensor) -> float:
    """The largest |given - wanted| over tokens, as a share of |wanted| + |scale|."""
    return _longest(_wide(given) - _wide(wanted), [_wide(wanted), _wide(scale)])


def _seen(seen: Observed, layer: int, name: str) -> torch.Tensor:
    found = seen.part(layer, name)
    assert found is not None  # the caller has made sure
    return found


def _longest(apart: torch.Tensor, scale: list[torch.Tensor]) -> float:
    lengths = sum((_lengths(s) for s in scale), torch.zeros(()))
    error = torch.where(_lengths(apart) == 0, 0.0, _lengths(apart) / lengths)
    worst = float(error.max())
    return worst if worst == worst else float("inf")


def _lengths(rows: torch.Tensor) -> torch.Tensor:
    lengths: torch.Tensor = torch.linalg.vector_norm(rows, dim=-1)
    return lengths


def _wide(values: torch.Tensor) -> torch.Tensor:
    """In float64 on the CPU: not every device has it."""
    return values.cpu().double()
