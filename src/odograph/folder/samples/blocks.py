"""What a run says about its blocks: how far they turn, and what skipping them costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from odograph.folder.best_runs import ALL, BY, LAST, BestRun, SpanMeans, best_runs, span_means
from odograph.folder.readings import angle_readings, readings_of
from odograph.folder.requirements import require_rows
from odograph.folder.run import Run
from odograph.folder.samples.losses import Losses, losses
from odograph.folder.samples.nulls import Nulls, random_orders
from odograph.folder.selection import Floats, Means, profile_means, twin_profiles
from odograph.statistics.intervals import mean_interval
from odograph.statistics.values import Interval, bounds, known

HALF_TURN = 180.0


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


def blocks_of(run: Run) -> Blocks:
    """All that a run says about its blocks.

    Raises:
        StudyError: no passage has an angle for every run of blocks.
    """
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


@dataclass(frozen=True)
class PlanRow:
    """The best run of so many blocks.

    Attributes:
        run: the blocks.
        by: a key of `BY`.
        distance, distance_interval: angular distance, in half turns, and its interval.
        twins: the distance over the best run of as many blocks in the twins, their mean; NaN
            without twins.
        change, change_interval: of the loss with them skipped, nats a token; NaN where they were
            not skipped.
        n_loss: documents that the loss is of; 0 where they were not skipped.
    """

    run: BestRun
    by: str
    distance: float
    distance_interval: Interval | None
    twins: float
    change: float
    change_interval: Interval | None
    n_loss: int


def plan(blocks: Blocks, by: str) -> tuple[PlanRow, ...]:
    """A row for each number of blocks 1..L-1."""
    twins = blocks.twin_best(by)
    return tuple(
        _plan_row(blocks, best, by, [distances[index] for distances in twins])
        for index, best in enumerate(blocks.best[by])
    )


def _plan_row(blocks: Blocks, best: BestRun, by: str, twins: Sequence[float]) -> PlanRow:
    seed = blocks.run.seed
    distance, interval = interval_of_mean(blocks.distances(best.first, best.blocks, by), seed)
    lost = None if blocks.losses is None else blocks.losses.of(best.first, best.blocks)
    change, change_interval = (float("nan"), None) if lost is None else interval_of_mean(lost, seed)
    beside = float(np.mean(twins)) if twins else float("nan")
    n_loss = 0 if lost is None else len(lost)
    return PlanRow(best, by, distance, interval, beside, change, change_interval, n_loss)


def plan_columns(rows: Sequence[PlanRow]) -> dict[str, Any]:
    """The rows as the columns of a table."""
    return {
        "by": [BY[row.by] for row in rows],
        "blocks": [row.run.blocks for row in rows],
        "first": [row.run.first for row in rows],
        "last": [row.run.last for row in rows],
        "distance": [row.distance for row in rows],
        **_interval_columns("distance", [row.distance_interval for row in rows]),
        "distance_untrained": [known(row.twins) for row in rows],
        "loss_change": [known(row.change) for row in rows],
        **_interval_columns("loss_change", [row.change_interval for row in rows]),
        "n_loss": [row.n_loss for row in rows],
    }


def _interval_columns(name: str, intervals: Sequence[Interval | None]) -> dict[str, Any]:
    low, high = zip(*map(bounds, intervals), strict=True)
    return {f"{name}_low": list(map(known, low)), f"{name}_high": list(map(known, high))}


def plan_list(rows: Sequence[PlanRow]) -> list[dict[str, Any]]:
    """The rows as plain values for a program.

    `layers` holds the same blocks counted from 0, as they stand in a model's list of layers.
    """
    columns = plan_columns(rows)
    return [
        {name: values[index] for name, values in columns.items()}
        | {"layers": list(range(row.run.first - 1, row.run.last))}
        for index, row in enumerate(rows)
    ]
