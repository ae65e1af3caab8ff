"""The list of all tables and their columns in docs/tables.md, made of what the studies gave."""

import re
from collections.abc import Iterable
from pathlib import Path

from odograph.studies.registry import BUILT_IN, OF_DIFFERENCES
from odograph.studies.result import StudyResult, Table
from odograph.studies.tidy import COMMON

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"
_COLUMNS, _TABLES, _END = "<!-- columns -->", "<!-- tables -->", "<!-- end -->"


def collapsed(name: str) -> str:
    """A column's name with K for the number of a seed, an axis or a coordinate."""
    return re.sub(
        r"(?<=seed_)\d+|(?<=^pc)\d+|(?<=^sd)\d+|(?<=^peak_)\d+|(?<=^coordinate_)\d+", "K", name
    )


def columns_of(table: Table) -> list[str]:
    """Its own columns, those in common left out; bounds go with their estimate."""
    names = list(dict.fromkeys(map(collapsed, table.columns)))
    bounds = {f"{name}_{end}" for name in names for end in ("low", "high")}
    return [name for name in names if name not in COMMON and name not in bounds]


def common_rows() -> list[str]:
    """The columns in common, a line each."""
    return [
        "| column | holds |",
        "|---|---|",
        *(f"| `{n}` | {text} |" for n, text in COMMON.items()),
    ]


def table_rows(results: Iterable[StudyResult]) -> list[str]:
    """A line a table, in the order of the studies; columns of all runs together."""
    order = (*BUILT_IN, *OF_DIFFERENCES)
    found: dict[tuple[int, str], list[str]] = {}
    for result in results:
        of_figures = f"{result.study.replace('-', '_')}_curves"  # the page says it of all studies
        for table in (each for each in result.tables if each.name != of_figures):
            listed = found.setdefault((order.index(result.study), table.name), [])
            listed += [name for name in columns_of(table) if name not in listed]
    lines = ["| table | its own columns |", "|---|---|"]
    for (_, name), columns in sorted(found.items(), key=lambda item: item[0][0]):
        lines.append(f"| `{name}` | {', '.join(f'`{column}`' for column in columns)} |")
    return lines


def page_with(text: str, results: Iterable[StudyResult]) -> str:
    """The page with both lists made anew."""
    for start, lines in ((_COLUMNS, common_rows()), (_TABLES, table_rows(results))):
        head, rest = text.split(start, 1)
        tail = rest.split(_END, 1)[1]
        text = "\n".join([f"{head}{start}", *lines, f"{_END}{tail}"])
    return text
