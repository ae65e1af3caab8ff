"""The last-step study's whole grid of correlations, so that no cell can be picked by its outcome.

{conventions} x {confidences} x {Pearson, Spearman} x {raw, partial} x {without, with sinks}: all
rows are computed on the same tokens (but for the sinks) and the same passages, shown together and
corrected together. With one usable passage the grid is descriptive (block bootstrap); with several,
intervals are over passages; from 20 passages on, session permutation gives p, corrected over all
rows; above 2000 it reads a seeded 2000 of them, and the note says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from odograph.statistics.correlations.coefficients import METHODS, complete, fisher
from odograph.statistics.correlations.grid_cells import (
    KINDS,
    SINKS,
    GridPlan,
    GridTokens,
    PassageTables,
    coefficients,
    each_passage,
    grid_coefficients,
    left_over,
    mean_coefficients,
    paired_anew,
    passages_of,
    plan_of,
    tables_of_cells,
)
from odograph.statistics.correlations.sessions import (
    FEWEST_PASSAGES,
    NO_TEST,
    PASSAGE_INTERVAL,
    SESSION_TEST,
    drawn_passages,
    session_max_p,
    session_p,
    session_without,
)
from odograph.statistics.intervals import Floats, interval_of, mean_intervals
from odograph.statistics.keys import Null, SignificanceTest
from odograph.statistics.leave_one_out import MOST_UNITS, Without
from odograph.statistics.moving_blocks import (
    BLOCK_INTERVAL,
    block_draws,
    block_length,
    over_draws,
    percentile_bounds,
)
from odograph.statistics.permutation import PERMUTATIONS
from odograph.statistics.student import benjamini_hochberg
from odograph.statistics.values import Correlation, IntervalMethod, PValue

__all__ = ["CorrelationGrid", "GridRow", "GridTokens", "correlation_grid", "grid_coefficients"]


@dataclass(frozen=True)
class GridRow:
    """One cell of the grid. low, high, p, p_bh and p_max_t are NaN where there is none.

    `family` is the number of rows tested together (0: none was); `method` is "pearson" or
    "spearman", `kind` "raw" or "partial", `sinks` "without" or "with".
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
    passages: int
    excluded: int
    excluded_passages: int
    block_length: int
    interval: IntervalMethod
    test: SignificanceTest
    p: float
    p_bh: float
    p_max_t: float
    family: int

    @property
    def correlation(self) -> Correlation:
        """The cell as a finding speaks of it; p is that after max-T over all rows."""
        return Correlation(
            r=self.r,
            interval=interval_of(self.low, self.high, self.interval),
            method=f"{self.kind} {self.method.capitalize()}",
            n=self.passages,
            excluded=self.excluded_passages,
            tokens=self.tokens,
            excluded_tokens=self.excluded,
            tested=PValue(self.test, self.p_max_t, self.family, "correlations", alone=self.p),
            null=Null.RANDOM_PAIRS if np.isfinite(self.p) else Null.NO_CORRELATION,
            block_length=self.block_length or None,
        )


@dataclass(frozen=True)
class CorrelationGrid:
    """All rows of the grid, and the names of the covariates of its partial rows.

    `passages` are the numbers of those used; `read` is how many of them, drawn with `seed`, the
    p-values come from. `sessions` has the tables of every row's session permutation, where there
    is one and no more than 200 passages.
    """

    rows: tuple[GridRow, ...]
    covariates: tuple[str, ...]
    family: int
    seed: int
    read: int = 0
    passages: tuple[int, ...] = ()
    sessions: tuple[tuple[Floats, Floats], ...] = ()

    def without(self, row: GridRow, seed: int) -> Without:
        """The test of a row without each passage."""
        if not self.sessions:
            nothing = np.full(len(self.passages), np.nan)
            return Without(nothing, nothing)
        return session_without(self.sessions, self.rows.index(row), seed=seed)

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
    permutations: int = PERMUTATIONS,
) -> CorrelationGrid:
    """Every correlation of a step with a confidence: conventions x confidences x 2 x 2 x 2 rows.

    steps: convention ("stream", "hf") to [tokens]; confidences: "logit", "log-probability",
    "entropy", ... to [tokens]. A token is read if all of these and all covariates are finite (the
    last token of a passage has nothing that follows); a passage if 10 tokens are left without the
    sinks and no row is constant in it. No usable passage: r and everything else NaN.

    Raises: StudyError where lengths disagree or a mapping is empty.
    Source: Harris 2020 (session permutation); Künsch 1989 (moving blocks).
    """
    plan = plan_of(steps, confidences, tokens)
    passages = passages_of(plan, tokens)
    each = each_passage(plan, passages)
    known: NDArray[np.bool_] = np.asarray(np.isfinite(each).all(axis=1))
    usable = [both for both, there in zip(passages, known, strict=True) if there]
    r = mean_coefficients(each)
    if len(usable) == 1:
        inference = _one_text(plan, usable[0], seed)
    else:
        inference = _over_passages(plan, usable, each[known], seed, permutations)
    return CorrelationGrid(
        rows=_rows(plan, r, usable, passages, inference),
        covariates=plan.covariates,
        family=inference.family,
        seed=seed,
        read=inference.read,
        passages=tuple(np.unique(np.asarray(tokens.passage))[known].tolist()),
        sessions=inference.sessions,
    )


