"""Whether a short last step goes with a confident prediction: one correlation, and all others."""

import math
from dataclasses import replace

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.grid import GridEntry, draw_grid
from odograph.figures.histogram import MANY, histogram_of_many
from odograph.figures.marks import Dot, Labels
from odograph.figures.scatter import Correlation as Drawn
from odograph.figures.scatter import Panel, Points, draw_scatter
from odograph.folder.document_names import document_names
from odograph.folder.samples.correlations import Grid, grid_of, leading_row, rows_of
from odograph.folder.samples.drawn_documents import DrawnDocuments
from odograph.folder.samples.last_steps import (
    CONFIDENCES,
    Tokens,
)
from odograph.measures import MEASURES
from odograph.sentences.correlations import grid_note, left_out_words, ways_of_asking
from odograph.sentences.last_step import last_step_words
from odograph.sentences.names import card_test, name_of_interval, name_of_test
from odograph.sentences.record import PRIMARY, TESTED
from odograph.statistics.correlations.grid import (
    CorrelationGrid,
    GridRow,
)
from odograph.statistics.values import Correlation
from odograph.studies.claim import Claim, twin_values
from odograph.studies.path_length.curves import path_defaults
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import tidy


def grid_test(analysis: Analysis) -> str:
    """The test of the correlations, as a card names it."""
    grid = analysis.read(grid_of).grid
    if grid is None:
        return "none: the run has no log-probabilities"
    row = grid.rows[0]
    return card_test(row.test, grid.family if row.family else 0, "correlations")


def correlations(analysis: Analysis) -> Answer:
    """The last step with the prediction, under each convention, and over all ways of asking."""
    read = analysis.read(grid_of)
    if read.grid is None:
        missing = "The run has no log-probabilities; measure it with --logits full."
        return Answer(notes=[missing])
    claims = [_claim(analysis, read, read.grid, each) for each in read.conventions]
    if any(math.isfinite(row.r) for row in read.grid.rows):
        claims.append(_whole_grid(analysis, read, read.grid))
    plots = [_scatter(read, read.grid, name) for name in CONFIDENCES]
    note = grid_note(read.grid, leading_row(read.grid, read.conventions[0]))
    notes = [f"Correlations: {note}."] if note else []
    return Answer(
        claims, [*plots, _grid(read.grid, read.drawn)], [grid_table(read.grid, read.drawn)], notes
    )


def _claim(analysis: Analysis, read: Grid, grid: CorrelationGrid, convention: str) -> Claim:
    """Whether a short last step goes with a confident prediction."""
    run, leading = analysis.run, leading_row(grid, convention)
    row = _as_told(leading, read.drawn)
    twins, covariates = read.in_twins(leading), ", ".join(grid.covariates)
    why, drawn = grid_note(grid, leading), read.drawn.sentence
    words = last_step_words(row, convention, covariates, twins, why, drawn)
    return Claim(
        replace(
            path_defaults(analysis).correlation(row, words),
            weight=PRIMARY if convention == read.conventions[0] else TESTED,
            null_values=twin_values(twins),
        ),
        lambda: grid.without(leading),
        document_names(run, grid.documents),
        seeds=read.over_seeds(leading),
    )


def _as_told(row: GridRow, drawn: DrawnDocuments) -> Correlation:
    """A cell as a finding speaks of it, with what the run counts and all that was not read."""
    found = row.correlation
    excluded = found.excluded + drawn.left_out
    return replace(found, excluded=excluded, unit_of_inference=drawn.unit)


