"""What undoing something in blocks has done, as the columns of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import Encoded
from odograph.measures import TURN
from odograph.run.ablated_batch import AblatedBatch, Change, Tokens

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Ablated:
    """What is undone, and where.

    Attributes:
        changes: block and what is undone in it.
        tokens: for each passage, by its number in the run, at which tokens.
    """

    changes: tuple[Change, ...]
    tokens: Mapping[int, Tokens]

    @property
    def undone(self) -> tuple[str, ...]:
        """What is undone in each block."""
        return tuple(what for block, what in self.changes if block == 1)


def passage_rows(
    ablated: Ablated, passages: Sequence[Encoded], found: Sequence[AblatedBatch]
) -> Columns:
    """The `ablations` of some passages: a row a passage, effect, block and thing undone."""
    rows = []
    for passage, its in zip(passages, found, strict=True):
        tokens = ablated.tokens[passage.passage]
        for effect, flags in tokens.effects.items():
            if flags.any():
                chosen = its.at(flags[tokens.compared])
                rows.append(_means(ablated.changes, passage.passage, effect, chosen))
    return _joined(rows)


def _means(changes: Sequence[Change], passage: int, effect: str, its: AblatedBatch) -> Columns:
    return {
        "passage": np.full(len(changes), passage),
        "block": np.array([block for block, _ in changes]),
        "undone": np.array([what for _, what in changes]),
        "effect_on": np.full(len(changes), effect),
        "tokens": np.full(len(changes), len(its.loss)),
        "loss": np.full(len(changes), its.loss.mean()),
        "zero_vectors": its.zero_vectors[:, 0],
        "loss_change": its.loss_change.mean(axis=1),
        "kl": its.kl.mean(axis=1),
    }


def turn_rows(
    ablated: Ablated, passages: Sequence[Encoded], found: Sequence[AblatedBatch]
) -> Columns:
    """The `undone_turns` of some passages: a row for each token whose turn was undone, and block.

    Tokens that nothing follows predict nothing and have no row.
    """
    turns = [number for number, (_, what) in enumerate(ablated.changes) if what == TURN]
    blocks = np.array([ablated.changes[number][0] for number in turns])
    rows = []
    for passage, its in zip(passages, found, strict=True):
        tokens = ablated.tokens[passage.passage]
        chosen = tokens.changed[tokens.compared]
        positions = np.flatnonzero(tokens.compared & tokens.changed)
        rows.append(
            {
                "passage": np.full(len(blocks) * len(positions), passage.passage),
                "position": np.repeat(positions, len(blocks)),
                "block": np.tile(blocks, len(positions)),
                "loss_change": its.loss_change[turns][:, chosen].T.reshape(-1),
                "kl": its.kl[turns][:, chosen].T.reshape(-1),
            }
        )
    return _joined(rows)


def _joined(rows: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
