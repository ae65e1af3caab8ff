"""What one run does that another does not: the study of the difference of two runs.

Only of runs with the same tokens; other studies do not read such a folder, and this one no other.
"""

from odograph.measures import DEGREES
from odograph.sentences.english import several
from odograph.sentences.names import card_test
from odograph.sentences.record import TESTED
from odograph.studies.minus.differences import (
    every_measure,
    in_one_number,
    lead_profile,
    rotation_by_block,
    states_apart,
)
from odograph.studies.questions.conditions import conditions
from odograph.studies.sample import Quantity
from odograph.studies.section import Analysis
from odograph.studies.study import Study


def _card(analysis: Analysis) -> tuple[str, str]:
    profile = analysis.once(lead_profile)
    return several(profile.n, analysis.run.unit), card_test(profile.test, profile.family)


#: Of each token: what one model turns it more than the other does.
ROTATION = Quantity("difference in rotation", "rotation", DEGREES, summed=True, contrast=None)

STUDY = Study(
    name="minus",
    question="What does one run do that the other does not?",
    sections=(
        rotation_by_block,
        in_one_number,
        states_apart,
        every_measure,
        conditions(ROTATION, TESTED),
    ),
    reads="difference",
    card=_card,
)
