"""Which of attention and MLP shapes the step: lengths, shares, ties and their arithmetic."""

from odograph.folder.run import Run
from odograph.studies.contributions.figures import plots
from odograph.studies.contributions.findings import findings
from odograph.studies.contributions.measured import Measured, measure
from odograph.studies.contributions.tables import tables
from odograph.studies.demo import PROSE
from odograph.studies.parts import (
    NEEDS,
    card_with_closure,
    closure_words,
    layout_note,
    unit_words,
)
from odograph.studies.phrases import twin_note, window_notes
from odograph.studies.result import StudyResult
from odograph.studies.study import Study

QUESTION = "Which of the two shapes a block's step: what attention adds, or what the MLP adds?"


def analyse(run: Run) -> StudyResult:
    """The study on one run; where no passage has ten tokens, nothing is correlated."""
    measured = measure(run)
    card = card_with_closure(run, unit=unit_words(measured.passages), test=_tests(measured))
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, card),
        plots=plots(measured),
        tables=tables(measured),
        card=card,
        notes=_notes(measured),
    )


def _tests(measured: Measured) -> str:
    if measured.ties is None or not measured.share_test.family:
        return measured.share_test.test
    ties = measured.ties
    tests = [
        f"{measured.share_test.test}; family of {measured.share_test.family} layers (shares), "
        f"{ties.differences.family} (differences of r), {ties.beyond.family} (beyond arithmetic)"
    ]
    if ties.without.family:
        tests.append(f"{ties.without.test}; family of {ties.without.family} correlations")
    return "; ".join(tests)


def _notes(measured: Measured) -> list[str]:
    notes = [
        *window_notes(measured.run),
        layout_note(measured.run),
        closure_words(measured.closure),
    ]
    notes.append(
        "|a + m|² = |a|² + |m|² + 2 a·m, so each part's length is correlated with that of the "
        "whole by arithmetic: every correlation is shown beside what is left of it when the "
        "cosines of the two parts are dealt out anew among the tokens of a passage."
    )
    if measured.ties is None:
        notes.append(
            "No correlation can be had: no passage has ten tokens besides sinks, or a part's "
            "length is the same at every token."
        )
    elif measured.ties.without.note:
        notes.append(f"Correlations: {measured.ties.without.note}.")
    notes.append(twin_note(measured.run))
    return notes


STUDY = Study(
    name="contributions",
    question=QUESTION,
    answer=analyse,
    needs=NEEDS,
    demo=PROSE,
)
