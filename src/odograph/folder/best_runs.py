"""Which neighbouring blocks together turn the state least: what geometry says could be dropped."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run

#: What a run of blocks may be judged by: the last token of a passage, as its authors do, or all.
LAST, ALL = "last_angle", "angle"


@dataclass(frozen=True)
class BestRun:
    """The run of `blocks` neighbouring blocks that turns the state least.

    `first` is its first block, from 1; `angle` the mean over passages, in degrees.
    """

    blocks: int
    first: int
    angle: float

    @property
    def last(self) -> int:
        """Its last block."""
        return self.first + self.blocks - 1


@dataclass(frozen=True)
class SpanMeans:
    """The `spans` of a run, one mean a passage; windows of one passage are averaged.

    Attributes:
        documents: [n] the passages.
        layer, blocks: [k] state in which a run of blocks begins, and how many blocks it has.
        angle, last_angle: [n, k] degrees; NaN where a passage has no number.
    """

    documents: NDArray[np.int64]
    layer: NDArray[np.int64]
    blocks: NDArray[np.int64]
    angle: NDArray[np.float64]
    last_angle: NDArray[np.float64]

    def column(self, name: str) -> NDArray[np.float64]:
        """`angle` or `last_angle`."""
        return self.last_angle if name == LAST else self.angle


def span_means(run: Run, reading: str = "") -> SpanMeans:
    """Reads the `spans` of a run; the run must have them.

    reading: of `angle`, `trimmed` or `centred`; the last token's angle has the raw one alone.
    """
    columns = {ALL: f"{ALL}_{reading}" if reading else ALL, LAST: LAST}
    means = ", ".join(
        f"avg(s.{column}::double) filter (where isfinite(s.{column})) as {name}"
        for name, column in columns.items()
    )
    found = run.sql(f"""
        select t.document, s.blocks, s.layer, {means} from spans s
        join (select distinct passage, document from tokens) t using (passage)
        group by all order by t.document, s.blocks, s.layer""").fetchnumpy()
    spans = run.blocks * (run.blocks + 1) // 2
    return SpanMeans(
        documents=np.asarray(found["document"][::spans], dtype=np.int64),
        layer=np.asarray(found["layer"][:spans], dtype=np.int64),
        blocks=np.asarray(found["blocks"][:spans], dtype=np.int64),
        angle=_filled(found[ALL]).reshape(-1, spans),
        last_angle=_filled(found[LAST]).reshape(-1, spans),
    )


def best_runs(means: SpanMeans, by: str = LAST) -> tuple[BestRun, ...]:
    """The best run of n blocks for each n = 1..L-1; of equal ones the earlier.

    Passages without a number in some place are left out; without any passage there is no best run.
    """
    values = means.column(by)
    values = values[np.isfinite(values).all(axis=1)]
    if not len(values):
        return ()
    mean = values.mean(axis=0)
    found = []
    for blocks in range(1, int(means.blocks.max())):
        there = np.flatnonzero(means.blocks == blocks)
        best = there[int(np.argmin(mean[there]))]
        found.append(BestRun(blocks, int(means.layer[best]) + 1, float(mean[best])))
    return tuple(found)


def _filled(values: Any) -> NDArray[np.float64]:
    return np.asarray(np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan))


#: How a sentence, a table and a file call the tokens by which a run of blocks is the best.
BY = {ALL: "all tokens", LAST: "last token"}