def _whole_grid(analysis: Analysis, read: Grid, grid: CorrelationGrid) -> Claim:
    """How much the answer depends on the way of asking."""
    convention = read.conventions[-1]
    r = np.array([row.r for row in grid.rows])
    logp = np.array([row.r for row in rows_of(grid, confidence="log-probability")])
    logp = logp[np.isfinite(logp)]
    asked = {"confidence": "logit", "method": "pearson", "kind": "raw", "sinks": "with"}
    row = rows_of(grid, convention=convention, **asked)[0]
    course = _as_told(row, read.drawn)
    words = ways_of_asking(r, logp, convention, course, read.drawn.sentence)
    finding = path_defaults(analysis).correlation(course, words)
    twins = twin_values(read.in_twins(row))
    return Claim(replace(finding, null_values=twins), seeds=read.over_seeds(row))


def _scatter(read: Grid, grid: CorrelationGrid, confidence: str) -> Plot:
    column = CONFIDENCES[confidence]
    raw = rows_of(grid, confidence=confidence, kind="raw", sinks="without")
    panels = [
        _panel(read.tokens, convention, column, [r for r in raw if r.convention == convention])
        for convention in read.conventions
    ]
    title = f"The last step against {MEASURES[column].label}"
    extra = " The raw logit is shown as in the course." if confidence == "logit" else ""
    return Plot(
        f"path_length_{column}",
        title,
        f"{_what_is_drawn(read, column)}. Correlations are means over passages of those "
        f"inside each passage, sinks left out, with 95 % intervals.{extra}{read.drawn.sentence}",
        "0: no correlation; pairs of different texts where it is tested",
        later(
            draw_scatter,
            panels,
            Labels(title, MEASURES["step"].axis_label, MEASURES[column].axis_label),
        ),
    )


def _what_is_drawn(read: Grid, column: str) -> str:
    tokens = read.tokens
    counted = tokens.counted.get(("last_step_stream", column))
    if counted is None and tokens.ordinary(tokens.columns[column]).sum() < MANY:
        return "One point a token"
    source = "" if counted is None else f", from {counted.words}"
    return f"Tokens counted in boxes, with the running median and quartiles{source}"


def _panel(tokens: Tokens, convention: str, column: str, rows: list[GridRow]) -> Panel:
    x, y = tokens.columns[f"last_step_{convention}"], tokens.columns[column]
    plain = tokens.ordinary(x + y)
    sinks = np.isfinite(x + y) & tokens.sink
    counted = tokens.counted.get((f"last_step_{convention}", column))
    drawn = histogram_of_many(x[plain], y[plain], counted)
    ordinary = [] if drawn else [Points("tokens", x[plain], y[plain])]
    return Panel(
        convention,
        [*ordinary, Points("sinks", x[sinks], y[sinks], sink=True)],
        [Drawn(row.method.capitalize(), Dot(row.r, row.low, row.high), row.tokens) for row in rows],
        drawn,
    )


def _grid(grid: CorrelationGrid, drawn: DrawnDocuments) -> Plot:
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
    covariates = ", ".join(grid.covariates)
    return Plot(
        "path_length_grid",
        title,
        f"Mean correlation inside passages with 95 % intervals. Partial: {covariates} taken out. "
        f"All rows are shown, none is chosen.{drawn.sentence}",
        "0: no correlation; pairs of different texts where it is tested",
        later(draw_grid, entries, Labels(title, "correlation", "")),
        unit=drawn.counted,
    )


def grid_table(grid: CorrelationGrid, drawn: DrawnDocuments) -> Table:
    """One row a cell of the grid, which was read in these documents."""
    names = {
        "excluded": "excluded_tokens",
        "documents": "n",
        "short": "excluded_short",
        "flat": "excluded_flat",
    }
    columns = {names.get(name, name): values for name, values in grid.table().items()}
    columns["excluded"] = columns["excluded_short"] + columns["excluded_flat"] + drawn.left_out
    columns["reason"] = np.array([left_out_words(row) for row in grid.rows])
    columns["test"] = np.array([name_of_test(row.test) for row in grid.rows])
    columns["interval"] = np.array([name_of_interval(row.interval) for row in grid.rows])
    columns = tidy(columns, n=0, excluded=0, unit="r")
    return Table("path_length_grid", "The whole grid of correlations", columns)
