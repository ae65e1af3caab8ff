"""Which run of blocks turns all tokens least, in every reading of its angle."""

from collections.abc import Mapping

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.triangle import Triangle, draw_triangles
from odograph.folder.best_runs import ALL, BestRun, SpanMeans, best_runs
from odograph.measures import MEASURES
from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import number
from odograph.sentences.record import Reading
from odograph.studies.claim import Claim
from odograph.studies.phrases import outliers_of, twin_null
from odograph.studies.pruning.blocks import (
    HALF_TURN,
    Blocks,
    distances_of,
    interval_of_mean,
    read_blocks,
    usable_spans,
)
from odograph.studies.pruning.words import CAUTION, defaults_of, named_run
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer


def runs_in_readings(analysis: Analysis) -> Answer:
    """The run of a quarter of the blocks that turns least in each reading, and the triangles.

    Nothing without outlier coordinates.
    """
    blocks = analysis.once(read_blocks)
    if not blocks.read_spans:
        return Answer()
    spans = {"": blocks.spans, **blocks.read_spans}
    length = max(1, analysis.run.blocks // 4)
    chosen = {name: best_runs(own, ALL)[length - 1] for name, own in spans.items()}
    return Answer([_claim(analysis, blocks, spans, chosen)], [_plot(blocks, spans)])


def _claim(
    analysis: Analysis,
    blocks: Blocks,
    spans: Mapping[str, SpanMeans],
    chosen: Mapping[str, BestRun],
) -> Claim:
    readings = [_reading(name, spans[name], chosen[name], analysis.run.seed) for name in spans]
    raw, others, outliers = readings[0], readings[1:], outliers_of(analysis.run)
    same = all(chosen[name].first == chosen[""].first for name in chosen)
    told = [
        f"{outliers.title(name)} {named_run(run)} ({number(run.angle / HALF_TURN)} half turns)"
        for name, run in chosen.items()
    ]
    count, defaults = several(chosen[""].blocks, "block"), defaults_of(analysis, blocks)
    _, interval = interval_of_mean(
        distances_of(spans[""], chosen[""].first, chosen[""].blocks, ALL), analysis.run.seed
    )
    made = defaults.finding(
        f"Of all runs of {count}, by all tokens, the one that turns the state least is "
        f"{'; '.join(told)} ({interval_words(interval)}; {defaults.sample}; descriptive, no test). "
        f"{CAUTION}.",
        "Which blocks look dispensable by how little they turn the vector "
        + ("is the same however the angle is read." if same else "depends on how it is read."),
        raw.estimate,
        interval,
        unit="half turns",
        headline=f"By all tokens {named_run(chosen[''])} turn least"
        + (", in every reading" if same else f"; {told[1].partition(' (')[0]}"),
        readings=tuple(others),
        survives=same,
        evidence=() if same else ("the least-turning run is not the same in every reading",),
    )
    return Claim(made)


def _reading(name: str, spans: SpanMeans, run: BestRun, seed: int) -> Reading:
    value, interval = interval_of_mean(distances_of(spans, run.first, run.blocks, ALL), seed)
    bounds = None if interval is None else (interval.low, interval.high)
    return Reading(name, value, bounds, places={"first block": run.first, "last block": run.last})


def _plot(blocks: Blocks, spans: Mapping[str, SpanMeans]) -> Plot:
    outliers = outliers_of(blocks.run)
    title = "How far every run of blocks turns the state, in its readings"
    over = several(len(usable_spans(blocks.spans, ALL)), blocks.run.unit)
    panels = [_panel(outliers.title(name), own) for name, own in spans.items()]
    axis = f"{MEASURES['block_distance'].label} (half turns)"
    return Plot(
        "pruning_triangle_readings",
        title,
        f"Mean angular distance over {over}, all tokens, "
        "averaged first in each: as it is, without the outlier coordinates "
        f"({outliers.listed}), and about the mean states. The dot is the run that turns least.",
        twin_null(blocks.run),
        later(draw_triangles, panels, Labels(title, "first block of the run", axis)),
    )


def _panel(name: str, spans: SpanMeans) -> Triangle:
    return Triangle(
        name,
        spans.layer + 1,
        spans.blocks,
        np.asarray(usable_spans(spans, ALL).mean(axis=0) / HALF_TURN),
        [(run.first, run.blocks) for run in best_runs(spans, ALL)],
    )
