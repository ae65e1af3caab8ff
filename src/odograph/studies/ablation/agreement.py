"""Whether a block that turns more is worth more: the order of the blocks, and who breaks it."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.losses import CHANGE_AXIS, LINEAR, NATS, blocks_panel
from odograph.figures.marks import Labels
from odograph.figures.scatter import draw_symlog_scatter
from odograph.folder.run_words import twin_null
from odograph.folder.samples.worth import worth_of
from odograph.folder.samples.worth_of_turns import PATH, ROTATION, Order, order_of
from odograph.measures import MEASURES
from odograph.sentences.english import several
from odograph.sentences.evidence import interval_words
from odograph.sentences.nulls import seeds_beside
from odograph.sentences.numbers import coefficient, number
from odograph.statistics.correlations.agreement import FEWEST_ITEMS, rank_agreement
from odograph.statistics.correlations.coefficients import ranked_values
from odograph.statistics.intervals import mean_interval
from odograph.statistics.values import bounds
from odograph.studies.ablation.worth import chosen_worth, defaults_of, read_twins, with_twins
from odograph.studies.claim import Claim
from odograph.studies.result import Plot, Table
from odograph.studies.section import Analysis, Answer
from odograph.studies.tidy import Columns, tidy


def larger_turns(analysis: Analysis) -> Answer:
    """The order of the blocks by how far they turn, against that by what their turns are worth.

    Fewer than 5 blocks have no order to speak of without the last: a table without numbers.
    """
    worth, twins = analysis.read(worth_of), analysis.once(read_twins)
    orders = [order for name in PATH if (order := order_of(worth, name)) is not None]
    beside = [order for twin in twins if (order := order_of(twin, ROTATION)) is not None]
    title = "Worth of the turn against the path, over blocks"
    table = Table("ablation_orders", title, _columns(orders, beside))
    if len(worth.blocks) <= FEWEST_ITEMS:
        return Answer(tables=[table])
    return Answer(
        [_claim(analysis, orders, beside), _breakers(analysis, orders[0])],
        [_plot(analysis, orders[0])],
        [table],
    )


def _claim(analysis: Analysis, orders: list[Order], twins: list[Order]) -> Claim:
    lead, defaults = orders[0], defaults_of(analysis, unit="r")
    value, interval = lead.r
    others = ", ".join(f"{MEASURES[o.measure].label} {coefficient(o.r[0])}" for o in orders[1:])
    seeds = np.array([twin.r[0] for twin in twins])
    blocks = f"{lead.path.shape[1]} blocks, the last left out"
    statement = (
        f"Blocks that turn more have turns that are worth more: Spearman r = "
        f"{coefficient(value)} ({interval_words(interval, 'r')}; {blocks}; "
        f"{defaults.counted(len(lead.path))}; descriptive, no test: the "
        f"blocks are all there are). By other measures of the path: {others}. The same in twins: "
        f"{seeds_beside(seeds, '')}.{_divergence(lead, twins, analysis.run.seed)}"
    )
    if not value > 0:
        statement = statement.replace("have turns that are worth more", "are not worth more")
    plain = (
        "A correlation of 1 would say that the order of the blocks by how far they turn is that by "
        "what undoing their turns costs; 0 that the one says nothing about the other."
    )
    more = "are worth more" if value > 0 else "are not worth more"
    headline = f"Larger turns {more}, over blocks: r = {coefficient(value)}"
    finding = defaults.finding(
        statement, plain, value, interval, n=len(lead.path), headline=headline
    )
    return Claim(with_twins(finding, seeds))


def _divergence(lead: Order, twins: list[Order], seed: int) -> str:
    """The tie to the divergence, which any network has: only beside that of the twins."""
    if not twins:
        return ""
    own, *seeds = (rank_agreement(o.path, o.kl, seed=seed)[0] for o in (lead, *twins))
    return (
        f" With the divergence in place of the loss r = {coefficient(own)}; in twins, where a "
        f"larger turn undone moves any prediction more, {seeds_beside(np.array(seeds), '')}."
    )


def _breakers(analysis: Analysis, order: Order) -> Claim:
    """The block that turns most for what it is worth, and the one that is worth most for it."""
    chosen, where = order, "both chosen on these texts"
    if analysis.run.exploration is not None:
        found = order_of(chosen_worth(analysis)[0], ROTATION)
        chosen, where = (order, where) if found is None else (found, "chosen on the first half")
    path, change = order.path.mean(axis=0), order.change.mean(axis=0)
    ranks = [ranked_values(v.mean(axis=0)) for v in (chosen.path, chosen.change)]
    gap = ranks[0] - ranks[1]
    idle, vital = int(np.argmax(gap)), int(np.argmin(gap))
    seed = analysis.run.seed
    interval = mean_interval(order.change[:, idle], seed=seed)
    defaults = defaults_of(analysis)
    sample = defaults.counted(len(order.change))
    said = [
        f"block {b + 1} ({number(path[b])} degrees, {number(change[b])} {NATS})"
        for b in (idle, vital)
    ]
    statement = (
        f"Against the order of the rest, {said[0]} turns much for what its turn is worth "
        f"({interval_words(interval, NATS)}; {sample}; descriptive, no "
        f"test), and {said[1]} is worth much for how far it turns; of "
        f"{several(len(path), 'block')}, {where}."
    )
    plain = "A small turn can be vital and a large one idle: these two blocks show it most."
    return Claim(
        defaults.finding(
            statement,
            plain,
            float(change[idle]),
            interval,
            n=len(order.change),
            headline=f"Block {idle + 1} turns much and matters little; "
            f"block {vital + 1} the other way",
            estimate_of=f"what undoing the turn of block {idle + 1} costs",
        )
    )


def _plot(analysis: Analysis, order: Order) -> Plot:
    title = "Is a block that turns more worth more?"
    count = several(len(order.path), analysis.run.unit)
    return Plot(
        "ablation_agreement",
        title,
        f"A point is a block: how far it turns, and what undoing that turn costs, {count}. The "
        "last block, whose turn before a final norm is all of it, is left out.",
        twin_null(analysis.run),
        later(
            draw_symlog_scatter,
            [blocks_panel(order.path, order.change, order.r)],
            Labels(title, MEASURES[ROTATION].axis_label, CHANGE_AXIS),
            linear=LINEAR,
        ),
        unit=f"blocks, over {count}",
    )


def _columns(orders: list[Order], twins: list[Order]) -> Columns:
    """One row a measure of the path; the twins' for rotation."""
    low, high = zip(*(bounds(order.r[1]) for order in orders), strict=True)
    untrained = [np.mean([t.r[0] for t in twins]) if twins else np.nan]
    return tidy(
        {
            "measure": [order.measure for order in orders],
            "r": [order.r[0] for order in orders],
            "low": list(low),
            "high": list(high),
            "blocks": [order.path.shape[1] for order in orders],
            "r_untrained": [*untrained, *[np.nan] * (len(orders) - 1)],
        },
        n=len(orders[0].path),
        excluded=0,
        unit="r",
    )
