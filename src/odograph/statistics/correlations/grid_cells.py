"""The cells of the correlation grid: which they are, and their coefficients without inference."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
from odograph.statistics.correlations.fisher_means import FisherMeans, over_documents
from odograph.statistics.correlations.own_pairing import pair_excess
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
    `document`: that of each token; None: every passage is one.
    """

    passage: ArrayLike
    position: ArrayLike
    sink: ArrayLike
    covariates: Mapping[str, ArrayLike]
    document: ArrayLike | None = None


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
    """The columns (steps, confidences, covariates; each [tokens]) and what is computed of them."""

    columns: tuple[NDArray[Any], ...]
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
        return list(range(self.measured, len(self.columns)))

    @property
    def tokens(self) -> int:
        """How many there are."""
        return len(self.columns[0])


def plan_of(
    steps: Mapping[str, ArrayLike], confidences: Mapping[str, ArrayLike], tokens: GridTokens
) -> GridPlan:
    """The columns as they are, and all cells.

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
        columns=tuple(np.asarray(column) for column in columns),
        names=(*steps, *confidences),
        covariates=tuple(covariates),
        cells=tuple(Cell(s, m, k, x, len(steps) + y) for s, m, k, x, y in cells),
    )


class Passages(Sequence[PassageTables]):
    """The tables of all passages, each made when it is asked for.

    All at once take several times the memory of the columns that they are made of.

    Attributes:
        numbers: those of the passages, in their order.
    """

    def __init__(self, plan: GridPlan, tokens: GridTokens) -> None:
        passage = np.asarray(tokens.passage)
        self._plan, self._sink = plan, np.asarray(tokens.sink, dtype=bool)
        self._order = np.argsort(passage, kind="stable")
        self.numbers, starts = np.unique(passage[self._order], return_index=True)
        self._bounds = np.append(starts, len(passage))

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> PassageTables: ...

    @overload
    def __getitem__(self, index: slice) -> list[PassageTables]: ...

    def __getitem__(self, index: int | slice) -> PassageTables | list[PassageTables]:
        """The values of a passage without and with its sinks; a token left out is NaN."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._tables(self._order[self._bounds[index] : self._bounds[index + 1]])

    def joined(self) -> PassageTables:
        """The values of all passages, one after the other."""
        return self._tables(self._order)

    def _tables(self, places: NDArray[np.int64]) -> PassageTables:
        values = np.array([floats(column[places]) for column in self._plan.columns])
        whole = np.isfinite(values).all(axis=0)
        calm = whole & ~self._sink[places]
        return np.where(calm, values, np.nan), np.where(whole, values, np.nan)


def coefficients_of(plan: GridPlan, both: PassageTables) -> Floats:
    """Coefficients of every cell in one passage; NaN where fewer than 10 tokens are left."""
    half = len(plan.cells) // len(SINKS)
    found = [
        coefficients(plan, kept) if kept.shape[1] >= FEWEST_TOKENS else np.full(half, np.nan)
        for kept in map(complete, both)
    ]
    return np.concatenate(found)


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
    return grid_means(steps, confidences, tokens).r


def grid_means(
    steps: Mapping[str, ArrayLike], confidences: Mapping[str, ArrayLike], tokens: GridTokens
) -> FisherMeans:
    """The same, with how many documents each row is of."""
    plan = plan_of(steps, confidences, tokens)
    return cells_of(plan, tokens).means


@dataclass(frozen=True, eq=False)
class GridCells:
    """Every cell in every document, each decided by itself.

    Attributes:
        tables: of the passages; of a single document, of its passages joined.
        documents: [passages] that of each table.
        means: over the documents with a number in the cell.
        tokens: used in each cell, [cells].
        short: documents left out for fewer than 10 tokens, [cells].
        flat: those left out where what is correlated does not vary, or nothing of it is left
            beside the covariates, [cells].
    """

    tables: Sequence[PassageTables]
    documents: NDArray[np.int64]
    means: FisherMeans
    tokens: NDArray[np.int64]
    short: NDArray[np.int64]
    flat: NDArray[np.int64]


def cells_of(plan: GridPlan, tokens: GridTokens) -> GridCells:
    """Every cell in every document."""
    tables, documents = _tables(plan, tokens)
    found = [(coefficients_of(plan, both), _complete_tokens(both)) for both in tables]
    r = np.array([of_cells for of_cells, _ in found]).reshape(-1, len(plan.cells))
    kept = np.array([counts for _, counts in found], np.int64).reshape(-1, len(SINKS))
    n = kept[:, [cell.sinks for cell in plan.cells]]
    taken = np.array([len(plan.given) if cell.kind == "partial" else 0 for cell in plan.cells])
    weights = np.maximum(n - 3 - taken, 1).astype(np.float64)
    known = np.isfinite(r)
    means = over_documents(fisher(r, np.maximum(n, FEWEST_TOKENS)), weights, documents)
    long = over_documents(np.where(n >= FEWEST_TOKENS, 0.0, np.nan), weights, documents)
    short = len(means.z) - long.documents
    return GridCells(
        tables,
        documents,
        means,
        tokens=np.where(known, n, 0).sum(axis=0),
        short=short,
        flat=long.documents - means.documents,
    )


def _complete_tokens(both: PassageTables) -> list[int]:
    """How many tokens of a passage are used, without and with its sinks."""
    return [complete(table).shape[1] for table in both]


def _tables(
    plan: GridPlan, tokens: GridTokens
) -> tuple[Sequence[PassageTables], NDArray[np.int64]]:
    """The tables of all passages and the document of each; those of a single document joined."""
    tables, documents = Passages(plan, tokens), documents_of(tokens)
    if len(np.unique(documents)) == 1:
        return [tables.joined()], documents[:1]
    return tables, documents


def documents_of(tokens: GridTokens) -> NDArray[np.int64]:
    """The document of each passage, in the order of the passages' numbers: [passages]."""
    passage = np.asarray(tokens.passage, dtype=np.int64)
    _, first = np.unique(passage, return_index=True)
    of = passage if tokens.document is None else np.asarray(tokens.document, dtype=np.int64)
    return of[first]


def tables_of_cells(plan: GridPlan, tables: Sequence[PassageTables]) -> Iterator[Floats]:
    """How much closer each passage's own pair is in every cell: [passages, passages] each."""
    for (sinks, method, kind), cells in groupby(plan.cells, lambda c: (c.sinks, c.method, c.kind)):
        left = [left_over(plan, both[sinks], method, kind) for both in tables]
        for cell in cells:
            yield pair_excess([t[cell.x] for t in left], [t[cell.y] for t in left])
