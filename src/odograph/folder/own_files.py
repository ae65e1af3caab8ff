"""Which files of a run folder are odograph's own: only these are ever replaced or removed."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from odograph.errors import RunError
from odograph.folder.columns import FOLDERS, OF_THE_RUN
from odograph.folder.encoding import encoding_files
from odograph.folder.leftovers import SHARD_FILE, leftovers
from odograph.folder.listed import listed_files
from odograph.folder.lock import LOCK
from odograph.folder.manifest import MANIFEST, found_manifest
from odograph.folder.plan import PLAN
from odograph.folder.receipts import RECEIPTS, attempts
from odograph.folder.results import FINDINGS, STUDIES, results_named
from odograph.folder.units import UNIT, UNITS

REPORT = "report.html"
_MARK = b'<meta name="generator" content="odograph"'
#: Runs in the folder of a run.
_PLACES_WITHIN = ("untrained/seed-*", "shuffled/seed-*", f"{UNITS}/part-*")
_WITHIN = re.compile(rf"(untrained|shuffled)/seed-[0-9]+|{UNITS}/{UNIT}")
_NAMED = 3


def is_own_report(path: Path) -> bool:
    """Whether a file is a report that odograph wrote: it says so in its first lines."""
    with path.open("rb") as file:
        return _MARK in file.read(4096)


def refuse_foreign_report(path: Path) -> None:
    """Nothing, if a report may be written there: nothing or an earlier report is there.

    Raises:
        RunError: a file that odograph did not write, or a folder.
    """
    if path.exists() and not (path.is_file() and is_own_report(path)):
        raise RunError(
            f"'{path}' was not written by odograph and is not replaced",
            expected="no such file, or an earlier report",
            remedy="Choose another --out, or move it away.",
        )


def remove_run(folder: Path, record: Mapping[str, Any]) -> None:
    """Removes a run, of which `record` is the manifest: odograph's own files and no other.

    Raises:
        RunError: something else lies there; names it. Nothing is removed then.
    """
    own = own_names(folder, record)
    foreign = list(_foreign(folder, own))
    if foreign:
        shown = ", ".join(n if n.isprintable() else repr(n) for n in sorted(foreign)[:_NAMED])
        more = f" and {len(foreign) - _NAMED} more" if len(foreign) > _NAMED else ""
        raise RunError(
            f"'{folder}' holds what odograph has not written and is not overwritten",
            expected="a run folder with nothing else in it",
            given=f"{shown}{more}",
            remedy="Move it away, or choose another --out. Nothing was removed.",
        )
    _remove(folder, own - {LOCK})


def remove_units(folder: Path) -> None:
    """Removes the folders in which ranks have measured units, of which a run has no more need."""
    _remove(folder, {name for name in own_names(folder, None) if name.startswith(f"{UNITS}/")})
    for place, _, _ in os.walk(
        folder / UNITS, topdown=False
    ):  # some were killed at their first file
        with suppress(OSError):
            Path(place).rmdir()


def _remove(folder: Path, names: set[str]) -> None:
    """Removes files, and the folders in which nothing is left then."""
    # The manifest last: until then the folder is known to be a run, and can be removed again.
    for name in sorted(names, key=lambda name: (name == MANIFEST, name)):
        (folder / name).unlink(missing_ok=True)
    places = {parent.as_posix() for name in names for parent in Path(name).parents}
    for place in sorted((places | {"untrained", "shuffled"}) - {"."}, reverse=True):
        with suppress(OSError):
            (folder / place).rmdir()


def own_names(folder: Path, record: Mapping[str, Any] | None) -> set[str]:
    """Names of the files that odograph has written into a run folder, or was about to.

    Of a run that is not finished, also shards that have no receipt yet.
    """
    names = {MANIFEST, STUDIES, FINDINGS, LOCK, PLAN, *listed_files(record or {})}
    for place in ("", f"{UNITS}/"):
        names |= {f"{place}{RECEIPTS}/{a.path.name}" for a in attempts(folder / place)}
    names |= set(results_named(folder))
    beside = (*leftovers(folder), *encoding_files(folder))
    names |= {path.relative_to(folder).as_posix() for path in beside}
    if (folder / REPORT).is_file() and is_own_report(folder / REPORT):
        names.add(REPORT)
    if record is None or not record.get("complete"):
        parts = (
            path for place in (*FOLDERS, *OF_THE_RUN) for path in (folder / place).glob("part-*")
        )
        names |= {p.relative_to(folder).as_posix() for p in parts if SHARD_FILE.fullmatch(p.name)}
        names.add("pilot.safetensors")
    for path in (path for place in _PLACES_WITHIN for path in folder.glob(place)):
        name = path.relative_to(folder).as_posix()
        if _WITHIN.fullmatch(name) and not path.is_symlink():
            names |= {f"{name}/{own}" for own in own_names(path, found_manifest(path))}
    return names


def _foreign(folder: Path, own: set[str]) -> Iterator[str]:
    """Files, links and folders in a folder that are not among the own ones, nor hold one."""
    places = {parent.as_posix() for name in own for parent in Path(name).parents}
    places |= {*FOLDERS, *OF_THE_RUN, "tables", "figures", "untrained", "shuffled", RECEIPTS}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            there = path.relative_to(folder).as_posix()
            is_place = path.is_dir() and not path.is_symlink()
            if there not in (places if is_place else own):
                yield there + "/" * is_place
