"""The cells of the correlation grid with the passages paired anew."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import numpy as np

from odograph.statistics.correlations.grid_cells import Passage, Plan, left_over
from odograph.statistics.correlations.sessions import pairings, permuted_means, session_tables
from odograph.statistics.intervals import Floats


def paired_anew(
    tables: Iterable[tuple[Floats, Floats]], passages: int, seed: int, permutations: int
) -> tuple[Floats, Floats]:
    """Every cell's mean Fisher z as paired [cells] and under random pairings [draws, cells].

    All cells see the same pairings. Tables that come one by one are held one by one.
    """
    orders = pairings(passages, seed=seed, draws=permutations - 1)
    observed, drawn = [], []
    for own, changes in tables:
        observed.append(own.mean())
        drawn.append(permuted_means(own, changes, orders))
    return np.array(observed), np.column_stack(drawn)


def tables_of_cells(plan: Plan, usable: list[Passage]) -> Iterator[tuple[Floats, Floats]]:
    """The tables [passages, passages] of every cell."""
    for (sinks, method, kind), cells in groupby(plan.cells, lambda c: (c.sinks, c.method, c.kind)):
        left = [left_over(plan, both[sinks], method, kind) for both in usable]
        for cell in cells:
            yield session_tables([t[cell.x] for t in left], [t[cell.y] for t in left])
