"""`odograph sql`: a query on a run's tables."""

import csv
import json
import math
import sys
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import typer

from odograph.cli.options import Run

_BATCH = 10_000
#: A terminal shows this many rows; the other formats give all.
SHOWN = 60

#: A DuckDB relation; its type stubs do not know that `fetchmany` can be called.
Relation = Any


def sql(
    run: Run,
    query: Annotated[str, typer.Argument(help="A SELECT on layers, tokens, pairs or tables.NAME.")],
    output: Annotated[
        Literal["table", "csv", "json"] | None,
        typer.Option(
            "--format",
            help=f"table shows {SHOWN} rows, csv and json give all.",
            show_default="table on a terminal, else csv",
        ),
    ] = None,
) -> None:
    """Query a run's tables with DuckDB; nothing can be changed."""
    from odograph.run.results import open_run

    relation = open_run(run).sql(query)
    chosen = output or ("table" if sys.stdout.isatty() else "csv")
    {"table": _print_table, "csv": _print_csv, "json": _print_json}[chosen](relation)


def _rows(relation: Relation) -> Iterator[tuple[Any, ...]]:
    while batch := relation.fetchmany(_BATCH):
        yield from batch


def _print_csv(relation: Relation) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(relation.columns)
    writer.writerows(_rows(relation))


def _print_json(relation: Relation) -> None:
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


def _print_table(relation: Relation) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = relation.fetchmany(SHOWN + 1)
    table = Table(*relation.columns)
    for row in rows[:SHOWN]:
        table.add_row(*(Text(_cell(value)) for value in row))
    Console().print(table)
    if len(rows) > SHOWN:
        print(f"odograph: the first {SHOWN} rows; --format csv gives all", file=sys.stderr)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
