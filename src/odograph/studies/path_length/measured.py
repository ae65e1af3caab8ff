"""What the findings, figures and tables of the path-length study are made of."""

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.statistics.correlations.grid import (
    CorrelationGrid,
    correlation_grid,
    grid_coefficients,
)
from odograph.statistics.correlations.grid_cells import GridTokens
from odograph.statistics.intervals import mean_intervals
from odograph.studies.questions.last_step import CONVENTIONS, LastSteps, last_steps
from odograph.studies.random_order import RandomOrder, in_random_order
from odograph.studies.selection import (
    Floats,
    columns_of,
    numbers,
    profile_means,
    require_rows,
    token_means,
    twin_means,
    twin_profiles,
    usable,
)
from odograph.studies.tidy import measure_columns, tidy

#: The curves by layer; those without a scale lead.
CURVES = ("relative_step", "turned", "step", "path")
CONFIDENCES = {"log-probability": "next_logprob", "entropy": "entropy", "logit": "next_logit"}


@dataclass(frozen=True)
class Tokens:
    """The tokens of the run one by one, in the order of the text: arrays [tokens].

    `columns` has the last step under both conventions, the prediction, and the covariates.
    """

    document: NDArray[np.int64]
    passage: NDArray[np.int64]
    position: NDArray[np.int64]
    token_id: NDArray[np.int64]
    sink: NDArray[np.bool_]
    columns: dict[str, Floats]

    def by_passage(self, values: Floats) -> list[Floats]:
        """The values of each passage, NaN at sinks."""
        clean = np.where(self.sink, np.nan, values)
        cuts = np.flatnonzero(np.diff(self.document)) + 1
        return list(np.split(clean, cuts))

    def covariates(self) -> Floats:
        """Position, log-frequency of the next token and length of x_{L-1}: [tokens, 3]."""
        names = ("log_frequency", "length_before")
        return np.stack([self.position.astype(float), *(self.columns[n] for n in names)], axis=1)


@dataclass(frozen=True)
class Measured:
    """Curves over passages, the last step, and the correlations of the last step.

    `shuffled` has the curves in random order. `grid` is None where the run has no
    log-probabilities; `twin_r` is r of its rows in each untrained twin, [twins, rows]. `numbers`
    are the passages of the rows, `excluded` counts those without a number in some block.
    """

    run: Run
    curves: dict[str, Floats]
    twins: dict[str, Floats | None]
    straightness: Floats | None
    twin_straightness: Floats | None
    shuffled: dict[str, RandomOrder | None]
    last: LastSteps
    tokens: Tokens
    grid: CorrelationGrid | None
    twin_r: Floats | None
    numbers: NDArray[np.int64]
    excluded: int

    @property
    def conventions(self) -> tuple[str, ...]:
        """Those whose last steps differ: without a final norm, stream alone."""
        return CONVENTIONS if self.last.normed else CONVENTIONS[:1]

    @property
    def passages(self) -> int:
        """How many passages the curves are the mean of."""
        return len(self.curves["step"])


def measure(run: Run) -> Measured:
    """Reads the run once.

    Raises:
        StudyError: the run holds only targets and the words before them.
    """
    if run.manifest["config"]["select"] == "targets":
        raise StudyError(
            "path-length looks at all tokens of a passage",
            expected="a run of all tokens",
            given="--select targets",
            remedy="Measure it again with --select all.",
        )
    tokens = read_tokens(run)
    profiles = {name: profile_means(run, name) for name in CURVES}
    shared = reduce(np.intersect1d, [means.units for means in profiles.values()])
    curves = {
        name: require_rows(means.values[np.isin(means.units, shared)], "token")
        for name, means in profiles.items()
    }
    last = last_steps(run, with_targets=False)
    kept = "straightness" in columns_of(run, "tokens")
    return Measured(
        run=run,
        curves=curves,
        twins={name: twin_profiles(run, name) for name in CURVES},
        straightness=_straightness(run, shared) if kept else None,
        twin_straightness=twin_means(run, "straightness") if kept else None,
        shuffled={name: in_random_order(run, means, name) for name, means in profiles.items()},
        last=last,
        tokens=tokens,
        numbers=shared,
        excluded=len(token_means(run, "1").units) - len(shared),
        grid=_grid(tokens, last, run.seed),
        twin_r=_twin_r(run, last),
    )


