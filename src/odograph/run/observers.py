"""Everything that looks at a shard's states: which observers a config asks for, and what they give.

Before each batch every observer is told which of the batch's rows are its own; while the model runs
it reduces them; once the batch is through it keeps them; after the last one it hands over what the
shard keeps.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.models.hooks import device_of, watching
from odograph.models.loading import Loaded
from odograph.observe.draws import DirectionSum, DrawnStates
from odograph.observe.neighbours import Neighbours, lags_of
from odograph.observe.observer import Observer, StateObserver
from odograph.observe.parts import NAMES as PART_MEASURES
from odograph.observe.parts import Parts
from odograph.observe.path import Path, PathPlan
from odograph.observe.readings import Readings
from odograph.observe.spans import Spans
from odograph.run.batches import Batch
from odograph.run.config import RunConfig
from odograph.run.kept_tokens import Keep
from odograph.run.shards import Draw, Shard

Ints = NDArray[np.int64]
_RAW_ONLY = Readings()


def asks_for_parts(config: RunConfig) -> bool:
    """Whether what attention and the MLP add is asked for."""
    return bool(config.parts) or any(name in config.measures for name in PART_MEASURES)


def has_parts(loaded: Loaded) -> bool:
    """Whether attention and MLP may be told apart in this model; its self-check decides."""
    return not loaded.checks.decomposition.startswith("refused")


class Observers:
    """The observers of one shard.

    Args:
        loaded: the model.
        shard: its passages.
        config: what is asked for.
        draw: the random pairs of the nulls.
        keep: the tokens of the run whose vectors are kept.
        readings: of the angles, beside the raw one.
    """

    def __init__(
        self,
        loaded: Loaded,
        shard: Shard,
        config: RunConfig,
        draw: Draw,
        keep: Keep,
        readings: Readings = _RAW_ONLY,
    ) -> None:
        self._loaded, self._shard, self._config = loaded, shard, config
        layers, width = len(loaded.anatomy.blocks) + 1, loaded.anatomy.width
        device = "cpu" if loaded.device.startswith("mps") else loaded.device
        read = readings.on(device)
        self._plan = _plan(config, loaded, read)
        self.pairs = DrawnStates(layers, len(draw.tokens), width, device)
        self._sums = DirectionSum(layers, width, device)
        self._states_kept, self._parts_kept = (_within(shard, k) for k in (keep.states, keep.parts))
        # These are taken before the states leave the model's own device.
        self._states = DrawnStates(layers, len(self._states_kept), width, loaded.device)
        self._slots = [_slots(k) for k in (draw.tokens, self._states_kept, self._parts_kept)]
        lags = lags_of(config.measures)
        bend = "token_bend" in config.measures
        self._neighbours = Neighbours(lags, bend=bend) if lags or bend else None
        spans = "block_distance" in config.measures
        self._spans = Spans(layers, device, read) if spans else None
        self._parts = (
            Parts(
                layers - 1,
                width,
                loaded.anatomy.layout,
                slots=len(self._parts_kept),
                device=device,
                copies=loaded.checks.in_place,
            )
            if asks_for_parts(config) and has_parts(loaded)
            else None
        )
        beside = [o for o in (self._neighbours, self._spans) if o is not None]
        self._of_states: tuple[StateObserver, ...] = (self.pairs, *beside)
        self._observers = self._in_order()

    def measure(self, batch: Batch) -> "tuple[dict[str, torch.Tensor], torch.Tensor]":
        """Runs a batch; gives the measures of its rows and the trunk's output, [rows, width]."""
        self._expect(batch)
        anatomy = self._loaded.anatomy
        path = Path(anatomy, self._plan, self._of_states, self._sums, self._parts)
        with self._watching(path):
            given = batch.inputs(anatomy, self._loaded.device)
            # The last block of a model that lies on several devices is on another than the ids.
            normed = anatomy.trunk(**given, use_cache=False)[0].to(device_of(anatomy)).flatten(0, 1)
        values = path.finish(normed)
        self._sums.finish()
        if self._neighbours is not None:
            values |= self._neighbours.finish(path.readings)
        if self._parts is not None:
            values |= self._parts.finish()
        return values, normed

    def commit(self) -> None:
        """Keeps what the batch that was just measured leaves for the whole shard.

        What needs memory comes first, and may be done again: a batch that fails here is not summed.
        Spans, the last that may fail, are kept whole or not at all; after them nothing needs any.
        """
        for observer in self._observers:
            observer.commit()

    def _in_order(self) -> tuple[Observer, ...]:
        """All observers in the order in which they commit."""
        drawn = (self.pairs, self._states, *(self._parts.kept.values() if self._parts else ()))
        rest = (self._neighbours, self._spans, self._sums, self._parts)
        return (*drawn, *(observer for observer in rest if observer is not None))

    @contextmanager
    def _watching(self, path: Path) -> Iterator[None]:
        """Hooks for the path, the states that are kept as they are, and the parts."""
        parts, keeping = self._parts, self._states

        def on_state(layer: int, state: torch.Tensor) -> None:
            path.state(layer, state)
            keeping.state(layer, state.flatten(0, 1), state)
            if parts is not None:
                parts.enter(state)

        with watching(self._loaded.anatomy, on_state, parts.add if parts is not None else None):
            yield

    def _expect(self, batch: Batch) -> None:
        """Tells every observer which rows of the batch, flattened, are its own."""
        passages = [self._shard.passages[number] for number in batch.numbers]
        counted = [self._counted(passage) for passage in passages]
        weights = torch.from_numpy(_times(batch, counted))
        pairs, states, parts = (_named(batch, slots) for slots in self._slots)
        self.pairs.expect(*pairs)
        self._sums.expect(weights)
        self._states.expect(*states)
        if self._neighbours is not None:
            self._neighbours.begin()
        if self._parts is not None:
            self._parts.expect(weights, *parts)
        if self._spans is not None:
            rows = [places[c] for places, c in zip(batch.places, counted, strict=True)]
            numbers = [p.passage for p in passages]
            whose = np.repeat(numbers, [len(r) for r in rows])
            self._spans.expect(torch.from_numpy(np.concatenate(rows)), torch.from_numpy(whose))

    def _counted(self, passage: Encoded) -> NDArray[np.bool_]:
        """Which tokens of a passage count: those that get rows, position 0 only if it is kept."""
        row = passage.row.copy()
        row[0] &= self._config.keep_first
        return row

    def spans(self) -> dict[str, Any]:
        """The columns of the `spans` table; empty where it was not asked for."""
        return {} if self._spans is None else self._spans.columns()

    def moments(self) -> dict[str, torch.Tensor]:
        """Sums that merge exactly over the shards."""
        sums = {"direction_sum": self._sums.sums.cpu(), "direction_count": self._sums.counts.cpu()}
        if self._parts is not None:
            sums |= {f"{part}_sum": total.cpu() for part, total in self._parts.sums.items()}
            sums["part_count"] = self._parts.count.cpu().reshape(1)
        return sums

    def vectors(self) -> dict[str, torch.Tensor]:
        """The vectors that are kept, with the passages and positions of their tokens."""
        kept: dict[str, torch.Tensor] = {}
        if self._config.vectors:
            stream = self._states.kept.transpose(0, 1).contiguous()
            kept = {"stream": stream, "lens": self._normed(stream)}
            kept |= self._places(self._states_kept, "")
        if self._config.parts and self._parts is not None:
            kept |= {name: s.kept.transpose(0, 1) for name, s in self._parts.kept.items()}
            kept |= self._places(self._parts_kept, "part_")
        return kept

    def _normed(self, stream: torch.Tensor) -> torch.Tensor:
        """N of every kept state, in the model's own precision."""
        norm, trunk = self._loaded.anatomy.final_norm, self._loaded.anatomy.trunk
        if norm is None:
            return stream.clone()
        dtype = next(trunk.parameters()).dtype
        device = next(norm.parameters(), torch.empty(0, device=self._loaded.device)).device
        with torch.inference_mode():
            normed: torch.Tensor = norm(stream.to(device, dtype)).float().cpu()
        return normed

    def _places(self, kept: Ints, prefix: str) -> dict[str, torch.Tensor]:
        numbers = np.array([p.passage for p in self._shard.passages], dtype=np.int64)
        return {
            f"{prefix}passage": torch.from_numpy(numbers[kept[:, 0]]),
            f"{prefix}position": torch.from_numpy(kept[:, 1].copy()),
        }


