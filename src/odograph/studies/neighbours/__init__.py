"""Angles between neighbouring tokens inside a layer: targets, fixed positions, lags, two humps."""

from functools import partial

from odograph.folder.glance import Glance, Row
from odograph.folder.run_words import no_pair_because
from odograph.folder.samples.neighbours import NEEDED
from odograph.sentences.english import several
from odograph.sentences.level import STAND_APART
from odograph.sentences.names import name_of_test
from odograph.statistics.shapes.modes import MODES_TEST
from odograph.studies.demo import ONE_WORD, TWINS
from odograph.studies.groups import paired_tests
from odograph.studies.model_runner import SeriesComparison
from odograph.studies.neighbours.distances import (
    bend_between_tokens,
    different_passages,
    larger_distances,
    level_nulls,
)
from odograph.studies.neighbours.humps import humps
from odograph.studies.neighbours.pairs import COMPARISON, NEIGHBOURS, require_neighbours
from odograph.studies.neighbours.positions import fixed_positions
from odograph.studies.questions.conditions import conditions
from odograph.studies.questions.difference import difference, neighbours_used
from odograph.studies.questions.layers import layers
from odograph.studies.questions.level import level
from odograph.studies.questions.random_order import random_order
from odograph.studies.questions.readings import in_readings, three_readings, unrelated_tokens
from odograph.studies.questions.twins import beyond_twins
from odograph.studies.section import Analysis
from odograph.studies.study import Study

QUESTION = (
    "How far apart are neighbouring tokens inside a layer, and is a second hump of their angles "
    "more than the first token?"
)

_LAYERS = "The pair with the target against other pairs, by layer (degrees)"


def _card(analysis: Analysis) -> tuple[str, str]:
    sample = analysis.sample(NEIGHBOURS)
    count = several(len(sample.leading), analysis.run.unit)
    if sample.groups is None:
        return count, f"{no_pair_because(analysis.run)}; humps: {name_of_test(MODES_TEST)}"
    tests = f"targets: {paired_tests(sample.groups)}; humps: {name_of_test(MODES_TEST)}"
    return f"{count} with both kinds of pair", tests


STUDY = Study(
    name="neighbours",
    question=QUESTION,
    measure="neighbour_angle",
    sections=(
        in_readings(partial(level, words=STAND_APART, nulls=level_nulls, tables=None), NEIGHBOURS),
        in_readings(difference, NEIGHBOURS),
        in_readings(partial(layers, table="targets", title=_LAYERS), NEIGHBOURS),
        in_readings(beyond_twins, NEIGHBOURS),
        in_readings(conditions, NEIGHBOURS),
        three_readings(NEIGHBOURS),
        random_order(NEIGHBOURS),
        different_passages,
        fixed_positions,
        larger_distances,
        bend_between_tokens,
        humps,
        unrelated_tokens,
        neighbours_used,
    ),
    needs={"measures": NEEDED, "untrained": TWINS, "pairs": 1024},
    requires=require_neighbours,
    card=_card,
    comparison=COMPARISON,
    series=SeriesComparison(COMPARISON),
    demo=ONE_WORD,
    glance=Glance(
        "neighbours_profile",
        (
            Row("pairs with {target}", "mean_target"),
            Row("other pairs", "mean_other_pairs"),
            Row("all pairs", "mean_all_pairs"),
            Row("untrained", "untrained_seed_*"),
            Row("any two tokens", "same_layer_mean"),
        ),
        unit="degrees",
        along="layer",
    ),
)