def _straightness(run: Run, passages: NDArray[np.int64]) -> Floats:
    means = token_means(run, "straightness")
    return means.values[np.isin(means.units, passages)]


def read_tokens(run: Run) -> Tokens:
    """All tokens of a run with their last step, prediction and covariates."""
    wanted = [c for c in CONFIDENCES.values() if c in columns_of(run, "tokens")]
    norm = "stream_norm" if "stream_norm" in columns_of(run, "layers") else "norm"
    listed = ", ".join(["last_step_stream", "last_step_hf", *wanted])
    found = numbers(
        run.sql(f"""
        with t as (
            select *, case when lead(position) over along = position + 1
                           then lead(token_id) over along end as following
            from tokens window along as (partition by passage order by position)),
        counts as (
            select token_id as following, ln(count(*)) as log_frequency from tokens group by all),
        before as (select passage, position, {norm} as length_before from layers
                   where layer = {run.blocks - 1})
        select document, passage, position, token_id, not {usable(run)} as sink, {listed},
               log_frequency, length_before
        from t left join counts using (following) join before using (passage, position)
        order by passage, position""")
    )
    keys = ("document", "passage", "position", "token_id")
    return Tokens(
        document=found["document"].astype(np.int64),
        passage=found["passage"].astype(np.int64),
        position=found["position"].astype(np.int64),
        token_id=found["token_id"].astype(np.int64),
        sink=found["sink"].astype(bool),
        columns={n: v.astype(float) for n, v in found.items() if n not in (*keys, "sink")},
    )


_Asked = tuple[dict[str, Floats], dict[str, Floats], GridTokens]


def _asked(tokens: Tokens, last: LastSteps) -> _Asked | None:
    """What is correlated with what, given what; None without log-probabilities."""
    columns, conventions = tokens.columns, CONVENTIONS if last.normed else CONVENTIONS[:1]
    if "next_logprob" not in columns:
        return None
    return (
        {c: columns[f"last_step_{c}"] for c in conventions},
        {name: columns[column] for name, column in CONFIDENCES.items()},
        GridTokens(
            passage=tokens.document,
            position=tokens.position,
            sink=tokens.sink,
            covariates={
                "log-frequency of the next token": columns["log_frequency"],
                "length of x_{L-1}": columns["length_before"],
            },
        ),
    )


def _grid(tokens: Tokens, last: LastSteps, seed: int) -> CorrelationGrid | None:
    asked = _asked(tokens, last)
    return None if asked is None else correlation_grid(*asked, seed=seed)


def _twin_r(run: Run, last: LastSteps) -> Floats | None:
    """The same correlations where nothing was learned; None without twins or predictions."""
    asked = [_asked(read_tokens(twin), last) for twin in run.untrained]
    found = [grid_coefficients(*each) for each in asked if each is not None]
    return np.stack(found) if found else None


def profile_table(measured: Measured) -> dict[str, Any]:
    """One row a layer: mean over passages of every curve, and of its untrained twins."""
    columns: dict[str, Any] = {"layer": np.arange(1, measured.run.blocks + 1)}
    for name in CURVES:
        values = measured.curves[name]
        means = (values.mean(axis=0), *mean_intervals(values, seed=measured.run.seed))
        nulls = measured.twins[name], measured.shuffled[name]
        columns |= measure_columns(name, means, *nulls)
    unit = "as the measure"
    return tidy(columns, n=measured.passages, excluded=measured.excluded, unit=unit)


def grid_table(grid: CorrelationGrid) -> dict[str, Any]:
    """One row a cell of the grid."""
    names = {"excluded": "excluded_tokens", "excluded_passages": "excluded", "passages": "n"}
    columns = {names.get(name, name): values for name, values in grid.table().items()}
    return tidy(columns, n=0, excluded=0, unit="r")


def token_table(measured: Measured) -> dict[str, Any]:
    """One row a token: the last step, the prediction and the covariates."""
    tokens = measured.tokens
    keys = {"passage": tokens.passage, "position": tokens.position, "sink": tokens.sink}
    return {**keys, **tokens.columns}
