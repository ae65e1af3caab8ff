"""One batch with its prediction read at every depth: how the next token and the choice stand."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import TARGET, Encoded
from odograph.models.anatomy import Anatomy
from odograph.models.loading import Loaded
from odograph.models.reentry import Intact, run_intact
from odograph.models.tuned_lens import TunedLens
from odograph.observe.lens import LensReading, first_choice, normed, read_lens
from odograph.run.batches import Batch

Columns = dict[str, NDArray[Any]]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


def read_at(passage: Encoded, sinks: Ints, *, targets: bool) -> Flags:
    """The tokens of a passage at which the prediction is read, an entry a token.

    Those that a token follows, position 0 and sinks left out.

    Args:
        passage: the passage.
        sinks: positions of its attention sinks.
        targets: whether only the targets are read.
    """
    known = np.asarray(passage.next_id >= 0)
    known[[0, *sinks]] = False
    return known & (passage.role == TARGET) if targets else known


def read_batch(
    loaded: Loaded,
    tuned: TunedLens | None,
    batch: Batch,
    passages: Sequence[tuple[Encoded, Flags]],
) -> Columns:
    """The measures of the lens for each token that is read, passage after passage: [tokens, L + 1].

    One depth after the other: what is held is that of one depth, in tiles of the vocabulary.

    Args:
        loaded: the model.
        tuned: the maps before the final norm; None for none.
        batch: the batch.
        passages: those of the batch with the tokens that are read, in the order of its numbers.
    """
    anatomy = loaded.anatomy
    pairs = list(zip(batch.places, passages, strict=True))
    rows = np.concatenate([places[flags] for places, (_, flags) in pairs])
    following = np.concatenate([p.next_id[flags].astype(np.int64) for p, flags in passages])
    with torch.inference_mode():
        intact = run_intact(anatomy, batch.inputs(anatomy, loaded.device))
        home = intact.normed.device
        chosen = torch.from_numpy(rows).to(home)
        own = intact.normed.flatten(0, 1)[chosen]
        choice = first_choice(anatomy, own)
        asked = torch.stack([torch.from_numpy(following).to(home), choice.to(home)])
        read = [
            read_lens(anatomy, state, asked)
            for state in (*_states_as_read(anatomy, tuned, intact, chosen), own)
        ]
    return _columns(read, asked[1])


def _states_as_read(
    anatomy: Anatomy, tuned: TunedLens | None, intact: Intact, rows: torch.Tensor
) -> Iterator[torch.Tensor]:
    """N(x_l) of some rows, l = 0..L-1, of a tuned lens N(x_l + W_l x_l + b_l)."""
    for layer, states in enumerate(intact.states[:-1]):
        chosen = states.flatten(0, 1)[rows]
        yield normed(anatomy, chosen if tuned is None else tuned(layer, chosen))


def _columns(read: Sequence[LensReading], choice: torch.Tensor) -> Columns:
    """What was read at depths 0..L, [tokens, L + 1], and the commitment depth, [tokens]."""
    next_logprob, choice_logprob = (_side_by_side([r.logprob[k] for r in read]) for k in (0, 1))
    next_rank, choice_rank = (_side_by_side([r.rank[k] for r in read]) for k in (0, 1))
    is_own = _side_by_side([r.first == choice for r in read]) & (choice_rank > 0)
    return {
        "lens_logprob": next_logprob,
        "lens_rank": next_rank,
        "lens_entropy": _side_by_side([r.entropy for r in read]),
        "choice_logprob": choice_logprob,
        "choice_rank": choice_rank,
        "commitment_depth": settled_from(is_own),
    }


def settled_from(is_own: Flags) -> Ints:
    """The first depth from which on a flag stays, of flags [tokens, L + 1]; -1 for none."""
    stays = np.logical_and.accumulate(is_own[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.where(stays[:, -1], stays.argmax(axis=1), -1))


def _side_by_side(depths: Sequence[torch.Tensor]) -> NDArray[Any]:
    """Values of each depth as an array [tokens, depths]."""
    return np.stack([values.cpu().numpy() for values in depths], axis=1)
