"""Sums instead of rows: what studies ask of all tokens, by passage and layer, made in the shard.

The queries are those that read rows: a mean over a passage's tokens is the same to the last bit,
whether it is read from rows or from sums. A passage is never in two shards, so that shards merge by
standing beside each other.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from odograph.folder.columns import MEASURED, described
from odograph.folder.documents import exact_sum, finite_count
from odograph.folder.expressions import composed
from odograph.folder.token_sets import (
    ALL,
    BETWEEN,
    OTHER_PAIRS,
    after,
    plain,
    token_sets,
    tokens_with,
    usable_where,
)
from odograph.folder.views import connect_tables
from odograph.measures import LAGS, STATE, STEP, TOKEN
from odograph.measures.neighbours import NEIGHBOURS

if TYPE_CHECKING:
    import duckdb

SUMS, TOKEN_SUMS, TOKEN_COUNTS = "sums", "token_sums", "token_counts"
#: How many finite values are in a sum.
_COUNT = "_n"
#: What is there once for every token.
_ANY = {"token": "1"}
_KEYS = (
    ("passage", pa.int64(), "Number of the passage, from 0."),
    ("layer", pa.int16(), "0 is the state entering the first block, l the state after block l."),
    (
        "tokens",
        pa.string(),
        "Which of the usable tokens of the passage: all, or those with others.",
    ),
    ("n", pa.int32(), "How many tokens that is."),
)


def shard_sums(tables: Mapping[str, pa.Table], *, keep_first: bool) -> dict[str, pa.Table]:
    """The sums of a shard: by layer, once a token, and how often each token occurs.

    Args:
        tables: `passages`, `tokens` and `layers` of the shard, with all rows.
        keep_first: whether position 0 counts.
    """
    connection = connect_tables(tables)
    try:
        return {
            SUMS: _layer_sums(connection, keep_first=keep_first),
            TOKEN_SUMS: _token_sums(connection, keep_first=keep_first),
            TOKEN_COUNTS: connection.sql(
                "select token_id::integer as token_id, tokens::bigint as tokens from token_counts"
                " where token_id is not null order by token_id"
            ).to_arrow_table(),
        }
    finally:
        connection.close()


def layer_expressions(columns: frozenset[str]) -> dict[str, str]:
    """What is summed at every layer, by name, where `layers` has these columns."""
    measures = [
        name for name in sorted(columns & MEASURED) if described(name).axis in (STATE, STEP)
    ]
    return {name: name for name in measures} | composed(columns)


def expressions_by_set(every: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What is summed of each set of tokens: of all everything, of neighbours their angles."""
    angles = {name: sql for name, sql in every.items() if name in _NEXT}
    lags = {
        after(lag): {n: sql for n, sql in every.items() if n == f"neighbour_angle_{lag}"}
        for lag in LAGS
    }
    bend = {name: sql for name, sql in every.items() if name == "token_bend"}
    return {ALL: dict(every), after(1): angles, **lags, OTHER_PAIRS: angles, BETWEEN: bend}


_NEXT = {m.name for m in NEIGHBOURS} - {f"neighbour_angle_{lag}" for lag in LAGS} - {"token_bend"}


def token_expressions(columns: frozenset[str]) -> dict[str, str]:
    """The same of what is there once a token, where `tokens` has these columns."""
    measures = [name for name in sorted(columns & MEASURED) if described(name).axis == TOKEN]
    return {name: name for name in measures if name != "commitment_depth"} | _ANY


def name_of_sum(expression: str, expressions: Mapping[str, str]) -> str | None:
    """The name of the sums of an expression; None where none are kept."""
    wanted = plain(expression)
    return next((name for name, sql in expressions.items() if plain(sql) == wanted), None)


def mean_sql(name: str) -> str:
    """The mean of a passage, from its sum; null where no value is finite."""
    return f'"{name}" / "{name}{_COUNT}"'


def _layer_sums(connection: "duckdb.DuckDBPyConnection", *, keep_first: bool) -> pa.Table:
    """One row a passage, layer and set of tokens."""
    every = layer_expressions(_columns(connection, "layers"))
    sets = token_sets(keep_first=keep_first)
    parts = []
    for name, expressions in expressions_by_set(every).items():
        if expressions:
            tokens = tokens_with(sets[name], *expressions.values())
            source = f"layers join {tokens} t using (passage, position)"
            parts.append(_summed(connection, source, expressions, (name, sets[name]), keep_first))
    return _with_schema(pa.concat_tables(parts, promote_options="default"), _KEYS, every)


def _token_sums(connection: "duckdb.DuckDBPyConnection", *, keep_first: bool) -> pa.Table:
    """One row a passage."""
    expressions = token_expressions(_columns(connection, "tokens"))
    found = _summed(connection, "tokens t", expressions, (ALL, "true"), keep_first, by="")
    return _with_schema(found, [key for key in _KEYS if key[0] != "layer"], expressions)


def _summed(
    connection: "duckdb.DuckDBPyConnection",
    source: str,
    expressions: Mapping[str, str],
    tokens: tuple[str, str],
    keep_first: bool,
    by: str = ", layer",
) -> pa.Table:
    """The sums over one set of tokens, its name and condition in `tokens`."""
    name, where = tokens
    values = ", ".join(f'({sql})::double as "{n}"' for n, sql in expressions.items())
    sums = ", ".join(
        f'{exact_sum(n)} as "{n}", {finite_count(n)}::integer as "{n}{_COUNT}"' for n in expressions
    )
    chosen = f"{usable_where('t', keep_first=keep_first)} and ({where})"
    return connection.sql(f"""
        select passage{by}, '{name}' as tokens, count(*)::integer as n, {sums}
        from (select t.passage{by}, {values}, {chosen} as chosen from {source})
        where chosen group by all order by passage{by}""").to_arrow_table()


def _columns(connection: "duckdb.DuckDBPyConnection", view: str) -> frozenset[str]:
    return frozenset(connection.sql(f"select * from {view} limit 0").columns)


def _with_schema(
    table: pa.Table,
    keys: "list[tuple[str, pa.DataType, str]] | tuple[tuple[str, pa.DataType, str], ...]",
    expressions: Mapping[str, str],
) -> pa.Table:
    """The table with what each column is in its schema, and missing columns filled with null."""
    fields = [pa.field(n, kind, metadata={"definition": said}) for n, kind, said in keys]
    for name, sql in expressions.items():
        said = f"Sum over the tokens of {sql}."
        fields.append(pa.field(name, pa.float64(), metadata={"definition": said}))
        said = "How many tokens have a number in it."
        fields.append(pa.field(f"{name}{_COUNT}", pa.int32(), metadata={"definition": said}))
    return table.select([field.name for field in fields]).cast(pa.schema(fields))
