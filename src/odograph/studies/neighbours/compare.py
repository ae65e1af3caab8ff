"""Several models on the same texts: the angle of neighbouring tokens by relative depth."""

from collections.abc import Sequence

from odograph.run.results import Run
from odograph.statistics.depths import MAX_T_DEPTHS
from odograph.studies.alignment import share_places
from odograph.studies.comparison import (
    comparison_card,
    label,
    refuse_conventions,
    sharing_notes,
    tests_on_card,
)
from odograph.studies.model_curves import STATE, Along, compare_curves, curves_table
from odograph.studies.model_findings import NO_MODEL_DIFFERENCE, curve_findings
from odograph.studies.model_plots import difference_plots, models_plot
from odograph.studies.neighbours.measured import refuse_run
from odograph.studies.neighbours.places import ANGLE, beside
from odograph.studies.reporting import Usual
from odograph.studies.study import StudyResult, Table
from odograph.studies.unshared import describe_apart

STUDY = "neighbours"
_ALONG = Along(
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
        refuse_run(run, (ANGLE,))
    shared = share_places(runs)
    if not shared.places:
        return describe_apart(runs, _ALONG, STUDY, question, beside(runs[0], 1))
    names = [label(run, runs) for run in runs]
    before = shared.usable.copy()
    before[1:] = shared.usable[:-1]
    seed = int(runs[0].manifest["seed"])
    curves = compare_curves(shared, _ALONG, names, shared.adjacent & before, seed)
    card = comparison_card(
        runs,
        unit=f"{curves.sample}, the same in all models",
        test=tests_on_card(curves.passages, [MAX_T_DEPTHS]),
    )
    usual = Usual(
        STUDY,
        card,
        n=curves.passages,
        null=NO_MODEL_DIFFERENCE,
        excluded=curves.means.excluded,
        unit="degrees",
    )
    title = "Differences of the angle between neighbours by relative depth (degrees)"
    return StudyResult(
        study=STUDY,
        question=question,
        findings=curve_findings(usual, curves),
        plots=[models_plot(curves, STUDY), *difference_plots(curves, STUDY)],
        tables=[Table("neighbours_models_depths", title, curves_table(curves))],
        card=card,
        notes=[
            *sharing_notes(shared, curves.means),
            "Only pairs of neighbours that all tokenizers cut alike.",
        ],
    )
