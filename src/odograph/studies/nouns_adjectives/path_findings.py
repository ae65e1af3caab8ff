"""The findings on the paths of the two groups: how far they stand apart in the full space."""

from odograph.sentences.record import Finding
from odograph.studies.defaults import FindingDefaults
from odograph.studies.nouns_adjectives.lemmas import group_words
from odograph.studies.nouns_adjectives.paths import VIEWS, Paths, PathView
from odograph.studies.trajectories.apart import apart_findings


def far_apart(paths: Paths, view: PathView, defaults: FindingDefaults) -> list[Finding]:
    """How far the paths stand apart in the full space."""
    first, second = paths.words.groups
    names = group_words(first), group_words(second)
    return apart_findings(paths.words, view.parting, names, VIEWS[view.name], defaults)
