"""How far a token turns in each block: the target, the token before it, and five nulls."""

from dataclasses import replace
from functools import partial

from odograph.folder.glance import Glance, Row
from odograph.measures import DEGREES, MEASURES
from odograph.sentences.level import TURNS
from odograph.studies.demo import ONE_WORD, TWINS
from odograph.studies.model_runner import SeriesComparison
from odograph.studies.questions.conditions import conditions
from odograph.studies.questions.difference import difference, pairs_used
from odograph.studies.questions.last_step import last_step
from odograph.studies.questions.layers import layers
from odograph.studies.questions.level import level
from odograph.studies.questions.random_order import random_order
from odograph.studies.questions.readings import in_readings, three_readings, unrelated_tokens
from odograph.studies.questions.sinks import outlier_coordinates, what_sinks_carry
from odograph.studies.questions.twins import beyond_twins
from odograph.studies.rotation.chance import chance, level_nulls
from odograph.studies.rotation.compare import COMPARISON
from odograph.studies.rotation.tokens import single_passages
from odograph.studies.sample import Quantity
from odograph.studies.study import Study

QUESTION = (
    "How far does a token turn in each block: the target against the token before it, and against "
    "chance?"
)
ROTATION = Quantity("rotation", "rotation", DEGREES, summed=True)

_WORDS = replace(TURNS, axis=MEASURES["rotation"].axis_label)
_LAYERS = "Target against the token before it, by layer (degrees)"

STUDY = Study(
    name="rotation",
    question=QUESTION,
    sections=(
        in_readings(partial(level, words=_WORDS, nulls=level_nulls, tables=None), ROTATION),
        in_readings(difference, ROTATION),
        in_readings(partial(layers, table="profile", title=_LAYERS), ROTATION),
        in_readings(beyond_twins, ROTATION),
        in_readings(conditions, ROTATION),
        three_readings(ROTATION),
        outlier_coordinates,
        what_sinks_carry(ROTATION),
        random_order(ROTATION),
        chance(ROTATION),
        last_step(ROTATION),
        single_passages(ROTATION),
        unrelated_tokens,
        pairs_used,
    ),
    needs={"untrained": TWINS},
    comparison=COMPARISON,
    series=SeriesComparison(COMPARISON),
    demo=ONE_WORD,
    glance=Glance(
        "rotation_profile",
        (
            Row("{target}", "mean_target"),
            Row("token before it", "mean_control"),
            Row("all tokens", "mean_all_tokens", "rotation_nulls"),
            Row("untrained", "untrained_seed_*", "rotation_nulls"),
            Row("difference", "difference", p="p_max_t"),
        ),
        unit="degrees",
    ),
)
