"""What killed processes left half-written: files under the temporary names of `writer`."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from odograph.folder.checksums import place_of
from odograph.folder.columns import FOLDERS, OF_THE_RUN

#: Folders of a run that files are written in.
_PLACES = (*FOLDERS, *OF_THE_RUN, "tables", "figures")
#: Temporary names are made of the name of a file of ours, hidden, and of the process.
_TEMPORARY = re.compile(r"\.(?P<name>[\w.-]+)\.[0-9]+\.(tmp|part)")
_OWN = {
    "": re.compile(r"(manifest|studies|findings)\.json|report\.html|pilot\.safetensors"),
    "tables": re.compile(r"[\w-]+\.(parquet|csv)"),
    "figures": re.compile(r"[\w-]+\.(svg|png)"),
}
#: What ranks leave that were killed: marks of shards that they had begun, and what no rank renamed.
_OF_RANKS = re.compile(
    r"part-[0-9]{5,}-[0-9a-f]{8}-[0-9a-f]{12}\.begun"
    r"|\.(part-[\w-]+\.(json|begun)|plan\.json|pilot\.safetensors)(\.[0-9a-f]{32}\.new)?(\.[0-9]+\.tmp)?"
)
SHARD_FILE = re.compile(r"part-[0-9]{5,}(-\w+)?\.(parquet|safetensors)")


def remove_leftovers(folder: Path) -> None:
    """Removes what killed processes left half-written, also of twins and shuffled texts.

    The folder must be held (`lock`): what a living process writes looks the same.
    """
    for path in leftovers(folder):
        with suppress(OSError):
            path.unlink()


def of_ranks(folder: Path) -> Iterator[Path]:
    """What ranks of a run leave that were killed; the folder must be held, and no rank at work."""
    for place in (folder, folder / "receipts", folder / "units" / "receipts"):
        for path in place.glob("*"):
            if _OF_RANKS.fullmatch(path.name) and path.is_file():
                yield path


def leftovers(folder: Path) -> Iterator[Path]:
    """The half-written files of a run folder; nothing that is not named as odograph names them."""
    for run in _runs(folder):
        for place in ("", *_PLACES):
            own = _OWN.get(place, SHARD_FILE)
            for path in (run / place).glob(".*"):
                found = _TEMPORARY.fullmatch(path.name)
                if found and own.fullmatch(found["name"]) and path.is_file():
                    yield path


def refuse_links_out(folder: Path) -> None:
    """Nothing, if all that odograph writes in a run folder lies in the folder.

    Files are replaced and never written through, but for the lock.

    Raises:
        RunError: one is a link that leads elsewhere.
    """
    for name in (".lock", "untrained", "shuffled", "receipts"):
        place_of(folder, name)
    for place in ("encoding", "units"):
        place_of(folder, place)
        place_of(folder, f"{place}/receipts")
    for run in _runs(folder):
        for place in ("", *_PLACES):
            place_of(folder, (run / place).relative_to(folder).as_posix())


def _runs(folder: Path) -> Iterator[Path]:
    """The run, its twins and its shuffled texts, also where ranks measure them."""
    yield folder
    for beside in ("untrained/seed-*", "shuffled/seed-*", "units/part-*"):
        yield from sorted(folder.glob(beside))