def _times(batch: Batch, counted: Sequence[NDArray[np.bool_]]) -> NDArray[np.float32]:
    """How many passages count each row of the batch."""
    times = np.zeros(batch.rows, dtype=np.float32)
    for places, row in zip(batch.places, counted, strict=True):
        np.add.at(times, places[row], 1)
    return times


def _plan(config: RunConfig, loaded: Loaded, readings: Readings) -> PathPlan:
    return PathPlan(
        convention=config.convention,
        bend="bend" in config.measures,
        displacement="straightness" in config.measures or "displacement" in config.measures,
        copies=loaded.checks.in_place,
        readings=readings,
    )


def _within(shard: Shard, kept: Ints) -> Ints:
    """The kept tokens of this shard, [k, 2], passages by their number in the shard."""
    number = {p.passage: index for index, p in enumerate(shard.passages)}
    inside = [(number[p], position) for p, position in kept.tolist() if p in number]
    return np.array(inside, dtype=np.int64).reshape(-1, 2)


def _slots(tokens: Ints) -> dict[int, list[tuple[int, int]]]:
    """For each passage the positions that are kept and their slots."""
    slots: dict[int, list[tuple[int, int]]] = {}
    for slot, (number, position) in enumerate(tokens.tolist()):
        slots.setdefault(number, []).append((position, slot))
    return slots


def _named(
    batch: Batch, slots: dict[int, list[tuple[int, int]]]
) -> "tuple[torch.Tensor, torch.Tensor]":
    """Rows of the batch that are kept, and their slots."""
    named = [
        (int(places[position]), slot)
        for number, places in zip(batch.numbers, batch.places, strict=True)
        for position, slot in slots.get(number, ())
    ]
    pairs: Any = torch.tensor(named, dtype=torch.long).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]
