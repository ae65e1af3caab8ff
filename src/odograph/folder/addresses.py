"""Addresses of object stores, and their refusal where a place must be on this computer."""

import re
from pathlib import Path

from odograph.errors import RunError

#: Addresses that pyarrow reaches, as they are written or as a path has shortened them.
_ADDRESS = re.compile(r"(s3|gs|abfss?):/+(.+)", re.DOTALL)


def store_address(place: str | Path) -> str | None:
    """The address of an object store that a place is; None for a folder.

    >>> store_address(Path("s3://bucket/run"))
    's3://bucket/run'
    """
    found = _ADDRESS.fullmatch(str(place))
    return None if found is None else f"{found[1]}://{found[2]}"


def refuse_store(place: Path, remedy: str) -> None:
    """Nothing, if a place is a folder.

    Raises:
        RunError: it is the address of a store.
    """
    if address := store_address(place):
        raise RunError(f"'{address}' is an object store", expected="a place here", remedy=remedy)
