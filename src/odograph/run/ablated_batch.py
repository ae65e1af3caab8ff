"""One batch with something undone in each block in turn: what it does to every prediction."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import TARGET, Encoded
from odograph.measures import ATTENTION, GROWTH, MLP, TURN
from odograph.models.loading import Loaded
from odograph.models.reentry import Intact, run_intact
from odograph.models.undoing import has_no_direction, undone
from odograph.observe.loss import compared, predicted
from odograph.run.batches import Batch
from odograph.run.ways import Way, gathered, run_ways

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Change = tuple[int, str]
#: Whose predictions are compared.
ALL, TARGETS, BEHIND = "all", "targets", "behind"


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of one passage that an ablation is about, an entry a token.

    Attributes:
        changed: where something is undone.
        effects: for each of `ALL`, or `TARGETS` and `BEHIND`, whose predictions are compared.
    """

    changed: Flags
    effects: dict[str, Flags]

    @property
    def compared(self) -> Flags:
        """Whose predictions are compared at all."""
        return np.asarray(np.logical_or.reduce(list(self.effects.values())))

    @property
    def serve(self) -> bool:
        """Whether something is undone in the passage, and its effect can be seen."""
        return bool(self.changed.any() and self.compared.any())


def tokens_of(passage: Encoded, sinks: Ints, *, targets: bool, too: bool) -> Tokens:
    """The tokens of a passage where something is undone, and whose predictions are compared.

    Args:
        passage: the passage.
        sinks: positions of its attention sinks.
        targets: whether it is undone at the targets alone.
        too: whether position 0 and the sinks take part.
    """
    counts = np.ones(len(passage), dtype=bool)
    if not too:
        counts[[0, *sinks]] = False
    known = counts & (passage.next_id >= 0)
    if not targets:
        return Tokens(counts, {ALL: known})
    changed = counts & (passage.role == TARGET)
    behind = np.logical_or.accumulate(changed) & ~changed
    return Tokens(changed, {TARGETS: known & changed, BEHIND: known & behind})


def changes_of(blocks: int, what: Sequence[str]) -> tuple[Change, ...]:
    """Each block with each thing to undo in it."""
    return tuple((block, name) for block in range(1, blocks + 1) for name in what)


def entered(change: Change) -> int:
    """The first block that is run for a change: the next one, or that from which attention is."""
    block, what = change
    return block if what == ATTENTION else block + 1


@dataclass(frozen=True, eq=False)
class AblatedBatch:
    """What a batch gave, a row for each prediction that is compared, passage after passage.

    Attributes:
        loss: of the intact model, nats, [rows].
        loss_change, kl: nats, [changes, rows].
        zero_vectors: [changes, passages].
    """

    loss: Floats
    loss_change: Floats
    kl: Floats
    zero_vectors: Ints

    def by_passage(self, rows: Sequence[int]) -> "list[AblatedBatch]":
        """The same for each passage, which have so many rows."""
        ends = np.cumsum(rows)[:-1]
        losses = np.split(self.loss, ends)
        changes, kls = (np.split(v, ends, axis=1) for v in (self.loss_change, self.kl))
        zeros = np.split(self.zero_vectors, len(rows), axis=1)
        return list(map(AblatedBatch, losses, changes, kls, zeros))

    def at(self, rows: Flags) -> "AblatedBatch":
        """The same of some rows."""
        changed = self.loss_change[:, rows], self.kl[:, rows]
        return AblatedBatch(self.loss[rows], *changed, self.zero_vectors)


def ablate(
    loaded: Loaded,
    changes: Sequence[Change],
    batch: Batch,
    passages: Sequence[tuple[Encoded, Tokens]],
    tokens: int,
) -> AblatedBatch:
    """Runs a batch as it is, and from each block on with something undone there.

    Args:
        loaded: the model.
        changes: block and what is undone in it.
        batch: the batch.
        passages: those of the batch, in the order of its numbers.
        tokens: the most that run side by side.
    """
    anatomy = loaded.anatomy
    rows, ids = _rows(batch, passages)
    with torch.inference_mode():
        given = batch.inputs(anatomy, loaded.device)
        intact = run_intact(anatomy, given, attention=any(what == MLP for _, what in changes))
        rows, ids = rows.to(intact.normed.device), ids.to(intact.normed.device)
        own = predicted(anatomy, intact.normed.flatten(0, 1)[rows], ids)
        changed = _changed(batch, passages).to(intact.states[0].device)
        ways = [_way(number, *change, changed) for number, change in enumerate(changes)]
        loss, kl = torch.empty(2, len(ways), len(rows), dtype=torch.float64)
        pieces = gathered(run_ways(anatomy, intact, ways, tokens), rows, len(intact.states))
        for numbers, normed in pieces:
            found = compared(anatomy, own, normed)
            loss[list(numbers)], kl[list(numbers)] = (f.double().cpu() for f in found)
        before = own.loss.double().cpu()
        zero = _zero_vectors(intact, changes, changed, batch)
    return AblatedBatch(before.numpy(), (loss - before).numpy(), kl.numpy(), zero)


def _rows(
    batch: Batch, passages: Sequence[tuple[Encoded, Tokens]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of the batch whose predictions are compared, and what really follows them."""
    pairs = list(zip(batch.places, passages, strict=True))
    rows = [places[tokens.compared] for places, (_, tokens) in pairs]
    ids = [passage.next_id[tokens.compared].astype(np.int64) for _, (passage, tokens) in pairs]
    return torch.from_numpy(np.concatenate(rows)), torch.from_numpy(np.concatenate(ids))


def _changed(batch: Batch, passages: Sequence[tuple[Encoded, Tokens]]) -> torch.Tensor:
    """Where something is undone, [lines, tokens]."""
    flags = np.zeros(batch.rows, dtype=bool)
    for places, (_, tokens) in zip(batch.places, passages, strict=True):
        flags[places] = tokens.changed
    return torch.from_numpy(flags.reshape(len(batch.lines), -1))


def _way(number: int, block: int, what: str, changed: torch.Tensor) -> Way:
    """The run with something undone in a block: from the next one on, or with attention from it."""
    first = entered((block, what))
    if what == ATTENTION:
        return Way(number, first, lambda intact: intact.states[block - 1], changed)
    return Way(number, first, partial(_undone_at, block, what, changed))


def _undone_at(block: int, what: str, changed: torch.Tensor, intact: Intact) -> torch.Tensor:
    """What leaves a block with something undone there at some tokens."""
    entering, leaving = intact.states[block - 1], intact.states[block]
    attention = intact.attention[block - 1] if intact.attention else None
    return torch.where(changed[..., None], undone(what, entering, leaving, attention), leaving)


def _zero_vectors(
    intact: Intact,
    changes: Sequence[Change],
    changed: torch.Tensor,
    batch: Batch,
) -> Ints:
    """Tokens at which turn or growth could not be undone, [changes, passages]."""
    pairs = zip(intact.states, intact.states[1:], strict=False)
    flags = torch.stack([has_no_direction(*pair) & changed for pair in pairs])
    rows = flags.flatten(1).cpu().numpy()
    counts = np.stack([rows[:, places].sum(axis=1) for places in batch.places], axis=1)
    blocks = np.array([block for block, _ in changes])
    matters = np.array([what in (TURN, GROWTH) for _, what in changes])
    return np.asarray(counts[blocks - 1] * matters[:, None], dtype=np.int64)
