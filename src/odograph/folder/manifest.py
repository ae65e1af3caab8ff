"""The manifest of a run or comparison folder, read."""

import json
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.columns import FORMAT

MANIFEST = "manifest.json"


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
