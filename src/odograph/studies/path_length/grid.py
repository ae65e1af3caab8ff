"""All ways of asking whether the last step goes with the prediction, in a run and its twins."""

from dataclasses import dataclass

import numpy as np

from odograph.folder.samples.last_steps import CONFIDENCES, Tokens, read_tokens
from odograph.folder.selection import Floats
from odograph.sentences.names import name_of_test
from odograph.statistics.correlations.grid import (
    CorrelationGrid,
    GridRow,
    correlation_grid,
    grid_coefficients,
)
from odograph.statistics.correlations.grid_cells import GridTokens
from odograph.studies.questions.last_step import CONVENTIONS, last_steps
from odograph.studies.section import Analysis

#: The row of the grid that leads; all others are shown beside it.
LEADING = ("log-probability", "spearman", "partial", "without")


@dataclass(frozen=True, eq=False)
class Grid:
    """The grid of a run, or None without log-probabilities; its r in each twin, [twins, rows].

    `conventions` are those whose last steps differ: without a final norm, stream alone.
    """

    tokens: Tokens
    conventions: tuple[str, ...]
    grid: CorrelationGrid | None
    twin_r: Floats | None


def read_grid(analysis: Analysis) -> Grid:
    """All ways of asking, in the run and in its twins."""
    run, tokens = analysis.run, read_tokens(analysis.run)
    normed = last_steps(run, with_targets=False).normed
    conventions = CONVENTIONS if normed else CONVENTIONS[:1]
    asked = _asked(tokens, conventions)
    twins = [_asked(read_tokens(twin), conventions) for twin in run.untrained]
    found = [grid_coefficients(*each) for each in twins if each is not None]
    grid = None if asked is None else correlation_grid(*asked, seed=run.seed)
    return Grid(tokens, conventions, grid, np.stack(found) if found else None)


def grid_test(analysis: Analysis) -> str:
    """The test of the correlations, as a card names it."""
    grid = analysis.once(read_grid).grid
    if grid is None:
        return "none: the run has no log-probabilities"
    row = grid.rows[0]
    return (
        f"{name_of_test(row.test)}; family of {grid.family} correlations"
        if row.family
        else name_of_test(row.test)
    )


_Asked = tuple[dict[str, Floats], dict[str, Floats], GridTokens]


def _asked(tokens: Tokens, conventions: tuple[str, ...]) -> _Asked | None:
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
    return next(
        r
        for r in grid.rows
        if (r.convention, r.confidence, r.method, r.kind, r.sinks) == (convention, *LEADING)
    )
