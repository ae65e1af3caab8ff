"""Parts of speech: which words the pieces of a tokenizer are, and how far each kind turns."""

from odograph.folder.glance import Glance, Row
from odograph.studies.demo import TAGGED, TWINS
from odograph.studies.parts_of_speech.matching import (
    matching,
    means_of,
    require_words,
    without_state,
)
from odograph.studies.parts_of_speech.turning import turning
from odograph.studies.questions.readings import unrelated_tokens
from odograph.studies.section import Analysis
from odograph.studies.study import Study

QUESTION = (
    "Which part of speech do the tokens of a text belong to, and how do words and pieces fit each "
    "other?"
)


def _card(analysis: Analysis) -> tuple[str, str]:
    means = analysis.once(means_of)
    return f"{means.lemmas:,} lemmas of {len(means.of['turned'])} tags", "none: descriptive"


STUDY = Study(
    name="parts-of-speech",
    question=QUESTION,
    measure="turned",
    sections=(matching, without_state, turning, unrelated_tokens),
    no_conditions="it says which words have tags, and compares these",
    needs={"tags": "conllu", "whole": True, "too_long": "window", "untrained": TWINS},
    requires=require_words,
    card=_card,
    demo=TAGGED,
    glance=Glance(
        "parts_of_speech_measures",
        (
            Row("turned", "mean"),
            Row("untrained", "untrained_seed_*"),
        ),
        unit="degrees",
        key="tag",
        along="tag",
        where="measure = 'turned'",
    ),
)
