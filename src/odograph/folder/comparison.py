"""Several runs beside each other: which may be, what they are called, and their card."""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from odograph.errors import RunError, StudyError
from odograph.folder.card import Card, card_of, excluded_in_each
from odograph.folder.columns import FORMAT
from odograph.folder.common_columns import common_columns
from odograph.folder.halves import measured_with_split
from odograph.folder.model_names import called, names_apart
from odograph.folder.run import Run
from odograph.folder.same_texts import Texts
from odograph.folder.series import Series
from odograph.sentences.english import several
from odograph.sentences.minus import not_compared
from odograph.sentences.models import versions_differ


def manifest_of(
    runs: Sequence[Run], out: Path, command: str, series: Series | None = None
) -> dict[str, Any]:
    """What the comparison compares: the runs' folders relative to `out`, and what made it."""
    return {
        "format": FORMAT,
        "kind": "comparison",
        "odograph": version("odograph"),
        "command": command,
        "runs": [Path(os.path.relpath(run.folder, out)).as_posix() for run in runs],
        "models": [label(run, runs) for run in runs],
        **({} if series is None else {"series": series.record()}),
        "complete": True,
    }


def label(run: Run, runs: Sequence[Run]) -> str:
    """A short name for a run among others: its model, and its folder where models are the same."""
    names = names_apart([called(one.manifest, str(one.folder.resolve())) for one in runs])
    return names[[one.folder for one in runs].index(run.folder)]


def refuse_conventions(runs: Sequence[Run]) -> None:
    """Nothing, if the runs are different ones and their states are of one kind.

    Raises:
        StudyError: one run stands there twice, or --keep-first or the convention differ.
    """
    folders = [run.folder.resolve() for run in runs]
    if len(set(folders)) < len(folders):
        raise StudyError("a run cannot be compared with itself", expected="different runs")
    kept = [run.manifest["config"]["keep_first"] for run in runs]
    if len(set(kept)) > 1:
        raise StudyError(
            "runs with and without --keep-first cannot be compared",
            remedy="Measure them again with the same options.",
        )
    conventions = [run.manifest["convention"] for run in runs]
    if len(set(conventions)) > 1:
        raise StudyError(
            "runs of different conventions cannot be compared",
            expected="one convention",
            given=", ".join(
                f"{r.folder.name}: {c}" for r, c in zip(runs, conventions, strict=True)
            ),
            remedy="Measure them again with the same --convention.",
        )


def refuse_halves(runs: Sequence[Run]) -> None:
    """Nothing, if none of the runs was halved, or all, with one seed and each text in one half.

    Raises:
        StudyError: they differ in it.
    """
    splits = [run.seed if measured_with_split(run.manifest) else None for run in runs]
    what = "runs that were halved in different ways cannot be compared"
    if len(set(splits)) > 1:
        raise StudyError(
            what,
            expected="all with --split and one --seed, or all without",
            remedy="Measure them again with the same options.",
        )
    if splits[0] is not None and (moved := _in_other_halves(runs)):
        raise StudyError(
            what,
            expected="each text in the same half of all runs",
            given="; ".join(
                f"{several(texts, 'text')} in other halves of {one} and {other}"
                for (one, other), texts in moved.items()
            ),
            remedy="Measure them on the same texts in the same order, with the same --select, "
            "--target and --groups, or without --split.",
        )


def _in_other_halves(runs: Sequence[Run]) -> Counter[tuple[str, str]]:
    """How many texts two runs have in different halves: the first that has them, and another."""
    texts, moved = Texts(runs), Counter[tuple[str, str]]()
    half_of: dict[int, tuple[str, str]] = {}
    for run in runs:
        numbers, name = texts.documents(run), run.folder.name
        for document, half in run.sql("select document, half from halves").fetchall():
            if document not in numbers:
                continue
            first, there = half_of.setdefault(numbers[document], (name, half))
            moved[first, name] += there != half
    return +moved


def comparison_card(runs: Sequence[Run], *, unit: str, test: str) -> Card:
    """The card of several runs: the first's, with every model's shape and precision in it."""
    shapes = [_shape(label(run, runs), run.manifest) for run in runs]
    return {
        **card_of(runs[0].manifest, unit=unit, test=test),
        "model": "; ".join(shapes),
        "precision": "beside each model",
        "left out": excluded_in_each({label(run, runs): run.manifest for run in runs}),
        "BOS": "beside each model",
    }


def versions_note(runs: Sequence[Run]) -> str:
    """By which versions runs were measured, where these differ; else ""."""
    return versions_differ(
        {
            label(run, runs): {"odograph": run.manifest["odograph"], **run.manifest["versions"]}
            for run in runs
        }
    )


def left_out_notes(difference: Run) -> list[str]:
    """What of two runs their difference leaves out, and by which versions they were measured.

    Nothing where the runs are not there any more.
    """
    with suppress(RunError):
        both = difference.compared
        layers, tokens = (common_columns(both, table) for table in ("layers", "tokens"))
        base, model = (label(run, both) for run in both)
        missing = not_compared(
            (base, model),
            layers.alone | tokens.alone,
            (*layers.redefined, *tokens.redefined),
            layers.other_coordinates,
        )
        return [said for said in (missing, versions_note(both)) if said]
    return []


def _shape(name: str, manifest: dict[str, Any]) -> str:
    model = manifest["model"]
    return (
        f"{name} ({model['blocks']} {model['layout']} blocks of width {model['width']}, "
        f"{manifest['dtype']} on {manifest['device']}, BOS {manifest['bos']})"
    )
