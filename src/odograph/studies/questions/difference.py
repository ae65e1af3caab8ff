"""Whether targets and their controls differ in one number a passage: one paired test."""

from dataclasses import replace

import numpy as np

from odograph.folder.selection import Floats
from odograph.sentences.record import PRIMARY
from odograph.sentences.seeds import scope_words
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups
from odograph.studies.sample import Quantity, total_of
from odograph.studies.section import Analysis, Answer, Section
from odograph.studies.single_tests import SingleContrast, single_claim


def difference(asked: Quantity) -> Section:
    """Target minus control in one number a passage; nothing without targets."""

    def section(analysis: Analysis) -> Answer:
        sample = analysis.sample(asked)
        groups = sample.groups
        notes = [] if asked.contrast is None else [asked.contrast.note(sample)]
        if groups is None:
            return Answer(notes=notes)
        values = asked.of_layers(groups.differences)
        twins = (
            np.empty((0, 0))
            if sample.twins_difference is None
            else asked.of_layers(sample.twins_difference)
        )
        claim = difference_of_totals(analysis.defaults(sample), groups, values, asked.total)
        leading = replace(claim.finding, weight=PRIMARY)
        tested, scope = groups.over_seeds, scope_words(groups.words)
        seeds = None if tested is None else (total_of(tested, asked), 0)
        made = replace(claim, finding=leading, twins=twins, seeds=seeds, scope=scope)
        return Answer([made], notes=notes)

    return section


def difference_of_totals(
    defaults: FindingDefaults, groups: Groups, values: Floats, measure: str
) -> Claim:
    """Target minus control in one number a passage, values [passages]: one test."""
    words = (measure, groups.target, groups.control, "in the same texts")
    found = SingleContrast(words, values, groups.pairs.names, groups.pairs.excluded)
    return single_claim(defaults, found, seed=groups.seed)
