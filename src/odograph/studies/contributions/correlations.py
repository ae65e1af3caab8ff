"""From token to token, which part goes with the whole step, and what of it is not arithmetic."""

from dataclasses import replace

import numpy as np

from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve
from odograph.figures.profiles import ProfilePanel
from odograph.folder.samples.ties import PARTS, Ties, differences_of, ties_in
from odograph.folder.selection import Ints
from odograph.sentences.correlations import rows_note
from odograph.sentences.english import several
from odograph.sentences.names import NO_PASSAGE_DIFFERENCE, name_of_interval
from odograph.sentences.ties import (
    BeyondArithmetic,
    CloserPart,
    beyond_arithmetic_words,
    closer_words,
    with_first_words,
)
from odograph.statistics.correlations.coefficients import METHODS, SPEARMAN
from odograph.statistics.correlations.sums import ShuffledTies
from odograph.studies.claim import Claim
from odograph.studies.contributions.picked import (
    RANDOM_ORDER,
    TWINS,
    defaults_of,
    picked_claim,
    picked_row,
    ties_null,
    ties_table,
)
from odograph.studies.curves import null_band, profiles_plot
from odograph.studies.result import Plot
from odograph.studies.section import Analysis, Answer

_NO_TIES = (
    "No correlation can be had: no passage has ten tokens besides sinks, or a part's "
    "length is the same at every token."
)
_SHUFFLED = "cosines of the two parts dealt out anew among the tokens of a passage"


def closer(analysis: Analysis) -> Answer:
    """Both parts' correlations with the whole, and their difference."""
    ties = analysis.read(ties_in)
    if ties is None:
        return Answer(notes=[_NO_TIES])
    notes = [f"Correlations: {note}."] if (note := rows_note(ties.without)) else []
    plots = [_correlations_plot(analysis, ties, method) for method in range(len(METHODS))]
    return Answer([_closer(analysis, ties)], plots, [ties_table(ties)], notes)


def _closer(analysis: Analysis, ties: Ties) -> Claim:
    seed, mean, without = analysis.run.seed, ties.differences, ties.without
    rows = slice(SPEARMAN * ties.blocks, (SPEARMAN + 1) * ties.blocks)
    explored = None if ties.explored is None else ties.explored[0]
    picked = picked_row(ties, (differences_of(without.each), mean, explored), rows, seed)
    order = ""
    if ties.shuffled is not None:
        order = picked.in_order(
            np.stack([differences_of(np.arctanh(one)) for one in ties.shuffled]), seed
        )
    found = CloserPart(mean, without, ties.twins, ties.sample, f"{order}{ties.drawn.sentence}")
    words, tested = closer_words(found, picked.tie), ties.differences_over_seeds()
    claim = picked_claim(analysis, ties, picked, words, NO_PASSAGE_DIFFERENCE, tested)
    count = int((mean.mean[rows] > 0).sum())
    return replace(claim, finding=replace(claim.finding, data={"blocks_of_the_mlp": count}))


def _correlations_plot(analysis: Analysis, ties: Ties, method: int) -> Plot:
    name = METHODS[method].capitalize()
    panels = [_correlations_panel(ties.layers, ties, method, part) for part in range(len(PARTS))]
    title = f"Correlation ({name}) of each part's length with that of the whole step"
    over = (
        "Inside one text with a circular-block bootstrap interval, which describes that text alone"
        if ties.without.n == 1
        else f"Means over {several(ties.without.n, ties.drawn.unit)} of the correlation in each "
        f"of them, with 95 % intervals ({name_of_interval(ties.without.interval)})"
    )
    return profiles_plot(
        f"contributions_{METHODS[method]}",
        Labels(title, "block", f"{name} correlation"),
        f"{over}. Arithmetic: a part is correlated with a sum that it is in; there the cosines of "
        "the two parts, or the lengths of attention as well, are dealt out anew among the tokens "
        "(5 to 95 % of the draws). Grey: the other nulls, 5 to 95 % of their texts."
        f"{ties.drawn.sentence}",
        ties_null(analysis, ties),
        panels,
        "0: no correlation",
        unit=ties.drawn.counted,
    )


