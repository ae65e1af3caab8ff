"""How far a token turns in each block: the target, the word before it, and five nulls."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from odograph.folder.card import card_of
from odograph.folder.run import Run
from odograph.studies.differences import paired_tests
from odograph.studies.no_pair import no_pair_because, remedy_for_pairs
from odograph.studies.phrases import capital, passages_counted, twin_note, window_notes
from odograph.studies.random_order import random_order_columns
from odograph.studies.rotation.compare import compare_models
from odograph.studies.rotation.figures import plots
from odograph.studies.rotation.findings import findings
from odograph.studies.rotation.measured import Measured, measure
from odograph.studies.study import Study, StudyResult, Table
from odograph.studies.tidy import paired_table, tidy

QUESTION = (
    "How far does a token turn in each block: the target against the word before it, and against "
    "chance?"
)


def analyse(run: Run) -> StudyResult:
    """The study on one run; without targets, all tokens lead and no test is made."""
    measured = measure(run)
    card = card_of(run.manifest, unit=_unit(measured), test=_tests(measured))
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, card),
        plots=plots(measured),
        tables=_tables(measured),
        card=card,
        notes=_notes(measured),
    )


def compare(runs: Sequence[Run]) -> StudyResult:
    """Several models on the same texts: how far they turn by relative depth, differences paired."""
    return compare_models(runs, QUESTION)


def _unit(measured: Measured) -> str:
    count = len(measured.leading)
    if measured.groups is None:
        return passages_counted(count)
    return "1 pair" if count == 1 else f"{count} pairs, one a passage"


def _tests(measured: Measured) -> str:
    if measured.groups is None:
        return f"none: {no_pair_because(measured.run)}"
    return paired_tests(measured.groups)


def _notes(measured: Measured) -> list[str]:
    notes = window_notes(measured.run)
    notes += [null.note for null in measured.nulls if null.note]
    if measured.groups is not None and measured.groups.profile.note:
        notes.append(measured.groups.profile.note)
    if measured.groups is None:
        notes.append(_without_pairs(measured))
    else:
        notes.append(
            f"{measured.subject} and the word before it are two kinds of words at two positions; "
            "a difference between them does not show that being a target matters."
        )
    return [*notes, twin_note(measured.run)]


def _without_pairs(measured: Measured) -> str:
    """Whose curves are shown where nothing is paired, why, and the remedy."""
    whose = "all tokens" if measured.targets is None else measured.subject
    reason = capital(no_pair_because(measured.run))
    shown = f"{reason}: the curves are those of {whose}, and no test is made."
    return f"{shown} {remedy_for_pairs(measured.run)}".rstrip()


def _tables(measured: Measured) -> list[Table]:
    tables = [
        Table(
            "rotation_nulls",
            "Rotation and nulls by layer (degrees)",
            tidy(
                _null_columns(measured),
                n=len(measured.leading),
                excluded=measured.excluded,
                unit="degrees",
            ),
        ),
        Table(
            "rotation_last_step",
            "The last step under stream and hf",
            measured.last.columns(measured.excluded),
        ),
    ]
    if measured.groups is not None:
        title = "Target against the word before it, by layer (degrees)"
        tables.insert(
            0, Table("rotation_profile", title, paired_table(measured.groups.profile, "degrees"))
        )
    return tables


def _null_columns(measured: Measured) -> dict[str, Any]:
    """One row a layer: mean, 5 and 95 % of every curve and null."""
    layers = np.arange(1, measured.run.blocks + 1)
    columns: dict[str, Any] = {"layer": layers, "mean_all_tokens": measured.everything.mean(axis=0)}
    if measured.targets is not None:
        columns["mean_target"] = measured.targets.values.mean(axis=0)
    if measured.groups is not None:
        columns["mean_target"] = measured.groups.pairs.target.mean(axis=0)
        columns["mean_non_target"] = measured.groups.pairs.control.mean(axis=0)
    if measured.twins is not None:
        for seed, twin in enumerate(measured.twins, start=1):
            columns[f"untrained_seed_{seed}"] = twin.mean(axis=0)
    columns |= random_order_columns(measured.shuffled)
    for null in measured.nulls:
        if null.band is not None:
            key = null.name.replace("-", "_")
            columns[f"{key}_mean"] = null.band.mean
            columns[f"{key}_low"], columns[f"{key}_high"] = null.band.low, null.band.high
            if null.cosine is not None:
                columns[f"{key}_mean_cosine"] = null.cosine
    return columns


STUDY = Study(
    name="rotation",
    question=QUESTION,
    analyse=analyse,
    compare=compare,
    needs={"untrained": 3},
)
