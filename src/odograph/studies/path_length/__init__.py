"""How long each step is, and whether a short last step goes with a confident prediction."""

from odograph.folder.card import card_of
from odograph.folder.run import Run
from odograph.studies.demo import PROSE
from odograph.studies.path_length.compare import COMPARISON
from odograph.studies.path_length.figures import plots
from odograph.studies.path_length.findings import findings
from odograph.studies.path_length.measured import (
    Measured,
    grid_table,
    measure,
    profile_table,
    token_table,
)
from odograph.studies.phrases import passages_counted, twin_note, window_notes
from odograph.studies.result import StudyResult, Table
from odograph.studies.study import Study

QUESTION = (
    "How long is each step of a token's path, and does a short last step go with a confident "
    "prediction?"
)


def analyse(run: Run) -> StudyResult:
    """The study on one run; without log-probabilities the last step is not correlated."""
    measured = measure(run)
    card = card_of(run.manifest, unit=passages_counted(measured.passages), test=_tests(measured))
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, card),
        plots=plots(measured),
        tables=_tables(measured),
        card=card,
        notes=_notes(measured),
    )


def _tests(measured: Measured) -> str:
    if measured.grid is None:
        return "none: the run has no log-probabilities"
    row = measured.grid.rows[0]
    return f"{row.test}; family of {measured.grid.family} correlations" if row.family else row.test


def _notes(measured: Measured) -> list[str]:
    notes = [*window_notes(measured.run), twin_note(measured.run)]
    if measured.grid is None:
        notes.append("The run has no log-probabilities; measure it with --logits full.")
    elif measured.grid.note:
        notes.append(f"Correlations: {measured.grid.note}.")
    if measured.straightness is None:
        notes.append("Straightness was not measured; ask for it with --measures straightness.")
    return notes


def _tables(measured: Measured) -> list[Table]:
    tables = [
        Table(
            "path_length_profile",
            "The path by layer, means over passages",
            profile_table(measured),
        ),
        Table(
            "path_length_last_step",
            "The last step under stream and hf",
            measured.last.columns(measured.excluded),
        ),
        Table(
            "path_length_tokens",
            "The last step and the prediction, token by token",
            token_table(measured),
        ),
    ]
    if measured.grid is not None:
        grid = Table(
            "path_length_grid", "The whole grid of correlations", grid_table(measured.grid)
        )
        tables.insert(1, grid)
    return tables


STUDY = Study(
    name="path-length",
    question=QUESTION,
    answer=analyse,
    comparison=COMPARISON,
    needs={"untrained": 3, "logits": "full"},
    demo=PROSE,
)
