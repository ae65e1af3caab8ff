"""Which blocks turn the state least, and what it costs to skip them: geometry beside importance."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from odograph.folder.best_runs import ALL, LAST, SpanMeans
from odograph.folder.card import card_of
from odograph.folder.run import Run
from odograph.statistics.intervals import mean_intervals
from odograph.statistics.ranks import ranked_values
from odograph.studies.defaults import FindingDefaults
from odograph.studies.demo import PROSE
from odograph.studies.phrases import passages_counted, twin_note, twin_null, window_notes
from odograph.studies.pruning.figures import plots
from odograph.studies.pruning.findings import findings
from odograph.studies.pruning.measured import HALF_TURN, Measured, measure, usable_spans
from odograph.studies.pruning.plan import plan, plan_columns
from odograph.studies.pruning.words import CAUTION
from odograph.studies.result import StudyResult, Table
from odograph.studies.selection import Floats
from odograph.studies.study import Study
from odograph.studies.tidy import tidy

QUESTION = "Which run of blocks turns the state least, and what does skipping it cost?"


def analyse(run: Run) -> StudyResult:
    """The study on one run; without skipped blocks, geometry alone."""
    measured = measure(run)
    count = measured.n
    card = card_of(run.manifest, unit=passages_counted(count), test="none: descriptive")
    defaults = FindingDefaults(
        study=STUDY.name,
        card=card,
        n=count,
        null=twin_null(run),
        excluded=len(measured.spans.documents) - count,
    )
    return StudyResult(
        study=STUDY.name,
        question=QUESTION,
        findings=findings(measured, defaults),
        plots=plots(measured),
        tables=_tables(measured),
        card=card,
        notes=_notes(measured),
    )


def _notes(measured: Measured) -> list[str]:
    notes = [
        *window_notes(measured.run),
        f"{CAUTION}: a small turn can be vital. What a block is worth, the loss says.",
        "Distances are over all tokens but position 0; sinks that come later are among them.",
        twin_note(measured.run),
    ]
    skips = measured.run.manifest.get("skips") or {}
    if measured.losses is None:
        notes.append("No block was skipped: --skip-blocks runs the texts without each in turn.")
    else:
        notes.append(
            f"Blocks were skipped on the first {skips['passages']} of {skips['of_passages']} "
            f"passages ({skips['tokens']} tokens; --skip-tokens takes more), in {skips['ways']} "
            "ways; the model was not trained again afterwards."
        )
    return notes


def _tables(measured: Measured) -> list[Table]:
    rows = [row for by in (LAST, ALL) for row in plan(measured, by)]
    return [
        Table(
            "pruning_plan",
            "The best run of so many blocks to leave out",
            _tidy(measured, plan_columns(rows), "half turns; loss in nats"),
        ),
        Table("pruning_blocks", "Every block alone", _block_columns(measured)),
        Table(
            "pruning_triangle",
            "Angular distance over every run of blocks (half turns)",
            _triangle_columns(measured),
        ),
    ]


def _block_columns(measured: Measured) -> dict[str, Any]:
    """One row a block: influence and change in loss, with intervals and ranks (1: the smallest)."""
    columns: dict[str, Any] = {"layer": np.arange(1, measured.run.blocks + 1)}
    columns |= _with_rank("influence", measured.influence.values, measured.run.seed)
    if measured.twin_influence is not None:
        columns["influence_untrained"] = measured.twin_influence.mean(axis=(0, 1))
    if measured.losses is not None:
        columns |= _with_rank("loss_change", measured.losses.single, measured.run.seed)
    influence = measured.influence
    return tidy(columns, n=len(influence.units), excluded=influence.excluded, unit="1")


def _with_rank(name: str, values: Floats, seed: int) -> dict[str, Any]:
    low, high = mean_intervals(values, seed=seed)
    mean = values.mean(axis=0)
    return {
        name: mean,
        f"{name}_low": low,
        f"{name}_high": high,
        f"{name}_rank": ranked_values(mean),
    }


def _triangle_columns(measured: Measured) -> dict[str, Any]:
    """One row a run of blocks."""
    spans = measured.spans
    columns: dict[str, Any] = {
        "first": spans.layer + 1,
        "last": spans.layer + spans.blocks,
        "blocks": spans.blocks,
    }
    for by, name in ((LAST, "last_token"), (ALL, "all_tokens")):
        columns[name] = _distances([spans], by)
        if measured.twins:
            columns[f"{name}_untrained"] = _distances(measured.twins, by)
    return _tidy(measured, columns, "half turns")


def _tidy(measured: Measured, columns: dict[str, Any], unit: str) -> dict[str, Any]:
    excluded = len(measured.spans.documents) - measured.n
    return tidy(columns, n=measured.n, excluded=excluded, unit=unit)


def _distances(spans: Sequence[SpanMeans], by: str) -> Floats:
    """Mean angular distance over passages, then over twins."""
    means = [usable_spans(each, by).mean(axis=0) for each in spans]
    return np.asarray(np.mean(means, axis=0) / HALF_TURN)


STUDY = Study(
    name="pruning",
    question=QUESTION,
    answer=analyse,
    needs={"measures": ("block_distance",), "skip_blocks": True, "untrained": 3},
    demo=PROSE,
)
