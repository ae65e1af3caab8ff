"""The manifest of a run or comparison folder, read; nothing else in odograph reads one."""

import json
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.checksums import place_of
from odograph.folder.columns import FORMAT

MANIFEST = "manifest.json"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run or comparison folder; its format and the types of its values are right.

    Raises:
        RunError: no folder, no manifest, of another format, or damaged; names the key.
    """
    place_of(folder, MANIFEST)
    path = folder / MANIFEST
    if not path.is_file():
        _refuse_open_plan(folder)
        found = "a folder without manifest.json" if folder.is_dir() else "no such folder"
        raise RunError(
            f"'{folder}' is not a run folder",
            expected="a folder that odograph has written",
            given="a file" if folder.is_file() else found,
            remedy="Measure one with `odograph measure --model M --texts FILE --out RUN`.",
        )
    record = _parsed(path)
    if record.get("format") != FORMAT:
        from odograph.folder.keys import shown

        raise RunError(
            f"'{folder}' is of another format",
            expected=f"format {FORMAT}",
            given=f"format {shown(record.get('format'))} of odograph "
            f"{shown(record.get('odograph', '?'))}",
            remedy="Read it with that version, or measure the run again.",
        )
    _check(path, record)
    return record


def _refuse_open_plan(folder: Path) -> None:
    """Nothing, unless ranks are measuring there.

    Raises:
        RunError: says how the run is closed.
    """
    from odograph.folder.plan import PLAN

    if (folder / PLAN).is_file():
        raise RunError(
            f"'{folder}' is measured by several ranks and is not closed",
            remedy=f"See how far it is with `odograph progress {folder}`, close it with `odograph "
            f"merge {folder}`.",
        )


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
        raise fault.error(
            path, "Bring the file back as odograph wrote it, or measure the run again."
        )


def stands_for(record: dict[str, Any]) -> tuple[str, str]:
    """What a run and those beside it have in common: convention and texts."""
    corpus = record.get("corpus") or {}
    return str(record.get("convention")), str(corpus.get("fingerprint"))
