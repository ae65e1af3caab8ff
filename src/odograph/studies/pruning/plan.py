"""The list that a pruning script needs: which blocks to drop, how far they turn, what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from odograph.folder.best_runs import BestRun
from odograph.statistics.values import Interval
from odograph.studies.defaults import known
from odograph.studies.pruning.blocks import BY, Blocks, interval_of_mean
from odograph.studies.tidy import bounds


@dataclass(frozen=True)
class Row:
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


def plan(blocks: Blocks, by: str) -> tuple[Row, ...]:
    """A row for each number of blocks 1..L-1."""
    twins = blocks.twin_best(by)
    return tuple(
        _row(blocks, best, by, [distances[index] for distances in twins])
        for index, best in enumerate(blocks.best[by])
    )


def _row(blocks: Blocks, best: BestRun, by: str, twins: Sequence[float]) -> Row:
    seed = blocks.run.seed
    distance, interval = interval_of_mean(blocks.distances(best.first, best.blocks, by), seed)
    lost = None if blocks.losses is None else blocks.losses.of(best.first, best.blocks)
    change, change_interval = (float("nan"), None) if lost is None else interval_of_mean(lost, seed)
    beside = float(np.mean(twins)) if twins else float("nan")
    n_loss = 0 if lost is None else len(lost)
    return Row(best, by, distance, interval, beside, change, change_interval, n_loss)


def plan_columns(rows: Sequence[Row]) -> dict[str, Any]:
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


def plan_list(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as plain values for a program.

    `layers` holds the same blocks counted from 0, as they stand in a model's list of layers.
    """
    columns = plan_columns(rows)
    return [
        {name: values[index] for name, values in columns.items()}
        | {"layers": list(range(row.run.first - 1, row.run.last))}
        for index, row in enumerate(rows)
    ]
