"""What a study leaves in a run folder: findings, figures, tables, and its section of the report."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from odograph.figures.drawing import Drawing, Order
    from odograph.sentences.record import Finding

FINDINGS, STUDIES = "findings.json", "studies.json"


@dataclass(frozen=True)
class Plot:
    """A figure, drawn when it is saved, with what a reader needs beside it.

    `null` says which null is in the picture; `caption` what is seen; `unit` what is counted, where
    that is not the study's own unit.
    """

    name: str
    title: str
    caption: str
    null: str
    drawing: "Drawing"
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """A tidy table: one row an observation, columns by name, all of one length."""

    name: str
    title: str
    columns: Mapping[str, Any]


@dataclass(frozen=True)
class StudyResult:
    """Everything that a study found in one run, or in several that are compared."""

    study: str
    question: str
    findings: "Sequence[Finding]"
    plots: Sequence[Plot]
    tables: Sequence[Table]
    card: Mapping[str, str]
    notes: Sequence[str] = ()


def at_once(order: "Order") -> None:
    """Draws a picture here and now."""
    order.carry_out()


def write_result(
    folder: Path, result: StudyResult, picture: "Callable[[Order], None]" = at_once
) -> None:
    """Adds a result to a folder: tables, figures, findings and its section of the report.

    What the same study has left there before is replaced, what others have left stays.

    Args:
        folder: of the run or of the comparison.
        result: of the study.
        picture: takes the order for each figure, and may leave it to be drawn later.
    """
    from odograph.folder.writer import write_json

    csv_safe = _csv_safe(folder)
    for table in result.tables:
        _write_table(folder, table, csv_safe=csv_safe)
    if result.plots:
        from odograph.figures.drawing import Order

        for plot in result.plots:
            card = _card_of(plot, result.card)
            # Drawn later, or never: no figure of older findings stands beside the new ones.
            for ending in (".svg", ".png"):
                (folder / "figures" / f"{plot.name}{ending}").unlink(missing_ok=True)
            picture(Order(plot.drawing, folder / "figures" / plot.name, card))
    others = [f for f in _read(folder / FINDINGS, []) if f["study"] != result.study]
    write_json([*others, *(f.record() for f in result.findings)], folder / FINDINGS)
    write_json({**_read(folder / STUDIES, {}), result.study: _section(result)}, folder / STUDIES)


def _card_of(plot: Plot, card: Mapping[str, str]) -> dict[str, str]:
    """The study's card with the figure's null behind the model, where no short line loses it."""
    first, *rest = card.items()
    own = {"unit": plot.unit} if plot.unit else {}
    return {**dict([first, ("null", plot.null), *rest]), **own}


def _section(result: StudyResult) -> dict[str, Any]:
    return {
        "question": result.question,
        "figures": [
            {"name": p.name, "title": p.title, "caption": p.caption, "null": p.null}
            for p in result.plots
        ],
        "tables": [{"name": t.name, "title": t.title} for t in result.tables],
        "notes": list(result.notes),
        "card": dict(result.card),
    }


def _csv_safe(folder: Path) -> bool:
    """Whether the run was measured with --csv-safe, as it is by default."""
    from odograph.folder.manifest import MANIFEST

    config = _read(folder / MANIFEST, {}).get("config", {})
    return bool(config.get("csv_safe", True))


def _write_table(folder: Path, table: Table, *, csv_safe: bool) -> None:
    import pyarrow.csv as csv

    from odograph.folder.arrays import plain_table
    from odograph.folder.csv_cells import harmless_table
    from odograph.folder.writer import replacing, write_parquet

    made = plain_table(table.columns)
    write_parquet(made, folder / "tables" / f"{table.name}.parquet")
    with replacing(folder / "tables" / f"{table.name}.csv") as temporary:
        csv.write_csv(harmless_table(made) if csv_safe else made, temporary)


def _read(path: Path, empty: Any) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else empty
