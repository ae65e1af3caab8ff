"""The cells of the correlation grid: which they are, and their coefficients without inference."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, product

import numpy as np
from numpy.typing import ArrayLike

from odograph.errors import StudyError
from odograph.statistics.correlations.coefficients import (
    FEWEST_TOKENS,
    METHODS,
    complete,
    fisher,
    matrix,
    partial,
    ranked,
    residuals,
)
from odograph.statistics.correlations.sessions import pairings, permuted_means, session_tables
from odograph.statistics.intervals import Floats, floats

KINDS = ("raw", "partial")
SINKS = ("without", "with")

# A passage's values [rows, tokens] without and with its sinks; a token left out is NaN.
PassageTables = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class GridTokens:
    """Where the tokens of the grid are: all arrays [tokens], passages in the order of their text.

    `passage` numbers the passages, `sink` marks attention sinks (the first position and those found
    by norm). `covariates`: name to values, for the partial rows; the position is added by itself.
    """

    passage: ArrayLike
    position: ArrayLike
    sink: ArrayLike
    covariates: Mapping[str, ArrayLike]


@dataclass(frozen=True)
class Cell:
    """One cell: 0 without or 1 with sinks, method, kind, and the rows of x and y in the plan."""

    sinks: int
    method: str
    kind: str
    x: int
    y: int


@dataclass(frozen=True, eq=False)
class GridPlan:
    """The values [steps + confidences + covariates, tokens] and what is computed of them."""

    values: Floats
    names: tuple[str, ...]
    covariates: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def measured(self) -> int:
        """How many rows are steps and confidences; the covariates follow them."""
        return len(self.names)

    @property
    def given(self) -> list[int]:
        """The rows of the covariates."""
        return list(range(self.measured, len(self.values)))


def plan_of(
    steps: Mapping[str, ArrayLike], confidences: Mapping[str, ArrayLike], tokens: GridTokens
) -> GridPlan:
    """The values as one table, and all cells.

    Raises: StudyError where lengths disagree or a mapping is empty.
    """
    covariates = {"position": tokens.position} | dict(tokens.covariates)
    columns = [*steps.values(), *confidences.values(), *covariates.values()]
    lengths = {np.shape(column) for column in [*columns, tokens.passage, tokens.sink]}
    if len(lengths) != 1 or not steps or not confidences:
        raise StudyError(
            "the grid of correlations needs one value a token",
            expected="at least one step and one confidence, all arrays [tokens] of one length",
            given=f"{len(steps)} steps, {len(confidences)} confidences, shapes {sorted(lengths)}",
        )
    cells = product(range(len(SINKS)), METHODS, KINDS, range(len(steps)), range(len(confidences)))
    return GridPlan(
        values=np.array([floats(column) for column in columns]),
        names=(*steps, *confidences),
        covariates=tuple(covariates),
        cells=tuple(Cell(s, m, k, x, len(steps) + y) for s, m, k, x, y in cells),
    )


def passages_of(plan: GridPlan, tokens: GridTokens) -> list[PassageTables]:
    """The values of each passage without and with sinks; a token left out is NaN at its place."""
    passage, sink = np.asarray(tokens.passage), np.asarray(tokens.sink, dtype=bool)
    whole = np.isfinite(plan.values).all(axis=0)
    every = np.where(whole, plan.values, np.nan)
    calm = np.where(whole & ~sink, plan.values, np.nan)
    return [(calm[:, passage == one], every[:, passage == one]) for one in np.unique(passage)]


def coefficients_of(plan: GridPlan, both: PassageTables) -> Floats:
    """Coefficients of every cell in one passage; all NaN where fewer than 10 tokens are left."""
    kept = [complete(table) for table in both]
    if kept[0].shape[1] < FEWEST_TOKENS:
        return np.full(len(plan.cells), np.nan)
    return np.concatenate([coefficients(plan, table) for table in kept])


def coefficients(plan: GridPlan, table: Floats) -> Floats:
    """Coefficients of every cell, without or with sinks: [..., rows, n] to [..., cells / 2]."""
    matrices = {method: matrix(ranked(table, method)) for method in METHODS}
    cells = plan.cells[: len(plan.cells) // len(SINKS)]
    return np.stack(
        [
            partial(matrices[c.method], c.x, c.y, plan.given if c.kind == "partial" else [])
            for c in cells
        ],
        axis=-1,
    )


def left_over(plan: GridPlan, table: Floats, method: str, kind: str) -> Floats:
    """Steps and confidences [measured, tokens]; if "partial" what the covariates leave of them."""
    given = plan.given if kind == "partial" else []
    return residuals(table[: plan.measured], table[given], method)


def grid_coefficients(
    steps: Mapping[str, ArrayLike], confidences: Mapping[str, ArrayLike], tokens: GridTokens
) -> Floats:
    """The r of every row of `correlation_grid`, without interval or test: [rows]."""
    plan = plan_of(steps, confidences, tokens)
    return mean_coefficients(each_passage(plan, passages_of(plan, tokens)))


def each_passage(plan: GridPlan, passages: list[PassageTables]) -> Floats:
    """The r of every cell in every passage, [passages, cells]; NaN where it has none."""
    found = [coefficients_of(plan, both) for both in passages]
    return np.array(found).reshape(-1, len(plan.cells))


def mean_coefficients(each: Floats) -> Floats:
    """The mean Fisher z over the passages that have every cell, as r; NaN without any."""
    known = np.isfinite(each).all(axis=1)
    if not known.any():
        return np.full(each.shape[1], np.nan)
    return np.asarray(np.tanh(fisher(each[known]).mean(axis=0)))


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


def tables_of_cells(plan: GridPlan, usable: list[PassageTables]) -> Iterator[tuple[Floats, Floats]]:
    """The tables [passages, passages] of every cell."""
    for (sinks, method, kind), cells in groupby(plan.cells, lambda c: (c.sinks, c.method, c.kind)):
        left = [left_over(plan, both[sinks], method, kind) for both in usable]
        for cell in cells:
            yield session_tables([t[cell.x] for t in left], [t[cell.y] for t in left])
