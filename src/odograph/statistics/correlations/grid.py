"""The last-step study's whole grid of correlations, so that no cell can be picked by its outcome.

{conventions} x {confidences} x {Pearson, Spearman} x {raw, partial} x {without, with sinks}: all
rows are computed on the same tokens (but for the sinks), shown together and corrected together.
Each row has the documents that have a number in it, and says how many have none and why. With one
document the grid is descriptive (block bootstrap); with several, intervals are over documents; rows
of 20 documents or more are tested by their own pairs against those of different documents, with
the maximum over all rows; above 2000 passages that reads 2000 of them, and the note says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.statistics.circular_blocks import (
    BLOCK_INTERVAL,
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.correlations.coefficients import METHODS, complete
from odograph.statistics.correlations.grid_cells import (
    KINDS,
    SINKS,
    GridCells,
    GridPlan,
    GridTokens,
    PassageTables,
    cells_of,
    coefficients,
    grid_coefficients,
    left_over,
    plan_of,
    tables_of_cells,
)
from odograph.statistics.correlations.own_pairing import (
    FEWEST_DOCUMENTS,
    NO_TEST,
    OWN_PAIRING_TEST,
    OwnPairing,
    drawn_passages,
    own_pairing,
)
from odograph.statistics.intervals import Floats, interval_of
from odograph.statistics.keys import IntervalKind, Null, SignificanceTest
from odograph.statistics.leave_one_out import Without
from odograph.statistics.student import benjamini_hochberg
from odograph.statistics.values import Correlation, IntervalMethod, PValue

__all__ = ["CorrelationGrid", "GridRow", "GridTokens", "correlation_grid", "grid_coefficients"]


@dataclass(frozen=True)
class GridRow:
    """One cell of the grid. low, high, p, p_bh and p_max_t are NaN where there is none.

    `documents` have a number in the cell, `short` have fewer than 10 tokens, `flat` nothing that
    varies. `family` is the number of rows tested together (0: this one was not); `n_tested` is how
    many documents the test reads (0: it was not made); `method` is "pearson" or "spearman", `kind`
    "raw" or "partial", `sinks` "without" or "with".
    """

    convention: str
    confidence: str
    method: str
    kind: str
    sinks: str
    r: float
    low: float
    high: float
    tokens: int
    documents: int
    excluded: int
    short: int
    flat: int
    block_length: int
    interval: IntervalMethod
    test: SignificanceTest
    p: float
    p_bh: float
    p_max_t: float
    family: int
    n_tested: int

    @property
    def correlation(self) -> Correlation:
        """The cell as a finding speaks of it; p is that after the maximum over all rows."""
        return Correlation(
            r=self.r,
            interval=interval_of(self.low, self.high, self.interval),
            method=f"{self.kind} {self.method.capitalize()}",
            n=self.documents,
            excluded=self.short + self.flat,
            tokens=self.tokens,
            excluded_tokens=self.excluded,
            tested=PValue(
                self.test,
                self.p_max_t,
                self.family,
                "correlations",
                alone=self.p,
                drawn=self.n_tested if self.n_tested < self.documents else 0,
            ),
            null=Null.RANDOM_PAIRS if np.isfinite(self.p) else Null.NO_CORRELATION,
            block_length=self.block_length or None,
        )


@dataclass(frozen=True)
class CorrelationGrid:
    """All rows of the grid, and the names of the covariates of its partial rows.

    `documents` are the numbers of those that the test reads, of `every` that were given; `tested`
    is the test of all rows, None where no row has 20 documents.
    """

    rows: tuple[GridRow, ...]
    covariates: tuple[str, ...]
    seed: int
    every: int
    documents: tuple[int, ...] = ()
    tested: OwnPairing | None = None

    @property
    def family(self) -> int:
        """How many rows were tested together."""
        return 0 if self.tested is None else self.tested.family

    def without(self, row: GridRow) -> Without:
        """The test of a row without each document that it reads."""
        if self.tested is None:
            return Without(*np.full((2, len(self.documents)), np.nan))
        return self.tested.without(self.rows.index(row)).of_p

    def table(self) -> dict[str, NDArray[Any]]:
        """One row a cell: column names (the fields of `GridRow`) to arrays."""
        return {
            field.name: np.array([getattr(row, field.name) for row in self.rows])
            for field in fields(GridRow)
        }


def correlation_grid(
    steps: Mapping[str, ArrayLike],
    confidences: Mapping[str, ArrayLike],
    tokens: GridTokens,
    *,
    seed: int,
) -> CorrelationGrid:
    """Every correlation of a step with a confidence: conventions x confidences x 2 x 2 x 2 rows.

    steps: convention ("stream", "hf") to [tokens]; confidences: "logit", "log-probability",
    "entropy", ... to [tokens]. A token is read if all of these and all covariates are finite (the
    last token of a passage has nothing that follows); a passage counts in a row if 10 tokens are
    left and both vary there. No usable passage: r and everything else NaN.

    Raises: StudyError where lengths disagree or a mapping is empty.
    Source: Hall 1992 (bootstrap-t); Politis & Romano 1992 (circular blocks).
    """
    plan = plan_of(steps, confidences, tokens)
    cells = cells_of(plan, tokens)
    numbers = np.unique(cells.documents)
    alone = len(numbers) == 1
    found = _one_text(plan, cells.tables[0], seed) if alone else _bounds(cells, seed)
    read = drawn_passages(cells.documents, seed=seed)
    tested = None
    if not alone and (cells.means.documents >= FEWEST_DOCUMENTS).any():
        tables = tables_of_cells(plan, [cells.tables[i] for i in read])
        tested = own_pairing(tables, cells.documents[read], seed=seed)
    return CorrelationGrid(
        rows=_rows(plan, cells, found, tested),
        covariates=plan.covariates,
        seed=seed,
        every=len(numbers),
        documents=tuple(np.unique(cells.documents[read]).tolist()),
        tested=tested,
    )


@dataclass(frozen=True, eq=False)
class _Intervals:
    """What resampling gives: bounds of every cell, and how they were had."""

    low: Floats
    high: Floats
    block_lengths: tuple[int, int] = (0, 0)
    blocks: int = 0

    def method(self, documents: int) -> IntervalMethod:
        """How the interval of a cell with so many documents was had."""
        if self.blocks:
            return IntervalMethod(BLOCK_INTERVAL, self.blocks)
        return IntervalMethod(IntervalKind.BCA_FISHER_Z, documents)


def _one_text(plan: GridPlan, both: PassageTables, seed: int) -> _Intervals:
    """Block bootstrap of all cells by the same blocks; the longest block length of any cell."""
    bounds, lengths = [], []
    pairs = {(cell.x, cell.y) for cell in plan.cells}
    for table in map(complete, both):
        if not table.shape[1]:
            return _Intervals(*np.full((2, len(plan.cells)), np.nan))
        left = [left_over(plan, table, method, kind) for method, kind in product(METHODS, KINDS)]
        lengths.append(max(block_length(one[x], one[y]) for one in left for x, y in pairs))
        draws = block_draws(table.shape[1], lengths[-1], seed=seed)
        values = over_draws(table, draws, lambda drawn: coefficients(plan, drawn))
        bounds.append(percentile_bounds(values, table.shape[1] // lengths[-1]))
    blocks = min(complete(t).shape[1] // n for t, n in zip(both, lengths, strict=True))
    return _Intervals(
        low=np.concatenate([low for low, _ in bounds]),
        high=np.concatenate([high for _, high in bounds]),
        block_lengths=(lengths[0], lengths[1]),
        blocks=blocks,
    )


def _bounds(cells: GridCells, seed: int) -> _Intervals:
    """BCa over documents."""
    return _Intervals(*cells.means.bounds(seed=seed))


def _rows(
    plan: GridPlan, cells: GridCells, found: _Intervals, tested: OwnPairing | None
) -> tuple[GridRow, ...]:
    none = np.full(len(plan.cells), np.nan)
    p, p_max = (none, none) if tested is None else (tested.p, tested.p_max)
    p_bh, r, documents = benjamini_hochberg(p), cells.means.r, cells.means.documents
    untested = SignificanceTest.NONE_ONE_TEXT if found.blocks else NO_TEST
    return tuple(
        GridRow(
            convention=plan.names[cell.x],
            confidence=plan.names[cell.y],
            method=cell.method,
            kind=cell.kind,
            sinks=SINKS[cell.sinks],
            r=float(r[i]),
            low=float(found.low[i]) if np.isfinite(r[i]) else float("nan"),
            high=float(found.high[i]) if np.isfinite(r[i]) else float("nan"),
            tokens=int(cells.tokens[i]),
            documents=int(documents[i]),
            excluded=plan.tokens - int(cells.tokens[i]),
            short=int(cells.short[i]),
            flat=int(cells.flat[i]),
            block_length=found.block_lengths[cell.sinks],
            interval=found.method(int(documents[i])),
            test=OWN_PAIRING_TEST if np.isfinite(p[i]) else untested,
            p=float(p[i]),
            p_bh=float(p_bh[i]),
            p_max_t=float(p_max[i]),
            family=0 if tested is None or not np.isfinite(p[i]) else tested.family,
            n_tested=0 if tested is None or not np.isfinite(p[i]) else len(tested.values),
        )
        for i, cell in enumerate(plan.cells)
    )
