"""The first rows of a study's table as text cells."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from odograph.figures.text import visible
from odograph.folder.run import Run
from odograph.report.numbers import cells

ROWS = 60
"""Rows of a table that a report shows; the whole table lies beside it."""


@dataclass(frozen=True)
class Table:
    """A table's head and first rows as text, and how many rows the whole has.

    `numeric` says per column whether it holds numbers (they are set flush right). `same` names the
    columns that say the same in every row, left out of the rows so that a page can hold the rest.
    `problem` says in words why there is nothing to show, else it is empty.
    """

    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    problem: str = ""
    same: tuple[tuple[str, str], ...] = ()

    def record(self) -> dict[str, Any]:
        """What a page is given."""
        return asdict(self)


def read_table(run: Run, name: str) -> Table:
    """The first rows of tables/NAME.parquet, else of tables/NAME.csv.

    Raises:
        RunError: the file is not what the study wrote.
    """
    for read, ending in ((_first_of_parquet, "parquet"), (_first_of_csv, "csv")):
        path = run.result(f"tables/{name}.{ending}")
        if path is not None:
            try:
                return _as_text(*read(path))
            except (OSError, ValueError) as error:
                return _problem(f"tables/{path.name} cannot be read: {error}")
    return _problem(f"tables/{name}.parquet is missing")


def _problem(words: str) -> Table:
    return Table((), (), (), 0, words)


def _first_of_parquet(path: Path) -> tuple[Any, int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        first = next(file.iter_batches(batch_size=ROWS), None)
        schema, total = file.schema_arrow, file.metadata.num_rows
        table = pa.Table.from_batches([] if first is None else [first], schema=schema)
        return table, total


def _first_of_csv(path: Path) -> tuple[Any, int]:
    from pyarrow import csv

    table = csv.read_csv(path)
    return table.slice(0, ROWS), table.num_rows


def _as_text(table: Any, total: int) -> Table:
    columns = [column.to_pylist() for column in table.columns]
    for index, name in enumerate(table.column_names):
        if name == "token":
            # A token's own spaces matter and would be lost between the cells of a page.
            columns[index] = [t if t is None else visible(str(t), 60) for t in columns[index]]
    texts = [cells(column) for column in columns]
    same = [total == len(text) > 2 and len(set(text)) == 1 for text in texts]
    shown = [index for index, constant in enumerate(same) if not constant]
    fields = list(table.schema)
    return Table(
        columns=tuple(_heading(fields[index]) for index in shown),
        numeric=tuple(_is_number(fields[index].type) for index in shown),
        rows=tuple(zip(*(texts[index] for index in shown), strict=True)),
        total=total,
        same=tuple(
            (_heading(field), text[0])
            for field, text, constant in zip(fields, texts, same, strict=True)
            if constant
        ),
    )


def _heading(field: Any) -> str:
    unit = (field.metadata or {}).get(b"unit", b"").decode("utf-8", "replace")
    return f"{field.name} ({unit})" if unit and unit != "1" else str(field.name)


def _is_number(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
