"""Pairs of states that have nothing to do with each other: drawn ones, and all of a layer."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers, usable
from odograph.statistics.space.isotropic import mean_cosine


def drawn_angles(run: Run, null: str, reading: str = "") -> tuple[Ints, Floats]:
    """Layers and angles of a null's drawn pairs, without pairs that touch a sink.

    reading: `trimmed` or `centred`, which the run must hold; raw by default.
    """
    angle = f"p.angle_{reading}" if reading else "p.angle"
    found = numbers(
        run.chosen.sql(f"""
        select p.layer, {angle}::double as angle from pairs p
        join tokens a on a.passage = p.passage and a.position = p.position
        join tokens b on b.passage = p.other_passage and b.position = p.other_position
        where p."null" = '{null}' and isfinite({angle})
        and {usable(run, "a")} and {usable(run, "b")}
        order by p.layer, p.passage, p.position, p.other_passage, p.other_position, angle""")
    )
    return found["layer"].astype(np.int64), found["angle"]


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
    found = numbers(
        run.chosen.sql(f"""
        select p.layer, p.angle::double as angle, a.document as first, b.document as second
        from pairs p
        join tokens a on a.passage = p.passage and a.position = p.position
        join tokens b on b.passage = p.other_passage and b.position = p.other_position
        where p."null" = 'same-layer' and isfinite(p.angle) and a.document <> b.document
        and {usable(run, "a")} and {usable(run, "b")}
        order by p.layer, p.passage, p.position, p.other_passage, p.other_position, angle""")
    )
    layer, first, second = (found[n].astype(np.int64) for n in ("layer", "first", "second"))
    return DrawnPairs(layer, found["angle"], first, second)


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
