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
from odograph.sentences.numbers import quantity
from odograph.sentences.record import Reading, Words
from odograph.sentences.turning_least import (
    AUTHOR,
    GEOMETRY_CAVEAT,
    LeastTurning,
    in_other_readings,
    least_turning_words,
)
from odograph.studies.claim import Claim
from odograph.studies.pruning.blocks import TOLD, defaults_of, named_run
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
            f"{GEOMETRY_CAVEAT}: a small turn can be vital. What a block is worth, the loss says.",
            "Distances are over all tokens but position 0; sinks that come later are among them.",
        ],
    )


def _claim(analysis: Analysis, blocks: Blocks, rows: Sequence[PlanRow]) -> Claim:
    """The run of a quarter of the blocks that turns least, and those of the first few lengths."""
    row, defaults = rows[max(1, analysis.run.blocks // 4) - 1], defaults_of(analysis, blocks)
    told = [r for r in rows if r.run.blocks <= TOLD or r is row]
    by_last = blocks.best[LAST][row.run.blocks - 1]
    found = LeastTurning(
        named_run(row.run),
        row.run.blocks,
        defaults.estimate(row.distance, row.distance_interval, defaults.n),
        blocks.explored is not None,
        "the same" if by_last.first == row.run.first else named_run(by_last),
        (len(blocks.twins), row.twins),
        {named_run(r.run): r.distance for r in told},
        under(analysis.run),
    )
    words, readings, same = _in_readings(blocks, least_turning_words(found))
    made = defaults.finding_of(
        words, row.distance, row.distance_interval, unit="half turns", data=plan_list(rows)
    )
    if not readings:
        return Claim(made)
    against = () if same else ("the least-turning run is not the same in every reading",)
    return Claim(replace(made, readings=readings, survives=same, evidence=against))


def _in_readings(blocks: Blocks, words: Words) -> tuple[Words, tuple[Reading, ...], bool]:
    """The words and the run that turns least in each other reading; whether it is the same one."""
    length = max(1, blocks.run.blocks // 4)
    own = best_runs(blocks.spans, ALL)[length - 1] if blocks.read_spans else None
    outliers, readings, same = outliers_of(blocks.run), [], True
    runs = {}
    for name, spans in blocks.read_spans.items():
        run = best_runs(spans, ALL)[length - 1]
        places = {"first block": run.first, "last block": run.last}
        values = distances_of(spans, run.first, run.blocks, ALL)
        readings.append(mean_reading(name, values, places, seed=blocks.run.seed))
        runs[outliers.title(name)] = named_run(run), quantity(run.angle / HALF_TURN, "half turns")
        same = same and own is not None and run.first == own.first
    if not readings:
        return words, (), same
    return in_other_readings(words, runs, same=same), tuple(readings), same


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
