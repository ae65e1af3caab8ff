"""What the findings, figures and tables of the pruning study are made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from odograph.errors import StudyError
from odograph.run.best_runs import ALL, LAST, BestRun, SpanMeans, best_runs, span_means
from odograph.run.results import Run
from odograph.statistics.intervals import mean_interval
from odograph.statistics.results import Interval
from odograph.studies.pruning.losses import Losses, losses
from odograph.studies.selection import (
    Floats,
    Means,
    profile_means,
    require_columns,
    require_rows,
    twin_profiles,
)

HALF_TURN = 180.0
_REMEDY = "Measure the run with --measures block_distance."


@dataclass(frozen=True)
class Measured:
    """What a run says about its blocks.

    Attributes:
        run: the run.
        spans: how far every run of blocks turns the state, one mean a passage.
        best: the best runs of 1..L-1 blocks, by the last token and by all tokens.
        twins: the spans of the untrained twins, one each.
        influence: Block Influence, [passages, L].
        twin_influence: the same of the twins, [twins, passages, L], or None.
        losses: what skipping does to the loss, or None where nothing was skipped.
    """

    run: Run
    spans: SpanMeans
    best: dict[str, tuple[BestRun, ...]]
    twins: Sequence[SpanMeans]
    influence: Means
    twin_influence: Floats | None
    losses: Losses | None

    @property
    def seed(self) -> int:
        """The run's seed."""
        return int(self.run.manifest["seed"])

    @property
    def n(self) -> int:
        """Passages with an angle for every run of blocks."""
        return len(usable_spans(self.spans, LAST))

    def distances(self, first: int, blocks: int, by: str) -> Floats:
        """Angular distance (half turns) over one run of blocks, [passages]."""
        there = (self.spans.layer == first - 1) & (self.spans.blocks == blocks)
        return np.asarray(usable_spans(self.spans, by)[:, there][:, 0] / HALF_TURN)

    def pooled_twins(self) -> SpanMeans:
        """The spans of all twins together, a row a twin and passage; there must be one twin."""
        return replace(
            self.twins[0],
            documents=np.concatenate([twin.documents for twin in self.twins]),
            angle=np.concatenate([twin.angle for twin in self.twins]),
            last_angle=np.concatenate([twin.last_angle for twin in self.twins]),
        )

    def twin_best(self, by: str) -> tuple[tuple[BestRun, ...], ...]:
        """The best runs of each twin."""
        return tuple(best_runs(twin, by) for twin in self.twins)


def usable_spans(spans: SpanMeans, by: str) -> Floats:
    """Angles of the passages that have one for every run of blocks, [passages, spans], degrees."""
    values = spans.column(by)
    return np.asarray(values[np.isfinite(values).all(axis=1)])


def measure(run: Run) -> Measured:
    """Reads the run once.

    Raises:
        StudyError: the run has no angles between states, no passage has them all, or the model has
            a single block.
    """
    require_columns(run, "spans", ("angle", "last_angle"), _REMEDY)
    if run.blocks < 2:
        raise StudyError(
            "no block can be left out",
            expected="a model of 2 blocks or more",
            given="1",
            remedy="Take a deeper model.",
        )
    spans = span_means(run)
    if not _has_angles(spans):
        require_rows(np.empty(0), "passage with an angle for every run of blocks")
    influence = profile_means(run, "influence")
    require_rows(influence.values, "token")
    return Measured(
        run=run,
        spans=spans,
        best={by: best_runs(spans, by) for by in (LAST, ALL)},
        twins=[twin for twin in map(span_means, run.untrained) if _has_angles(twin)],
        influence=influence,
        twin_influence=twin_profiles(run, "influence"),
        losses=losses(run),
    )


def _has_angles(spans: SpanMeans) -> bool:
    return all(len(usable_spans(spans, by)) for by in (LAST, ALL))


def interval_of_mean(values: Floats, seed: int) -> tuple[float, Interval | None]:
    """Mean over passages and its interval."""
    return float(values.mean()), mean_interval(values, seed=seed)
