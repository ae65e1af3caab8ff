"""All words of findings under one name; each lives in its own module."""

from odograph.sentences.correlations import correlation_words, models_sentence
from odograph.sentences.differences import (
    curves_plain,
    curves_sentence,
    difference_plain,
    difference_sentence,
)
from odograph.sentences.english import counted
from odograph.sentences.evidence import interval_words, p_words
from odograph.sentences.forbidden import forbidden
from odograph.sentences.numbers import coefficient, number, p_value, quantity

__all__ = [
    "coefficient",
    "correlation_words",
    "counted",
    "curves_plain",
    "curves_sentence",
    "difference_plain",
    "difference_sentence",
    "forbidden",
    "interval_words",
    "models_sentence",
    "number",
    "p_value",
    "p_words",
    "quantity",
]
