"""One shard through the model: batches in, what was measured out."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.folder.pilot import Pilot
from odograph.models.loading import Loaded
from odograph.observe.prediction import predict
from odograph.observe.transfer import Transfer
from odograph.run.batches import Batch, make_batches
from odograph.run.budget import Budget
from odograph.run.config import RunConfig
from odograph.run.kept_tokens import Keep
from odograph.run.observers import Observers
from odograph.run.pairs import drawn_pairs
from odograph.run.pilot import readings_of
from odograph.run.sample_rows import Sample
from odograph.run.shard_tables import Measured
from odograph.run.shards import Shard
from odograph.run.sharing import NotAlikeError, Trial, Tried, shared_batches


@dataclass(frozen=True)
class Plan:
    """What is settled once for all shards of a model.

    Attributes:
        keep: tokens whose vectors are kept.
        pilot: how states are read, and sinks judged.
        budget: tokens a batch; it changes, should memory run out.
        sample: passages that have rows, where sums are kept of all; None where all have.
        tried: what is known of running the common beginning of variants once; None where each runs
            alone.
    """

    keep: Keep
    pilot: Pilot
    budget: Budget
    tried: Tried | None = None
    sample: Sample | None = None


def measure_shard(
    loaded: Loaded,
    shard: Shard,
    config: RunConfig,
    plan: Plan,
    on_tokens: Callable[[int], None],
) -> Measured:
    """Runs every batch of the shard; `on_tokens(n)` hears of the tokens of each finished batch.

    Variants run in one line where the plan allows it and the first such batch shows that it does.
    """
    work, passages, budget = _Work(loaded, shard, config), shard.passages, plan.budget
    if plan.tried is not None:
        together = shared_batches(loaded.anatomy, passages, budget, plan.tried.failed)
        with suppress(NotAlikeError):
            if together:
                return _measured(work, plan, together, on_tokens)
    apart = make_batches(passages, budget.tokens, padding=budget.padding)
    return _measured(work, plan, apart, on_tokens)


@dataclass(frozen=True, eq=False)
class _Work:
    """What is measured, and with what."""

    loaded: Loaded
    shard: Shard
    config: RunConfig


def _measured(
    work: _Work, plan: Plan, batches: Sequence[Batch], on_tokens: Callable[[int], None]
) -> Measured:
    """Runs these batches of the shard.

    Raises:
        NotAlikeError: passages in one line do not get what each gets alone.
    """
    loaded, shard, config = work.loaded, work.shard, work.config
    layers = len(loaded.anatomy.blocks) + 1
    most = config.pairs if plan.sample is None else plan.sample.pairs
    draw = drawn_pairs(shard, layers, config, most)
    readings = readings_of(plan.pilot, config)
    observers = Observers(loaded, shard, config, draw, plan.keep, readings)
    measured: dict[int, dict[str, NDArray[Any]]] = {}
    coming: _Coming | None = None
    trial = Trial(loaded.anatomy, loaded.device, plan.tried or Tried())
    measure = partial(_measure_batch, work, observers, trial)
    for batch, found in plan.budget.run(batches, measure):
        # A GPU is at work on this batch already while the one before is taken apart here.
        measured |= coming.by_passage() if coming is not None else {}
        coming = found
        on_tokens(sum(len(shard.passages[number]) for number in batch.numbers))
    measured |= coming.by_passage() if coming is not None else {}
    rows = [measured[number] for number in range(len(shard.passages))]
    return Measured(
        shard=shard,
        rows=rows,
        draw=draw,
        readings=readings,
        pairs=observers.pairs,
        spans=observers.spans(),
        moments=observers.moments(),
        vectors=observers.vectors(),
    )


@dataclass(frozen=True, eq=False)
class _Coming:
    """What a batch gave, on its way to the host.

    Attributes:
        numbers: its passages.
        rows: for each passage, which rows of the batch are tokens that get a row.
        values: measures, a row for every row of the batch.
        predicted: predictions, a row for every token that gets one.
    """

    numbers: tuple[int, ...]
    rows: list[NDArray[np.int64]]
    values: dict[str, Transfer]
    predicted: dict[str, Transfer]

    def by_passage(self) -> dict[int, dict[str, NDArray[Any]]]:
        """The measures of each passage: one row for each token that gets one."""
        arrays = {name: values.get().numpy() for name, values in self.values.items()}
        found = [{name: a[chosen] for name, a in arrays.items()} for chosen in self.rows]
        ends = np.cumsum([len(r) for r in self.rows])[:-1]
        for name, values in self.predicted.items():
            for own, part in zip(found, np.split(values.get().numpy(), ends), strict=True):
                own[name] = part
        return dict(zip(self.numbers, found, strict=True))


def _measure_batch(work: _Work, observers: Observers, trial: Trial, batch: Batch) -> _Coming:
    """Runs a batch; nothing waits for what it gives, but for a trial."""
    passages = [work.shard.passages[number] for number in batch.numbers]
    rows = [places[p.row] for places, p in zip(batch.places, passages, strict=True)]
    with torch.inference_mode():
        values, normed = trial.run(batch, observers.measure)
        predicted: dict[str, torch.Tensor] = {}
        if work.config.logits != "none" and work.loaded.anatomy.head is not None:
            predicted = _predictions(work.loaded, work.config, normed, passages, rows)
        found = _Coming(batch.numbers, rows, _sent(values), _sent(predicted))
    observers.commit()
    return found


def _predictions(
    loaded: Loaded,
    config: RunConfig,
    normed: torch.Tensor,
    passages: list[Encoded],
    rows: list[NDArray[np.int64]],
) -> dict[str, torch.Tensor]:
    """What the model predicts at the tokens that get rows, and only there."""
    following = np.concatenate([p.next_id[p.row] for p in passages]).astype(np.int64)
    chosen = torch.from_numpy(np.concatenate(rows)).to(normed.device)
    return predict(
        loaded.anatomy,
        normed.index_select(0, chosen),
        torch.from_numpy(following).to(normed.device),
        config.logits == "full",
    )


def _sent(values: dict[str, torch.Tensor]) -> dict[str, Transfer]:
    """In the precision that is kept, on the way to the host."""
    kinds = {True: torch.float32, False: torch.int32}
    return {name: Transfer(v.to(kinds[v.is_floating_point()])) for name, v in values.items()}
