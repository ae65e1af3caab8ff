"""Whether larger turns are worth more: the order of the blocks, who breaks it, and the tokens."""

import numpy as np

from odograph.figures.drawing import later
from odograph.figures.losses import CHANGE_AXIS, LINEAR, blocks_panel
from odograph.figures.marks import Labels
from odograph.figures.scatter import draw_symlog_scatter
from odograph.folder.readings import readings_of
from odograph.folder.run_words import outliers_of, twin_null
from odograph.folder.samples.worth import worth_of
from odograph.folder.samples.worth_of_turns import (
    PATH,
    ROTATION,
    Order,
    TokenTies,
    mean_tie,
    order_of,
    strongest_tie,
    token_ties,
)
from odograph.folder.selection import Floats
from odograph.measures import MEASURES, TURN
from odograph.sentences.english import several
from odograph.sentences.larger_turns import (
    OrderBreakers,
    OrderOfBlocks,
    TieOverTokens,
    order_breakers_words,
    order_of_blocks_words,
    tie_over_tokens_words,
)
from odograph.sentences.record import Reading
from odograph.statistics.correlations.agreement import FEWEST_ITEMS, rank_agreement
from odograph.statistics.correlations.coefficients import SPEARMAN, ranked_values
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.intervals import mean_interval
from odograph.statistics.values import PValue, bounds, known, known_bounds
from odograph.studies.ablation.worth import chosen_worth, defaults_of, read_twins
from odograph.studies.claim import Claim, twin_values
from odograph.studies.defaults import tested_as
from odograph.studies.questions.readings import held
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
    table = Table("ablation_orders", title, _order_columns(orders, beside))
    if len(worth.blocks) <= FEWEST_ITEMS:
        return Answer(tables=[table])
    return Answer(
        [_order(analysis, orders, beside), _breakers(analysis, orders[0])],
        [_plot(analysis, orders[0])],
        [table],
    )


def _order(analysis: Analysis, orders: list[Order], twins: list[Order]) -> Claim:
    lead, defaults, seed = orders[0], defaults_of(analysis, unit="r"), analysis.run.seed
    value, interval = lead.r
    both = (lead, *twins) if twins else ()
    found = OrderOfBlocks(
        defaults.estimate(value, interval, len(lead.path)),
        lead.path.shape[1],
        {MEASURES[one.measure].label: one.r[0] for one in orders[1:]},
        np.array([twin.r[0] for twin in twins]),
        np.array([rank_agreement(o.path, o.kl, seed=seed)[0] for o in both]),
    )
    words, twins_r = order_of_blocks_words(found), twin_values(found.twins)
    return Claim(defaults.finding_of(words, value, interval, n=found.r.n, null_values=twins_r))


def _breakers(analysis: Analysis, order: Order) -> Claim:
    """The block that turns most for what it is worth, and the one that is worth most for it."""
    explored = None
    if analysis.run.exploration is not None:
        explored = order_of(chosen_worth(analysis)[0], ROTATION)
    chosen = order if explored is None else explored
    ranks = [ranked_values(v.mean(axis=0)) for v in (chosen.path, chosen.change)]
    gap = ranks[0] - ranks[1]
    idle, vital = int(np.argmax(gap)), int(np.argmin(gap))
    path, change = order.path.mean(axis=0), order.change.mean(axis=0)
    interval = mean_interval(order.change[:, idle], seed=analysis.run.seed)
    defaults = defaults_of(analysis)
    cost = defaults.estimate(change[idle], interval, len(order.change))
    found = OrderBreakers(idle + 1, vital + 1, path, change, cost, explored is not None)
    finding = defaults.finding_of(
        order_breakers_words(found),
        cost.value,
        interval,
        n=cost.n,
        estimate_of=f"what undoing the turn of block {idle + 1} costs",
    )
    return Claim(finding)


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


def _order_columns(orders: list[Order], twins: list[Order]) -> Columns:
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


def larger_turns_of_tokens(analysis: Analysis) -> Answer:
    """The tie over tokens within blocks; nothing where no passage has enough of them."""
    worth = analysis.read(worth_of)
    found = token_ties(analysis.run, test=True) if TURN in worth.change else None
    if found is None:
        return Answer()
    twins = [
        own
        for twin in analysis.once(read_twins)
        if (own := token_ties(twin.run, test=False)) is not None
    ]
    tie, readings = _tie(analysis, found, twins), _readings(analysis)
    title = "Rotation with the worth of the turn, over tokens, block by block"
    return Answer(
        [held(outliers_of(analysis.run), tie, readings, "block")],
        [],
        [Table("ablation_tokens", title, _tie_columns(found, twins))],
    )


def _readings(analysis: Analysis) -> list[Reading]:
    """The strongest tie of rotation in its other readings."""
    columns = readings_of(analysis.run, ROTATION)
    each = {name: token_ties(analysis.run, column, test=True) for name, column in columns.items()}
    return [_reading(name, found.loss) for name, found in each.items() if found is not None]


def _reading(name: str, loss: Correlations) -> Reading:
    block = strongest_tie(loss)
    bounds = known_bounds(loss.interval_at(SPEARMAN, block))
    r, p = float(loss.r[SPEARMAN, block]), known(loss.p_max_t[SPEARMAN, block])
    return Reading(name, r, bounds, p, _places(block))


def _places(block: int) -> dict[str, int]:
    return {"strongest tie": block + 1}


def _tie(analysis: Analysis, found: TokenTies, twins: list[TokenTies]) -> Claim:
    """The block with the strongest tie; its p is corrected for all blocks and both methods."""
    loss, defaults = found.loss, defaults_of(analysis, unit="r")
    block = strongest_tie(loss)
    r, p = float(loss.r[SPEARMAN, block]), known(loss.p_max_t[SPEARMAN, block])
    tested = PValue(loss.test, p, loss.family, alone=known(loss.p[SPEARMAN, block]))
    both = (found, *twins) if twins else ()
    said = TieOverTokens(
        loss,
        tested,
        block + 1,
        mean_tie(loss),
        np.array([mean_tie(twin.loss) for twin in twins]),
        np.array([mean_tie(one.kl) for one in both]),
        analysis.run.unit,
    )
    finding = defaults.finding_of(
        tie_over_tokens_words(said),
        r,
        loss.interval_at(SPEARMAN, block),
        n=loss.n,
        excluded=loss.excluded_documents,
        estimate_of=f"r in block {block + 1}",
        null_values=twin_values(np.array([t.loss.r[SPEARMAN, block] for t in twins])),
        **tested_as(tested),
    )
    return Claim(finding, places=_places(block))


def _tie_columns(found: TokenTies, twins: list[TokenTies]) -> Columns:
    """One row a block."""
    loss = found.loss
    blocks = np.arange(1, loss.r.shape[1] + 1)

    def untrained(values: list[Floats]) -> Floats:
        return np.mean(values, axis=0) if values else np.full(len(blocks), np.nan)

    return tidy(
        {
            "layer": blocks,
            "r": loss.r[SPEARMAN],
            "low": loss.low[SPEARMAN],
            "high": loss.high[SPEARMAN],
            "p": loss.p[SPEARMAN],
            "p_max_t": loss.p_max_t[SPEARMAN],
            "r_untrained": untrained([twin.loss.r[SPEARMAN] for twin in twins]),
            "kl_r": found.kl.r[SPEARMAN],
            "kl_r_untrained": untrained([twin.kl.r[SPEARMAN] for twin in twins]),
        },
        n=loss.n,
        excluded=loss.excluded_documents,
        unit="r",
        test=loss.test,
        family=loss.family,
    )
