"""How long each step is, and whether a short last step goes with a confident prediction."""

from functools import partial

from odograph.folder.glance import Glance, Row
from odograph.folder.requirements import require_all_tokens
from odograph.sentences.english import several
from odograph.studies.demo import PROSE, TWINS
from odograph.studies.model_runner import SeriesComparison
from odograph.studies.path_length.compare import COMPARISON
from odograph.studies.path_length.correlations import correlations, grid_test
from odograph.studies.path_length.curves import (
    TURNED,
    length,
    path_defaults,
    straightness,
    turned,
)
from odograph.studies.questions.conditions import conditions
from odograph.studies.questions.last_step import last_step
from odograph.studies.questions.readings import unrelated_tokens
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis
from odograph.studies.study import Study


def _card(analysis: Analysis) -> tuple[str, str]:
    return several(path_defaults(analysis).n, analysis.run.unit), grid_test(analysis)


STEP = Quantity("relative step", "relative_step", contrast=None)

STUDY = Study(
    name="path-length",
    question="How long is each step of a token's path, and does a short last step go with a "
    "confident prediction?",
    measure="relative_step",
    sections=(
        turned,
        straightness,
        length,
        last_step(TURNED),
        correlations,
        conditions(STEP),
        unrelated_tokens,
    ),
    needs={"untrained": TWINS, "logits": "full"},
    requires=partial(require_all_tokens, study="path-length"),
    card=_card,
    demo=PROSE,
    comparison=COMPARISON,
    series=SeriesComparison(COMPARISON),
    glance=Glance(
        "path_length_profile",
        (
            Row("step / state", "relative_step"),
            Row("untrained", "relative_step_untrained"),
            Row("turned so far (degrees)", "turned"),
            Row("untrained so far", "turned_untrained"),
        ),
    ),
)
