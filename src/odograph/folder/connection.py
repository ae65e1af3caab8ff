"""A database in memory that reads the files it is given, and can do nothing else."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

#: What a query holds at most; what is more waits in the folder that TMPDIR names.
MEMORY = "800MB"


def locked(files: list[Path]) -> "duckdb.DuckDBPyConnection":
    """A database in memory that can read these files, write none, and cannot be set otherwise.

    It is locked before anything of a folder is touched: names and contents of files may be a
    stranger's.
    """
    import duckdb

    connection = duckdb.connect(
        config={
            # One thread: sums over several depend on their timing in the last digit.
            "threads": 1,
            "memory_limit": MEMORY,
            "temp_directory": str(Path(gettempdir(), f"odograph-{os.getpid()}")),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        }
    )
    # Of a query of two seconds a bar is written to stdout, among what is asked for there. A
    # notebook without the widgets for it has none, and refuses to say so.
    with suppress(duckdb.InvalidInputException):
        connection.execute("set enable_progress_bar = false")
    # A pattern is checked as it is written, and again as the file that it finds.
    allowed = dict.fromkeys(text for path in files for text in (str(path), _literal(path)))
    connection.execute("set allowed_paths = $files", {"files": list(allowed)})
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def view_of_files(
    connection: "duckdb.DuckDBPyConnection", name: str, files: Sequence[Path]
) -> None:
    """A view on Parquet files, if there are any; their names are values, never SQL."""
    if files:
        connection.read_parquet([_literal(path) for path in files]).create_view(name)


def _literal(path: Path) -> str:
    """The path as a pattern that stands for itself: DuckDB would read `run[1]` as one."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))
