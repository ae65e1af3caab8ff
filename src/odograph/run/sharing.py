"""Whether passages in one line get the states that each gets alone: tried out, not assumed.

The longest line of a shard is tried, while it is measured, unless a longer one was before. What is
run beside it is one of its passages, alone: the last, which stands furthest from where it stands
alone and has all others in between. Whatever a model makes of masks, positions and distances that
is not meant, it makes there more than in any passage before.
"""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from odograph.corpus.encoded import Encoded
from odograph.errors import is_out_of_memory
from odograph.models.anatomy import Anatomy
from odograph.models.hooks import device_of
from odograph.models.selfcheck import TOLERANCES
from odograph.run.batches import Batch, Ints, Line, join, make_batches
from odograph.run.budget import Budget

#: Under these names configs say how far a token sees, counted in places of the line by some.
_REACH = ("sliding_window", "window_size", "attention_chunk_size", "local_attention")
#: What a model may answer to a mask or to positions that it does not know.
_ERRORS = (TypeError, ValueError, LookupError, AttributeError, RuntimeError)

Observed = tuple[dict[str, torch.Tensor], torch.Tensor]


@dataclass
class Tried:
    """What trials of a model have found so far, in one process.

    Attributes:
        passed: tokens of the longest line whose passages had the states that each has alone.
        failed: tokens of the shortest line whose passages had not.
    """

    passed: int = 0
    failed: float = math.inf


class NotAlikeError(Exception):
    """Passages in one line do not get the states that each gets alone."""


def can_share(anatomy: Anatomy) -> bool:
    """Whether a model takes what a line of several passages needs; what it makes of that is tried.

    That is a mask and positions; no state may depend on what comes after it.
    """
    known = inspect.signature(anatomy.trunk.forward).parameters
    return anatomy.causal and {"position_ids", "attention_mask"} <= set(known)


def shared_batches(
    anatomy: Anatomy, passages: Sequence[Encoded], budget: Budget, failed: float = math.inf
) -> tuple[Batch, ...]:
    """The batches with passages that begin alike in one line, the longest such line first.

    Empty where that saves no more tokens than trying it out costs, where a line no longer than that
    one has `failed` (its tokens), or where a token at its end would not see its beginning.
    """
    batches = make_batches(passages, budget.tokens, share=True, padding=budget.padding)
    shared = [line for batch in batches for line in batch.lines if _is_displaced(line)]
    if not shared:
        return ()
    longest = max(shared, key=lambda line: len(line.ids))
    saved = sum(sum(map(len, line.places)) - len(line.ids) for line in shared)
    reach = [getattr(anatomy.config, name, None) for name in _REACH]
    beyond = any(isinstance(most, int) and 0 < most < len(longest.ids) for most in reach)
    if beyond or len(longest.ids) >= failed or saved <= len(_furthest(longest)):
        return ()
    # What is found not to do is then found before anything else was measured.
    return tuple(sorted(batches, key=lambda batch: not any(map(_is_displaced, batch.lines))))


class Trial:
    """Tries lines of several passages out as they are measured.

    Args:
        anatomy: the model's.
        device: where token ids go.
        tried: what is known; what is found is added to it.
    """

    def __init__(self, anatomy: Anatomy, device: str, tried: Tried) -> None:
        self._anatomy, self._device, self._tried = anatomy, device, tried

    def run(self, batch: Batch, measure: Callable[[Batch], Observed]) -> Observed:
        """What `measure` gives for a batch: measures, and N(x_L) of its rows, [rows, width].

        Raises:
            NotAlikeError: the longest line of several passages is longer than any tried before, and
                gives its last one other states than alone, or the model cannot read such a line.
        """
        lines = [line for line in batch.lines if _is_displaced(line)]
        longest = max(lines, key=lambda line: len(line.ids), default=None)
        if longest is None or len(longest.ids) <= self._tried.passed:
            return measure(batch)
        try:
            values, normed = measure(batch)
            alike = self._agrees(batch, longest, normed)
        except _ERRORS as error:
            if is_out_of_memory(error):
                raise
            alike = False
        if not alike:
            self._tried.failed = min(self._tried.failed, len(longest.ids))
            raise NotAlikeError
        self._tried.passed = len(longest.ids)
        return values, normed

    def _agrees(self, batch: Batch, line: Line, normed: torch.Tensor) -> bool:
        """Whether the last passage of a line ends in the states that it ends in alone.

        What all begin with cannot differ, and would hide what does: it is not compared.
        """
        places = _furthest(line)
        own = line.branch[places] > 0
        rows = batch.lines.index(line) * batch.longest + places[own]
        found = normed[torch.from_numpy(rows).to(normed.device)].cpu().double()
        alone = self._alone(line.ids[places])[torch.from_numpy(own)]
        tolerance, _ = TOLERANCES.get(alone.dtype, TOLERANCES[torch.bfloat16])
        wanted = alone.double()
        return float((found - wanted).norm()) <= tolerance * float(wanted.norm())

    def _alone(self, ids: Ints) -> torch.Tensor:
        """N(x_L) of a passage by itself, [tokens, width], on the CPU."""
        given = Batch((join([ids], (0,)),)).inputs(self._anatomy, self._device)
        with torch.inference_mode():
            states: torch.Tensor = self._anatomy.trunk(**given, use_cache=False)[0]
        return states[0].to(device_of(self._anatomy)).cpu()


def _is_displaced(line: Line) -> bool:
    """Whether some passage of a line stands elsewhere than alone: two have tokens of their own."""
    return len(line.ids) > max(map(len, line.places))


def _furthest(line: Line) -> Ints:
    """Where in a displaced line the last passage stands that has tokens of its own."""
    return line.places[int(line.branch[-1]) - 1]
