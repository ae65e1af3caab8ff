"""Whether a short last step goes with a confident prediction: one correlation, and all others."""

import math
from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.grid import GridEntry, draw_grid
from odograph.figures.marks import Dot, Labels
from odograph.figures.scatter import Correlation as Drawn
from odograph.figures.scatter import Panel, Points, draw_scatter
from odograph.folder.document_names import document_names
from odograph.folder.samples.last_steps import CONFIDENCES, Tokens
from odograph.folder.selection import Floats
from odograph.measures import MEASURES
from odograph.sentences.correlations import correlation_words, grid_note, left_out_words
from odograph.sentences.english import several
from odograph.sentences.names import name_of_interval, name_of_test
from odograph.sentences.nulls import as_in_twins, twins_words
from odograph.sentences.numbers import coefficient
from odograph.sentences.record import PRIMARY
from odograph.statistics.correlations.grid import (
    CorrelationGrid,
    GridRow,
)
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Correlation
from odograph.studies.claim import Claim, twin_values
from odograph.studies.path_length.curves import path_defaults
from odograph.studies.path_length.grid import Grid, leading_row, read_grid
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, tidy


def correlations(analysis: Analysis) -> Answer:
    """The last step with the prediction, under each convention, and over all ways of asking."""
    read = analysis.once(read_grid)
    title = "The last step and the prediction, token by token"
    tokens = Table("path_length_tokens", title, _token_columns(read.tokens))
    if read.grid is None:
        missing = "The run has no log-probabilities; measure it with --logits full."
        return Answer(tables=[tokens], notes=[missing])
    claims = [_claim(analysis, read, read.grid, each) for each in read.conventions]
    if any(math.isfinite(row.r) for row in read.grid.rows):
        claims.append(_whole_grid(analysis, read.grid, read.conventions[-1]))
    grid = Table("path_length_grid", "The whole grid of correlations", grid_table(read.grid))
    plots = [_scatter(read, read.grid, name) for name in CONFIDENCES]
    note = grid_note(read.grid, leading_row(read.grid, read.conventions[0]))
    notes = [f"Correlations: {note}."] if note else []
    return Answer(claims, [*plots, _grid(read.grid)], [grid, tokens], notes)


#: Below that a correlation is told as hardly one.
_HARDLY = 0.1


def _claim(analysis: Analysis, read: Grid, grid: CorrelationGrid, convention: str) -> Claim:
    """Whether a short last step goes with a confident prediction."""
    run, leading = analysis.run, leading_row(grid, convention)
    row = _in_units(leading, run.unit)
    given = ", ".join(grid.covariates)
    twins = _in_twins(read, grid, leading)
    direction = "more" if row.r < 0 else "less"
    lead = "Short" if convention == "stream" else "Under hf, where the norm is in it, short"
    if not math.isfinite(row.r):
        why = grid_note(grid, leading)
        statement = f"The last step under {convention} has no correlation to show ({why})."
    elif not _tied(row):
        statement = (
            f"Whether {lead[0].lower()}{lead[1:]} last steps go with likelier next tokens cannot "
            f"be told: {correlation_words(row)}; {given} taken out{_beside(twins)}."
        )
    else:
        statement = (
            f"{lead} last steps go with a {direction} likely next token: {correlation_words(row)}; "
            f"{given} taken out{_beside(twins)}."
        )
    finding = path_defaults(analysis).correlation(row, statement, _correlation_plain(row, twins))
    return Claim(
        replace(
            finding,
            headline=_headline(row, lead),
            weight=PRIMARY,
            null_values=twin_values(twins),
        ),
        lambda: grid.without(leading),
        document_names(run, grid.documents),
    )


def _in_units(row: GridRow, unit: str) -> Correlation:
    """A cell as a finding speaks of it, with what the run counts."""
    return replace(row.correlation, unit_of_inference=unit)


def _headline(row: Correlation, lead: str) -> str:
    """Short last steps and likelier next tokens, with the correlation and how close it is."""
    if not math.isfinite(row.r):
        return "The last step has no correlation with the prediction to show"
    if not _tied(row):
        return f"{lead} last steps are not shown to go with likelier next tokens"
    how = "hardly go" if abs(row.r) < _HARDLY else "go"
    which = "likelier" if row.r < 0 else "less likely"
    return f"{lead} last steps {how} with {which} next tokens: r = {coefficient(row.r)}"


def _tied(row: Correlation) -> bool:
    """Whether a tie is shown: by the corrected test, and where none was made by the interval."""
    p = row.tested.p
    if p is not None and row.tested.made:
        return p < ALPHA
    return row.interval is not None and not row.interval.low <= 0 <= row.interval.high


def _in_twins(read: Grid, grid: CorrelationGrid, row: GridRow) -> Floats:
    """R of a row in each untrained twin that has it, [twins]."""
    if read.twin_r is None:
        return np.empty(0)
    r = read.twin_r[:, grid.rows.index(row)]
    return np.asarray(r[np.isfinite(r)])


def _beside(twins: Floats) -> str:
    """The same correlation where nothing was learned, to follow a clause."""
    if not len(twins):
        return ""
    low, high = coefficient(float(twins.min())), coefficient(float(twins.max()))
    seeds = f" (seeds {low} to {high})" if len(twins) > 1 else ""
    return f"; {twins_words(len(twins))} r = {coefficient(float(twins.mean()))}{seeds}"


