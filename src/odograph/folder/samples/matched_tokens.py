"""For each target a token that is like it: position, pieces and frequency."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments
from odograph.folder.selection import Floats, Ints, numbers, usable
from odograph.folder.token_sets import PLAIN_TOKENS

#: How far the log of the counts may be apart: a factor of e.
_FREQUENCY = 1.0


#: A band needs no more; beyond it, targets are drawn.
_MOST = 500


@dataclass(frozen=True)
class Matched:
    """The matched tokens and how they were found.

    Attributes:
        passage, position: [k] the tokens, one for each target that has a match.
        same_passage: how many of them stand in the target's own passage.
        unmatched: targets without any match.
    """

    passage: Ints
    position: Ints
    same_passage: int
    unmatched: int


def matched_tokens(run: Run, drawn: DrawnDocuments, seed: int) -> Matched:
    """For each usable target one other token: position +-1, as many pieces, similar frequency.

    Taken from the same passage if it has one, else drawn from the other passages (both counted).
    The frequency is the token's count in these documents, within a factor of e.
    """
    tokens = numbers(
        run.sql(f"""
        select passage, position, role = 'target' as target, role = 'other' as other,
               coalesce(pieces, 1) as pieces,
               ln(count(*) over (partition by token_id)) as frequency
        from {PLAIN_TOKENS} where {usable(run)} and {drawn.where}
        order by passage, position""")
    )
    generator = np.random.default_rng([seed, 4])
    candidate = tokens["other"].astype(bool)
    chosen: list[int] = []
    same = 0
    targets = np.flatnonzero(tokens["target"])
    if len(targets) > _MOST:
        targets = np.sort(generator.choice(targets, _MOST, replace=False))
    for index in targets:
        alike = candidate & _alike(tokens, int(index))
        near = alike & (tokens["passage"] == tokens["passage"][index])
        pool = np.flatnonzero(near if near.any() else alike)
        if len(pool):
            chosen.append(int(generator.choice(pool)))
            same += int(near.any())
    rows = np.array(chosen, dtype=np.int64)
    return Matched(
        passage=tokens["passage"][rows].astype(np.int64),
        position=tokens["position"][rows].astype(np.int64),
        same_passage=same,
        unmatched=len(targets) - len(chosen),
    )


def _alike(tokens: dict[str, NDArray[np.float64]], index: int) -> NDArray[np.bool_]:
    near = np.abs(tokens["position"] - tokens["position"][index]) <= 1
    alike = np.abs(tokens["frequency"] - tokens["frequency"][index]) <= _FREQUENCY
    whole = tokens["pieces"] == tokens["pieces"][index]
    both: NDArray[np.bool_] = near & alike & whole
    return both


def values_at(run: Run, matched: Matched, measure: str) -> Floats:
    """The measure at the matched tokens, [k, L] in the order of passage and position."""
    if not len(matched.passage):
        return np.empty((0, run.blocks))
    keys = ", ".join(
        f"({n}, {p}, {q})"
        for n, (p, q) in enumerate(zip(matched.passage, matched.position, strict=True))
    )
    found = numbers(
        run.sql(f"""
        select n, layer, {measure}::double as value
        from (values {keys}) as k(n, passage, position) join layers using (passage, position)
        where layer > 0 order by n, layer""")
    )
    return found["value"].reshape(-1, run.blocks)
