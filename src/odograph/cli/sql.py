"""`odograph sql`: a query on a run's tables."""

import csv
import math
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from odograph.cli.columns import fitted
from odograph.cli.options import Run, output_option
from odograph.errors import UsageError
from odograph.folder.csv_cells import harmless
from odograph.terminal import is_terminal, json_text, put, show, tell

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

_QUERY = (
    "A SELECT on layers, tokens, pairs, words, spans, skips, ablations, undone_turns, lens, "
    "findings or tables.NAME."
)

#: A terminal shows this many rows; the other formats give all.
SHOWN = 60
#: Names of the tables with a row a token.
_OF_ROWS = re.compile(r"(\b(from|join)\s|,)\s*\"?(tokens|layers)\b", re.IGNORECASE)
#: Tables of all texts where sums are kept.
_OF_ALL = "sums, histograms, joint_histograms, extremes, chosen_tokens and chosen_layers"
#: As wide as it is, where nobody's screen would cut it.
_UNBOUNDED = 1_000_000


def sql(
    run: Run,
    query: Annotated[str, typer.Argument(help=_QUERY)],
    output: Annotated[
        Literal["table", "csv", "json"] | None,
        output_option(
            "--format",
            metavar="FORMAT",
            help=f"table, csv or json. A table shows {SHOWN} rows, the others give all.",
            show_default="table on a terminal, else csv",
        ),
    ] = None,
    csv_safe: Annotated[
        bool,
        output_option(
            "--csv-safe/--no-csv-safe",
            help="Put an apostrophe before texts in CSV that a spreadsheet would run as a formula.",
        ),
    ] = True,
) -> None:
    """Query a run's tables with DuckDB; nothing can be changed."""
    from odograph.folder.kept_rows import drawn_words
    from odograph.folder.run import open_run

    opened = open_run(run)
    relation = opened.sql(query)
    if (drawn := drawn_words(opened.manifest)) and _OF_ROWS.search(query):
        others = f"; {_OF_ALL} are of all" if opened.keeps_sums else ""
        tell(f"tokens and layers hold {drawn}{others}")
    chosen = output or ("table" if is_terminal(sys.stdout) else "csv")
    with _running(query):
        if chosen == "csv":
            _put_csv(relation, safe=csv_safe)
        elif chosen == "json":
            _put_json(relation)
        else:
            _show_table(relation)


@contextmanager
def _running(query: str) -> Iterator[None]:
    """What the database meets in here is a fault of the query: what it reads was verified.

    Raises:
        UsageError: says which.
    """
    import duckdb
    import pyarrow

    try:
        yield
    except (duckdb.Error, pyarrow.ArrowException) as error:
        told = " ".join(str(error).split("\n\n")[0].split()).rstrip(".")
        raise UsageError(
            f"the query cannot be run: {told}", given=" ".join(query.split())[:80]
        ) from error


def _rows(relation: "DuckDBPyRelation") -> Iterator[tuple[Any, ...]]:
    """The rows as Python values, a batch at a time."""
    import pyarrow

    for batch in pyarrow.RecordBatchReader.from_stream(relation):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class _Stdout:
    """What `csv` writes to."""

    def write(self, line: str) -> None:
        """Writes a line."""
        put(line)


def _put_csv(relation: "DuckDBPyRelation", *, safe: bool) -> None:
    writer = csv.writer(_Stdout(), lineterminator="\n")
    for row in (relation.columns, *_rows(relation)):
        cells = [json_text(_plain(v)) if isinstance(v, list | dict) else v for v in row]
        writer.writerow([harmless(cell) for cell in cells] if safe else cells)


def _put_json(relation: "DuckDBPyRelation") -> None:
    """A JSON array, one object a line; NaN and infinities are null."""
    names = relation.columns
    before = "[\n"
    for row in _rows(relation):
        put(before + json_text(dict(zip(names, map(_plain, row), strict=True))))
        before = ",\n"
    put("[]\n" if before == "[\n" else "\n]\n")


def _plain(value: Any) -> Any:
    """The value as JSON has it, whatever it is in: of numbers those that it can say."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    number = float(value) if isinstance(value, Decimal) else value
    return None if isinstance(number, float) and not math.isfinite(number) else number


def _show_table(relation: "DuckDBPyRelation") -> None:
    rows = relation.limit(SHOWN + 1).fetchall()
    shown = fitted(relation.columns, rows[:SHOWN], _screen())
    for line in shown.lines:
        show(line)
    if shown.missing:
        told = f"{len(shown.missing)} of {len(relation.columns)} columns find no room"
        tell(f"{told}: {', '.join(shown.missing)}; --format csv gives all")
    if len(rows) > SHOWN:
        tell(f"the first {SHOWN} rows; --format csv gives all")


def _screen() -> int:
    """Columns of the terminal; no bound where there is none and nobody names one."""
    if is_terminal(sys.stdout) or os.environ.get("COLUMNS", "").isdigit():
        return shutil.get_terminal_size().columns
    return _UNBOUNDED
