"""The list that a pruning script needs: which blocks to drop, how far they turn, what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from odograph.folder.best_runs import ALL, LAST, BestRun
from odograph.statistics.values import Interval
from odograph.studies.defaults import known
from odograph.studies.pruning.measured import Measured, interval_of_mean

#: How a sentence, a table and a file call the tokens by which a run of blocks is the best.
BY = {LAST: "last token", ALL: "all tokens"}


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
    """

    run: BestRun
    by: str
    distance: float
    distance_interval: Interval | None
    twins: float
    change: float
    change_interval: Interval | None


def plan(measured: Measured, by: str) -> tuple[Row, ...]:
    """A row for each number of blocks 1..L-1."""
    twins = measured.twin_best(by)
    return tuple(
        _row(measured, best, by, [distances[index] for distances in twins])
        for index, best in enumerate(measured.best[by])
    )


def _row(measured: Measured, best: BestRun, by: str, twins: Sequence[float]) -> Row:
    distances = measured.distances(best.first, best.blocks, by)
    distance, interval = interval_of_mean(distances, measured.run.seed)
    lost = None if measured.losses is None else measured.losses.of(best.first, best.blocks)
    change, change_interval = (
        (float("nan"), None) if lost is None else interval_of_mean(lost, measured.run.seed)
    )
    beside = float(np.mean(twins)) if twins else float("nan")
    return Row(best, by, distance, interval, beside, change, change_interval)


def plan_columns(rows: Sequence[Row]) -> dict[str, Any]:
    """The rows as the columns of a table."""
    return {
        "by": [BY[row.by] for row in rows],
        "blocks": [row.run.blocks for row in rows],
        "first": [row.run.first for row in rows],
        "last": [row.run.last for row in rows],
        "distance": [row.distance for row in rows],
        "distance_low": [_bound(row.distance_interval, "low") for row in rows],
        "distance_high": [_bound(row.distance_interval, "high") for row in rows],
        "distance_untrained": [known(row.twins) for row in rows],
        "loss_change": [known(row.change) for row in rows],
        "loss_change_low": [_bound(row.change_interval, "low") for row in rows],
        "loss_change_high": [_bound(row.change_interval, "high") for row in rows],
    }


def plan_list(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows as plain values for a program.

    `layers` holds the same blocks counted from 0, as they stand in a model's list of layers.
    """
    columns = plan_columns(rows)
    listed = []
    for index, row in enumerate(rows):
        entry = {name: values[index] for name, values in columns.items()}
        listed.append({**entry, "layers": list(range(row.run.first - 1, row.run.last))})
    return listed


def block_words(best: BestRun) -> str:
    """The blocks in a sentence: "block 5", "blocks 5 to 7"."""
    if best.blocks == 1:
        return f"block {best.first}"
    return f"blocks {best.first} to {best.last}"


def _bound(interval: Interval | None, end: str) -> float | None:
    return None if interval is None else float(getattr(interval, end))
