"""The manifest of a run or comparison folder, read; nothing else in odograph reads one."""

import json
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.columns import FORMAT

MANIFEST = "manifest.json"
#: What is told of a wrong value at most.
_SHOWN = 60


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run or comparison folder; its format and the types of its values are right.

    Raises:
        RunError: no folder, no manifest, of another format, or damaged; names the key.
    """
    path = folder / MANIFEST
    if not path.is_file():
        found = "a folder without manifest.json" if folder.is_dir() else "no such folder"
        raise RunError(
            f"'{folder}' is not a run folder",
            expected="a folder that odograph has written",
            given="a file" if folder.is_file() else found,
            remedy="Measure one with `odograph measure --model M --texts FILE --out RUN`.",
        )
    record = _parsed(path)
    if record.get("format") != FORMAT:
        raise RunError(
            f"'{folder}' is of another format",
            expected=f"format {FORMAT}",
            given=f"format {_shown(record.get('format'))} of odograph "
            f"{_shown(record.get('odograph', '?'))}",
            remedy="Read it with that version, or measure the run again.",
        )
    _check(path, record)
    return record


def found_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest, or None where there is none.

    Raises:
        RunError: it cannot be read.
    """
    return read_manifest(folder) if (folder / MANIFEST).is_file() else None


def _parsed(path: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(record, dict):
            raise ValueError("it is not an object")
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"'{path}' is damaged: {error}", remedy="Measure the run again.") from error
    return record


def _check(path: Path, record: dict[str, Any]) -> None:
    from odograph.folder.manifest_keys import first_fault

    fault = first_fault(record)
    if fault is not None:
        key, expected, given = fault
        raise RunError(
            f"'{path}' is damaged at {_shown(key)}",
            expected=expected,
            given="nothing" if given is ... else repr(given)[:_SHOWN],
            remedy="Bring the file back as odograph wrote it, or measure the run again.",
        )


def _shown(value: object) -> str:
    """A value of the file in a message: short, and without what a terminal would obey."""
    text = str(value)
    return text if text.isprintable() and len(text) <= _SHOWN else repr(value)[:_SHOWN]
