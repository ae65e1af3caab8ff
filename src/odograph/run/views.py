"""The views of a run folder in DuckDB: stored columns and what is derived of them, read-only."""

from pathlib import Path
from typing import TYPE_CHECKING

from odograph.measures import MEASURES, STEP
from odograph.run.halves import Halving, halve

if TYPE_CHECKING:
    import duckdb


def connect(
    folder: Path, sinks_of: Path | None, endings: str = "", halving: Halving | None = None
) -> "duckdb.DuckDBPyConnection":
    """A database in memory with one view per table, which can read this folder and nothing else.

    Args:
        folder: the run.
        sinks_of: for an untrained twin, the run of its model, whose sinks it takes over.
        endings: regular expression of what windows and variants add to the id of their passage, of
            which they make one `document`; "" where each passage is one.
        halving: `tokens` then has a column `half`, and all tables but `words` hold only the
            passages of the half that is seen.
    """
    import duckdb

    # One thread: sums over several depend on their timing in the last digit.
    connection = duckdb.connect(config={"threads": 1})
    there = {
        table
        for table in ("layers", "tokens", "pairs", "spans", "skips", "words")
        if _store(connection, f"stored_{table}", folder / table)
    }
    if sinks_of is not None:
        _store(connection, "model_tokens", sinks_of / "tokens")
    seen = ""
    if "tokens" in there:
        stored = _columns(connection, "stored_tokens")
        name = "whole_tokens" if halving else "tokens"
        connection.execute(_tokens_view(name, stored, sinks_of is not None, endings))
        if halving is not None:
            halve(connection, halving, lemmas=halving.lemmas and "lemma" in stored)
            seen = _SEEN if halving.seen else ""
    if "layers" in there:
        connection.execute(_layers_view(_columns(connection, "stored_layers")) + seen)
    for table in ("pairs", "skips", "words"):
        if table in there:
            own = "" if table == "words" else seen
            connection.execute(f"create view {table} as select * from stored_{table}{own}")
    if "spans" in there:
        connection.execute(_SPANS_VIEW + seen)
    _add_tables(connection, folder)
    _lock(connection, [folder] if sinks_of is None else [folder, sinks_of])
    return connection


_SEEN = " where passage in (select passage from seen_passages)"
_SPANS_VIEW = """create view spans as select *, (angle / 180)::float as block_distance,
    (last_angle / 180)::float as last_block_distance from stored_spans"""


def _store(connection: "duckdb.DuckDBPyConnection", name: str, folder: Path) -> bool:
    """Makes a view on the Parquet files of a folder, if there are any, and says whether."""
    if not any(folder.glob("part-*.parquet")):
        return False
    files = _quoted(f"{_literal(folder.resolve())}/part-*.parquet")
    connection.execute(f"create view {name} as select * from read_parquet({files})")
    return True


def _columns(connection: "duckdb.DuckDBPyConnection", view: str) -> set[str]:
    described = connection.execute(f"select * from {view} limit 0").description
    return {name for name, *_ in described or ()}


def _lock(connection: "duckdb.DuckDBPyConnection", folders: list[Path]) -> None:
    # The pattern is checked as it is written, and again as the files that it finds.
    allowed = dict.fromkeys(
        text for folder in folders for text in (str(folder.resolve()), _literal(folder.resolve()))
    )
    connection.execute(f"set allowed_directories = [{', '.join(map(_quoted, allowed))}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _add_tables(connection: "duckdb.DuckDBPyConnection", folder: Path) -> None:
    connection.execute("create schema tables")
    names = sorted((folder / "tables").glob("*.parquet"))
    for path in names:
        source = _quoted(_literal(path.resolve()))
        connection.execute(
            f'create view tables."{path.stem}" as select * from read_parquet({source})'
        )
    listed = ", ".join(f"({_quoted(path.stem)})" for path in names) or "(null)"
    connection.execute(
        f"create view tables as select * from (values {listed}) as t(name) where name is not null"
    )


def _layers_view(stored: set[str]) -> str:
    """All stored columns, then every derived measure whose ingredients are there."""
    derived = [
        f"({m.sql})::float as {m.name}" for m in MEASURES.values() if m.axis == STEP and m.sql
    ]
    keys = [c for c in ("passage", "position", "layer") if c in stored]
    measured = [n for n in [*MEASURES, "stream_norm"] if n in stored]
    return (
        f"create view layers as select {', '.join([*keys, *measured, *derived])} from stored_layers"
    )


def _tokens_view(name: str, stored: set[str], of_twin: bool, endings: str) -> str:
    """All stored columns, the document, and straightness where the displacement was kept."""
    document = (
        f"min(t.passage) over (partition by regexp_replace(t.passage_id, '{endings}', ''))"
        if endings
        else "t.passage"
    )
    columns = "t.* replace (m.sink as sink)" if of_twin else "t.*"
    model = "(select passage, position, sink from model_tokens) m"
    joined = f" join {model} using (passage, position)" if of_twin else ""
    if "displacement" not in stored:
        return (
            f"create view {name} as select {columns}, {document} as document "
            f"from stored_tokens t{joined}"
        )
    # From the left, so that a query that does not ask for straightness reads no layers.
    ends = (
        "select passage, position, sum(step::double) as last_path from stored_layers group by all"
    )
    straight = f"({MEASURES['straightness'].sql})::float as straightness"
    return (
        f"create view {name} as select {columns}, {document} as document, {straight} "
        f"from stored_tokens t{joined} left join ({ends}) e using (passage, position)"
    )


def _literal(path: Path) -> str:
    """The path as a pattern that stands for itself: DuckDB would read `run[1]` as one."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