def _correlations_panel(layers: Ints, ties: Ties, method: int, part: int) -> ProfilePanel:
    rows, without, first = ties.rows(part), ties.without, ties.with_first
    curves = [
        Curve(
            "without position 0 and sinks",
            layers,
            without.r[method, rows],
            without.low[method, rows],
            without.high[method, rows],
        ),
        Curve("with them", layers, first.r[method, rows]),
        _arithmetic("arithmetic: cosines dealt out anew", layers, ties.cosines, method, rows),
        _arithmetic("arithmetic: lengths dealt out as well", layers, ties.pairs, method, rows),
    ]
    nulls = {TWINS: ties.twins, RANDOM_ORDER: ties.shuffled}
    bands = [
        null_band(label, layers, values[:, :, method, rows])
        for label, values in nulls.items()
        if values is not None
    ]
    return ProfilePanel(PARTS[part], curves, bands)


def _arithmetic(
    label: str, layers: Ints, shuffled: ShuffledTies, method: int, rows: slice
) -> Curve:
    """What is arithmetic of a part's ties, 5 to 95 % of the draws."""
    low, mean, high = (v[method, rows] for v in (shuffled.low, shuffled.mean, shuffled.high))
    return Curve(label, layers, mean, low, high)


def beyond_arithmetic(analysis: Analysis) -> Answer:
    """The ties with their arithmetic taken off, and the one of which most is left."""
    ties = analysis.read(ties_in)
    return (
        Answer()
        if ties is None
        else Answer([_beyond(analysis, ties)], [_beyond_plot(analysis, ties)])
    )


def _beyond(analysis: Analysis, ties: Ties) -> Claim:
    mean, seed = ties.beyond, analysis.run.seed
    rows = slice(ties.rows(0, SPEARMAN).start, mean.mean.size)
    explored = None if ties.explored is None else ties.explored[1]
    picked = picked_row(ties, (ties.beyond_each, mean, explored), rows, seed)
    shuffled, tested = ties.shuffled_beyond, ties.beyond_over_seeds()
    order = ""
    if shuffled is not None:
        order = picked.in_order(shuffled.reshape(*shuffled.shape[:2], -1), seed)
    found = BeyondArithmetic(
        mean,
        ties.without,
        ties.cosines,
        ties.pairs,
        tested,
        ties.twins_beyond,
        ties.sample,
        f"{order}{ties.drawn.sentence}",
    )
    words = beyond_arithmetic_words(found, picked.tie)
    return picked_claim(analysis, ties, picked, words, _SHUFFLED, tested)


def _beyond_plot(analysis: Analysis, ties: Ties) -> Plot:
    """Spearman, which leads: what of each tie is not arithmetic."""
    panels = [_beyond_panel(ties.layers, ties, part) for part in range(len(PARTS))]
    mean = ties.beyond
    title = "What of each part's tie with the whole step is not arithmetic (Spearman)"
    interval = "" if mean.n == 1 else f" Intervals: 95 %, {name_of_interval(mean.interval)}."
    return profiles_plot(
        "contributions_beyond",
        Labels(title, "block", "difference of r"),
        "Correlation minus its mean where the cosines of the two parts are dealt out anew among "
        "the tokens of a passage: what is left comes from which cosine goes with which lengths."
        f"{interval} Position 0 and sinks are left out.{ties.drawn.sentence}",
        ties_null(analysis, ties),
        panels,
        "0: all of it is arithmetic",
        unit=ties.drawn.counted,
    )


def _beyond_panel(layers: Ints, ties: Ties, part: int) -> ProfilePanel:
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


def first_token(analysis: Analysis) -> Answer:
    """The largest change of a correlation with position 0 and sinks."""
    ties = analysis.read(ties_in)
    return Answer() if ties is None else Answer([_change_claim(analysis, ties)])


def _change_claim(analysis: Analysis, ties: Ties) -> Claim:
    change = ties.with_first.r - ties.without.r
    row = int(np.nanargmax(np.abs(change[0])))
    words = with_first_words(ties.without, ties.with_first, row, ties.sample, ties.drawn.sentence)
    finding = defaults_of(analysis).finding_of(
        words,
        float(change[0, row]),
        unit="difference of r",
        data={
            "without": float(ties.without.r[0, row]),
            "with": float(ties.with_first.r[0, row]),
        },
        n=ties.without.n,
        excluded=ties.excluded,
        null="0: position 0 and sinks change nothing",
    )
    return Claim(finding)
