"""The sentences about correlations, and about how two models differ in one."""

import math

import numpy as np

from odograph.sentences.differences import MOST_WORDS
from odograph.sentences.evidence import bracket, interval_words, is_shown, of_correlation, p_words
from odograph.sentences.names import BLOCK_RULE
from odograph.sentences.numbers import coefficient, p_value
from odograph.sentences.record import Words
from odograph.statistics.circular_blocks import DRAWS
from odograph.statistics.correlations.coefficients import FEWEST_TOKENS
from odograph.statistics.correlations.grid import CorrelationGrid, GridRow
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.correlations.own_pairing import FEWEST_DOCUMENTS
from odograph.statistics.intervals import Floats
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.permutation import FEWEST_PAIRS
from odograph.statistics.values import Correlation


def correlation_words(found: Correlation) -> str:
    """A correlation with interval, numbers of tokens and passages, test, p and family.

    Its p stands there as it is alone, and corrected where it was.
    """
    tested = p_words(found.tested)
    if found.tested.made and found.tested.alone is not None:
        tested = f"{p_value(found.tested.alone)}, after max-T {tested}"
    details = bracket(*of_correlation(found), tested)
    return f"{found.method} r = {coefficient(found.r)} {details}"


def ways_of_asking(
    every: Floats, plain: Floats, convention: str, course: Correlation, drawn: str
) -> Words:
    """How much a correlation with the last step depends on the way of asking.

    every: r of all ways; plain: of those with log-probability; course: that of the course, under
    `convention`; drawn: which texts were read, a sentence with a space before it.
    """
    statement = (
        f"Over the {len(every)} ways of asking (convention, quantity, method, raw or partial, "
        "sinks) the correlation with the last step runs from "
        f"{coefficient(float(np.nanmin(every)))} to {coefficient(float(np.nanmax(every)))}; with "
        f"log-probability alone, {int((plain < 0).sum())} of {len(plain)} are negative. The "
        f"course's way ({convention}, raw logit, Pearson, sinks in) gives "
        f"{correlation_words(course)}; a raw logit is not identified, so it is shown only as in "
        f"the course.{drawn}"
    )
    return Words(
        statement,
        "One correlation can be had in many ways; only what most of them agree on is worth "
        "telling.",
        f"With raw logits in place of log-probabilities, r = {coefficient(course.r)}",
    )


def models_words(
    x: str, y: str, models: tuple[str, str], both: tuple[Correlation, Correlation | None]
) -> Words:
    """How two models differ in a correlation: with log-probabilities, beside it with raw logits."""
    found, raw = both
    return Words(
        f"{models_sentence(x, y, models, found)}{_raw_logits_words(raw)}",
        _models_plain(models, found),
        models_headline(models, found),
    )


def models_sentence(x: str, y: str, models: tuple[str, str], found: Correlation) -> str:
    """The difference of two models' correlations with interval, numbers of tokens and test."""
    subject = f"The correlation of {x} with {y} in {models[0]}"
    if math.isnan(found.r) or found.of is None:
        return f"{subject} and {models[1]} cannot be compared ({_how(found)})."
    both = " and ".join(map(coefficient, found.of))
    details = bracket(
        f"{found.method}, {both}", *of_correlation(found), p_words(found.tested), _how(found)
    )
    return f"{subject} minus that in {models[1]} is {coefficient(found.r)} {details}."


def models_headline(models: tuple[str, str], found: Correlation) -> str:
    """The same of the last step and the prediction in one clause, with both correlations."""
    both = " and ".join(models)
    if math.isnan(found.r) or found.of is None:
        return f"Correlations of last step and prediction in {both} cannot be compared"
    of = " and ".join(map(coefficient, found.of))
    verb = "differ" if models_differ(found) else "are not shown to differ"
    said = f"Correlations of last step and prediction in {both}, {of}, {verb}"
    return said if len(said.split()) <= MOST_WORDS else said.replace(f", {of},", "")


def models_differ(found: Correlation) -> bool:
    """Whether two models' correlations are shown to differ: by the corrected test, if any."""
    return is_shown(found.tested.p, found.interval)


def _raw_logits_words(found: Correlation | None) -> str:
    """The same of two models with raw logits, to follow the sentence of log-probabilities."""
    if found is None or found.of is None or math.isnan(found.r):
        return ""
    of = " and ".join(map(coefficient, found.of))
    return (
        f" With the raw logit in place of the log-probability, as in the course, {of}: difference "
        f"{coefficient(found.r)} ({interval_words(found.interval, 'r')}; descriptive)."
    )


def _how(found: Correlation) -> str:
    """How the difference of two models' correlations was had, or why there is none."""
    if not found.n:
        return f"no text with {FEWEST_TOKENS} usable tokens"
    if found.block_length:
        blocks = f"blocks of {found.block_length} tokens ({BLOCK_RULE}), {DRAWS} draws"
        return f"descriptive, one text; {blocks}"
    if found.tested.test == SignificanceTest.NONE_NO_DIFFERENCE:
        return "the same in every text"
    few = f"; no p-value with fewer than {FEWEST_PAIRS}" if found.n < FEWEST_PAIRS else ""
    return f"mean over texts of r_first - r_second{few}"


def rows_note(found: Correlations) -> str:
    """What must be said beside many correlations; empty where there is nothing."""
    if found.block_length:
        return f"descriptive, one text; blocks of up to {found.block_length} tokens ({BLOCK_RULE})"
    return _test_note(found.n, found.read)


def grid_note(grid: CorrelationGrid, leading: GridRow) -> str:
    """What must be said beside a grid of correlations and the row that leads; "" for nothing."""
    if grid.rows[0].block_length:
        return f"descriptive, one text; {BLOCK_RULE}, the longest of all rows"
    note = _test_note(leading.documents, len(grid.documents) if grid.family else 0, grid.every)
    drawn = f" (seed {grid.seed})" if note and grid.family else ""
    left = left_out_words(leading)
    said = f"{leading.short + leading.flat} of {grid.every} texts left out: {left}" if left else ""
    return "; ".join(filter(None, [f"{note}{drawn}", said]))


def left_out_words(row: GridRow) -> str:
    """Why documents have no number in a row; "" where all have one."""
    short = f"{row.short} with fewer than {FEWEST_TOKENS} usable tokens" if row.short else ""
    beside = " beside the covariates" if row.kind == "partial" else ""
    flat = f"{row.flat} where nothing varies{beside}" if row.flat else ""
    return ", ".join(filter(None, [short, flat]))


def _test_note(documents: int, read: int, every: int = 0) -> str:
    if documents < FEWEST_DOCUMENTS:
        return (
            f"no p-value: {documents} usable texts, own pairs against pairs of different texts "
            f"need {FEWEST_DOCUMENTS}"
        )
    if 0 < read < max(documents, every):
        return f"p-values from {read} of {max(documents, every)} texts, drawn at random"
    return ""


def _models_plain(names: tuple[str, str], found: Correlation) -> str:
    """Whether the correlations of two models differ, for a student."""
    if found.r == 0 and found.interval is None:
        return f"The two correlations, in {names[0]} and in {names[1]}, are the same."
    if not models_differ(found):
        return f"The two correlations, in {names[0]} and in {names[1]}, cannot be told apart."
    return f"The correlation differs between {names[0]} and {names[1]}, at the same places."
