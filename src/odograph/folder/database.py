"""The tables of a run and of its studies as one database; what a query reads is verified first."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from odograph.errors import RunError, UsageError
from odograph.folder import frames
from odograph.folder.findings_table import findings_table
from odograph.folder.halves import Halving
from odograph.folder.listed import REMEDY, Listed
from odograph.folder.query import is_query, tables_beyond, tables_read
from odograph.folder.results import (
    listed_results,
    read_findings,
    read_sections,
    verified_result,
)
from odograph.folder.views import STORED, TABLE_NAME, Files, connect

if TYPE_CHECKING:
    import duckdb

#: What queries call the findings.
FINDINGS_TABLE = "findings"


class Database:
    """The tables of a run, opened when the first query comes.

    Args:
        folder: the run.
        listed: its files.
        sinks_of: for an untrained twin, the files of its model, whose sinks it takes over.
        endings: what windows and variants add to the id of their passage (`views.connect`).
        halving: how the run is halved.
        rows: what the names of the tables of rows begin with: "" for `tokens` and `layers`,
            "chosen_" for those of chosen tokens of all passages.
    """

    def __init__(
        self,
        folder: Path,
        listed: Listed,
        sinks_of: Listed | None,
        endings: str,
        halving: Halving | None,
        rows: str = "",
    ) -> None:
        self._folder, self._listed, self._sinks_of = folder, listed, sinks_of
        self._rows = {name: f"{rows}{name}" for name in ("tokens", "layers")}
        self._endings, self._halving = endings, halving
        self._opened: duckdb.DuckDBPyConnection | None = None
        self._has_findings = False

    def sql(self, query: str) -> "duckdb.DuckDBPyRelation":
        """The result of a query, once the files that it reads are found to be what was written.

        Raises:
            UsageError: wrong SQL, or a statement that is no query.
            RunError: a file is damaged.
        """
        import duckdb

        try:
            if not is_query(query):
                raise UsageError(
                    "a run is read-only",
                    expected="one SELECT, or EXPLAIN and a SELECT",
                    given=query.strip()[:80],
                )
            connection = self._connection()
            named = tables_read(connection, query)
            if named is None or FINDINGS_TABLE in named:
                self._fill_findings(connection)
            self._verify(self._read(connection, query, named))
            return connection.sql(query)
        except duckdb.Error as error:
            raise self._explained(query, str(error).splitlines()[0]) from error

    def close(self) -> None:
        """Closes the connection; the next query opens a new one."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None
            self._has_findings = False

    def _connection(self) -> "duckdb.DuckDBPyConnection":
        import duckdb

        if self._opened is None:
            if self._halving is not None:  # made of the tokens at once
                self._verify({"tokens", "passages"})
            files = self._files()
            try:
                self._opened = connect(files, self._endings, self._halving)
                # Listed with its columns at once; its rows come when they are asked for.
                self._opened.from_arrow(findings_table(())).create(FINDINGS_TABLE)
            except duckdb.Error:  # it does not say of which file the head cannot be read
                self._verify({*STORED, *files.studies})
                raise
            self._listed.check_depth()
        return self._opened

    def _files(self) -> Files:
        """The files of the run that may be read; what is in them is not looked at yet."""
        stored = {table: self._listed.paths(self._rows.get(table, table)) for table in STORED}
        sinks = [] if self._sinks_of is None else self._sinks_of.paths("tokens")
        if self._sinks_of is not None:  # a twin has the documents of its model
            stored["passages"] = self._sinks_of.paths("passages")
        found = {}
        for name in listed_results(read_sections(self._folder)):
            path = self._folder / name
            if path.suffix == ".parquet" and TABLE_NAME.fullmatch(path.stem) and path.is_file():
                found[path.stem] = path.resolve()
        return Files(stored, sinks, found)

    def _fill_findings(self, connection: "duckdb.DuckDBPyConnection") -> None:
        """The rows of the table of findings, once it is asked for; verified when they are read."""
        if not self._has_findings:
            found = read_findings(self._folder, read_sections(self._folder))
            connection.from_arrow(findings_table(found)).insert_into(FINDINGS_TABLE)
            self._has_findings = True

    def _read(
        self, connection: "duckdb.DuckDBPyConnection", query: str, named: frozenset[str] | None
    ) -> set[str]:
        """Tables of the run and of studies whose files a query reads; named: by the query."""
        if named is None:
            return {*STORED, *self._files().studies}
        names = {re.sub("^(stored|whole|plain)_", "", name) for name in named}
        if "token_counts" in names and not self._listed.names("token_counts"):
            names.add("tokens")
        if names & {"tokens", "sums", "token_sums"}:
            names.add("passages")
        return names | tables_beyond(connection, query, named, self._has)

    def _has(self, table: str) -> bool:
        """Whether the run has files of a table."""
        return bool(self._listed.names(self._rows.get(table, table)))

    def _verify(self, names: set[str]) -> None:
        """Nothing, if the files of tables of these names are what was written."""
        for table in names.intersection(STORED):
            self._listed.verify(self._rows.get(table, table))
        if "tokens" in names and self._sinks_of is not None:
            self._sinks_of.verify("tokens")
            self._sinks_of.verify("passages")
        others = {name.removeprefix("table_") for name in names.difference(STORED)}
        sections = read_sections(self._folder) if others else {}
        for name in others:
            verified_result(self._folder, f"tables/{name}.parquet", sections)

    def _explained(self, query: str, message: str) -> RunError | UsageError:
        """An error of DuckDB as one of ours: of a file, or of the query."""
        refused = message.startswith("Permission Error")  # a file that is not the run's
        if not refused and f"{self._folder.resolve()}/" in message and ".parquet" in message:
            return RunError(
                f"a file of the run '{self._folder}' is damaged: {message}", remedy=REMEDY
            )
        return UsageError(
            f"the query cannot be run: {message}",
            given=query.strip()[:80],
            remedy=frames.remedy_for(message),
        )
