"""What studies have left in a run or comparison folder, and whether it is as it was written.

studies.json is the receipt of it: under each study stand, beside its section of the report, the
sha256 of its tables and figures (`files`) and of its part of findings.json (`findings`). The
section of a study is taken out before anything of it is replaced and put back when all is there:
whatever stops a study leaves it not done. Folders of earlier releases have sections without these.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.checksums import checksum, place_of
from odograph.folder.told import tell_once, tell_unlisted
from odograph.folder.writer import write_json
from odograph.terminal import shell_command

FINDINGS, STUDIES = "findings.json", "studies.json"
#: In which folder and under which endings what a section names lies.
ENDINGS = {"tables": ("parquet", "csv"), "figures": ("svg", "png")}
#: Marks what is left of a section while its study is written, or was when it was stopped.
_UNDONE = "undone"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
_REMEDY = "Remove it and do the studies again (`odograph analyse`)."

Section = Mapping[str, Any]
Records = Sequence[Mapping[str, Any]]


def read_sections(folder: Path) -> dict[str, Any]:
    """The sections of studies.json by study; empty before any study.

    Raises:
        RunError: the file is broken.
    """
    sections = _all_sections(folder).items()
    return {study: section for study, section in sections if not section.get(_UNDONE)}


def _all_sections(folder: Path) -> dict[str, Any]:
    sections: dict[str, Any] = _read(folder, STUDIES, {})
    return sections


def read_findings(folder: Path, sections: Mapping[str, Section]) -> list[dict[str, Any]]:
    """What the studies found, in the order they were made; empty before any study.

    Raises:
        RunError: the file is broken, or the findings of a study are not those that it made.
    """
    findings = _all_findings(folder)
    if not any("findings" in section for section in sections.values()):
        return findings
    for study, section in sections.items():
        if section.get("findings", "") != _digest(_of(findings, study)) and "findings" in section:
            raise _changed(folder, FINDINGS, study)
    others = sorted({str(f.get("study")) for f in findings if f.get("study") not in sections})
    tell_unlisted(folder, [f"findings of {study}" for study in others], STUDIES)
    return [finding for finding in findings if finding.get("study") in sections]


def listed_results(sections: Mapping[str, Section]) -> dict[str, str | None]:
    """Name and sha256 of the tables and figures that sections list; None where they list none."""
    files: dict[str, str | None] = {}
    for section in sections.values():
        files |= section["files"] if "files" in section else dict.fromkeys(_named(section))
    return files


def verified_result(folder: Path, name: str, sections: Mapping[str, Section]) -> Path | None:
    """Where a table or figure lies that is what was written; None where none is listed or there.

    What the section of an earlier release names is told once to be not verified.

    Raises:
        RunError: it is not what was written.
    """
    files = listed_results(sections)
    if name not in files:
        return None
    path = place_of(folder, name)
    if not path.is_file():
        return None
    digest = files[name]
    if digest is None:
        tell_not_verified(folder)
    elif checksum(path) != digest:
        study = next(s for s, section in sections.items() if name in section.get("files", ()))
        raise _changed(folder, name, study)
    return path


def tell_not_verified(folder: Path) -> None:
    """Says once that what studies of an earlier release left has no checksums."""
    tell_once(f"'{folder}': tables and figures of an earlier release are not verified")


def results_named(folder: Path) -> list[str]:
    """Names of all tables and figures that studies have written, or were about to write."""
    sections = _all_sections(folder).values()
    return [name for one in sections for name in (*one.get("files", ()), *_named(one))]


def withdraw_result(folder: Path, study: str, section: Section) -> None:
    """Takes a study out, then removes its tables and figures: it is not done now.

    What is left of it names the files that are about to be written.

    Args:
        folder: of the run or of the comparison.
        study: its name.
        section: what will be its section.
    """
    sections = _all_sections(folder)
    old = sections.get(study, {})
    coming = {place: section.get(place, ()) for place in ENDINGS}
    write_json({**sections, study: {_UNDONE: True, **coming}}, folder / STUDIES)
    for name in {*old.get("files", ()), *_named(old)}:
        place_of(folder, name).unlink(missing_ok=True)


def add_result(folder: Path, study: str, section: Section, findings: Records) -> None:
    """Adds findings and section of a study whose tables are written; those of others stay.

    Figures are listed as far as they are drawn: `list_figures` lists those drawn later.
    """
    own = json.loads(json.dumps(list(findings)))  # as it will be read
    others = [f for f in _all_findings(folder) if f.get("study") != study]
    write_json([*others, *own], folder / FINDINGS)
    whole = {**section, "files": _files(folder, section), "findings": _digest(own)}
    write_json({**_all_sections(folder), study: whole}, folder / STUDIES)


def list_figures(folder: Path, studies: Iterable[str]) -> None:
    """Lists the figures of studies that were drawn after their sections were written."""
    sections = _all_sections(folder)
    for study in set(studies) & set(sections):
        sections[study]["files"] = _files(folder, sections[study])
    write_json(sections, folder / STUDIES)


def undrawn_figures(sections: Mapping[str, Section]) -> list[str]:
    """Names of the figures of studies that were stopped before these were drawn and listed."""
    return [
        name
        for section in sections.values()
        if "files" in section
        for name in _named(section)
        if name.startswith("figures/") and name not in section["files"]
    ]


def _files(folder: Path, section: Section) -> dict[str, str]:
    """Name and sha256 of the tables and figures that a section names and that are there."""
    there = (name for name in _named(section) if (folder / name).is_file())
    return {name: checksum(folder / name) for name in there}


def _named(section: Section) -> list[str]:
    """The files of the tables and figures that a section names."""
    names = []
    for place, endings in ENDINGS.items():
        for entry in section.get(place, ()):
            if _NAME.fullmatch(entry["name"]):
                names += [f"{place}/{entry['name']}.{ending}" for ending in endings]
    return names


def _of(findings: Records, study: str) -> list[Mapping[str, Any]]:
    return [finding for finding in findings if finding.get("study") == study]


def _digest(findings: Records) -> str:
    """sha256 of findings, however they are set out in the file."""
    text = json.dumps(findings, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _all_findings(folder: Path) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = _read(folder, FINDINGS, [])
    return findings


def _read(folder: Path, name: str, empty: Any) -> Any:
    """What a JSON file says, of which all that is read has its type; `empty` without a file.

    Raises:
        RunError: it is damaged; names the key.
    """
    place_of(folder, name)
    path = folder / name
    if not path.is_file():
        return empty
    from odograph.folder.result_keys import fault_of_findings, fault_of_sections

    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"'{path}' is damaged: {error}", remedy=_REMEDY) from error
    fault = (fault_of_sections if name == STUDIES else fault_of_findings)(value)
    if fault is not None:
        raise fault.error(path, _REMEDY)
    return value


def _changed(folder: Path, name: str, study: str) -> RunError:
    return RunError(
        f"'{folder}': {name} is not what the study {study} wrote",
        remedy=f"Do it again: {shell_command('odograph', 'analyse', folder, study)}.",
    )
