"""Whether targets and their controls differ in one number a passage: one paired test."""

from dataclasses import replace

import numpy as np

from odograph.folder.selection import Floats
from odograph.folder.word_pairs import word_pairs
from odograph.sentences.readings import with_like_pieces
from odograph.sentences.record import PRIMARY, TESTED
from odograph.sentences.seeds import scope_words
from odograph.statistics.designs.crossed import FEWEST_WORDS, is_nested, means_of_words
from odograph.studies.claim import Claim, by_twin
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups, cancels
from odograph.studies.questions.pairs_used import of_like_pieces
from odograph.studies.sample import Quantity, Sample, WordBefore, total_of
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.single_tests import SingleContrast, crossed_claim, single_claim


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
