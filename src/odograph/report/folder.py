"""What lies in a run or comparison folder, read without torch."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from odograph.errors import RunError

FORMAT = 1
_REMEDY = "Give the folder that `odograph study` or `odograph measure` wrote with --out."


@dataclass(frozen=True)
class Folder:
    """A run or comparison folder: its manifest, and per study what was found."""

    path: Path
    manifest: dict[str, Any]
    studies: dict[str, Any]
    findings: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """The folder's own name, without where it lies."""
        return self.path.resolve().name

    @property
    def study_names(self) -> list[str]:
        """Every study that left something, in the order of studies.json, then of findings.json."""
        found = (str(finding.get("study", "unnamed")) for finding in self.findings)
        return list(dict.fromkeys([*self.studies, *found]))


def read_folder(path: Path) -> Folder:
    """The folder's manifest, studies and findings; the last two may be missing.

    Raises:
        RunError: the path is no run folder, its format is unknown, or a file in it is broken.
    """
    if not (path / "manifest.json").is_file():
        given = "a folder without it" if path.is_dir() else "a file" if path.exists() else "nothing"
        raise RunError(
            f"{path}: not a run folder",
            expected="a folder with manifest.json",
            given=given,
            remedy=_REMEDY,
        )
    manifest = _read(path / "manifest.json", dict)
    if manifest.get("format") != FORMAT:
        raise RunError(
            f"{path / 'manifest.json'}: unknown format",
            expected=f"format {FORMAT}",
            given=str(manifest.get("format", "none")),
            remedy="Use the odograph that wrote the folder, or measure again.",
        )
    studies = _read(path / "studies.json", dict)
    findings = _read(path / "findings.json", list)
    for name, entries in (("studies.json", studies.values()), ("findings.json", findings)):
        for entry in entries:
            if not isinstance(entry, dict):
                raise _broken(path / name, "an object for every entry", type(entry).__name__)
    return Folder(path, manifest, studies, findings)


def _read(path: Path, kind: type) -> Any:
    """The JSON file as a value of this kind; an empty one where the file is missing."""
    if not path.is_file():
        return kind()
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(path, "JSON", str(error)) from error
    if not isinstance(value, kind):
        raise _broken(path, "an object" if kind is dict else "a list", type(value).__name__)
    return value


def _broken(path: Path, expected: str, given: str) -> RunError:
    remedy = "The file is damaged: run the study again (`odograph analyse`)."
    return RunError(f"{path}: cannot be read", expected=expected, given=given, remedy=remedy)
