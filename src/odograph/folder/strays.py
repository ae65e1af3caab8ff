"""Files that lie where odograph reads and that nothing lists: told once, never read."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from odograph.folder.columns import FOLDERS, OF_THE_RUN
from odograph.folder.manifest import MANIFEST
from odograph.folder.results import ENDINGS, STUDIES, listed_results
from odograph.folder.told import tell_unlisted


def tell_strays_of(folder: Path, listed: Collection[str], sections: dict[str, Any]) -> None:
    """Names what lies among the files of a run or of its studies and is not listed.

    Args:
        folder: of the run.
        listed: names of the files that the manifest lists.
        sections: content of studies.json, which lists those of the studies.
    """
    places = {*FOLDERS, *OF_THE_RUN, *(name.split("/")[0] for name in listed if "/" in name)}
    tell_unlisted(folder, strays_in(folder, sorted(places), listed), MANIFEST)
    results = listed_results(sections)
    tell_unlisted(folder, strays_in(folder, ENDINGS, results), STUDIES)


def strays_in(folder: Path, places: Iterable[str], listed: Collection[str]) -> list[str]:
    """Names of the files in some places of a folder that are not listed.

    Hidden files are none: nothing reads them.
    """
    known = set(listed)
    found = (path for place in places for path in sorted((folder / place).glob("[!.]*")))
    names = (path.relative_to(folder).as_posix() for path in found if not path.is_dir())
    return [name for name in names if name not in known]
