"""Several models on the same texts: the angle of neighbouring tokens by relative depth."""

from collections.abc import Sequence

from odograph.folder.run import Run
from odograph.statistics.designs.models import MAX_T_DEPTHS
from odograph.studies.alignment import share_places
from odograph.studies.comparison import (
    label,
    refuse_conventions,
    sharing_notes,
)
from odograph.studies.model_curves import STATE, DepthMeasure, compare_curves
from odograph.studies.model_findings import curve_findings, models_usual
from odograph.studies.model_plots import difference_plots, models_plot
from odograph.studies.model_tables import curves_table
from odograph.studies.neighbours.pairs import ANGLE, beside, require_neighbours
from odograph.studies.result import StudyResult, Table
from odograph.studies.unmatched import describe_unmatched

STUDY = "neighbours"
_ALONG = DepthMeasure(
    name="angle",
    measure="angle between neighbouring tokens",
    expression=ANGLE,
    unit="degrees",
    axis="neighbour angle (degrees)",
    kind=STATE,
)


def compare_models(runs: Sequence[Run], question: str) -> StudyResult:
    """The comparison of runs: every model against the first.

    Only pairs that every tokenizer cuts alike: the two tokens end at the same two characters, and
    stand beside each other, in all models.

    Raises:
        StudyError: the runs cannot stand side by side, lack the angle, or share no such pair.
    """
    refuse_conventions(runs)
    for run in runs:
        require_neighbours(run, (ANGLE,))
    shared = share_places(runs)
    if not shared.places:
        return describe_unmatched(runs, _ALONG, STUDY, question, beside(runs[0], 1))
    names = [label(run, runs) for run in runs]
    before = shared.usable.copy()
    before[1:] = shared.usable[:-1]
    seed = runs[0].seed
    curves = compare_curves(shared, _ALONG, names, shared.adjacent & before, seed)
    defaults = models_usual(STUDY, runs, curves, [MAX_T_DEPTHS], "degrees")
    title = "Differences of the angle between neighbours by relative depth (degrees)"
    return StudyResult(
        study=STUDY,
        question=question,
        findings=curve_findings(defaults, curves),
        plots=[models_plot(curves, STUDY), *difference_plots(curves, STUDY)],
        tables=[Table("neighbours_models_depths", title, curves_table(curves))],
        card=defaults.card,
        notes=[
            *sharing_notes(shared, curves.means),
            "Only pairs of neighbours that all tokenizers cut alike.",
        ],
    )
