"""What is said of the tie between the last step and the prediction."""

import math

from odograph.sentences.correlations import correlation_words
from odograph.sentences.english import several
from odograph.sentences.nulls import as_in_twins, twins_words
from odograph.sentences.numbers import coefficient
from odograph.sentences.record import Words
from odograph.statistics.intervals import Floats
from odograph.statistics.permutation import ALPHA
from odograph.statistics.values import Correlation

#: Below that a correlation is told as hardly one.
_HARDLY = 0.1


def last_step_words(
    row: Correlation, convention: str, covariates: str, twins: Floats, why: str, drawn: str
) -> Words:
    """The tie, beside the same in twins, [twins].

    covariates: what was taken out; why: what it is that leaves no correlation; drawn: which texts
    were read, a sentence with a space before it.
    """
    return Words(
        f"{last_step_sentence(row, convention, covariates, twins, why)}{drawn}",
        last_step_plain(row, twins),
        last_step_headline(row, convention),
    )


def last_step_sentence(
    row: Correlation, convention: str, covariates: str, twins: Floats, why: str
) -> str:
    """Whether short last steps go with likelier next tokens, beside the same in twins, [twins].

    covariates: what was taken out; why: of a run, what it is that leaves no correlation.
    """
    lead = _lead(convention)
    if not math.isfinite(row.r):
        return f"The last step under {convention} has no correlation to show ({why})."
    details = f"{correlation_words(row)}; {covariates} taken out{_beside(twins)}"
    if not _tied(row):
        return (
            f"Whether {lead[0].lower()}{lead[1:]} last steps go with likelier next tokens cannot "
            f"be told: {details}."
        )
    direction = "more" if row.r < 0 else "less"
    return f"{lead} last steps go with a {direction} likely next token: {details}."


def _lead(convention: str) -> str:
    return "Short" if convention == "stream" else "Read after the final norm, short"


def last_step_headline(row: Correlation, convention: str) -> str:
    """Short last steps and likelier next tokens, with the correlation and how close it is."""
    lead = _lead(convention)
    if not math.isfinite(row.r):
        return "The last step has no correlation with the prediction to show"
    if not _tied(row):
        return f"{lead} last steps are not shown to go with likelier next tokens"
    how = "hardly go" if abs(row.r) < _HARDLY else "go"
    which = "likelier" if row.r < 0 else "less likely"
    return f"{lead} last steps {how} with {which} next tokens: r = {coefficient(row.r)}"


def last_step_plain(row: Correlation, twins: Floats) -> str:
    """What the tie says to a student, and whether untrained twins, [twins], show it too."""
    where = "in this one text" if row.n == 1 else f"in {several(row.n, row.unit_of_inference)}"
    if not math.isfinite(row.r) or not _tied(row):
        return (
            f"Whether the length of the last step goes with the prediction cannot be told {where}."
        )
    strength = "weakly" if abs(row.r) < 0.3 else "moderately" if abs(row.r) < 0.6 else "strongly"
    likelier = "likelier" if row.r < 0 else "less likely"
    return (
        f"Where the last block moves the vector less, the token that really comes next tends to be "
        f"{likelier} to the model ({strength}, {where}); that does not say that one brings about "
        f"the other.{as_in_twins(row.r, twins, 'correlation')}"
    )


def _tied(row: Correlation) -> bool:
    """Whether a tie is shown: by the corrected test, and where none was made by the interval."""
    p = row.tested.p
    if p is not None and row.tested.made:
        return p < ALPHA
    return row.interval is not None and not row.interval.low <= 0 <= row.interval.high


def _beside(twins: Floats) -> str:
    """The same correlation where nothing was learned, to follow a clause."""
    if not len(twins):
        return ""
    low, high = coefficient(float(twins.min())), coefficient(float(twins.max()))
    seeds = f" (seeds {low} to {high})" if len(twins) > 1 else ""
    return f"; {twins_words(len(twins))} r = {coefficient(float(twins.mean()))}{seeds}"
