"""The pictures of the pruning study."""

from collections.abc import Sequence

import numpy as np

from odograph.figures.drawing import Drawing, later
from odograph.figures.marks import Dot, Labels
from odograph.figures.profile import Curve, Reference, draw_log_profile, draw_profile
from odograph.figures.scatter import Correlation, Panel, Points, draw_log_scatter, draw_scatter
from odograph.figures.triangle import Triangle, draw_triangles
from odograph.folder.best_runs import ALL, LAST, BestRun, SpanMeans, best_runs
from odograph.measures import MEASURES
from odograph.statistics.correlations.agreement import rank_agreement
from odograph.studies.curves import mean_curve, twin_bands
from odograph.studies.phrases import over_passages, passages_counted, twin_null
from odograph.studies.pruning.findings import in_both
from odograph.studies.pruning.losses import Losses
from odograph.studies.pruning.measured import HALF_TURN, Measured, usable_spans
from odograph.studies.pruning.plan import BY, plan
from odograph.studies.random_order import random_order_bands, with_random_order
from odograph.studies.result import Plot
from odograph.studies.selection import Floats

_CHANGE = "change in loss (nats a token)"
_NO_SKIP = "nothing skipped: a change of 0, which is below a logarithmic axis"


def plots(measured: Measured) -> list[Plot]:
    """All pictures that the run allows, the triangle first."""
    found = [_triangle(measured, LAST), _triangle(measured, ALL), _influence(measured)]
    if measured.losses is not None:
        found += [
            _cost_of_blocks(measured, measured.losses),
            _cost_of_runs(measured, len(measured.losses.base)),
        ]
        if len(in_both(measured, measured.losses)[0]):
            found.append(_agreement(measured, measured.losses))
    return found


def _triangle(measured: Measured, by: str) -> Plot:
    title = f"How far every run of blocks turns the state, {BY[by]}"
    panels = [_panel("the model", measured.spans, measured.best[by], by)]
    if measured.twins:
        pooled = measured.pooled_twins()
        seeds = "1 seed" if len(measured.twins) == 1 else f"mean of {len(measured.twins)} seeds"
        panels.append(_panel(f"untrained, {seeds}", pooled, best_runs(pooled, by), by))
    count = len(usable_spans(measured.spans, by))
    which = "the last token of each" if by == LAST else "all tokens, averaged first in each"
    return Plot(
        f"pruning_triangle_{by}",
        title,
        f"Mean angular distance over {passages_counted(count)}, {which}. Along a row the "
        "blocks that are left out move up; the dot is the run that turns the state "
        "least. A dark cell is no proof that its blocks can go.",
        twin_null(measured.run),
        later(
            draw_triangles,
            panels,
            Labels(
                title, "first block of the run", f"{MEASURES['block_distance'].label} (half turns)"
            ),
        ),
    )


def _panel(name: str, spans: SpanMeans, best: tuple[BestRun, ...], by: str) -> Triangle:
    return Triangle(
        name,
        spans.layer + 1,
        spans.blocks,
        usable_spans(spans, by).mean(axis=0) / HALF_TURN,
        [(run.first, run.blocks) for run in best],
    )


def _influence(measured: Measured) -> Plot:
    layers = np.arange(1, measured.run.blocks + 1)
    curve = mean_curve("all tokens", layers, measured.influence.values, measured.run.seed)
    title = "Block Influence"
    labels = Labels(title, "block", MEASURES["influence"].axis_label)
    draw = draw_log_profile if _all_positive(curve) else draw_profile
    twins = twin_bands(measured.twin_influence, layers)
    bands = [*twins, *random_order_bands(measured.shuffled, layers)]
    return Plot(
        "pruning_influence",
        title,
        f"1 - cosine between the states before and after a block, mean "
        f"{over_passages(len(measured.influence.units))}. Low: the block "
        "turns the state little, which is not to say that it does little.",
        with_random_order(twin_null(measured.run), measured.shuffled),
        later(draw, [curve], labels, bands=bands),
    )


def _all_positive(curve: Curve) -> bool:
    """Whether everything of it can stand on a logarithmic axis (NaN can: it is left out)."""
    drawn = [np.asarray(values) for values in (curve.mean, curve.low, curve.high)]
    return not any((values <= 0).any() for values in drawn)


def _cost_of_blocks(measured: Measured, lost: Losses) -> Plot:
    layers = np.arange(1, measured.run.blocks + 1)
    title = "What skipping one block does to the loss"
    labels = Labels(title, "block that is skipped", _CHANGE)
    curve = mean_curve("one block skipped", layers, lost.single, measured.run.seed)
    return Plot(
        "pruning_loss",
        title,
        "Change in the mean next-token loss with one block skipped, "
        f"{passages_counted(len(lost.base))}, "
        f"{lost.tokens} tokens, 95 % intervals (BCa). Nothing was trained again.",
        _NO_SKIP,
        _cost_drawing([curve], labels),
        unit=passages_counted(len(lost.base)),
    )


def _cost_of_runs(measured: Measured, count: int) -> Plot:
    title = "What skipping the runs that turn least does to the loss"
    curves = [_cost_curve(measured, by) for by in (LAST, ALL)]
    return Plot(
        "pruning_best_runs",
        title,
        "Change in the mean next-token loss with the least-turning run of n blocks skipped, "
        f"{passages_counted(count)}, 95 % intervals (BCa): the run chosen by the last token, and "
        "by all tokens. Nothing was trained again.",
        _NO_SKIP,
        _cost_drawing(curves, Labels(title, "blocks skipped", _CHANGE)),
        unit=passages_counted(count),
    )


def _cost_drawing(curves: Sequence[Curve], labels: Labels) -> Drawing:
    """Changes in loss: on a logarithmic axis where all are above 0, else beside a line at 0."""
    if all(map(_all_positive, curves)):
        return later(draw_log_profile, curves, labels)
    return later(draw_profile, curves, labels, references=[Reference("nothing skipped", 0)])


def _cost_curve(measured: Measured, by: str) -> Curve:
    rows = plan(measured, by)
    bounds = [
        (np.nan, np.nan) if i is None else (i.low, i.high)
        for i in (row.change_interval for row in rows)
    ]
    low, high = np.array(bounds).T
    return Curve(
        f"chosen by {BY[by]}",
        [row.run.blocks for row in rows],
        [row.change for row in rows],
        low,
        high,
    )


def _agreement(measured: Measured, lost: Losses) -> Plot:
    influence, change = in_both(measured, lost)
    value, interval = rank_agreement(influence, change, seed=measured.run.seed)
    dot = Dot(value) if interval is None else Dot(value, interval.low, interval.high)
    title = "Does the block that turns least cost least?"
    labels = Labels(title, MEASURES["influence"].axis_label, _CHANGE)
    panel = Panel(
        "", [_blocks(influence, change)], (Correlation("Spearman", dot, measured.run.blocks),)
    )
    positive = all((values.mean(axis=0) > 0).all() for values in (influence, change))
    draw = draw_log_scatter if positive else draw_scatter
    return Plot(
        "pruning_agreement",
        title,
        f"A point is a block: its mean influence and what skipping it does to the loss, "
        f"{passages_counted(len(change))}. Interval of the correlation: bootstrap over passages.",
        "a correlation of 0: geometry says nothing about the loss",
        later(draw, [panel], labels),
        unit=f"blocks, over {passages_counted(len(change))}",
    )


def _blocks(influence: Floats, change: Floats) -> Points:
    names = [str(block) for block in range(1, influence.shape[1] + 1)]
    return Points("a block", influence.mean(axis=0), change.mean(axis=0), names=names)
