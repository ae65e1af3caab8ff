"""Parts of speech: which words the pieces of a tokenizer are, and how far each kind turns."""

from typing import Any

import numpy as np

from odograph.corpus.matching import STATUSES
from odograph.run.card import card_of
from odograph.run.results import Run
from odograph.studies.parts_of_speech.figures import plots
from odograph.studies.parts_of_speech.findings import CONFOUNDED, findings
from odograph.studies.parts_of_speech.measured import Measured, TagMean, measure
from odograph.studies.phrases import capital, twin_note, twin_null
from odograph.studies.reporting import Usual
from odograph.studies.study import Study, StudyResult, Table

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
    usual = Usual(STUDY.name, card, n=lemmas, null=twin_null(run), unit_of_inference="lemma")
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, usual),
        plots=plots(measured),
        tables=_tables(measured),
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
    notes.append(f"{capital(CONFOUNDED)}.")
    return [*notes, twin_note(run)]


def _tables(measured: Measured) -> list[Table]:
    return [
        Table("parts_of_speech", "Words by tag, and how pieces meet them", _counts(measured)),
        Table(
            "parts_of_speech_measures",
            "How far words turn and step by tag: means over lemmas",
            _means(measured),
        ),
        Table(
            "parts_of_speech_unmatched",
            "Words without a state of their own, by form, tag and reason",
            {
                "text": [each.text for each in measured.unmatched],
                "tag": [each.tag for each in measured.unmatched],
                "reason": [each.why for each in measured.unmatched],
                "words": np.array([each.count for each in measured.unmatched], np.int64),
            },
        ),
    ]


def _counts(measured: Measured) -> dict[str, Any]:
    counts = measured.counts
    return {
        "tag": list(counts.tags),
        "words": counts.words,
        "lemmas": counts.lemmas,
        **{status: counts.by_status[status] for status in STATUSES},
        "measured": counts.measured,
        "share_measured": counts.measured / counts.words,
    }


def _means(measured: Measured) -> dict[str, Any]:
    """One row a tag and measure."""
    rows = [(name, mean) for name, means in measured.means.items() for mean in means]
    return {
        "measure": [name for name, _ in rows],
        "tag": [mean.tag for _, mean in rows],
        "words": np.array([mean.words for _, mean in rows], np.int64),
        "lemmas": np.array([mean.lemmas for _, mean in rows], np.int64),
        "mean": np.array([mean.mean for _, mean in rows]),
        "low": np.array([_bounds(mean)[0] for _, mean in rows]),
        "high": np.array([_bounds(mean)[1] for _, mean in rows]),
        **{
            f"untrained_seed_{seed + 1}": np.array([mean.twins[seed] for _, mean in rows])
            for seed in range(len(measured.run.untrained))
        },
    }


def _bounds(mean: TagMean) -> tuple[float, float]:
    if mean.interval is None:
        return float("nan"), float("nan")
    return mean.interval.low, mean.interval.high


STUDY = Study(
    name="parts-of-speech",
    question=QUESTION,
    analyse=analyse,
    needs={"tags": "conllu", "whole": True, "too_long": "window", "untrained": 3},
)
