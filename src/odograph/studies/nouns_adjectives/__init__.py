"""Do nouns and adjectives take other paths: steps and rotation by lemma, adjusted and matched."""

from odograph.folder.glance import Glance, Row
from odograph.folder.samples.two_groups import TwoGroups, groups_of
from odograph.sentences.differences import cluster_test
from odograph.sentences.names import max_t_words, name_of_test
from odograph.studies.demo import TAGGED, TWINS
from odograph.studies.nouns_adjectives.balance import balance
from odograph.studies.nouns_adjectives.differences import differences
from odograph.studies.nouns_adjectives.paths import paths
from odograph.studies.questions.readings import unrelated_tokens
from odograph.studies.section import Analysis
from odograph.studies.study import Study

QUESTION = (
    "Do nouns and adjectives (or any two groups of tags) take steps of other lengths, and is it "
    "still so at like position, length and frequency?"
)


def _card(analysis: Analysis) -> tuple[str, str]:
    groups = analysis.read(groups_of)
    (first, second), names = groups.sizes, groups.names
    return f"{first} and {second} lemmas ({names[0]}, {names[1]})", _tests(groups)


def _tests(groups: TwoGroups) -> str:
    profile = groups.comparisons[0].profile
    if not profile.family:
        return "none: too few lemmas in a group"
    adjusted = name_of_test(groups.comparisons[0].adjusted.test)
    if groups.explored is not None:
        return (
            f"{name_of_test(profile.test)}, single tests of what was chosen on the other "
            f"half; {adjusted}"
        )
    return (
        f"{max_t_words(profile.test)}; {cluster_test(profile)}; adjusted: {adjusted}; family of "
        f"{profile.family} layers"
    )


STUDY = Study(
    name="nouns-adjectives",
    question=QUESTION,
    sections=(differences, balance, paths, unrelated_tokens),
    no_conditions="it compares two groups of tags, by lemma",
    needs={
        "tags": "conllu",
        "groups": ("NOUN", "ADJ"),
        "vectors": 300,
        "select": "targets",
        "whole": True,
        "untrained": TWINS,
    },
    card=_card,
    demo=TAGGED,
    glance=Glance(
        "nouns_adjectives_differences",
        (
            Row("longer steps (%)", "difference", p="p_max_t"),
            Row("untrained", "untrained"),
        ),
        where="measure = 'step' and version = 'unadjusted'",
    ),
)
