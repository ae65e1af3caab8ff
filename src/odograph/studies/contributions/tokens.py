"""The lengths of both parts and of the whole step, token by token, passage by passage."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.statistics.correlations.layers import Pair
from odograph.statistics.correlations.sums import Parts
from odograph.studies.parts import WHOLE
from odograph.studies.selection import Floats, numbers

#: The rows of every correlation: each layer of attention, then each layer of the MLP.
PARTS = ("attention", "MLP")


@dataclass(frozen=True, eq=False)
class Lengths:
    """One passage: |a|, |m|, their cosine and |a + m|, [L, tokens] each, and which tokens count.

    `kept` is False at position 0 and at sinks. Tokens with a value that is no number are not there.
    """

    document: int
    attention: Floats
    mlp: Floats
    cosine: Floats
    whole: Floats
    kept: NDArray[np.bool_]

    def parts(self) -> Parts:
        """Both parts and their cosine at the tokens that count."""
        return tuple(v[:, self.kept] for v in (self.attention, self.mlp, self.cosine))  # type: ignore[return-value]

    def pair(self, *, first: bool) -> Pair:
        """Each part beside the whole, [2 L, tokens]: with `first` at all tokens, else at `kept`."""
        chosen = np.ones_like(self.kept) if first else self.kept
        parts = np.concatenate([self.attention, self.mlp])[:, chosen]
        return parts, np.tile(self.whole[:, chosen], (2, 1))


def read_lengths(run: Run) -> list[Lengths]:
    """Every passage of a run, in the order of the text; position 0 and sinks are marked."""
    found = numbers(
        run.sql(f"""
        select document, position > 0 and not sink as kept, attention_step::double as attention,
               mlp_step::double as mlp, update_cosine::double as cosine, {WHOLE} as whole
        from layers join tokens using (passage, position)
        where layer > 0 order by document, passage, position, layer""")
    )
    blocks = run.blocks
    document, kept = (found[name][::blocks] for name in ("document", "kept"))
    values = np.stack([found[n].reshape(-1, blocks) for n in _VALUES])
    cuts = np.flatnonzero(np.diff(document)) + 1
    pieces = zip(
        np.split(document, cuts),
        np.split(kept.astype(bool), cuts),
        np.split(values, cuts, axis=1),
        strict=True,
    )
    return [_lengths(int(one[0]), own, table) for one, own, table in pieces]


_VALUES = ("attention", "mlp", "cosine", "whole")


def _lengths(document: int, kept: NDArray[np.bool_], table: Floats) -> Lengths:
    """One passage out of its table [4, tokens, L]."""
    whole = np.isfinite(table).all(axis=(0, 2))
    attention, mlp, cosine, length = np.swapaxes(table[:, whole], 1, 2)
    return Lengths(document, attention, mlp, cosine, length, kept[whole])


def pairs_of(passages: Sequence[Lengths], *, first: bool) -> list[Pair]:
    """Parts and whole of every passage."""
    return [passage.pair(first=first) for passage in passages]
