"""What a study leaves in a run folder: findings, figures, tables, and its section of the report.

Of a halved run studies see the confirmation half as if it were the run; `run.exploration` is the
other one. What is chosen there (a block, a region, a row) is then one claim and has one test.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odograph.errors import StudyError

if TYPE_CHECKING:
    from odograph.figures.drawing import Drawing, Order
    from odograph.folder.run import Run
    from odograph.sentences.record import Finding

#: A table of so many rows is Parquet only: no spreadsheet opens it.
FEWEST_WITHOUT_CSV = 100_000


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

    def card(self, card: Mapping[str, str]) -> dict[str, str]:
        """The card of its study, with its own null early, where no short line loses it."""
        first, *rest = card.items()
        own = {"unit": self.unit} if self.unit else {}
        return {**dict([first, ("null", self.null), *rest]), **own}


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


def is_csv_safe(runs: "Sequence[Run]", asked: bool | None) -> bool:
    """What is asked for; else safe, unless all runs were measured to be otherwise."""
    measured = (run.manifest["config"] for run in runs)
    return any(config.get("csv_safe", True) for config in measured) if asked is None else asked


def has_card(runs: "Sequence[Run]", asked: bool | None) -> bool:
    """What is asked for; else as all runs were measured."""
    measured = (run.manifest["config"] for run in runs)
    return all(config.get("card", False) for config in measured) if asked is None else asked


def at_once(order: "Order") -> None:
    """Draws a picture here and now."""
    order.carry_out()


def write_result(
    folder: Path,
    result: StudyResult,
    picture: "Callable[[Order], None]" = at_once,
    *,
    csv_safe: bool = True,
    show_card: bool = False,
) -> None:
    """Adds a result to a folder: tables, figures, findings and its section of the report.

    What the same study has left there before is replaced, what others have left stays.

    Args:
        folder: of the run or of the comparison.
        result: of the study.
        picture: takes the order for each figure, and may leave it to be drawn later.
        csv_safe: whether text cells of CSV files that a spreadsheet would run are made harmless.
        show_card: whether the card is drawn under each figure; it is in the files anyway.
    """
    from odograph.folder.results import add_result, withdraw_result

    section = _section(result)
    withdraw_result(folder, result.study, section)
    for table in result.tables:
        _write_table(folder, table, csv_safe=csv_safe)
    if result.plots:
        from odograph.figures.drawing import Order

        for plot in result.plots:
            stem = folder / "figures" / plot.name
            picture(Order(plot.drawing, stem, plot.card(result.card), show_card))
    add_result(folder, result.study, section, [f.record() for f in result.findings])


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


def _write_table(folder: Path, table: Table, *, csv_safe: bool) -> None:
    import pyarrow.csv as csv

    from odograph.folder.arrays import plain_table
    from odograph.folder.csv_cells import harmless_table
    from odograph.folder.writer import replacing, write_parquet

    made = plain_table(table.columns)
    write_parquet(made, folder / "tables" / f"{table.name}.parquet")
    if made.num_rows >= FEWEST_WITHOUT_CSV:
        return
    with replacing(folder / "tables" / f"{table.name}.csv") as temporary:
        csv.write_csv(harmless_table(made) if csv_safe else made, temporary)


def with_split_words(result: StudyResult, run: "Run") -> StudyResult:
    """The result with the halves in every finding and in the notes; as it is for a whole run."""
    from odograph.folder.card import halves_words
    from odograph.sentences.evidence import halves_note, on_second_half

    if not run.manifest.get("halves"):
        return result
    return replace(
        result,
        findings=[
            replace(each, statement=on_second_half(each.statement)) for each in result.findings
        ],
        notes=[*result.notes, halves_note(halves_words(run.manifest))],
    )


#: Six passages in each half: with fewer there is no p-value.
FEWEST_HALVED = 12


def confirmation_half(run: "Run", split: bool | None = None) -> "Run":
    """The run as studies see it: whole, or with --split its confirmation half.

    Args:
        run: as it was opened.
        split: whether to halve it; None as the run was measured.

    Raises:
        StudyError: fewer than 12 passages.
    """
    from odograph.folder.halves import CONFIRMATION, EXPLORATION, measured_with_split

    wanted = measured_with_split(run.manifest) if split is None else split
    if not wanted:
        return run.whole
    half = run.half(CONFIRMATION)
    halves = half.manifest["halves"]
    count = halves[EXPLORATION] + halves[CONFIRMATION]
    if count < FEWEST_HALVED:
        raise StudyError(
            "too few passages to look on one half and test on the other",
            expected=f"{FEWEST_HALVED} passages or more",
            given=str(count),
            remedy="Measure more, or do the studies without it: odograph analyse RUN --no-split.",
        )
    return half
