"""Whether a file is what was written: its sha256, taken once for each file as it lies there."""

import hashlib
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from odograph.errors import RunError

#: What files were when they were read last: by place, size, time of change and inode.
_known: dict[tuple[str, int, int, int], str] = {}
_LARGE = 2**20


def checksum(path: Path) -> str:
    """sha256 of a file; remembered in this process as long as the file is not written again."""
    about = path.stat()
    key = (os.path.realpath(path), about.st_size, about.st_mtime_ns, about.st_ino)
    if key not in _known:
        with path.open("rb") as file:
            _known[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _known[key]


def checksums(paths: Iterable[Path]) -> list[str]:
    """sha256 of each file, of large ones several at a time."""
    listed = list(paths)
    if sum(path.stat().st_size for path in listed) < _LARGE:
        return [checksum(path) for path in listed]
    with ThreadPoolExecutor(os.cpu_count(), "odograph-checksum") as pool:
        return list(pool.map(checksum, listed))


def place_of(folder: Path, name: str) -> Path:
    """Where a file or folder of a run folder lies.

    Raises:
        RunError: outside the folder, by its name or by a link.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise RunError(
            f"'{folder}' leads out of itself",
            expected="files and folders of its own",
            given=f"{name!r}, which is {str(path)!r}",
            remedy="Do not use this folder, unless you have put the link there: copy it in.",
        )
    return path
