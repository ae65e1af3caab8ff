"""Files that are whole or not there: written under a temporary name, synced, renamed."""

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from odograph.errors import WriteError
from odograph.folder.addresses import refuse_store

_FLOAT_KEYS = {"float", "double"}


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path`; what was written there takes its place at the end.

    Raises:
        WriteError: the disk is full, or the folder cannot be written; nothing is left behind.
        RunError: it is the address of an object store.
    """
    refuse_store(path, "Write it here, and copy it there.")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # In a stranger's folder it may be a link, which would be written through.
        temporary.unlink(missing_ok=True)
        yield temporary
        # Windows syncs a handle only that may write.
        with temporary.open("r+b") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _explain(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _explain(path: Path, error: OSError) -> WriteError:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full" if full else (error.strerror or str(error))
    remedy = "Free space, or choose another place." if full else "Choose another place."
    return WriteError(f"cannot write '{path}': {reason}", remedy=remedy)


def write_parquet(table: Any, path: Path) -> None:
    """Writes a pyarrow table: zstd, floats split by bytes, keys by dictionary.

    A dictionary of small numbers, and least and greatest values of floats, take 6 % of the time
    each and save nothing: zstd packs the ones, hardly a search for a float can leave a file out.
    """
    import pyarrow.parquet as parquet

    floats = [f.name for f in table.schema if str(f.type) in _FLOAT_KEYS]
    others = [f.name for f in table.schema if f.name not in floats]
    small = [f.name for f in table.schema if str(f.type) == "int16"]
    with replacing(path) as temporary:
        parquet.write_table(
            table,
            temporary,
            compression="zstd",
            use_dictionary=[name for name in others if name not in small],
            write_statistics=others,
            use_byte_stream_split=floats,
            row_group_size=500_000,
        )


def write_json(value: Any, path: Path) -> None:
    """Writes JSON that a person can read; NaN is an error, it must be null."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        # Not dumps: a manifest names every passage, and its text would be held beside it.
        json.dump(value, file, indent=1, ensure_ascii=False, allow_nan=False)
        file.write("\n")


def write_text(text: str, path: Path) -> None:
    """Writes UTF-8 text."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_with(write: Callable[[Path], object], path: Path) -> None:
    """Writes what `write(path)` writes."""
    with replacing(path) as temporary:
        write(temporary)
