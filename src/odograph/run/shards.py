"""Cutting the work: passages into shards, shards into batches; and the pairs drawn beforehand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.corpus.stored import count_tokens, lengths

MISMATCHED, SAME_LAYER, ANY = "mismatched-step", "same-layer", "any-position-any-layer"

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Shard:
    """Consecutive passages that are measured, written and receipted together."""

    index: int
    passages: Sequence[Encoded]

    @property
    def tokens(self) -> int:
        """How many tokens the model reads for it."""
        return count_tokens(self.passages)

    def held(self) -> "Shard":
        """The same with its passages in memory."""
        return Shard(self.index, tuple(self.passages))


@dataclass(frozen=True)
class Draw:
    """The pairs of tokens of one shard that serve as nulls.

    Attributes:
        tokens: [slots, 2] passage (index in the shard) and position of each token that is kept.
        across: [pairs, 2] slots of two tokens of different passages.
        anywhere: [pairs, 4] slot, layer, other slot, other layer: any passage, any layer.
    """

    tokens: Ints
    across: Ints
    anywhere: Ints


#: A shard has a dozen files, and counts of its own: a large corpus is cut into so many at most.
MOST_SHARDS = 8_192


def cut_into_shards(encoded: Sequence[Encoded], shard_tokens: int) -> tuple[Shard, ...]:
    """Shards of at least `shard_tokens` tokens each (the last may have fewer), in order.

    Those of a large corpus have as many more as it takes for no more than `MOST_SHARDS` shards.
    """
    cuts = cut(lengths(encoded), shard_tokens, MOST_SHARDS)
    return tuple(Shard(index, encoded[part.start : part.stop]) for index, part in enumerate(cuts))


def cut(sizes: NDArray[np.integer[Any]], least: int, most: int) -> Iterator[range]:
    """Consecutive things of these sizes in parts of at least `least`; the last may be smaller.

    Parts are larger where it takes that for no more than `most` of them.
    """
    ends = np.cumsum(sizes, dtype=np.int64)
    least = max(least, -(-int(ends[-1]) // most)) if len(ends) else least
    first = before = 0
    while first < len(ends):
        last = min(int(np.searchsorted(ends, before + least)), len(ends) - 1)
        yield range(first, last + 1)
        first, before = last + 1, int(ends[last])


def cut_into_batches(
    lengths: Sequence[int], batch_tokens: int, most_padding: int
) -> tuple[tuple[int, ...], ...]:
    """Indices of passages that run together, longest first, at most `batch_tokens` with padding.

    Passages of like lengths stand beside each other. A batch is closed before its padding comes to
    more than `most_padding` tokens: what a batch of its own costs beyond its tokens. A passage
    longer than the budget runs alone.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    batches: list[tuple[int, ...]] = []
    batch: list[int] = []
    padding = 0
    for index in order:
        padding += lengths[batch[0]] - lengths[index] if batch else 0
        full = batch and lengths[batch[0]] * (len(batch) + 1) > batch_tokens
        if full or padding > most_padding:
            batches.append(tuple(batch))
            batch, padding = [], 0
        batch.append(index)
    if batch:
        batches.append(tuple(batch))
    return tuple(batches)


def draw_pairs(shard: Shard, layers: int, pairs: int, seed: int, keep_first: bool) -> Draw:
    """The shard's random pairs, from the seed and the shard's number alone.

    Position 0 takes part only with `keep_first`. A shard with one passage has no pairs across
    passages; a shard with fewer than two tokens has none at all.
    """
    generator = np.random.default_rng([seed, shard.index])
    tokens = _eligible(shard, keep_first)
    if pairs == 0 or len(tokens) < 2:
        return Draw(tokens[:0], _empty(2), _empty(4))
    first = generator.integers(len(tokens), size=pairs)
    other = _partners(tokens, first, generator)
    chosen, slots = np.unique(np.concatenate([first, other]), return_inverse=True)
    left, right = slots[:pairs], slots[pairs:]
    different = tokens[first, 0] != tokens[other, 0]
    anywhere = np.stack(
        [
            generator.integers(len(chosen), size=pairs),
            generator.integers(layers, size=pairs),
            generator.integers(len(chosen), size=pairs),
            generator.integers(layers, size=pairs),
        ],
        axis=1,
    )
    itself = (anywhere[:, 0] == anywhere[:, 2]) & (anywhere[:, 1] == anywhere[:, 3])
    return Draw(tokens[chosen], np.stack([left, right], axis=1)[different], anywhere[~itself])


def _eligible(shard: Shard, keep_first: bool) -> Ints:
    """[tokens, 2] passage in the shard and position of every token that gets a row."""
    found = []
    for number, passage in enumerate(shard.passages):
        positions = np.flatnonzero(passage.row)
        positions = positions if keep_first else positions[positions > 0]
        found.append(np.stack([np.full(len(positions), number), positions], axis=1))
    return np.concatenate(found) if found else _empty(2)


def _partners(tokens: Ints, first: Ints, generator: np.random.Generator) -> Ints:
    """For each token drawn, one drawn evenly from the tokens of the other passages (if any)."""
    passages = tokens[:, 0]  # sorted: a passage's tokens stand together
    start = np.searchsorted(passages, passages[first], side="left")
    stop = np.searchsorted(passages, passages[first], side="right")
    others = len(tokens) - (stop - start)
    drawn = np.floor(generator.random(len(first)) * np.maximum(others, 1)).astype(np.int64)
    skipped = np.where(drawn >= start, drawn + (stop - start), drawn)
    return np.where(others > 0, skipped, first)


def _empty(columns: int) -> Ints:
    return np.empty((0, columns), dtype=np.int64)
