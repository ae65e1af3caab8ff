"""Pairs of states that have nothing to do with each other: drawn ones, and all of a layer."""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers, usable
from odograph.folder.token_sets import PLAIN_TOKENS
from odograph.statistics.space.isotropic import mean_cosine

#: So many rows of drawn pairs are read, over all layers: a shard has a thousand pairs a layer.
_MOST_ROWS = 1_000_000


def drawn_angles(run: Run, null: str, reading: str = "") -> tuple[Ints, Floats]:
    """Layers and angles of a null's drawn pairs, without pairs that touch a sink.

    reading: `trimmed` or `centred`, which the run must hold; raw by default.
    """
    found = _drawn(run, null, f"angle_{reading}" if reading else "angle")
    return found["layer"].astype(np.int64), found["angle"]


def _drawn(run: Run, null: str, angle: str) -> dict[str, NDArray[Any]]:
    """The pairs of a null whose tokens are usable, with the documents of both.

    Of a large run some of the pairs, chosen by where their tokens stand: each at every layer.
    """
    among = f""""null" = '{null}' and isfinite({angle})"""
    [(rows,)] = run.chosen.sql(f"select count(*) from pairs where {among}").fetchall()
    part = max(1, ceil(rows / _MOST_ROWS))
    pair = "passage, position, other_passage, other_position"
    number = "passage * 7919 + position::bigint * 104729 + other_passage * 1299709"
    chosen = f"({number} + other_position::bigint * 15485863) % {part} = 0"
    return numbers(
        run.chosen.sql(f"""
        with drawn as materialized (
            select layer, {angle}::double as angle, {pair} from pairs where {among} and {chosen}),
        places as materialized (select distinct {pair} from drawn),
        known as materialized (
            select p.*, a.document as first, b.document as second from places p
            join {PLAIN_TOKENS} a on a.passage = p.passage and a.position = p.position
            join {PLAIN_TOKENS} b
                on b.passage = p.other_passage and b.position = p.other_position
            where {usable(run, "a")} and {usable(run, "b")})
        select layer, angle, first, second from drawn join known using ({pair})
        order by layer, {pair}, angle""")
    )


@dataclass(frozen=True, eq=False)
class DrawnPairs:
    """Drawn pairs of tokens of two documents in one layer, by layer: arrays [pairs].

    Attributes:
        layer: 0..L.
        angle: degrees.
        first, second: the documents, as `tokens` numbers them.
    """

    layer: Ints
    angle: Floats
    first: Ints
    second: Ints

    def of(self, documents: Ints) -> "DrawnPairs":
        """Those of these documents alone."""
        kept = np.isin(self.first, documents) & np.isin(self.second, documents)
        return DrawnPairs(self.layer[kept], self.angle[kept], self.first[kept], self.second[kept])


def pairs_of_documents(run: Run) -> DrawnPairs:
    """The drawn pairs of a layer whose tokens are usable and of different documents."""
    found = _drawn(run, "same-layer", "angle")
    apart = found["first"] != found["second"]
    layer, first, second = (found[n][apart].astype(np.int64) for n in ("layer", "first", "second"))
    return DrawnPairs(layer, found["angle"][apart], first, second)


def exact_cosines(run: Run) -> Floats:
    """The mean cosine of all pairs of tokens at each state 0..L, exact.

    From the sums of unit vectors that the run keeps: position 0 is in them only with --keep-first,
    sinks at later positions are.
    """
    from safetensors.numpy import load_file

    parts = [load_file(path) for path in run.listed.verified("moments")]
    total = np.sum([part["direction_sum"] for part in parts], axis=0)
    count = np.sum([part["direction_count"] for part in parts], axis=0)
    return mean_cosine(total, count)


def mean_cosines(run: Run, reading: str = "") -> Floats:
    """The mean cosine of two tokens at each state 0..L; NaN where no pair was drawn.

    The raw one is exact; in the other readings it is that of the drawn pairs of two passages.
    """
    if not reading:
        return exact_cosines(run)
    layer, angles = drawn_angles(run, "same-layer", reading)
    cosines = np.cos(np.radians(angles))
    states = range(run.blocks + 1)
    means = [
        cosines[layer == state].mean() if (layer == state).any() else np.nan for state in states
    ]
    return np.array(means)
