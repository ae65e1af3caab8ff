"""The members of a series beside each other: a curve over them, a map of all depths, a table."""

from dataclasses import dataclass

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.heatmap import HeatMap, draw_heatmap
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve
from odograph.figures.series import draw_series
from odograph.folder.samples.series_curves import SeriesCurves
from odograph.sentences.english import capital, several
from odograph.statistics.designs.series import ChangePoint
from odograph.statistics.intervals import mean_intervals
from odograph.statistics.permutation import ALPHA
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Plot, Table
from odograph.studies.section import Answer
from odograph.studies.tidy import Columns, mean_columns, stacked, tidy


@dataclass(frozen=True, eq=False)
class SeriesAnalysis:
    """One study at work on a series.

    Attributes:
        curves: its measure in every member.
        defaults: what the findings share.
        prefix: what names of figures and tables begin with.
    """

    curves: SeriesCurves
    defaults: FindingDefaults
    prefix: str


def beside_each_other(analysis: SeriesAnalysis, change: ChangePoint | None) -> Answer:
    """The curve over the members, the map of all depths, and a row a member."""
    return Answer(
        plots=[_curve_plot(analysis, change), _map_plot(analysis)],
        tables=[_members(analysis), _curves(analysis)],
    )


def _twins(analysis: SeriesAnalysis) -> list[tuple[float, float, float]]:
    """Least, mean and largest of each member's twins; NaN where none has read a text."""
    curves = analysis.curves
    found = []
    for member in range(len(curves.means.twins)):
        twins = curves.means.twin_values(member)
        seeds = np.full(1, np.nan) if twins is None else curves.numbers(twins).mean(axis=1)
        found.append((float(seeds.min()), float(seeds.mean()), float(seeds.max())))
    return found


def _members(analysis: SeriesAnalysis) -> Table:
    """One row a member."""
    curves = analysis.curves
    each, series = curves.each, curves.series
    twins = np.array(_twins(analysis))
    columns = {
        "member": list(series.members),
        "axis": [series.axis] * len(series.values),
        "place": list(series.values),
        **mean_columns(each, curves.seed),
        "untrained": twins[:, 1],
        "n_untrained": curves.means.twins_n,
    }
    return series_table(
        analysis, "members", f"{capital(curves.measure.number)}, by member", columns
    )


def _curves(analysis: SeriesAnalysis) -> Table:
    """One row a member and place along the depth: what the map shows, with intervals and twins."""
    curves = analysis.curves
    series, places = curves.series, curves.places
    parts = []
    for row, member in enumerate(series.members):
        profile = curves.along_places(curves.means.values[row])
        twins = curves.means.twin_values(row)
        none = np.full(len(places), np.nan)
        parts.append(
            {
                "member": np.full(len(places), member),
                "depth": places,
                **mean_columns(profile, curves.seed),
                "untrained": none
                if twins is None
                else curves.along_places(twins).mean(axis=(0, 1)),
                "n_untrained": np.full(len(places), curves.means.twins_n[row]),
            }
        )
    title = f"{capital(curves.along_depth)}, by member and {curves.along}"
    return series_table(analysis, "curves", title, stacked(parts))


def _curve_plot(analysis: SeriesAnalysis, change: ChangePoint | None) -> Plot:
    curves = analysis.curves
    each, series, defaults = curves.each, curves.series, analysis.defaults
    ranks = np.arange(1, len(series.values) + 1)
    low, high = mean_intervals(each, seed=curves.seed)
    curve = Curve("mean of the texts", ranks, each.mean(axis=0), low, high)
    least, mean, largest = np.array(_twins(analysis)).T
    measured = bool(np.isfinite(mean).any())
    bands = [Band("untrained twins", ranks, least, largest, mean)] if measured else []
    title = f"{capital(curves.measure.number)}, along the {series.axis}"
    twins = curves.means.twins_read(series.members)
    read = f", in {twins.read}" if twins.read else ""
    drawing = later(
        draw_series,
        [curve],
        series.members,
        Labels(title, f"{series.axis} (members evenly spaced)", curves.measure.axis),
        bands=bands,
        change=change.after if change is not None and change.p < ALPHA else None,
    )
    return Plot(
        f"{analysis.prefix}_{curves.measure.name}",
        title,
        f"Means over {several(defaults.n, defaults.unit_of_inference)} at the "
        f"{curves.means.places:,} places that all members share, with 95 % intervals (BCa). "
        "Dashed, where one is shown: the change point, the split with the largest |t|.",
        f"each member's untrained twins, least to largest of the seeds{read}{twins.without}"
        if bands
        else twins.null,
        drawing,
    )


def _map_plot(analysis: SeriesAnalysis) -> Plot:
    """Every member at every depth, on one scale of colours."""
    curves = analysis.curves
    series, unit = curves.series, curves.measure.unit
    title = f"{capital(curves.along_depth)} by {curves.along}, along the {series.axis}"
    value = curves.along_depth if unit == "1" else f"{curves.along_depth} ({unit})"
    drawn = HeatMap(series.members, curves.places, curves.by_place.mean(axis=0))
    return Plot(
        f"{analysis.prefix}_map",
        title,
        f"A row a member, from {series.axis} {series.members[0]} to {series.members[-1]}; all on "
        "one scale of colours.",
        "none in the picture: untrained twins stand in the other figure",
        later(draw_heatmap, drawn, Labels(title, curves.along, value)),
    )


def series_table(
    analysis: SeriesAnalysis, name: str, title: str, columns: Columns, test: str = ""
) -> Table:
    """A table of the series, with the columns that all have in common."""
    made = tidy(
        columns,
        n=analysis.defaults.n,
        excluded=analysis.defaults.excluded,
        unit=analysis.curves.measure.unit,
        test=test or "none: descriptive",
        family=int(np.isfinite(columns["p_max_t"]).sum()) if "p_max_t" in columns else 0,
    )
    return Table(f"{analysis.prefix}_{name}", title, made)
