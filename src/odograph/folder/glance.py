"""The small table in which a terminal shows what a study measured: its figure in a few numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from math import isfinite
from typing import Any

from odograph.folder.run import Run
from odograph.folder.target_pairs import target_words


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        label: what it is of; `{target}` stands for the words that were asked for.
        column: of a table of the study; with a `*`, the mean of all columns that it fits
            (`untrained_seed_*`).
        table: where it is; the table of the glance if empty.
        p: a column with the corrected p of each value, where there is one.
    """

    label: str
    column: str
    table: str = ""
    p: str = ""


@dataclass(frozen=True)
class Glance:
    """What of a study's tables is shown at a glance.

    Attributes:
        table: of the study.
        rows: its lines; those that a run has no numbers for are left out.
        unit: of the numbers; "" for none.
        key: the column that the numbers stand over, and `along` its name in a sentence.
        where: which rows of the table, as SQL.
    """

    table: str
    rows: Sequence[Row]
    unit: str = ""
    key: str = "layer"
    along: str = "block"
    where: str = "true"


@dataclass(frozen=True)
class Seen:
    """What a run shows at a glance: the heads of the columns, and the rows with their values.

    `significant` marks values with a corrected p below .05.
    """

    unit: str
    along: str
    keys: tuple[str, ...]
    labels: tuple[str, ...] = ()
    values: tuple[tuple[float | None, ...], ...] = ()
    significant: tuple[tuple[bool, ...], ...] = field(default=())


def seen_at_a_glance(glance: Glance, run: Run) -> Seen | None:
    """The numbers of a run; None where the study left no such table there."""
    tables = {name for (name,) in run.sql("select name from tables").fetchall()}
    if glance.table not in tables:
        return None
    lead = run.sql(f"select * from tables.{glance.table} limit 0").columns
    if glance.key not in lead:
        return None
    found = [_values(glance, row, run, tables) for row in glance.rows]
    shown = [(row, values) for row, values in zip(glance.rows, found, strict=True) if values]
    if not shown:
        return None
    # Tables may have other places: what is tested over blocks leaves some out.
    keys = max((list(values) for _, values in shown), key=len)
    aligned = [[values.get(key, (None, None)) for key in keys] for _, values in shown]
    return Seen(
        glance.unit,
        glance.along,
        tuple(map(str, keys)),
        tuple(row.label.format(target=target_words(run)) for row, _ in shown),
        tuple(tuple(value for value, _ in row) for row in aligned),
        tuple(tuple(p is not None and p < 0.05 for _, p in row) for row in aligned),
    )


def _values(
    glance: Glance, row: Row, run: Run, tables: set[str]
) -> dict[Any, tuple[float | None, float | None]]:
    """Value and p by place; nothing where the run has no such column, or no number in it."""
    table = row.table or glance.table
    if table not in tables:
        return {}
    there = run.sql(f"select * from tables.{table} limit 0").columns
    columns = [each for each in there if fnmatchcase(each, row.column)]
    if not columns:
        return {}
    listed = ", ".join(f'"{each}"::double' for each in columns)
    p = f'"{row.p}"' if row.p in there else "null"
    where = glance.where if table == glance.table else "true"
    rows = run.sql(
        f'select "{glance.key}", list_avg([{listed}]), {p}::double from tables.{table} '
        f"where {where}"
    ).fetchall()
    if not any(value is not None and isfinite(value) for _, value, _ in rows):
        return {}  # untrained twins that were not measured
    return {key: (value, p) for key, value, p in rows}
