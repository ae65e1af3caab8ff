"""Which pairs of target and preceding token are used, and what the pieces of their words change."""

from typing import Any

import numpy as np

from odograph.folder.run import Run
from odograph.folder.target_pairs import target_pairs
from odograph.folder.targets import has_targets
from odograph.sentences.evidence import interval_words, p_words
from odograph.sentences.numbers import quantity
from odograph.sentences.record import Reading
from odograph.statistics.values import known_bounds
from odograph.studies.defaults import FindingDefaults
from odograph.studies.result import Table
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis, Answer
from odograph.studies.single_tests import single_estimate, single_test

_APART = "the token before it does not stand directly before the token that is read"


def pairs_used(analysis: Analysis) -> Answer:
    """The table of all pairs, with the reason where one is not used; nothing without targets."""
    if not has_targets(analysis.run):
        return Answer()
    return _answer(analysis, target_pairs(analysis.run))


def neighbours_used(analysis: Analysis) -> Answer:
    """The same where a pair must be neighbours: a target of several pieces is left out."""
    if not has_targets(analysis.run):
        return Answer()
    found = target_pairs(analysis.run)
    place = np.ma.filled(found["control_position"], -1)
    apart = found["used"] & (place != found["position"] - 1)
    reason = np.where(apart, _APART, found["reason"])
    return _answer(analysis, found | {"used": found["used"] & ~apart, "reason": reason})


def _answer(analysis: Analysis, columns: dict[str, Any]) -> Answer:
    title = "Targets and the tokens before them: which pairs are used, and why others are not"
    return Answer(tables=[Table(f"{analysis.prefix}_pairs", title, columns)])


def of_like_pieces(
    run: Run, asked: Quantity, defaults: FindingDefaults
) -> tuple[str, Reading | None]:
    """What pairs of words of like pieces give, where not all are such: a sentence and the reading.

    The last piece of a split word has seen the others: it is another kind of token. "" and None
    where all pairs are of like pieces, no reading where too few are.
    """
    said = "" if asked.contrast is None else asked.contrast.unlike_pieces(run)
    if asked.contrast is None or not said:
        return "", None
    like = asked.contrast.of_like_pieces(run, asked)
    if len(like.passages) < 2:
        return f"{said}, and too few are left without these.", None
    values = asked.of_layers(like.target - like.control)
    estimate = single_estimate(defaults, values, seed=run.seed)
    tested = single_test(values, seed=run.seed)
    reading = Reading("like_pieces", estimate.value, known_bounds(estimate.interval), tested.p)
    sentence = (
        f"{said}; without these the difference is {quantity(estimate.value, asked.unit)} "
        f"({interval_words(estimate.interval, asked.unit)}; {defaults.units(len(values))}; "
        f"{p_words(tested)})."
    )
    return sentence, reading
