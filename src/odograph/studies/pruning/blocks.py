"""What a run says about its blocks: how far they turn, and what skipping them costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from odograph.errors import StudyError
from odograph.folder.best_runs import ALL, LAST, BestRun, SpanMeans, best_runs, span_means
from odograph.folder.readings import angle_readings, readings_of
from odograph.folder.requirements import require_columns, require_rows
from odograph.folder.run import Run
from odograph.folder.samples.losses import Losses, losses
from odograph.folder.samples.nulls import Nulls, random_orders
from odograph.folder.selection import Floats, Means, profile_means, twin_profiles
from odograph.sentences.english import span
from odograph.statistics.intervals import mean_interval
from odograph.statistics.values import Interval
from odograph.studies.defaults import FindingDefaults
from odograph.studies.losses import NATS
from odograph.studies.section import Analysis

HALF_TURN = 180.0
#: What is said of blocks that were chosen on the exploration half.
FIRST_HALF = " (chosen on the first half; the numbers are those of the second)"
_REMEDY = "Measure the run with --measures block_distance."


@dataclass(frozen=True)
class Explored:
    """The half of a run on which blocks are chosen.

    Attributes:
        influence: mean Block Influence, [L].
        change: mean change in loss with each block skipped alone, [L]; None where none was.
        twins: the spans of the twins in that half.
    """

    influence: Floats
    change: Floats | None
    twins: Sequence[SpanMeans]


@dataclass(frozen=True)
class Blocks:
    """What a run says about its blocks.

    Attributes:
        run: the run.
        spans: how far every run of blocks turns the state, one mean a passage.
        best: the best runs of 1..L-1 blocks, by the last token and by all tokens; of a halved run
            those of its first half.
        explored: the first half of a halved run; None of a whole one.
        twins: the spans of the untrained twins, one each.
        influence: Block Influence, [passages, L].
        read: the same in the other readings of an angle; empty without outlier coordinates.
        read_spans: the spans in them, with the angles of all tokens.
        nulls: Block Influence in the untrained twins and in random order.
        losses: what skipping does to the loss, or None where nothing was skipped.
    """

    run: Run
    spans: SpanMeans
    best: dict[str, tuple[BestRun, ...]]
    explored: Explored | None
    twins: Sequence[SpanMeans]
    influence: Means
    read: Mapping[str, Means]
    read_spans: Mapping[str, SpanMeans]
    nulls: Nulls
    losses: Losses | None

    @property
    def n(self) -> int:
        """Passages with an angle for every run of blocks."""
        return len(usable_spans(self.spans, ALL))

    @property
    def excluded(self) -> int:
        """Passages without."""
        return len(self.spans.documents) - self.n

    @property
    def on_first_half(self) -> str:
        """What is said of blocks chosen on a first half; "" of a whole run."""
        return "" if self.explored is None else FIRST_HALF

    def distances(self, first: int, blocks: int, by: str) -> Floats:
        """Angular distance (half turns) over one run of blocks, [passages]."""
        return distances_of(self.spans, first, blocks, by)

    def pooled_twins(self) -> SpanMeans:
        """The spans of all twins together, a row a twin and passage; there must be one twin."""
        return replace(
            self.twins[0],
            documents=np.concatenate([twin.documents for twin in self.twins]),
            angle=np.concatenate([twin.angle for twin in self.twins]),
            last_angle=np.concatenate([twin.last_angle for twin in self.twins]),
        )

    def twin_best(self, by: str) -> tuple[tuple[float, ...], ...]:
        """The mean distance (half turns) over the best runs of each twin, by number of blocks.

        Of a halved run they are chosen on the twin's first half.
        """
        chosen = self.twins if self.explored is None else self.explored.twins
        return tuple(
            tuple(
                float(distances_of(twin, run.first, run.blocks, by).mean())
                for run in best_runs(own, by)
            )
            for twin, own in zip(self.twins, chosen, strict=True)
        )

    @property
    def chosen_influence(self) -> Floats:
        """The mean influence by which blocks are chosen, [L]."""
        if self.explored is not None:
            return self.explored.influence
        return np.asarray(self.influence.values.mean(axis=0))

    def chosen_change(self, lost: Losses) -> tuple[Floats, bool]:
        """The mean change in loss by which blocks are chosen, [L]; whether on the first half."""
        if self.explored is not None and self.explored.change is not None:
            return self.explored.change, True
        return np.asarray(lost.single.mean(axis=0)), False


def distances_of(spans: SpanMeans, first: int, blocks: int, by: str) -> Floats:
    """Angular distance (half turns) over one run of blocks, [passages]."""
    there = (spans.layer == first - 1) & (spans.blocks == blocks)
    return np.asarray(usable_spans(spans, by)[:, there][:, 0] / HALF_TURN)


def usable_spans(spans: SpanMeans, by: str) -> Floats:
    """Angles of the passages that have one for every run of blocks, [passages, spans], degrees."""
    values = spans.column(by)
    return np.asarray(values[np.isfinite(values).all(axis=1)])


def require_spans(run: Run) -> None:
    """Nothing, if the run has angles over runs of blocks, and blocks enough to leave one out.

    Raises:
        StudyError: it has none, or the model has a single block.
    """
    require_columns(run, "spans", ("angle", "last_angle"), _REMEDY)
    if run.blocks < 2:
        raise StudyError(
            "no block can be left out",
            expected="a model of 2 blocks or more",
            given="1",
            remedy="Take a deeper model.",
        )


def read_blocks(analysis: Analysis) -> Blocks:
    """All that the questions look at, read once.

    Raises:
        StudyError: no passage has an angle for every run of blocks.
    """
    run = analysis.run
    spans = span_means(run)
    if not _has_angles(spans):
        require_rows(np.empty(0), "passage with an angle for every run of blocks")
    influence = profile_means(run, "influence")
    require_rows(influence.values, "token")
    half = run.exploration
    chosen_on = spans if half is None else span_means(half)
    if not _has_angles(chosen_on):
        require_rows(np.empty(0), "passage of the first half with an angle for every run of blocks")
    twins = _twins(run, half)
    return Blocks(
        run=run,
        spans=spans,
        best={by: best_runs(chosen_on, by) for by in (LAST, ALL)},
        explored=None if half is None else _explored(half, [first for _, first in twins]),
        twins=[own for own, _ in twins],
        influence=influence,
        read=_influence_read(run, len(influence.units)),
        read_spans=_spans_read(run),
        nulls=Nulls(
            twin_profiles(run, "influence"),
            shuffled=random_orders(run, influence, lambda one: profile_means(one, "influence")),
        ),
        losses=losses(run),
    )


def _influence_read(run: Run, units: int) -> dict[str, Means]:
    """Block Influence in the other readings that have all its passages."""
    columns = readings_of(run, "influence")
    means = {name: profile_means(run, column) for name, column in columns.items()}
    return {name: own for name, own in means.items() if len(own.units) == units}


def _spans_read(run: Run) -> dict[str, SpanMeans]:
    """The spans in the other readings that have angles."""
    spans = {name: span_means(run, name) for name in angle_readings(run, "spans")}
    return {name: own for name, own in spans.items() if len(usable_spans(own, ALL))}


def _twins(run: Run, half: Run | None) -> list[tuple[SpanMeans, SpanMeans]]:
    """The spans of each twin with its angles, and those on which its best runs are chosen."""
    own = [span_means(twin) for twin in run.untrained]
    first = own if half is None else [span_means(twin) for twin in half.untrained]
    return [both for both in zip(own, first, strict=True) if all(map(_has_angles, both))]


def _explored(half: Run, twins: Sequence[SpanMeans]) -> Explored:
    lost = losses(half)
    return Explored(
        profile_means(half, "influence").values.mean(axis=0),
        None if lost is None else lost.single.mean(axis=0),
        twins,
    )


def _has_angles(spans: SpanMeans) -> bool:
    return all(len(usable_spans(spans, by)) for by in (LAST, ALL))


def interval_of_mean(values: Floats, seed: int) -> tuple[float, Interval | None]:
    """Mean over passages and its interval."""
    return float(values.mean()), mean_interval(values, seed=seed)


def extremes(mean: Floats) -> tuple[int, int]:
    """The blocks with the smallest and the largest mean, counted from 1."""
    order = np.argsort(mean, kind="stable") + 1
    return int(order[0]), int(order[-1])


CAUTION = "Geometry is not importance"


#: How a sentence, a table and a file call the tokens by which a run of blocks is the best.
BY = {ALL: "all tokens", LAST: "last token"}


#: Whose choice the last token is.
AUTHOR = "Gromov et al. 2024"


#: So many lengths and blocks are told in a sentence; the tables have all.
TOLD = 4


NO_SKIP = "nothing skipped: a change of 0"


def defaults_of(analysis: Analysis, blocks: Blocks) -> FindingDefaults:
    """What findings about angles share."""
    return analysis.defaults_over(blocks.n, excluded=blocks.excluded)


def defaults_of_losses(analysis: Analysis, lost: Losses) -> FindingDefaults:
    """What findings about losses share."""
    return analysis.defaults_over(len(lost.base), excluded=lost.excluded, unit=NATS, null=NO_SKIP)


def named_run(best: BestRun) -> str:
    """The blocks in a sentence: "block 5", "blocks 5 to 7"."""
    return span("block", best.first, best.last)
