"""Whether targets and their controls differ in one number a passage, and which pairs are used."""

from dataclasses import replace
from typing import Any

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import Floats
from odograph.folder.target_pairs import target_pairs
from odograph.folder.targets import has_targets
from odograph.folder.word_pairs import word_pairs
from odograph.sentences.pieces import too_few_without_these, without_these
from odograph.sentences.readings import with_like_pieces
from odograph.sentences.record import PRIMARY, TESTED, Reading
from odograph.sentences.seeds import scope_words
from odograph.statistics.designs.crossed import FEWEST_WORDS, is_nested, means_of_words
from odograph.statistics.permutation import cancels
from odograph.statistics.values import known_bounds
from odograph.studies.claim import Claim, by_twin
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups
from odograph.studies.result import Table
from odograph.studies.sample import Quantity, Sample, WordBefore, total_of
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.single_tests import (
    SingleContrast,
    crossed_claim,
    single_claim,
    single_estimate,
    single_test,
)


def difference(asked: Quantity) -> Section:
    """Target minus control in one number a passage; nothing without targets."""

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        groups = sample.groups
        notes = [] if asked.contrast is None else [asked.contrast.note(sample)]
        if groups is None:
            return Answer(notes=notes)
        values = asked.of_layers(groups.differences)
        twins = by_twin([asked.of_layers(one) for one in sample.twins_differences])
        defaults = analysis.defaults(sample)
        more, like = of_like_pieces(analysis.run, asked, defaults)
        of_words = difference_of_words(analysis, sample)
        claim = of_words or difference_of_totals(defaults, groups, values, asked.total, more)
        profile, finding = groups.profile, claim.finding
        if of_words is None and asked.contrast is not None:
            finding = with_like_pieces(finding, like, asked.contrast.whole)
        hidden = groups.explored is None and cancels(
            finding.interval, profile.difference, profile.p_max_t
        )
        leading = replace(finding, weight=TESTED if hidden else PRIMARY)
        tested, scope = groups.nulls.over_seeds, scope_words(groups.words)
        seeds = None if tested is None else (total_of(tested, asked), 0)
        made = replace(claim, finding=leading, twins=twins, seeds=seeds, scope=scope)
        return Answer([made], notes=notes)

    return section


def difference_of_words(analysis: Analysis, sample: Sample) -> Claim | None:
    """The same with several target words as a random factor; None for fewer than 6 of them.

    Words that stand in documents of their own are the units; else they are crossed with documents.
    """
    groups, asked, defaults = sample.groups, sample.quantity, analysis.defaults(sample)
    if groups is None or groups.words < FEWEST_WORDS or not isinstance(asked.contrast, WordBefore):
        return None
    cells = word_pairs(analysis.run, asked.expression, asked.from_layer)
    values, names = asked.of_layers(cells.differences), np.unique(cells.words)
    words = (asked.total, groups.target, groups.control, "in the same texts")
    if len(names) < FEWEST_WORDS:
        return None
    if is_nested(cells.words, cells.documents):
        own = SingleContrast(words, means_of_words(values, cells.words), tuple(names), 0)
        return single_claim(replace(defaults, unit_of_inference="word"), own, seed=groups.seed)
    return crossed_claim(
        defaults, words, values, (cells.words, cells.documents), groups.pairs.excluded
    )


def difference_of_totals(
    defaults: FindingDefaults, groups: Groups, values: Floats, measure: str, more: str = ""
) -> Claim:
    """Target minus control in one number a document, values [documents]: one test.

    more: what is said behind it.
    """
    words = (measure, groups.target, groups.control, "in the same texts")
    found = SingleContrast(words, values, groups.pairs.names, groups.pairs.excluded, more)
    return single_claim(defaults, found, seed=groups.seed)


_APART = "the token before it does not stand directly before the token that is read"


def pairs_used(analysis: Analysis) -> Answer:
    """The table of all pairs, with the reason where one is not used; nothing without targets."""
    if not has_targets(analysis.run):
        return Answer()
    return _pairs_table(analysis, target_pairs(analysis.run))


def neighbours_used(analysis: Analysis) -> Answer:
    """The same where a pair must be neighbours: a target of several pieces is left out."""
    if not has_targets(analysis.run):
        return Answer()
    found = target_pairs(analysis.run)
    place = np.ma.filled(found["control_position"], -1)
    apart = found["used"] & (place != found["position"] - 1)
    reason = np.where(apart, _APART, found["reason"])
    return _pairs_table(analysis, found | {"used": found["used"] & ~apart, "reason": reason})


def _pairs_table(analysis: Analysis, columns: dict[str, Any]) -> Answer:
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
        return too_few_without_these(said), None
    values = asked.of_layers(like.target - like.control)
    estimate = single_estimate(defaults, values, seed=run.seed)
    tested = single_test(values, seed=run.seed)
    reading = Reading("like_pieces", estimate.value, known_bounds(estimate.interval), tested.p)
    return without_these(said, estimate, tested), reading
