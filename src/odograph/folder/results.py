"""What studies have left in a run or comparison folder: their sections and their findings."""

import json
from pathlib import Path
from typing import Any

from odograph.errors import RunError

FINDINGS, STUDIES = "findings.json", "studies.json"


def read_sections(folder: Path) -> dict[str, Any]:
    """The sections of studies.json by study; empty before any study.

    Raises:
        RunError: the file is broken.
    """
    path = folder / STUDIES
    sections: dict[str, Any] = _read(path, dict)
    for section in sections.values():
        _check(path, section)
    return sections


def read_findings(folder: Path) -> list[dict[str, Any]]:
    """What the studies found, in the order they were made; empty before any study.

    Raises:
        RunError: the file is broken.
    """
    path = folder / FINDINGS
    findings: list[dict[str, Any]] = _read(path, list)
    for finding in findings:
        _check(path, finding)
    return findings


def _read(path: Path, kind: type) -> Any:
    """The JSON file as a value of this kind; an empty one where the file is missing."""
    if not path.is_file():
        return kind()
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _broken(path, "JSON", str(error)) from error
    if not isinstance(value, kind):
        raise _broken(path, "an object" if kind is dict else "a list", type(value).__name__)
    return value


def _check(path: Path, entry: Any) -> None:
    if not isinstance(entry, dict):
        raise _broken(path, "an object for every entry", type(entry).__name__)


def _broken(path: Path, expected: str, given: str) -> RunError:
    return RunError(
        f"{path}: cannot be read",
        expected=expected,
        given=given,
        remedy="The file is damaged: do the study again (`odograph analyse`).",
    )
