"""Whether passages in one line get the states that each gets alone: tried out, not assumed."""

import inspect
from collections.abc import Sequence

import torch

from odograph.corpus.encoded import Encoded
from odograph.models.anatomy import Anatomy
from odograph.models.selfcheck import TOLERANCES
from odograph.run.batches import Batch, Line, join, make_batches

#: Under these names configs say how far a token sees, counted in places of the line by some.
_REACH = ("sliding_window", "window_size", "attention_chunk_size", "local_attention")
#: What a model may answer to a mask or to positions that it does not know.
_ERRORS = (TypeError, ValueError, LookupError, AttributeError, RuntimeError)


def can_share(anatomy: Anatomy, passages: Sequence[Encoded], budget: int, device: str) -> bool:
    """Whether passages that begin alike may run in one line; the longest such line is tried out.

    Args:
        anatomy: the model's.
        passages: all that will be read.
        budget: tokens a batch.
        device: where token ids go.
    """
    line = longest_line(passages, budget)
    known = inspect.signature(anatomy.trunk.forward).parameters
    if line is None or not anatomy.causal or not {"position_ids", "attention_mask"} <= set(known):
        return False
    reach = [getattr(anatomy.config, name, None) for name in _REACH]
    if any(isinstance(most, int) and 0 < most < len(line.ids) for most in reach):
        return False
    try:
        return _agrees(anatomy, line, device)
    except _ERRORS:
        return False


def longest_line(passages: Sequence[Encoded], budget: int) -> Line | None:
    """The longest line of several passages; None where no two begin alike."""
    lines = (line for batch in make_batches(passages, budget, share=True) for line in batch.lines)
    shared = [line for line in lines if len(line.numbers) > 1]
    return max(shared, key=lambda line: len(line.ids), default=None)


def _agrees(anatomy: Anatomy, line: Line, device: str) -> bool:
    """Whether each passage of the line ends in the states that it ends in alone."""
    (together,) = _last_states(anatomy, (line,), device)
    apart = tuple(join([line.ids[places]], (0,)) for places in line.places)
    for places, states in zip(line.places, _last_states(anatomy, apart, device), strict=True):
        # What all begin with cannot differ, and would hide what does.
        own = torch.from_numpy(line.branch[places] > 0)
        own = own if bool(own.any()) else torch.ones_like(own)
        wanted = states[: len(places)][own].double()
        found = together[torch.from_numpy(places)][own].double()
        tolerance, _ = TOLERANCES.get(states.dtype, TOLERANCES[torch.bfloat16])
        if not float((found - wanted).norm()) <= tolerance * float(wanted.norm()):
            return False
    return True


def _last_states(anatomy: Anatomy, lines: tuple[Line, ...], device: str) -> torch.Tensor:
    """N(x_L) of lines that run together, [lines, longest, width], on the CPU."""
    with torch.inference_mode():
        given = Batch(lines).inputs(anatomy, device)
        states: torch.Tensor = anatomy.trunk(**given, use_cache=False)[0]
    return states.cpu()
