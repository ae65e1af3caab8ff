"""What the last step is correlated with, in a run, its twins, and between models."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.alignment import Shared
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments, drawn_documents
from odograph.folder.samples.last_steps import (
    CONFIDENCES,
    CONVENTIONS,
    Tokens,
    last_steps,
    read_tokens,
)
from odograph.folder.selection import Floats, Ints, columns_of
from odograph.sentences.names import name_of_test
from odograph.statistics.correlations.comparison import compare
from odograph.statistics.correlations.fisher_means import FisherMeans
from odograph.statistics.correlations.grid import (
    CorrelationGrid,
    GridRow,
    correlation_grid,
    grid_coefficients,
)
from odograph.statistics.correlations.grid_cells import GridTokens, grid_means
from odograph.statistics.designs.seeds import SeedTest, seed_test
from odograph.statistics.student import holm
from odograph.statistics.values import Correlation, PValue

#: The row of the grid that leads; all others are shown beside it.
LEADING = {
    "confidence": "log-probability",
    "method": "spearman",
    "kind": "partial",
    "sinks": "without",
}


@dataclass(frozen=True, eq=False)
class Grid:
    """The grid of a run, or None without log-probabilities; its r in each twin, [twins, rows].

    `alike` has those of the run in the documents that the twins have read; None without twins.
    `conventions` are those whose last steps differ: without a final norm, stream alone. `drawn` are
    the documents that all of it is read in.
    """

    drawn: DrawnDocuments
    tokens: Tokens
    conventions: tuple[str, ...]
    grid: CorrelationGrid | None
    twin_r: Floats | None
    alike: FisherMeans | None

    def in_twins(self, row: GridRow) -> Floats:
        """R of a row in each untrained twin that has it, [twins]."""
        if self.twin_r is None or self.grid is None:
            return np.empty(0)
        r = self.twin_r[:, self.grid.rows.index(row)]
        return np.asarray(r[np.isfinite(r)])

    def over_seeds(self, row: GridRow) -> tuple[SeedTest, int] | None:
        """A row in the documents that the twins have read against theirs; None without twins."""
        twins = self.in_twins(row)
        if self.alike is None or self.grid is None or not len(twins):
            return None
        place = self.grid.rows.index(row)
        return seed_test(self.alike.r[[place]], twins[:, None], int(self.alike.documents[place])), 0


def grid_of(run: Run) -> Grid:
    """All ways of asking, in the run and in its twins; of a large one in drawn documents."""
    drawn = drawn_documents(run)
    tokens = read_tokens(run, drawn.where)
    normed = last_steps(run, with_targets=False).normed
    conventions = CONVENTIONS if normed else CONVENTIONS[:1]
    asked = _asked_of(tokens, conventions)
    twins = [read_tokens(twin, drawn.where) for twin in run.untrained]
    found = [grid_coefficients(*each) for one in twins if (each := _asked_of(one, conventions))]
    grid = None if asked is None else correlation_grid(*asked, seed=run.seed)
    shared = _asked_of(tokens.in_documents(twins[0].document), conventions) if twins else None
    alike = None if shared is None else grid_means(*shared)
    return Grid(drawn, tokens, conventions, grid, np.stack(found) if found else None, alike)


Column = NDArray[np.floating[Any]]

_Asked = tuple[dict[str, Column], dict[str, Column], GridTokens]


def _asked_of(tokens: Tokens, conventions: tuple[str, ...]) -> _Asked | None:
    """What is correlated with what, given what; None without log-probabilities."""
    columns = tokens.columns
    if "next_logprob" not in columns:
        return None
    return (
        {c: columns[f"last_step_{c}"] for c in conventions},
        {name: columns[column] for name, column in CONFIDENCES.items()},
        GridTokens(
            passage=tokens.passage,
            document=tokens.document,
            position=tokens.position,
            sink=tokens.sink,
            covariates={
                "log-frequency of the next token": columns["log_frequency"],
                "length of x_{L-1}": columns["length_before"],
            },
        ),
    )


def leading_row(grid: CorrelationGrid, convention: str) -> GridRow:
    """The row of the grid that leads for a convention."""
    return rows_of(grid, convention=convention, **LEADING)[0]


def rows_of(grid: CorrelationGrid, **wanted: str) -> list[GridRow]:
    """The rows that have these values of their fields."""
    return [r for r in grid.rows if all(getattr(r, name) == v for name, v in wanted.items())]


_OVER_MODELS, _COMPARISONS = "Holm over pairs of models", "comparisons"

ModelCorrelations = dict[tuple[str, str], Correlation]

#: The prediction that leads, and the one of the course.
_LOGPROB, LOGIT = "next_logprob", "next_logit"


def correlations_of_models(
    shared: Shared, names: Sequence[str], seed: int, prediction: str = _LOGPROB
) -> ModelCorrelations:
    """Difference of the leading correlation, each model against the first, at the same places.

    Only where the next token ends at the same place, too; {} where a run has no such prediction.
    """
    if any(prediction not in columns_of(run, "tokens") for run in shared.runs):
        return {}
    there = np.flatnonzero(shared.usable & shared.following)
    passages = shared.passage[there]
    cuts = np.flatnonzero(np.diff(passages)) + 1
    documents = shared.document[there][np.append(0, cuts)].tolist() if len(there) else []
    read = [
        _series(read_tokens(own.run, own.where), prediction, rows[there], cuts)
        for own, rows in zip(shared.read, shared.rows, strict=True)
    ]
    first, *others = read
    found = {
        (name, names[0]): _counted(
            compare(
                other[:2],
                first[:2],
                method="spearman",
                seed=seed,
                covariates=(other[2], first[2]),
                documents=documents,
            ),
            shared,
        )
        for name, other in zip(names[1:], others, strict=True)
    }
    return _corrected(found)


_Series = tuple[list[Floats], list[Floats], list[Floats]]


def _series(tokens: Tokens, prediction: str, rows: Ints, cuts: Ints) -> _Series:
    """Last step, prediction and covariates at these rows, an array a passage."""
    step, predicted = (tokens.columns[name][rows] for name in ("last_step_stream", prediction))
    return (
        np.split(step.astype(np.float64), cuts),
        np.split(predicted.astype(np.float64), cuts),
        np.split(tokens.covariates()[rows], cuts),
    )


def _counted(found: Correlation, shared: Shared) -> Correlation:
    """The result with all that was left out: tokens of the first run, passages of any run."""
    return replace(
        found,
        excluded_tokens=shared.tokens[0] - found.tokens,
        excluded=shared.passages - found.n,
        unit_of_inference=shared.unit,
    )


def _corrected(found: ModelCorrelations) -> ModelCorrelations:
    """The same with p corrected for all pairs of models."""
    raw = [float("nan") if each.tested.p is None else each.tested.p for each in found.values()]
    return {
        names: replace(each, tested=_tested(each.tested, float(p), len(found)))
        for (names, each), p in zip(found.items(), holm(raw), strict=True)
    }


def _tested(raw: PValue, p: float, family: int) -> PValue:
    """One of so many comparisons with the first model."""
    if not raw.made:
        return replace(raw, family=family, members=_COMPARISONS)
    test = raw.test if family == 1 else f"{name_of_test(raw.test)}, {_OVER_MODELS}"
    return PValue(test, p, family, _COMPARISONS, alone=raw.p)
