"""Parts of speech: which words the pieces of a tokenizer are, and how far each kind turns."""

from odograph.folder.card import card_of
from odograph.folder.run import Run
from odograph.studies.defaults import FindingDefaults
from odograph.studies.demo import TAGGED
from odograph.studies.parts_of_speech.figures import plots
from odograph.studies.parts_of_speech.findings import CONFOUNDED, findings
from odograph.studies.parts_of_speech.measured import Measured, measure
from odograph.studies.parts_of_speech.tables import tables
from odograph.studies.phrases import capital, twin_note, twin_null
from odograph.studies.result import StudyResult
from odograph.studies.study import Study

QUESTION = (
    "Which part of speech do the tokens of a text belong to, and how do words and pieces fit each "
    "other?"
)


def analyse(run: Run) -> StudyResult:
    """The study on one run with tagged words, all or drawn."""
    measured = measure(run)
    lemmas = sum(mean.lemmas for mean in measured.means["turned"])
    card = card_of(
        run.manifest,
        unit=f"{lemmas} lemmas of {len(measured.means['turned'])} tags",
        test="none: descriptive",
    )
    defaults = FindingDefaults(
        STUDY.name, card, n=lemmas, null=twin_null(run), unit_of_inference="lemma"
    )
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, defaults),
        plots=plots(measured),
        tables=tables(measured),
        card=card,
        notes=_notes(measured),
    )


def _notes(measured: Measured) -> list[str]:
    run, config = measured.run, measured.run.manifest["config"]
    notes = [
        f"Tags: {run.manifest['corpus'].get('tagger') or config['tags']}. Words are matched to "
        "pieces by characters.",
    ]
    windows = run.manifest["exclusions"]["passages_windowed"]
    if windows:
        notes.append(
            f"{windows} windows of long passages: a word near the beginning of its window has read "
            "little before it."
        )
    if config["groups"]:
        groups = ", ".join(config["groups"])
        notes.append(
            f"The table has all words of the texts; states were taken of words drawn of the groups "
            f"{groups} only, each read after at most {config['context']} tokens."
        )
    elif config["select"] == "targets":
        notes.append("States were taken of targets and the tokens before them only.")
    if measured.orders:
        notes.append(
            "In random order the pieces of a split word are torn apart; its last piece is read "
            "there, too. A word drawn with its context stands anywhere in it."
        )
    notes.append(f"{capital(CONFOUNDED)}.")
    return [*notes, twin_note(run)]


STUDY = Study(
    name="parts-of-speech",
    question=QUESTION,
    answer=analyse,
    needs={"tags": "conllu", "whole": True, "too_long": "window", "untrained": 3},
    demo=TAGGED,
)
