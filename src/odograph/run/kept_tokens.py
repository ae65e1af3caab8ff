"""Which tokens' vectors a run keeps: drawn once for the whole run, from its seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import TARGET, Encoded
from odograph.run.config import RunConfig

Ints = NDArray[np.int64]

# Streams of their own beside those of the shards, whose second word is the shard's number.
_STATES, _PARTS = 1, 2


@dataclass(frozen=True, eq=False)
class Keep:
    """Passage and position of the tokens kept, [k, 2] each, in the order of the text.

    Attributes:
        states: tokens whose states are kept at every layer: targets.
        parts: tokens of which what attention and the MLP add is kept in every block.
    """

    states: Ints
    parts: Ints


def tokens_to_keep(encoded: Sequence[Encoded], config: RunConfig) -> Keep:
    """Draws the tokens whose vectors the run keeps.

    Of each group the targets of at most `config.vectors` texts, the same texts for all groups where
    they have them (variants of one text stay together); at most `config.parts` tokens for parts.
    """
    return Keep(_states(encoded, config), _parts(encoded, config))


def _states(encoded: Sequence[Encoded], config: RunConfig) -> Ints:
    if not config.vectors:
        return np.empty((0, 2), dtype=np.int64)
    first = 0 if config.keep_first else 1
    rows: list[tuple[int, int, str | None, str]] = []
    for passage in encoded:
        targets = np.flatnonzero(passage.row & (passage.role == TARGET))
        group = passage.group  # unpacked once
        rows += [(passage.passage, int(p), group[p], passage.base) for p in targets if p >= first]
    bases = list(dict.fromkeys(base for *_, base in rows))
    generator = np.random.default_rng([config.seed, 2**31, _STATES])
    rank = dict(zip(bases, generator.permutation(len(bases)), strict=True))
    chosen = _first_texts(rows, rank, config.vectors)
    kept = [(passage, position) for passage, position, group, base in rows if base in chosen[group]]
    return np.array(sorted(kept), dtype=np.int64).reshape(-1, 2)


def _first_texts(
    rows: Sequence[tuple[int, int, str | None, str]], rank: dict[str, int], most: int
) -> dict[str | None, set[str]]:
    """For each group its `most` texts of the lowest rank."""
    texts: dict[str | None, set[str]] = {}
    for _, _, group, base in rows:
        texts.setdefault(group, set()).add(base)
    return {
        group: set(sorted(bases, key=rank.__getitem__)[:most]) for group, bases in texts.items()
    }


def _parts(encoded: Sequence[Encoded], config: RunConfig) -> Ints:
    if not config.parts:
        return np.empty((0, 2), dtype=np.int64)
    first = 0 if config.keep_first else 1
    found = []
    for passage in encoded:
        positions = np.flatnonzero(passage.row)
        positions = positions[positions >= first]
        found.append(np.stack([np.full(len(positions), passage.passage), positions], axis=1))
    tokens = np.concatenate(found)
    if len(tokens) > config.parts:
        generator = np.random.default_rng([config.seed, 2**31, _PARTS])
        tokens = tokens[np.sort(generator.choice(len(tokens), config.parts, replace=False))]
    return tokens
