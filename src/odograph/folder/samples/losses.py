"""What skipping blocks does to the next-token loss, passage by passage."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, columns_of, numbers


@dataclass(frozen=True)
class Losses:
    """Losses in nats a token; windows of one passage are averaged.

    Attributes:
        documents: [n] the passages that were run again.
        base: [n] loss with nothing skipped.
        first, blocks: [k] what was skipped: so many blocks, the first one counted from 1.
        change: [n, k] loss with them skipped minus `base`.
        excluded: passages left out as a loss of theirs is not a number.
        tokens: tokens that were run.
    """

    documents: Ints
    base: Floats
    first: Ints
    blocks: Ints
    change: Floats
    excluded: int
    tokens: int

    def of(self, first: int, blocks: int) -> Floats | None:
        """The change for one run of blocks, [n]; None where it was not skipped."""
        there = np.flatnonzero((self.first == first) & (self.blocks == blocks))
        return self.change[:, there[0]] if len(there) else None

    @property
    def single(self) -> Floats:
        """The change for every block alone, [n, L]."""
        alone = np.flatnonzero(self.blocks == 1)
        return np.asarray(self.change[:, alone[np.argsort(self.first[alone])]])


def losses(run: Run) -> Losses | None:
    """Reads `skips`; None where no block was skipped, or no passage has all its losses."""
    if not columns_of(run, "skips"):
        return None
    found = numbers(
        run.sql("""
        select t.document, s.first, s.blocks, avg(s.loss::double) as loss from skips s
        join (select distinct passage, document from tokens) t using (passage)
        group by all order by t.document, s.blocks, s.first""")
    )
    if not len(found["loss"]):  # none of the half of a run that is seen
        return None
    ways = len(np.unique(np.stack([found["first"], found["blocks"]]), axis=1).T)
    documents = found["document"][::ways].astype(np.int64)
    loss = found["loss"].reshape(-1, ways)
    whole = np.isfinite(loss).all(axis=1)
    if not whole.any():
        return None
    base = loss[whole, 0]  # 0 blocks are skipped: the first in order
    return Losses(
        documents=documents[whole],
        base=base,
        first=found["first"][1:ways].astype(np.int64),
        blocks=found["blocks"][1:ways].astype(np.int64),
        change=loss[whole, 1:] - base[:, None],
        excluded=int((~whole).sum()),
        tokens=_tokens(run),
    )


def _tokens(run: Run) -> int:
    """Tokens that were run again; of a half, those with a loss."""
    if "halves" not in run.manifest:
        return int(run.manifest["skips"]["tokens"])
    found = run.sql("select sum(tokens) from skips where blocks = 0").fetchall()
    return int(found[0][0])
