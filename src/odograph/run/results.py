"""Reading a run folder: SQL, data frames, findings. Never imports torch."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from odograph.errors import RunError, UsageError
from odograph.measures import MEASURES
from odograph.run.columns import FORMAT
from odograph.run.views import connect

if TYPE_CHECKING:
    import duckdb
    import pandas
    import polars
    import pyarrow
    import xarray

TABLES = ("layers", "tokens", "pairs")


def open_run(folder: str | Path) -> "Run":
    """Opens a run folder for reading.

    Raises:
        RunError: no folder, no run, unfinished, or of another format.
    """
    path = Path(folder)
    record = read_manifest(path)
    if record.get("kind") == "run" and not record.get("complete"):
        raise RunError(
            f"the run '{path}' is not finished",
            expected="a complete run",
            given=f"{len(record['shards'])} finished shards",
            remedy="Continue it with the same command and --resume.",
        )
    _check_files(path, record)
    return Run(path, record)


def _check_files(folder: Path, record: dict[str, Any]) -> None:
    """Whether every file that the manifest names is there; what is in it shows when it is read."""
    named = [name for shard in record.get("shards", []) for name in shard["files"]]
    named += [record["skips"]["file"]] if record.get("skips") else []
    missing = [name for name in named if not (folder / name).is_file()]
    if missing:
        raise RunError(
            f"'{folder}' has lost {len(missing)} of its {len(named)} files, first {missing[0]}",
            remedy="Measure what is missing again with the same command and --resume.",
        )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run or comparison folder, its format checked.

    Raises:
        RunError: no folder, no manifest, damaged, or of another format.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        found = "a folder without manifest.json" if folder.is_dir() else "no such folder"
        raise RunError(
            f"'{folder}' is not a run folder",
            expected="a folder that odograph has written",
            given=found,
            remedy="Measure one with `odograph measure --model M --texts FILE --out RUN`.",
        )
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict):
            raise ValueError("it is not an object")
    except ValueError as error:
        raise RunError(f"'{path}' is damaged: {error}", remedy="Measure the run again.") from error
    if record.get("format") != FORMAT:
        raise RunError(
            f"'{folder}' is of another format",
            expected=f"format {FORMAT}",
            given=f"format {record.get('format')} of odograph {record.get('odograph', '?')}",
            remedy="Read it with that version, or measure the run again.",
        )
    return record


class Run:
    """A finished run: `with odograph.open(folder) as run: ...`.

    Attributes:
        folder: where it lies.
        manifest: what was measured, with what; plain values.
    """

    def __init__(
        self, folder: Path, manifest: dict[str, Any], sinks_of: Path | None = None
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self._sinks_of = sinks_of
        self._opened: duckdb.DuckDBPyConnection | None = None

    def __repr__(self) -> str:
        if self.manifest["kind"] == "comparison":
            return f"Run('{self.folder}': comparison of {', '.join(self.manifest['models'])})"
        corpus, model = self.manifest["corpus"], self.manifest["model"]["name"]
        counts = f"{corpus['passages']} passages, {corpus['tokens']} tokens"
        return f"Run('{self.folder}': {model}, {counts}, {self.manifest['convention']})"

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database connection; the run can be used again and then opens a new one."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def blocks(self) -> int:
        """L, the number of blocks."""
        return int(self.manifest["model"]["blocks"])

    @cached_property
    def untrained(self) -> "tuple[Run, ...]":
        """The untrained twins that were measured beside the model.

        Seen from here, their `sink` is that of the model: the same tokens count in both.
        """
        twins = [open_run(self.folder / name) for name in self.manifest["untrained"]]
        return tuple(Run(twin.folder, twin.manifest, self.folder) for twin in twins)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What the studies found, in the order they were made; empty before any study."""
        path = self.folder / "findings.json"
        found: list[dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else []
        return found

    def sql(self, query: str) -> "duckdb.DuckDBPyRelation":
        """The result of a query on `layers`, `tokens`, `pairs` and the studies' tables.

        `layers` and `tokens` have the derived measures beside the stored ones; a study's table NAME
        is `tables.NAME`, and `tables` lists them. Nothing can be changed.

        Returns:
            A DuckDB relation: `.df()`, `.pl()`, `.arrow()`, `.fetchnumpy()`, `.fetchall()`.

        Raises:
            UsageError: wrong SQL, or a statement that is no query.
            RunError: a file of the run is damaged.
        """
        import duckdb

        try:
            statements = duckdb.extract_statements(query)
            kinds = {statement.type for statement in statements}
            if len(statements) != 1 or kinds - {duckdb.StatementType.SELECT}:
                raise UsageError(
                    "a run is read-only", expected="one SELECT", given=query.strip()[:80]
                )
            return self._connection.sql(query)
        except duckdb.Error as error:
            message = str(error).splitlines()[0]
            if f"{self.folder.resolve()}/" in message and "part-" in message:
                raise RunError(
                    f"a file of the run '{self.folder}' is damaged: {message}",
                    remedy="Measure it again with the same command and --resume.",
                ) from error
            raise UsageError(
                f"the query cannot be run: {message}", given=query.strip()[:80]
            ) from error

    def arrow(self, table: str) -> "pyarrow.Table":
        """A whole table as pyarrow, derived measures included, in the order of the text."""
        order = {"layers": "passage, position, layer", "tokens": "passage, position"}
        self._check_table(table)
        ordered = f" order by {order[table]}" if table in order else ""
        return self.sql(f'select * from "{table}"{ordered}').to_arrow_table()

    def to_pandas(self, table: str) -> "pandas.DataFrame":
        """`layers`, `tokens` or `pairs` as a pandas data frame."""
        with _needing("pandas"):
            import pandas
        frame: pandas.DataFrame = self.arrow(table).to_pandas()
        return frame

    def to_polars(self, table: str) -> "polars.DataFrame":
        """`layers`, `tokens` or `pairs` as a polars data frame."""
        with _needing("polars"):
            import polars
        frame = polars.from_arrow(self.arrow(table))
        assert isinstance(frame, polars.DataFrame)  # a table, not a single column
        return frame

    def to_xarray(self) -> "xarray.Dataset":
        """The `layers` as arrays [token, layer]; passage and position are coordinates of token."""
        with _needing("xarray"):
            import xarray
        table = self.arrow("layers")
        states = self.blocks + 1
        keys = {n: table[n].to_numpy()[::states] for n in ("passage", "position")}
        names = [n for n in table.column_names if n not in (*keys, "layer")]
        return xarray.Dataset(
            {
                n: (("token", "layer"), table[n].to_numpy().reshape(-1, states), _attributes(n))
                for n in names
            },
            coords={
                "layer": range(states),
                **{n: ("token", values) for n, values in keys.items()},
            },
        )

    def _check_table(self, table: str) -> None:
        if table not in TABLES:
            raise UsageError("unknown table", expected=", ".join(TABLES), given=f"'{table}'")

    @property
    def _connection(self) -> "duckdb.DuckDBPyConnection":
        if self._opened is None:
            self._opened = connect(self.folder, self._sinks_of, _endings(self.manifest))
        return self._opened


def _endings(record: dict[str, Any]) -> str:
    """What the ids of variants and windows end in, as a regular expression; "" without any."""
    windowed = record.get("exclusions", {}).get("passages_windowed", 0) > 0
    if record.get("config", {}).get("variants"):
        return "(#v[0-9]+)?(#w[0-9]+)?$"
    return "#w[0-9]+$" if windowed else ""


def _attributes(name: str) -> dict[str, str]:
    record = MEASURES.get(name)
    return {} if record is None else {"units": record.unit, "long_name": record.label}


@contextmanager
def _needing(extra: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"{extra} is not installed", remedy=f"Install it with: pip install 'odograph[{extra}]'"
        ) from error
