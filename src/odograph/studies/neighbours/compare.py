"""Several models on the same texts: the angle of neighbouring tokens by relative depth."""

from odograph.folder.alignment import Shared
from odograph.folder.run import Run
from odograph.folder.samples.model_curves import STATE, DepthMeasure
from odograph.folder.samples.neighbours import ANGLE, beside
from odograph.measures import DEGREES
from odograph.statistics.designs.models import MAX_T_DEPTHS
from odograph.studies.model_runner import Look, ModelAnalysis, ModelComparison
from odograph.studies.neighbours.pairs import require_neighbours
from odograph.studies.questions.depths import depths
from odograph.studies.questions.readings import in_readings_of_models
from odograph.studies.section import Answer

_ANGLE = DepthMeasure(
    name="angle",
    measure="angle between neighbouring tokens",
    expression=ANGLE,
    unit=DEGREES,
    axis="neighbour angle (degrees)",
    kind=STATE,
    number="mean angle between neighbouring tokens over all states",
    angle=ANGLE,
)


def _look(shared: Shared) -> Look:
    """Pairs that every tokenizer cuts alike: both tokens end at the same characters."""
    before = shared.usable.copy()
    before[1:] = shared.usable[:-1]
    return Look(_ANGLE, shared.adjacent & before, beside(shared.runs[0], 1))


def _require_angle(run: Run) -> None:
    require_neighbours(run, (ANGLE,))


def _cut_alike(analysis: ModelAnalysis) -> Answer:  # noqa: ARG001
    return Answer(notes=["Only pairs of neighbours that all tokenizers cut alike."])


COMPARISON = ModelComparison(
    look=_look,
    sections=(
        in_readings_of_models(
            depths("Differences of the angle between neighbours by relative depth (degrees)")
        ),
        _cut_alike,
    ),
    tests=(MAX_T_DEPTHS,),
    unit=DEGREES,
    requires=_require_angle,
)
