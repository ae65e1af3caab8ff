"""Whether attention and the MLP push the same way: the cosine between what each adds, by block."""

from odograph.folder.card import card_of
from odograph.folder.run import Run
from odograph.sentences.names import name_of_test
from odograph.studies.decomposition.figures import plots
from odograph.studies.decomposition.findings import findings
from odograph.studies.decomposition.measured import Measured, layer_table, measure
from odograph.studies.demo import PROSE
from odograph.studies.parts import (
    NEEDS,
    closure_words,
    layout_note,
    unit_words,
    with_closure,
)
from odograph.studies.phrases import twin_note, window_notes
from odograph.studies.result import StudyResult, Table
from odograph.studies.study import Study

QUESTION = "Do attention and the MLP of a block push a token's vector the same way?"


def analyse(run: Run) -> StudyResult:
    """The study on one run; without kept vectors the mean update is not taken out."""
    measured = measure(run)
    mean = measured.update.mean
    test = name_of_test(mean.test)
    test = f"{test}; family of {mean.family} layers" if mean.family else test
    card = with_closure(card_of(run.manifest, unit=unit_words(measured.passages), test=test), run)
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, card),
        plots=plots(measured),
        tables=[Table("decomposition_layers", "Cosines by layer", layer_table(measured))],
        card=card,
        notes=_notes(measured),
    )


def _notes(measured: Measured) -> list[str]:
    notes = [
        *window_notes(measured.run),
        layout_note(measured.run),
        closure_words(measured.closure),
    ]
    notes.append(
        "A test against 0 asks whether other passages would give a cosine of the same sign in this "
        "network. Random weights have a fixed cosine of their own too: only the untrained twins "
        "tell what is learned."
    )
    if measured.drawn is None:
        notes.append("No vectors of parts were kept; --parts 400 keeps them.")
    else:
        notes.append(
            f"Mean updates are those of {measured.drawn.means_of}; cosines without them are of "
            f"{measured.drawn.tokens} drawn tokens."
        )
    if measured.drawn is not None and measured.run.shuffled:
        notes.append(
            "No vectors of parts are kept in random order: it has no cosines without them."
        )
    notes.append(twin_note(measured.run))
    return notes


STUDY = Study(
    name="decomposition",
    question=QUESTION,
    answer=analyse,
    needs=NEEDS,
    demo=PROSE,
)
