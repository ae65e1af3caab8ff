"""The finding on the paths of the two groups: how far they stand apart in the full space."""

from odograph.statistics.distance_wording import (
    LENGTHS,
    Apart,
    apart_plain,
    apart_sentence,
    cluster_test,
    family_words,
)
from odograph.statistics.results import Finding
from odograph.studies.nouns_adjectives.lemmas import group_words
from odograph.studies.nouns_adjectives.paths import VIEWS, Paths, PathView
from odograph.studies.reporting import Usual


def far_apart(paths: Paths, view: PathView, usual: Usual) -> Finding:
    """How far the paths stand apart in the full space."""
    words, profile = paths.words, view.parting.profile
    apart = Apart(
        first=group_words(words.groups[0]),
        second=group_words(words.groups[1]),
        states=VIEWS[view.name],
        unit=words.unit,
        excluded=words.left_out,
        profile=profile,
        twins=view.parting.twins.mean(axis=1),
    )
    tested = bool(profile.family) and apart.interval is not None
    best = apart.best if tested else None
    return usual.finding(
        apart_sentence(apart),
        apart_plain(apart),
        profile.mean,
        apart.interval,
        unit=f"mean {LENGTHS}",
        n=apart.n,
        excluded=words.left_out,
        test=cluster_test(profile) if tested else "none: too few units, or no spread",
        family=family_words(profile) if tested else "none",
        p=best.p_pair if best else None,
        p_adjusted=best.p if best else None,
    )