@dataclass(frozen=True, eq=False)
class _Inference:
    """What resampling gives: one number a cell in every array."""

    low: Floats
    high: Floats
    p: Floats
    p_max_t: Floats
    block_lengths: tuple[int, int]
    interval: IntervalMethod
    test: SignificanceTest
    read: int = 0
    sessions: tuple[tuple[Floats, Floats], ...] = ()

    @property
    def family(self) -> int:
        return int(np.isfinite(self.p).sum())


def _one_text(plan: GridPlan, both: PassageTables, seed: int) -> _Inference:
    """Block bootstrap of all cells by the same blocks; the longest block length of any cell."""
    bounds, lengths = [], []
    pairs = {(cell.x, cell.y) for cell in plan.cells}
    for table in map(complete, both):
        left = [left_over(plan, table, method, kind) for method, kind in product(METHODS, KINDS)]
        lengths.append(max(block_length(one[x], one[y]) for one in left for x, y in pairs))
        draws = block_draws(table.shape[1], lengths[-1], seed=seed)
        values = over_draws(table, draws, lambda drawn: coefficients(plan, drawn))
        bounds.append(percentile_bounds(values, table.shape[1] // lengths[-1]))
    blocks = min(complete(t).shape[1] // n for t, n in zip(both, lengths, strict=True))
    none = np.full(len(plan.cells), np.nan)
    return _Inference(
        low=np.concatenate([low for low, _ in bounds]),
        high=np.concatenate([high for _, high in bounds]),
        p=none,
        p_max_t=none,
        block_lengths=(lengths[0], lengths[1]),
        interval=IntervalMethod(BLOCK_INTERVAL, blocks),
        test=SignificanceTest.NONE_ONE_TEXT,
    )


def _over_passages(
    plan: GridPlan,
    usable: list[PassageTables],
    each: Floats,
    seed: int,
    permutations: int,
) -> _Inference:
    """BCa over passages, and from 20 passages on session permutation of all cells together."""
    low, high = mean_intervals(fisher(each), seed=seed)
    p = p_max_t = np.full(len(plan.cells), np.nan)
    n, read = len(usable), drawn_passages(len(usable), seed=seed)
    kept: tuple[tuple[Floats, Floats], ...] = ()
    tested = n >= FEWEST_PASSAGES
    if tested:
        tables = tables_of_cells(plan, [usable[i] for i in read])
        kept = tuple(tables) if n <= MOST_UNITS else ()
        observed, drawn = paired_anew(kept or tables, len(read), seed, permutations)
        p = session_p(observed, drawn)
        p_max_t = np.maximum(p, session_max_p(observed, drawn))  # p has two unlike tails
    return _Inference(
        low=np.tanh(low),
        high=np.tanh(high),
        p=p,
        p_max_t=p_max_t,
        block_lengths=(0, 0),
        interval=IntervalMethod(PASSAGE_INTERVAL, n),
        test=SESSION_TEST if tested else NO_TEST,
        read=len(read) if tested else 0,
        sessions=kept,
    )


def _rows(
    plan: GridPlan,
    r: Floats,
    usable: list[PassageTables],
    passages: list[PassageTables],
    inference: _Inference,
) -> tuple[GridRow, ...]:
    used = [sum(complete(both[s]).shape[1] for both in usable) for s in range(len(SINKS))]
    p_bh = benjamini_hochberg(inference.p)
    return tuple(
        GridRow(
            convention=plan.names[cell.x],
            confidence=plan.names[cell.y],
            method=cell.method,
            kind=cell.kind,
            sinks=SINKS[cell.sinks],
            r=float(r[i]),
            low=float(inference.low[i]),
            high=float(inference.high[i]),
            tokens=used[cell.sinks],
            passages=len(usable),
            excluded=plan.values.shape[1] - used[cell.sinks],
            excluded_passages=len(passages) - len(usable),
            block_length=inference.block_lengths[cell.sinks],
            interval=inference.interval,
            test=inference.test,
            p=float(inference.p[i]),
            p_bh=float(p_bh[i]),
            p_max_t=float(inference.p_max_t[i]),
            family=inference.family,
        )
        for i, cell in enumerate(plan.cells)
    )