def _correlation_plain(row: Correlation, twins: Floats) -> str:
    where = "in this one text" if row.n == 1 else f"in {several(row.n, row.unit_of_inference)}"
    if not math.isfinite(row.r) or not _tied(row):
        return (
            f"Whether the length of the last step goes with the prediction cannot be told {where}."
        )
    strength = "weakly" if abs(row.r) < 0.3 else "moderately" if abs(row.r) < 0.6 else "strongly"
    likelier = "likelier" if row.r < 0 else "less likely"
    return (
        f"Where the last block moves the vector less, the token that really comes next tends to be "
        f"{likelier} to the model ({strength}, {where}); that does not say that one brings about "
        f"the other.{as_in_twins(row.r, twins, 'correlation')}"
    )


def _whole_grid(analysis: Analysis, grid: CorrelationGrid, convention: str) -> Claim:
    """How much the answer depends on the way of asking."""
    r = np.array([row.r for row in grid.rows])
    logp = np.array([row.r for row in grid.rows if row.confidence == "log-probability"])
    logp = logp[np.isfinite(logp)]
    row = next(
        row
        for row in grid.rows
        if (row.convention, row.confidence, row.method, row.kind, row.sinks)
        == (convention, "logit", "pearson", "raw", "with")
    )
    course = _in_units(row, analysis.run.unit)
    statement = (
        f"Over the {len(r)} ways of asking (convention, quantity, method, raw or partial, sinks) "
        f"the correlation with the last step runs from {coefficient(float(np.nanmin(r)))} to "
        f"{coefficient(float(np.nanmax(r)))}; with log-probability alone, "
        f"{int((logp < 0).sum())} of {len(logp)} are negative. The course's way "
        f"({convention}, raw logit, Pearson, sinks in) gives {correlation_words(course)}; a raw "
        "logit is not identified, so it is shown only as in the course."
    )
    plain = (
        "One correlation can be had in many ways; only what most of them agree on is worth telling."
    )
    finding = path_defaults(analysis).correlation(course, statement, plain)
    headline = f"Asked as in the course, the correlation is r = {coefficient(course.r)}"
    return Claim(replace(finding, headline=headline))


def _scatter(read: Grid, grid: CorrelationGrid, confidence: str) -> Plot:
    column = CONFIDENCES[confidence]
    panels = []
    for convention in read.conventions:
        rows = [
            r
            for r in grid.rows
            if (r.convention, r.confidence, r.kind, r.sinks)
            == (convention, confidence, "raw", "without")
        ]
        panels.append(_panel(read.tokens, convention, column, rows))
    title = f"The last step against {MEASURES[column].label}"
    extra = " The raw logit is shown as in the course." if confidence == "logit" else ""
    return Plot(
        f"path_length_{column}",
        title,
        "One point a token. Correlations are means over passages of those inside each passage, "
        f"sinks left out, with 95 % intervals.{extra}",
        "0: no correlation; pairs of different texts where it is tested",
        later(
            draw_scatter,
            panels,
            Labels(title, MEASURES["step"].axis_label, MEASURES[column].axis_label),
        ),
    )


def _panel(tokens: Tokens, convention: str, column: str, rows: list[GridRow]) -> Panel:
    x, y = tokens.columns[f"last_step_{convention}"], tokens.columns[column]
    there = np.isfinite(x) & np.isfinite(y)
    plain, sinks = there & ~tokens.sink, there & tokens.sink
    return Panel(
        convention,
        [Points("tokens", x[plain], y[plain]), Points("sinks", x[sinks], y[sinks], sink=True)],
        [Drawn(row.method.capitalize(), Dot(row.r, row.low, row.high), row.tokens) for row in rows],
    )


def _grid(grid: CorrelationGrid) -> Plot:
    entries = [
        GridEntry(
            f"{row.convention}, {row.confidence}, {row.method.capitalize()}",
            row.kind,
            f"{row.sinks} sinks",
            Dot(row.r, row.low, row.high),
        )
        for row in grid.rows
    ]
    title = "The whole grid: the last step against how sure the prediction is"
    given = ", ".join(grid.covariates)
    return Plot(
        "path_length_grid",
        title,
        f"Mean correlation inside passages with 95 % intervals. Partial: {given} taken out. All "
        "rows are shown, none is chosen.",
        "0: no correlation; pairs of different texts where it is tested",
        later(draw_grid, entries, Labels(title, "correlation", "")),
    )


def grid_table(grid: CorrelationGrid) -> Columns:
    """One row a cell of the grid."""
    names = {
        "excluded": "excluded_tokens",
        "documents": "n",
        "short": "excluded_short",
        "flat": "excluded_flat",
    }
    columns = {names.get(name, name): values for name, values in grid.table().items()}
    columns["excluded"] = columns["excluded_short"] + columns["excluded_flat"]
    columns["reason"] = np.array([left_out_words(row) for row in grid.rows])
    columns["test"] = np.array([name_of_test(row.test) for row in grid.rows])
    columns["interval"] = np.array([name_of_interval(row.interval) for row in grid.rows])
    return tidy(columns, n=0, excluded=0, unit="r")


def _token_columns(tokens: Tokens) -> Columns:
    """One row a token: the last step, the prediction and the covariates."""
    keys = {"passage": tokens.passage, "position": tokens.position, "sink": tokens.sink}
    return {**keys, **tokens.columns}
