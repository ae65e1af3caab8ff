"""What is said once in the life of a process, on stderr."""

from collections.abc import Sequence
from pathlib import Path

from odograph.terminal import tell

#: Of so many files the names are told.
_NAMED = 3
_told: set[str] = set()


def tell_once(message: str) -> None:
    """Says something on stderr, unless it was said before."""
    if message not in _told:
        _told.add(message)
        tell(message)


def tell_unlisted(folder: Path, names: Sequence[str], lister: str) -> None:
    """Names what is not read because the lister (a file's name) does not list it."""
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        shown = f"{', '.join(names[:_NAMED])}{more}"
        tell_once(f"'{folder}': not read, for {lister} does not list it: {shown}")
