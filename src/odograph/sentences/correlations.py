"""The sentences about correlations, and about how two models differ in one."""

import math

from odograph.sentences.evidence import bracket, of_correlation, p_words
from odograph.sentences.numbers import coefficient, p_value
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
        return f"{subject} and {models[1]} cannot be compared ({found.note})."
    both = " and ".join(map(coefficient, found.of))
    details = bracket(
        f"{found.method}, {both}", *of_correlation(found), p_words(found.tested), found.note
    )
    return f"{subject} minus that in {models[1]} is {coefficient(found.r)} {details}."
