"""A batch run in many ways that differ from some block on: what lies before it is run once.

The states that enter each block are kept for one batch, and for each way only what follows is run.
Ways that enter the same block run side by side, as many as the device takes at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

import torch

from odograph.errors import ModelError
from odograph.models.anatomy import Anatomy
from odograph.models.loading import Loaded
from odograph.models.reentry import Intact, run_from
from odograph.observe.spans import spans_budget
from odograph.run.budget import Budget, usual_budget
from odograph.run.config import RunConfig


@dataclass(frozen=True, eq=False)
class Way:
    """One change to a run.

    Attributes:
        number: its place among all ways.
        block: the first block that is run, 1..L + 1.
        states: what enters it, [batch, tokens, width], of the batch as it is.
        without_attention: tokens to which attention adds nothing in that block, [batch, tokens].
    """

    number: int
    block: int
    states: Callable[[Intact], torch.Tensor]
    without_attention: torch.Tensor | None = None


def run_ways(
    anatomy: Anatomy, intact: Intact, ways: Sequence[Way], tokens: int
) -> Iterator[tuple[tuple[int, ...], torch.Tensor]]:
    """The numbers of some ways with N(x_L) of each, [ways, batch x tokens, width], until all are.

    Args:
        anatomy: the model.
        intact: the batch as it is.
        ways: in any order.
        tokens: the most that run side by side; one way runs in any case.
    """
    rows = intact.states[0].shape[:2].numel()
    at_once = max(1, tokens // rows)
    ordered = sorted(ways, key=lambda way: (way.block, way.number))
    for block, group in groupby(ordered, key=lambda way: way.block):
        entering = list(group)
        for first in range(0, len(entering), at_once):
            chosen = entering[first : first + at_once]
            states = torch.cat([way.states(intact) for way in chosen])
            normed = run_from(anatomy, intact, block, states, _without_attention(chosen, intact))
            yield tuple(w.number for w in chosen), normed.reshape(len(chosen), rows, -1)


def gathered(
    found: Iterable[tuple[tuple[int, ...], torch.Tensor]], rows: torch.Tensor, most: int
) -> Iterator[tuple[tuple[int, ...], torch.Tensor]]:
    """What `run_ways` gives at some rows, of about so many ways together.

    What all ways are compared with is computed once for each piece.

    Args:
        found: numbers of ways with N(x_L).
        rows: those that are looked at.
        most: ways from which on a piece is given.
    """
    numbers: tuple[int, ...] = ()
    held: list[torch.Tensor] = []
    for own, normed in found:
        numbers, held = numbers + own, [*held, normed.to(rows.device)[:, rows]]
        if len(numbers) >= most:
            yield numbers, torch.cat(held)
            numbers, held = (), []
    if held:
        yield numbers, torch.cat(held)


def _without_attention(ways: Sequence[Way], intact: Intact) -> torch.Tensor | None:
    """The tokens of all ways, one below the other; None where attention is left to all."""
    if all(way.without_attention is None for way in ways):
        return None
    shape, device = intact.states[0].shape[:2], intact.states[0].device
    none = torch.zeros(shape, dtype=torch.bool, device=device)
    return torch.cat([none if w.without_attention is None else w.without_attention for w in ways])


def side_by_side(ways: int, blocks: int) -> int:
    """How many ways enter one block, on the mean over the blocks that are entered."""
    return max(1, ceil(ways / max(1, blocks)))


def ways_budget(config: RunConfig, loaded: Loaded, ways: int, kept: int) -> Budget:
    """Tokens a batch of which so many ways run side by side, and so many states are kept."""
    budget = usual_budget(config, loaded)
    room = spans_budget(kept, loaded.anatomy.width, loaded.device)
    budget.tokens = max(1, min(budget.tokens // ways, room))
    return budget


def refuse_without_loss(loaded: Loaded, option: str, study: str) -> None:
    """Refuses a model that does not predict the next token.

    Args:
        loaded: the model.
        option: what asks for the prediction.
        study: the study that asks by that option, whether the user wrote it or not.

    Raises:
        ModelError: names the model, the reason, the option and the study.
    """
    reason = ""
    if not loaded.anatomy.causal:
        reason = "it is not causal"
    elif loaded.anatomy.head is None:
        reason = "it has no output head"
    if reason:
        raise ModelError(
            f"no next-token loss can be had from {loaded.identity.name}: {reason}",
            remedy=f"Leave out {option}, which the study {study} sets; the geometry needs no "
            "prediction.",
        )
