"""The pictures of the path-length study."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.grid import GridEntry, draw_grid
from odograph.figures.marks import Dot, Labels
from odograph.figures.profile import Curve, draw_log_profile, draw_profile
from odograph.figures.scatter import Correlation, Panel, Points, draw_scatter
from odograph.measures import MEASURES
from odograph.statistics.correlations.grid import CorrelationGrid, GridRow
from odograph.statistics.space.isotropic import random_walk_rotation
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.path_length.measured import CONFIDENCES, CURVES, Measured
from odograph.studies.phrases import over_passages, twin_null
from odograph.studies.questions.last_step import last_step_plot
from odograph.studies.random_order import random_order_bands, with_random_order
from odograph.studies.result import Plot

_TITLES = {
    "relative_step": "Step length in units of the state it is added to",
    "turned": "Degrees turned up to each block",
    "step": "Step length in each block",
    "path": "Path length up to each block",
}


def plots(measured: Measured) -> list[Plot]:
    """All pictures that the run allows, curves without a scale first."""
    found = [_curve(measured, name) for name in CURVES]
    found.append(last_step_plot(measured.last, "path_length"))
    if measured.grid is not None:
        found += [_scatter(measured, measured.grid, name) for name in CONFIDENCES]
        found.append(_grid(measured.grid))
    return found


def _curve(measured: Measured, name: str) -> Plot:
    run = measured.run
    layers = np.arange(1, run.blocks + 1)
    values = measured.curves[name]
    model = str(run.manifest["model"]["name"]).rstrip("/").split("/")[-1]
    curves = [mean_curve(model, layers, values, measured.run.seed)]
    null, shuffled = twin_null(run), measured.shuffled[name]
    bands = [*twin_bands(measured.twins[name], layers), *random_order_bands(shuffled, layers)]
    walks = run.manifest["convention"] == "stream"  # after a norm no step is independent
    if name == "relative_step" and walks:
        curves.append(Curve("walk of independent unit steps", layers, 1 / np.sqrt(layers)))
        null += "; walk of independent unit steps: 1/sqrt(l)"
    if name == "turned" and walks:
        walk = np.cumsum(random_walk_rotation(run.blocks))
        curves.append(Curve("walk of independent unit steps", layers, walk))
        null += "; walk of independent unit steps: sum of arctan(1/sqrt(l))"
    draw = draw_profile if name == "turned" else draw_log_profile
    labels = Labels(_TITLES[name], "block", MEASURES[name].axis_label)
    return Plot(
        f"path_length_{name}",
        labels.title,
        f"Mean {over_passages(measured.passages)}. Grey: what the "
        "nulls give, 5 to 95 % of their passages.",
        with_random_order(null, shuffled),
        later(draw, curves, labels, bands=bands),
    )


def _scatter(measured: Measured, grid: CorrelationGrid, confidence: str) -> Plot:
    column = CONFIDENCES[confidence]
    panels = []
    for convention in measured.conventions:
        rows = [
            r
            for r in grid.rows
            if (r.convention, r.confidence, r.kind, r.sinks)
            == (convention, confidence, "raw", "without")
        ]
        panels.append(_panel(measured, convention, column, rows))
    title = f"The last step against {MEASURES[column].label}"
    extra = " The raw logit is shown as in the course." if confidence == "logit" else ""
    return Plot(
        f"path_length_{column}",
        title,
        "One point a token. Correlations are means over passages of those inside each passage, "
        f"sinks left out, with 95 % intervals.{extra}",
        "0: no correlation; passages paired at random where they are tested",
        later(
            draw_scatter,
            panels,
            Labels(title, MEASURES["step"].axis_label, MEASURES[column].axis_label),
        ),
    )


def _panel(measured: Measured, convention: str, column: str, rows: list[GridRow]) -> Panel:
    tokens = measured.tokens
    x, y = tokens.columns[f"last_step_{convention}"], tokens.columns[column]
    there = np.isfinite(x) & np.isfinite(y)
    plain, sinks = there & ~tokens.sink, there & tokens.sink
    return Panel(
        convention,
        [Points("tokens", x[plain], y[plain]), Points("sinks", x[sinks], y[sinks], sink=True)],
        [
            Correlation(row.method.capitalize(), Dot(row.r, row.low, row.high), row.tokens)
            for row in rows
        ],
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
        "0: no correlation; passages paired at random where they are tested",
        later(draw_grid, entries, Labels(title, "correlation", "")),
    )
