"""Which part's length goes more closely with that of the whole step, from token to token."""

from dataclasses import replace

import numpy as np

from odograph.figures.marks import Labels
from odograph.figures.profile import Curve
from odograph.figures.profiles import ProfilePanel
from odograph.folder.samples.ties import PARTS, Ties, differences_of, ties_in
from odograph.folder.selection import Ints
from odograph.sentences.correlations import rows_note
from odograph.sentences.english import layers_named, several
from odograph.sentences.evidence import interval_words
from odograph.sentences.names import (
    NO_PASSAGE_DIFFERENCE,
    name_of_interval,
)
from odograph.sentences.numbers import coefficient
from odograph.sentences.ties import (
    beside_other_texts,
    change_words,
    closer_in_twins,
    differences_tested,
)
from odograph.statistics.correlations.coefficients import METHODS, SPEARMAN
from odograph.statistics.correlations.sums import ShuffledTies
from odograph.studies.claim import Claim
from odograph.studies.contributions.picked import (
    NAMES,
    RANDOM_ORDER,
    TWINS,
    Picked,
    defaults_of,
    in_order_of,
    picked_claim,
    picked_row,
    tie_words,
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
_PLAIN = (
    "The part that varies more from token to token goes with the whole by arithmetic alone; "
    "what is beyond that is told apart in the next finding."
)


def closer(analysis: Analysis) -> Answer:
    """Both parts' correlations with the whole, and their difference."""
    ties = analysis.read(ties_in)
    if ties is None:
        return Answer(notes=[_NO_TIES])
    notes = [f"Correlations: {note}."] if (note := rows_note(ties.without)) else []
    plots = [_plot(analysis, ties, method) for method in range(len(METHODS))]
    return Answer([_claim(analysis, ties)], plots, [ties_table(ties)], notes)


def _claim(analysis: Analysis, ties: Ties) -> Claim:
    seed, mean, rows = analysis.run.seed, ties.differences, _difference_rows(ties)
    explored = None if ties.explored is None else ties.explored[0]
    picked = picked_row(ties, (differences_of(ties.without.each), mean, explored), rows, seed)
    difference, layer = mean.mean[rows], picked.row
    found = mean.found[rows] if mean.family else np.ones(ties.blocks, dtype=bool)
    interval = picked.interval_in(mean)
    statement = (
        f"From token to token the MLP's length goes more closely with that of the whole step in "
        f"{layers_named(found & (difference > 0))}, attention's in "
        f"{layers_named(found & (difference < 0))} (Spearman, without position 0 and sinks; "
        f"{differences_tested(mean, ties.without)}; {ties.sample}). {_lead(picked)}: the MLP "
        f"{tie_words(ties, SPEARMAN, ties.blocks + layer)}, attention "
        f"{tie_words(ties, SPEARMAN, layer)}, "
        f"difference {coefficient(float(difference[layer]))} ({interval_words(interval, 'r')}"
        f"{picked.ending}). {closer_in_twins(ties.twins)}"
        f"{beside_other_texts(ties.without)}{_in_random_order(ties, picked, seed)}"
        f"{ties.drawn.sentence}"
    )
    null = NO_PASSAGE_DIFFERENCE
    words = (statement, _PLAIN, float(difference[layer]))
    count = int((difference > 0).sum())
    headline = (
        f"The MLP's length goes more closely with the step's in {count} of {ties.blocks} blocks"
    )
    tested = (picked, interval, null)
    claim = picked_claim(analysis, ties, words, headline, tested, ties.differences_over_seeds())
    return replace(claim, finding=replace(claim.finding, data={"blocks_of_the_mlp": count}))


def _difference_rows(ties: Ties) -> slice:
    """Spearman's rows among the differences of both methods."""
    return slice(SPEARMAN * ties.blocks, (SPEARMAN + 1) * ties.blocks)


def _lead(picked: Picked) -> str:
    if not picked.chosen:
        return f"The two are farthest apart in block {picked.row + 1}"
    return (
        f"In block {picked.row + 1}, chosen on the first half as the one where the two are "
        "farthest apart in standard errors"
    )


def _in_random_order(ties: Ties, picked: Picked, seed: int) -> str:
    """The same difference in random order, where all its passages have it."""
    if ties.shuffled is None:
        return ""
    orders = np.stack([differences_of(np.arctanh(one)) for one in ties.shuffled])
    return in_order_of(picked, orders, seed)


def _plot(analysis: Analysis, ties: Ties, method: int) -> Plot:
    name = METHODS[method].capitalize()
    panels = [_panel(ties.layers, ties, method, part) for part in range(len(PARTS))]
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
        "(5 to 95 % of the draws). Grey: the other nulls, 5 to 95 % of their texts.",
        ties_null(analysis, ties),
        panels,
        "0: no correlation",
    )


def _panel(layers: Ints, ties: Ties, method: int, part: int) -> ProfilePanel:
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


_PLAIN_CHANGE = (
    "A single token with a very long step can make or break a correlation by itself; ranks "
    "mind it less. The numbers without it are the ones to rely on."
)


def first_token(analysis: Analysis) -> Answer:
    """The largest change of a correlation with position 0 and sinks."""
    ties = analysis.read(ties_in)
    return Answer() if ties is None else Answer([_change_claim(analysis, ties)])


def _change_claim(analysis: Analysis, ties: Ties) -> Claim:
    change = ties.with_first.r - ties.without.r
    row = int(np.nanargmax(np.abs(change[0])))
    part, layer = divmod(row, ties.blocks)
    largest = float(np.nanmax(np.abs(change[1])))
    both = ties.without.r, ties.with_first.r
    pearson, spearman = (
        change_words(*(float(r[method, row]) for r in both)) for method in (0, SPEARMAN)
    )
    added = ties.with_first.tokens - ties.without.tokens
    statement = (
        f"With position 0 and sinks ({added} of {ties.with_first.tokens:,} tokens) the Pearson "
        f"correlation of a part's length with that of the whole changes most for "
        f"{NAMES[PARTS[part]]} in block {layer + 1}: {pearson}; Spearman's there "
        f"{spearman}, and nowhere by more than "
        f"{coefficient(largest)} ({ties.sample}; descriptive, no test).{ties.drawn.sentence}"
    )
    return Claim(
        defaults_of(analysis).finding(
            statement,
            _PLAIN_CHANGE,
            float(change[0, row]),
            unit="difference of r",
            headline="With position 0 and sinks, the correlation of "
            f"{NAMES[PARTS[part]]} in block {layer + 1} goes {pearson}",
            data={
                "without": float(ties.without.r[0, row]),
                "with": float(ties.with_first.r[0, row]),
            },
            n=ties.without.n,
            excluded=ties.excluded,
            null="0: position 0 and sinks change nothing",
        )
    )
