"""The sentences about correlations, and about how two models differ in one."""

import math

from odograph.sentences.evidence import bracket, of_correlation, p_words
from odograph.sentences.names import BLOCK_RULE
from odograph.sentences.numbers import coefficient, p_value
from odograph.statistics.correlations.coefficients import FEWEST_TOKENS
from odograph.statistics.correlations.grid import CorrelationGrid
from odograph.statistics.correlations.layers import Correlations
from odograph.statistics.correlations.sessions import FEWEST_PASSAGES
from odograph.statistics.keys import SignificanceTest
from odograph.statistics.moving_blocks import DRAWS
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
    return _sessions_note(found.passages, found.read)


def grid_note(grid: CorrelationGrid) -> str:
    """What must be said beside a grid of correlations; empty where there is nothing."""
    if grid.rows[0].block_length:
        return f"descriptive, one text; {BLOCK_RULE}, the longest of all rows"
    note = _sessions_note(len(grid.passages), grid.read)
    return f"{note} (seed {grid.seed})" if grid.read and note else note


def _sessions_note(passages: int, read: int) -> str:
    if passages < FEWEST_PASSAGES:
        usable = f"{passages} usable texts"
        return f"no p-value: {usable}, session permutation needs {FEWEST_PASSAGES}"
    if 0 < read < passages:
        return f"p-values from {read} of {passages} usable texts, drawn at random"
    return ""
