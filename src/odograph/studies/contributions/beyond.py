"""What of each part's tie with the whole step is not arithmetic."""

from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve
from odograph.figures.profiles import ProfilePanel
from odograph.folder.samples.ties import PARTS, Ties, ties_in
from odograph.folder.selection import Ints
from odograph.sentences.evidence import interval_words
from odograph.sentences.names import name_of_interval
from odograph.sentences.numbers import coefficient
from odograph.sentences.ties import beyond_counts, beyond_in_twins, changed_words
from odograph.statistics.correlations.coefficients import SPEARMAN
from odograph.statistics.permutation import ALPHA
from odograph.studies.claim import Claim
from odograph.studies.contributions.picked import (
    NAMES,
    RANDOM_ORDER,
    TWINS,
    Picked,
    in_order_of,
    picked_claim,
    picked_row,
    tie_words,
    ties_null,
)
from odograph.studies.curves import null_band, profiles_plot
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer

_SHUFFLED = "cosines of the two parts dealt out anew among the tokens of a passage"


def beyond_arithmetic(analysis: Analysis) -> Answer:
    """The ties with their arithmetic taken off, and the one of which most is left."""
    ties = analysis.read(ties_in)
    return Answer() if ties is None else Answer([_claim(analysis, ties)], [_plot(analysis, ties)])


def _claim(analysis: Analysis, ties: Ties) -> Claim:
    mean, seed = ties.beyond, analysis.run.seed
    rows = slice(ties.rows(0, SPEARMAN).start, mean.mean.size)
    explored = None if ties.explored is None else ties.explored[1]
    values = ties.beyond_each
    picked = picked_row(ties, (values, mean, explored), rows, seed)
    value = float(mean.mean[picked.column])
    interval = picked.interval_in(mean)
    tested_twins = ties.beyond_over_seeds()
    counts = beyond_counts(mean, rows.start, ties.without.r[SPEARMAN], ties.cosines, tested_twins)
    statement = (
        f"{changed_words(mean.mean[rows], ties.sample)} {counts} "
        f"{_lead(picked, ties.blocks)}: {_of_which(ties, picked.row)}; "
        f"beyond it {coefficient(value)} ({interval_words(interval, 'r')}"
        f"{picked.ending}){beyond_in_twins(ties.twins_beyond, picked.row)}."
        f"{_in_random_order(ties, picked, seed)}{ties.drawn.sentence}"
    )
    plain = (
        "A part is correlated with a sum that it is in, whatever the network. "
        f"{_plain(ties, picked, value)}"
    )
    part, layer = divmod(picked.row, ties.blocks)
    headline = (
        f"In block {layer + 1} {NAMES[PARTS[part]]}'s length goes with the step's by "
        f"{coefficient(abs(value))} {'more' if value > 0 else 'less'} than being part of it gives"
    )
    words, tested = (statement, plain, value), (picked, interval, _SHUFFLED)
    return picked_claim(analysis, ties, words, headline, tested, tested_twins)


def _lead(picked: Picked, blocks: int) -> str:
    """Which tie is told, and how it was chosen."""
    part, layer = divmod(picked.row, blocks)
    which = f"for {NAMES[PARTS[part]]} in block {layer + 1}"
    if not picked.chosen:
        return f"Most is beyond arithmetic {which}"
    return (
        f"On the first half most was beyond arithmetic, in standard errors, {which}; on the second "
        "it is tested there"
    )


def _in_random_order(ties: Ties, picked: Picked, seed: int) -> str:
    """The same in random order, where all its passages have it."""
    found = ties.shuffled_beyond
    return "" if found is None else in_order_of(picked, found.reshape(*found.shape[:2], -1), seed)


def _of_which(ties: Ties, row: int) -> str:
    """A tie, and what dealing out leaves of it."""
    return (
        f"r = {tie_words(ties, SPEARMAN, row)}, of which "
        f"{coefficient(float(ties.cosines.mean[SPEARMAN, row]))} with the cosines dealt out anew "
        f"and {coefficient(float(ties.pairs.mean[SPEARMAN, row]))} with attention's lengths dealt "
        "out as well"
    )


def _plain(ties: Ties, picked: Picked, value: float) -> str:
    """What is left when arithmetic is taken off, in the row with the most of it."""
    if ties.beyond.family:
        told, where = picked.tested.p is not None and picked.tested.p < ALPHA, "here"
    else:
        row = picked.row
        r, shuffled = ties.without.r[SPEARMAN, row], ties.cosines
        told = not shuffled.low[SPEARMAN, row] <= r <= shuffled.high[SPEARMAN, row]
        where = "in this text" if ties.without.n == 1 else "in these few texts"
    if not told:
        return "When that is taken off, nothing is left that chance would not give."
    way = "the same way" if value > 0 else "against each other"
    return (
        f"Only what is left when that is taken off tells something: {where}, tokens with a long "
        f"step of this part tend to be those whose two parts point more {way}."
    )


def _plot(analysis: Analysis, ties: Ties) -> Plot:
    """Spearman, which leads: what of each tie is not arithmetic."""
    panels = [_panel(ties.layers, ties, part) for part in range(len(PARTS))]
    mean = ties.beyond
    title = "What of each part's tie with the whole step is not arithmetic (Spearman)"
    interval = "" if mean.n == 1 else f" Intervals: 95 %, {name_of_interval(mean.interval)}."
    return profiles_plot(
        "contributions_beyond",
        Labels(title, "block", "difference of r"),
        "Correlation minus its mean where the cosines of the two parts are dealt out anew among "
        "the tokens of a passage: what is left comes from which cosine goes with which lengths."
        f"{interval} Position 0 and sinks are left out.",
        ties_null(analysis, ties),
        panels,
        "0: all of it is arithmetic",
    )


def _panel(layers: Ints, ties: Ties, part: int) -> ProfilePanel:
    own, rows = ties.rows(part), ties.rows(part, SPEARMAN)
    mean, shuffled = ties.beyond, ties.cosines
    curve = Curve(
        "r minus what is arithmetic", layers, mean.mean[rows], mean.low[rows], mean.high[rows]
    )
    centre = shuffled.mean[SPEARMAN, own]
    low, high = shuffled.low[SPEARMAN, own] - centre, shuffled.high[SPEARMAN, own] - centre
    bands = [Band("cosines dealt out anew, 5 to 95 %", layers, low, high)]
    for label, values in ((RANDOM_ORDER, ties.shuffled_beyond), (TWINS, ties.twins_beyond)):
        if values is not None:
            bands.insert(0, null_band(label, layers, values[:, :, SPEARMAN, own]))
    return ProfilePanel(PARTS[part], [curve], bands)
