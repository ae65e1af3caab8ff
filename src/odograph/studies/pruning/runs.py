"""Which run of neighbouring blocks turns the state least: the list, and the whole triangle."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.triangle import Triangle, draw_triangles
from odograph.folder.best_runs import ALL, BY, LAST, BestRun, SpanMeans, best_runs
from odograph.folder.run_words import outliers_of, twin_null, under
from odograph.folder.samples.blocks import (
    HALF_TURN,
    Blocks,
    PlanRow,
    blocks_of,
    distances_of,
    plan,
    plan_columns,
    plan_list,
    usable_spans,
)
from odograph.folder.selection import Floats
from odograph.measures import MEASURES
from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words
from odograph.sentences.nulls import twins_words
from odograph.sentences.numbers import number, quantity
from odograph.sentences.record import Finding
from odograph.sentences.skipping import CAUTION
from odograph.studies.claim import Claim
from odograph.studies.pruning.blocks import AUTHOR, TOLD, defaults_of, named_run, on_first_half
from odograph.studies.questions.readings import mean_reading
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import tidy


def least_turning(analysis: Analysis) -> Answer:
    """The best run of every length, by the last token and by all tokens."""
    blocks = analysis.read(blocks_of)
    rows = [row for by in (ALL, LAST) for row in plan(blocks, by)]
    return Answer(
        claims=[_claim(analysis, blocks, plan(blocks, ALL))],
        plots=[_triangle(blocks, ALL), _triangle(blocks, LAST), *_triangles_in_readings(blocks)],
        tables=[
            Table(
                "pruning_plan",
                "The best run of so many blocks to leave out",
                _tidy(blocks, plan_columns(rows), "half turns; loss in nats"),
            ),
            Table(
                "pruning_triangle",
                "Angular distance over every run of blocks (half turns)",
                _tidy(blocks, _triangle_columns(blocks), "half turns"),
            ),
        ],
        notes=[
            f"{CAUTION}: a small turn can be vital. What a block is worth, the loss says.",
            "Distances are over all tokens but position 0; sinks that come later are among them.",
        ],
    )


def _claim(analysis: Analysis, blocks: Blocks, rows: Sequence[PlanRow]) -> Claim:
    """The run of a quarter of the blocks that turns least, and those of the first few lengths."""
    row, defaults = rows[max(1, analysis.run.blocks // 4) - 1], defaults_of(analysis, blocks)
    count = several(row.run.blocks, "block")
    told = [r for r in rows if r.run.blocks <= TOLD or r is row]
    listed = ", ".join(f"{named_run(r.run)} ({number(r.distance)})" for r in told)
    statement = (
        f"Of all runs of {count}{under(analysis.run)}, "
        f"{named_run(row.run)} turn{'s' if row.run.blocks == 1 else ''} tokens least"
        f"{on_first_half(blocks)}: angular distance {number(row.distance)} half turns "
        f"({interval_words(row.distance_interval)}; {defaults.sample}; descriptive, no test"
        f"{'; chosen as the smallest, so rather low' if blocks.explored is None else ''}); "
        f"by the last token of a passage ({AUTHOR}) it is {_by_last(blocks, row)}; "
        f"{_twins(blocks, row)}. "
        f"By length: {listed}. {CAUTION}."
    )
    plain = (
        f"If {count} had to go, going by how little the vector turns, "
        f"{named_run(row.run)} would be first in line. {CAUTION}: a small turn can be vital, "
        "so look at the change in loss before anything is dropped."
    )
    made = defaults.finding(
        statement,
        plain,
        row.distance,
        row.distance_interval,
        unit="half turns",
        headline=f"Of all runs of {count}, {named_run(row.run)} turn"
        f"{'s' if row.run.blocks == 1 else ''} tokens least, by {number(row.distance)} half turns",
    )
    return Claim(_held(blocks, replace(made, data=plan_list(rows))))


def _by_last(blocks: Blocks, row: PlanRow) -> str:
    same = blocks.best[LAST][row.run.blocks - 1]
    return "the same" if same.first == row.run.first else named_run(same)


def _twins(blocks: Blocks, row: PlanRow) -> str:
    if not blocks.twins:
        return "no untrained twin was measured"
    twins = twins_words(len(blocks.twins))
    return f"in {twins} the best distance for as many is {number(row.twins)}"


def _tidy(blocks: Blocks, columns: dict[str, Any], unit: str) -> dict[str, Any]:
    return tidy(columns, n=blocks.n, excluded=blocks.excluded, unit=unit)


def _triangle_columns(blocks: Blocks) -> dict[str, Any]:
    """One row a run of blocks."""
    spans = blocks.spans
    columns: dict[str, Any] = {
        "first": spans.layer + 1,
        "last": spans.layer + spans.blocks,
        "blocks": spans.blocks,
    }
    for by, name in ((ALL, "all_tokens"), (LAST, "last_token")):
        columns[name] = _distances([spans], by)
        if blocks.twins:
            columns[f"{name}_untrained"] = _distances(blocks.twins, by)
    return columns


def _distances(spans: Sequence[SpanMeans], by: str) -> Floats:
    """Mean angular distance over passages, then over twins."""
    means = [usable_spans(each, by).mean(axis=0) for each in spans]
    return np.asarray(np.mean(means, axis=0) / HALF_TURN)


def _triangle(blocks: Blocks, by: str) -> Plot:
    author = f" ({AUTHOR})" if by == LAST else ""
    title = f"How far every run of blocks turns the state, {BY[by]}{author}"
    panels = [_panel("the model", blocks.spans, blocks.best[by], by)]
    if blocks.twins:
        pooled = blocks.pooled_twins()
        seeds = "1 seed" if len(blocks.twins) == 1 else f"mean of {len(blocks.twins)} seeds"
        panels.append(_panel(f"untrained, {seeds}", pooled, best_runs(pooled, by), by))
    count = several(len(usable_spans(blocks.spans, by)), blocks.run.unit)
    which = "the last token of each" if by == LAST else "all tokens, averaged first in each"
    return _triangles(
        blocks,
        f"pruning_triangle_{by}",
        title,
        f"Mean angular distance over {count}, {which}. Along a row the "
        "blocks that are left out move up; the dot is the run that turns the state "
        "least. A dark cell is no proof that its blocks can go.",
        panels,
    )


def _triangles(
    blocks: Blocks, name: str, title: str, caption: str, panels: Sequence[Triangle]
) -> Plot:
    axis = f"{MEASURES['block_distance'].label} (half turns)"
    drawing = later(draw_triangles, panels, Labels(title, "first block of the run", axis))
    return Plot(name, title, caption, twin_null(blocks.run), drawing)


def _panel(name: str, spans: SpanMeans, best: tuple[BestRun, ...], by: str) -> Triangle:
    return Triangle(
        name,
        spans.layer + 1,
        spans.blocks,
        usable_spans(spans, by).mean(axis=0) / HALF_TURN,
        [(run.first, run.blocks) for run in best],
    )


def _in_readings(blocks: Blocks) -> dict[str, BestRun]:
    """The run of a quarter of the blocks that turns least, as it is and in the other readings.

    Empty without outlier coordinates.
    """
    if not blocks.read_spans:
        return {}
    length = max(1, blocks.run.blocks // 4)
    spans = {"": blocks.spans, **blocks.read_spans}
    return {name: best_runs(own, ALL)[length - 1] for name, own in spans.items()}


def _held(blocks: Blocks, made: Finding) -> Finding:
    """The finding with the run that turns least in each reading, and whether it is the same."""
    chosen, outliers, seed = _in_readings(blocks), outliers_of(blocks.run), blocks.run.seed
    if not chosen:
        return made
    readings, told = [], []
    for name, own in blocks.read_spans.items():
        run = chosen[name]
        values = distances_of(own, run.first, run.blocks, ALL)
        places = {"first block": run.first, "last block": run.last}
        readings.append(mean_reading(name, values, places, seed=seed))
        size = quantity(run.angle / HALF_TURN, made.unit)
        told.append(f"{outliers.title(name)} {named_run(run)} ({size})")
    same = all(run.first == chosen[""].first for run in chosen.values())
    return replace(
        made,
        statement=f"{made.statement} Read otherwise, {'; '.join(told)}.",
        headline=f"{made.headline}{', in every reading' if same else ''}",
        readings=tuple(readings),
        survives=same,
        evidence=() if same else ("the least-turning run is not the same in every reading",),
    )


def _triangles_in_readings(blocks: Blocks) -> list[Plot]:
    if not blocks.read_spans:
        return []
    outliers = outliers_of(blocks.run)
    spans = {"": blocks.spans, **blocks.read_spans}
    over = several(len(usable_spans(blocks.spans, ALL)), blocks.run.unit)
    plot = _triangles(
        blocks,
        "pruning_triangle_readings",
        "How far every run of blocks turns the state, in its readings",
        f"Mean angular distance over {over}, all tokens, "
        "averaged first in each: as it is, without the outlier coordinates "
        f"({outliers.listed}), and about the mean states. The dot is the run that turns least.",
        [
            _panel(outliers.title(name), own, best_runs(own, ALL), ALL)
            for name, own in spans.items()
        ],
    )
    return [plot]
