"""Tables of a run by name, and its words."""

from typing import TYPE_CHECKING

from odograph.errors import UsageError
from odograph.folder.frames import TABLES, query_of

if TYPE_CHECKING:
    import duckdb

    from odograph.folder.run import Run

#: A word is where its last token is; spaces before it are no part of it.
_WORDS = """
    select t.passage, t.word, trim(string_agg(t.token, '' order by t.position)) as text,
        max(t.position) as position, count(*)::int as pieces, bool_or(t.sink) as sink,
        coalesce(max(case when t.role <> 'other' then t.role end), 'other') as role,
        max(t."group") as "group",
        arg_max(e.path, t.position) as path, arg_max(e.turned, t.position) as turned
    from tokens t
    join (select passage, position, max(path) as path, max(turned) as turned
          from layers group by all) e using (passage, position)
    where t.word is not null
    group by t.passage, t.word
    order by t.passage, t.word"""


def table(run: "Run", name: str) -> "duckdb.DuckDBPyRelation":
    """A table of the run or of a study.

    Raises:
        UsageError: there is none of that name; the message lists those that there are.
    """
    studies = [row[0] for row in run.sql("select name from tables order by name").fetchall()]
    if name in studies:
        return run.sql(f'select * from tables."{name}"')
    if name not in TABLES:
        raise UsageError("no such table", expected=", ".join([*TABLES, *studies]), given=name)
    return run.sql(query_of(name))


def words(run: "Run") -> "duckdb.DuckDBPyRelation":
    """One row a word, with path and turn of its last token over all blocks."""
    return run.sql(_WORDS)
