"""How a study is done on a run: what no study may forget stands here, and only here.

Every claim with a p is tested again without each unit; every difference stands beside that of the
untrained twins; windows, twins and the halves of a run are named.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from odograph.folder.card import card_of
from odograph.folder.run import Run
from odograph.studies.claim import examined
from odograph.studies.groups import paired_tests
from odograph.studies.phrases import no_pair_because, passages_counted, twin_note, window_notes
from odograph.studies.result import StudyResult
from odograph.studies.section import Analysis

if TYPE_CHECKING:
    from odograph.studies.study import Study


def answered(study: "Study", run: Run) -> StudyResult:
    """The result of the study's sections on one run.

    Raises:
        StudyError: the run cannot serve the study.
    """
    if study.requires is not None:
        study.requires(run)
    analysis = Analysis(study.name, run)
    answers = [section(analysis) for section in study.sections]
    unit, test = (study.card or sample_card)(analysis)
    card = card_of(run.manifest, unit=unit, test=test)
    if study.amended is not None:
        card = study.amended(card, run)
    notes = [note for answer in answers for note in answer.notes]
    tables = [table for answer in answers for table in answer.tables]
    return StudyResult(
        study=study.name,
        question=study.question,
        findings=[replace(examined(c), card=dict(card)) for a in answers for c in a.claims],
        plots=[plot for answer in answers for plot in answer.plots],
        # Those named after the study first: they are what its question is about.
        tables=sorted(tables, key=lambda table: not table.name.startswith(analysis.prefix)),
        card=card,
        notes=[*window_notes(run), *notes, twin_note(run)],
    )


def sample_card(analysis: Analysis) -> tuple[str, str]:
    """Unit and tests of the quantity that leads, as the card names them."""
    if not analysis.samples:
        return "the run", "none: descriptive"
    sample = analysis.samples[0]
    count = len(sample.leading)
    if sample.groups is None:
        return passages_counted(count), f"none: {no_pair_because(analysis.run)}"
    return "1 pair" if count == 1 else f"{count} pairs, one a passage", paired_tests(sample.groups)
