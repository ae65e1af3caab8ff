"""What a query is, and which tables it reads, as the parser of DuckDB says; nothing is run."""

import json
import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

#: Functions that stand where a table does and read no row of any: series, and what there is.
_READ_NO_ROWS = {
    *("range", "generate_series", "unnest"),
    *("duckdb_columns", "duckdb_schemas", "duckdb_tables", "duckdb_views"),
}
_EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?", re.IGNORECASE)


def is_query(text: str) -> bool:
    """Whether the parser calls the text one SELECT, or EXPLAIN of one.

    EXPLAIN ANALYZE carries out what stands behind it, which must be a SELECT by itself.
    """
    import duckdb

    statements = duckdb.extract_statements(text)
    if len(statements) != 1:
        return False
    try:
        kind = statements[0].type
    except ValueError:  # one for which DuckDB's Python has no name
        return False
    if kind == duckdb.StatementType.EXPLAIN:
        explained = _EXPLAIN.sub("", text, count=1)
        return explained != text and is_query(explained)
    return bool(kind == duckdb.StatementType.SELECT)


#: What queries name, by their text: the same ones are asked of a run, its twins and its halves.
_KNOWN: dict[str, frozenset[str] | None] = {}
_MOST_KNOWN = 2000


def tables_read(connection: "duckdb.DuckDBPyConnection", query: str) -> frozenset[str] | None:
    """Names of the tables and views in a query, in lower case; None where they cannot be told.

    That is so for what the parser gives no tree of, and for functions that read a table by a name
    that they are given.
    """
    if query not in _KNOWN:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        text = _EXPLAIN.sub("", query, count=1)
        asked = connection.execute("select json_serialize_sql($text)", {"text": text})
        _KNOWN[query] = _named(json.loads(asked.fetchall()[0][0]))
    return _KNOWN[query]


def _named(tree: dict[str, Any]) -> frozenset[str] | None:
    """The tables of a query, from its tree as the parser gives it."""
    if tree.get("error"):
        return None
    names = set()
    for node in _nodes(tree):
        if node.get("type") == "BASE_TABLE":
            names.add(str(node.get("table_name")).lower())
        elif node.get("type") == "TABLE_FUNCTION":
            function = node.get("function") or {}
            if str(function.get("function_name")).lower() not in _READ_NO_ROWS:
                return None
    return frozenset(names)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a JSON value."""
    inside = list(tree.values()) if isinstance(tree, dict) else tree
    if isinstance(tree, dict):
        yield tree
    for value in inside:
        if isinstance(value, dict | list):
            yield from _nodes(value)


#: For each table columns that a plan names where it reads another one for what follows from it:
#: straightness, commitment depth, worth of the turn. The table itself stores none of these.
_BEYOND = {
    "tokens": {"layers": '"step"', "lens": '"commitment_depth"'},
    "layers": {"undone_turns": '"loss_change"'},
}


def tables_beyond(
    connection: "duckdb.DuckDBPyConnection",
    query: str,
    named: AbstractSet[str],
    there: Callable[[str], bool],
) -> set[str]:
    """Tables that a query on the tables named reads besides: a plan says which columns are read.

    there: whether the run has files of a table.
    """
    found = {other: c for table in named for other, c in _BEYOND.get(table, {}).items()}
    wanted = {other: column for other, column in found.items() if there(other)}
    if not wanted:
        return set()
    text = _EXPLAIN.sub("", query, count=1)
    plan = connection.execute(f"explain (format json) {text}").fetchall()
    return {table for table, column in wanted.items() if column in str(plan)}
