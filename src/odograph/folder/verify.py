"""Every file that a run folder lists, against its checksum."""

from collections.abc import Iterator
from pathlib import Path

from odograph.errors import RunError
from odograph.folder.beside import check_belongs, check_place
from odograph.folder.checksums import checksum, place_of
from odograph.folder.listed import listed_files
from odograph.folder.manifest import MANIFEST
from odograph.folder.results import (
    FINDINGS,
    listed_results,
    read_findings,
    tell_not_verified,
    undrawn_figures,
)
from odograph.folder.run import Run, open_unfinished


def faults_of(run: Run) -> Iterator[tuple[str, str]]:
    """Every listed file of a run or comparison, and what is wrong with it, "" for nothing.

    With what stands beside the run, and with the runs that a comparison compares. Files of earlier
    releases without a checksum are named as such.
    """
    digests = {**listed_files(run.manifest), **listed_results(run.sections)}
    if None in digests.values():
        tell_not_verified(run.folder)
    for name, digest in digests.items():
        yield name, _fault(run.folder, name, digest)
    for name in undrawn_figures(run.sections):
        yield name, "it was not drawn"
    found = any("findings" in section for section in run.sections.values())
    if found or (run.folder / FINDINGS).is_file():
        yield FINDINGS, _fault_of_findings(run)
    if not run.manifest.get("complete", True):
        yield MANIFEST, "the run is not finished"
    beside = [*run.manifest.get("untrained", ()), *run.manifest.get("shuffled", ())]
    for name in [*beside, *run.manifest.get("runs", ())]:
        try:
            if name in beside:
                check_place(run.folder, name)
            other = open_unfinished(run.folder / name)
            if name in beside:
                check_belongs(run.folder, name, run.manifest, other.manifest)
        except RunError as error:
            yield f"{name}/{MANIFEST}", str(error)
        else:
            yield from ((f"{name}/{file}", fault) for file, fault in faults_of(other))


def _fault(folder: Path, name: str, digest: str | None) -> str:
    try:
        path = place_of(folder, name)
        if not path.is_file():
            # What a section of an earlier release names may never have been written.
            return "it is missing" if digest else ""
        return "" if digest in (None, checksum(path)) else "it is not what was written"
    except (OSError, RunError) as error:
        return str(error)


def _fault_of_findings(run: Run) -> str:
    try:
        read_findings(run.folder, run.sections)
    except RunError as error:
        return str(error)
    return ""
