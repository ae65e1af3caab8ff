"""Angles between neighbouring tokens inside a layer: targets, fixed positions, lags, two humps."""

from collections.abc import Sequence

from odograph.folder.card import card_of
from odograph.folder.run import Run
from odograph.statistics.shapes.modes import MODES_TEST
from odograph.studies.differences import paired_tests
from odograph.studies.neighbours.compare import compare_models
from odograph.studies.neighbours.figures import plots
from odograph.studies.neighbours.findings import findings
from odograph.studies.neighbours.measured import Measured, measure
from odograph.studies.neighbours.places import NEEDED
from odograph.studies.neighbours.tables import tables
from odograph.studies.neighbours.wording import position_zero
from odograph.studies.no_pair import no_pair_because, remedy_for_pairs
from odograph.studies.phrases import capital, passages_counted, twin_note, window_notes
from odograph.studies.study import Study, StudyResult

QUESTION = (
    "How far apart are neighbouring tokens inside a layer, and is a second hump of their angles "
    "more than the first token?"
)


def analyse(run: Run) -> StudyResult:
    """The study on one run; without targets, all pairs of neighbours lead."""
    measured = measure(run)
    card = card_of(run.manifest, unit=_unit(measured), test=_tests(measured))
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, card),
        plots=plots(measured),
        tables=tables(measured),
        card=card,
        notes=_notes(measured),
    )


def compare(runs: Sequence[Run]) -> StudyResult:
    """Several models on the same texts: angles by relative depth, differences paired."""
    return compare_models(runs, QUESTION)


def _unit(measured: Measured) -> str:
    kind = " with both kinds of pair" if measured.groups is not None else ""
    return f"{passages_counted(len(measured.leading))}{kind}"


def _tests(measured: Measured) -> str:
    targets = (
        no_pair_because(measured.run)
        if measured.groups is None
        else f"targets: {paired_tests(measured.groups)}"
    )
    return f"{targets}; humps: {MODES_TEST}"


def _notes(measured: Measured) -> list[str]:
    notes = window_notes(measured.run)
    notes.append(
        f"{capital(position_zero(measured))}. Pairs that touch position 0 or a sink are left out "
        "of all but the fixed positions and the histogram"
        + (
            "; position 0 is kept here (--keep-first)."
            if measured.run.manifest["config"]["keep_first"]
            else "."
        )
    )
    if measured.groups is None:
        reason = capital(no_pair_because(measured.run))
        shown = f"{reason}: the curves are those of all pairs of neighbours."
        notes.append(f"{shown} {remedy_for_pairs(measured.run)}".rstrip())
    else:
        notes.append(
            f"{measured.groups.target} is one kind of pair at its own positions; that it differs "
            "from other pairs does not show that being a target matters. Other pairs hold no "
            "target; a target of several pieces counts only where the word before it stands "
            "directly before the token that is read."
        )
        notes += [measured.groups.profile.note] if measured.groups.profile.note else []
    if measured.baseline is None:
        notes.append("The null 'same-layer' is not there: it needs drawn pairs of two passages.")
    return [*notes, twin_note(measured.run)]


STUDY = Study(
    name="neighbours",
    question=QUESTION,
    analyse=analyse,
    compare=compare,
    needs={"measures": NEEDED, "untrained": 3},
)
