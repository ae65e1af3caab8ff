"""`odograph sql`: a query on a run's tables."""

import csv
import json
import math
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from odograph.cli.options import OUTPUT, Run

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_QUERY = "A SELECT on layers, tokens, pairs, words, spans, skips or tables.NAME."

#: A terminal shows this many rows; the other formats give all.
SHOWN = 60


def sql(
    run: Run,
    query: Annotated[str, typer.Argument(help=_QUERY)],
    output: Annotated[
        Literal["table", "csv", "json"] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            rich_help_panel=OUTPUT,
            help=f"table, csv or json. A table shows {SHOWN} rows, the others give all.",
            show_default="table on a terminal, else csv",
        ),
    ] = None,
) -> None:
    """Query a run's tables with DuckDB; nothing can be changed."""
    from odograph.folder.run import open_run

    relation = open_run(run).sql(query)
    chosen = output or ("table" if sys.stdout.isatty() else "csv")
    {"table": _print_table, "csv": _print_csv, "json": _print_json}[chosen](relation)


def _rows(relation: "DuckDBPyRelation") -> Iterator[tuple[Any, ...]]:
    """The rows as Python values, a batch at a time."""
    import pyarrow

    for batch in pyarrow.RecordBatchReader.from_stream(relation):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _print_csv(relation: "DuckDBPyRelation") -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(relation.columns)
    writer.writerows(_rows(relation))


def _print_json(relation: "DuckDBPyRelation") -> None:
    """A JSON array, one object a line; NaN and infinities are null."""
    names = relation.columns
    before = "[\n"
    for row in _rows(relation):
        record = dict(zip(names, map(_plain, row), strict=True))
        sys.stdout.write(before + json.dumps(record, ensure_ascii=False, default=str))
        before = ",\n"
    sys.stdout.write("[]\n" if before == "[\n" else "\n]\n")


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_table(relation: "DuckDBPyRelation") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = relation.limit(SHOWN + 1).fetchall()
    table = Table(*relation.columns, box=SIMPLE_HEAD)
    for row in rows[:SHOWN]:
        table.add_row(*(Text(_cell(value)) for value in row))
    # As wide as it is: a cell that a narrow terminal would cut says nothing.
    console = Console()
    needed = console.measure(table).maximum
    Console(width=max(console.width, needed)).print(table)
    if len(rows) > SHOWN:
        print(f"odograph: the first {SHOWN} rows; --format csv gives all", file=sys.stderr)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
