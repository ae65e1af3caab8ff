"""One hand on a folder: `.lock` says who writes there, and the system holds it while they live.

The lock is that of the operating system on the open file (`flock`; on Windows a byte range), not
the file's being there: it ends with the process, however that ends, so that no lock of a dead
process keeps anyone out, and no id of a process is guessed about. The file's text says who holds
it. portalocker wraps the same two calls; filelock, which torch brings, empties the file of whoever
holds it.
"""

import json
import os
import shlex
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from odograph.errors import RunError
from odograph.folder.addresses import refuse_store
from odograph.folder.told import tell_once
from odograph.terminal import visible

LOCK = ".lock"
#: Far behind the text: Windows keeps others from reading what is locked.
_BYTE = 2**30
#: How a run comes into an object store, and back.
_RANKS = (
    "Choose a folder; only ranks write there, `odograph measure --rank 0 --of 1`, and `odograph "
    "merge` brings the run here."
)
#: No more of what a lock says is told.
_SHOWN = 200


class _Held(NamedTuple):
    """A folder that this process holds: by which thread."""

    thread: int


_held: dict[Path, _Held] = {}
_guard = threading.Lock()


def is_empty(folder: Path) -> bool:
    """Whether a folder is not there, or holds nothing but a lock."""
    return not folder.exists() or all(path.name == LOCK for path in folder.iterdir())


@contextmanager
def holding(folder: Path, command: str = "") -> Iterator[None]:
    """Keeps every other command from writing in a folder; nothing where there is no such folder.

    Within itself a command may hold a folder again. What killed processes left half-written is
    removed first.

    Args:
        folder: where is written.
        command: what is told to others who come.

    Raises:
        RunError: another command holds it, or it cannot be written; says which.
    """
    if not folder.is_dir():
        yield
        return
    with making(folder, command):
        yield


@contextmanager
def making(folder: Path, command: str = "") -> Iterator[None]:
    """Holds a folder as `holding` does, and makes it where it is not there.

    At the end a folder that was made for it and is empty is gone, too.

    Args:
        folder: where is written.
        command: what is told to others who come.

    Raises:
        RunError: another command holds it, or it cannot be written; says which.
    """
    place = folder.resolve()
    me = threading.get_ident()
    with _guard:
        held = _held.get(place)
        if held is None:
            _held[place] = _Held(me)
        elif held.thread != me:
            raise _refused(folder, "another thread of this process")
    if held is not None:
        yield
        return
    try:
        with _locked(folder, command):
            yield
    finally:
        del _held[place]


@contextmanager
def sharing(folder: Path) -> Iterator[None]:
    """Holds a folder together with other ranks of its run, and against all other commands.

    Raises:
        RunError: another command holds it, or it cannot be written; says which.
    """
    _refuse_no_folder(folder)
    file = _taken(folder, shared=True)
    try:
        yield
    finally:
        os.close(file)  # the file stays: others may hold it


@contextmanager
def _locked(folder: Path, command: str) -> Iterator[None]:
    from odograph.folder.leftovers import remove_leftovers

    _refuse_no_folder(folder)
    existed, path = folder.exists(), folder / LOCK
    file = _taken(folder)
    try:
        _sign(folder, file, command)
    except BaseException:
        os.close(file)
        raise
    try:
        remove_leftovers(folder)
        yield
    finally:
        # Before it is let go: who waits for it then finds that it is another file.
        with suppress(OSError):
            if _is_ours(path, file):
                path.unlink()
        os.close(file)
        if not existed:
            with suppress(OSError):
                folder.rmdir()


def _refuse_no_folder(folder: Path) -> None:
    """Refuses, before anything is made, what no folder can be: an object store, what is a file."""
    refuse_store(folder, _RANKS)
    if any(place.is_file() for place in (folder, *folder.parents)):
        raise RunError(
            f"'{folder}' is a file or under one",
            expected="a folder",
            remedy="Choose another --out.",
        )


def _taken(folder: Path, *, shared: bool = False) -> int:
    """The lock of a folder, open and held.

    Raises:
        RunError: another has it, or it cannot be written.
    """
    from odograph.folder.leftovers import refuse_links_out

    path = folder / LOCK
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            refuse_links_out(folder)
            _refuse_linked(path)
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise RunError(
                f"'{folder}' cannot be written: {error.strerror or error}",
                remedy="Choose another --out, or copy a run to where you may write.",
            ) from error
        try:
            _lock(file, shared=shared)
        except BlockingIOError as error:
            holder = _words(_read(file))
            os.close(file)
            raise _refused(folder, holder) from error
        except OSError:
            tell_once(f"'{folder}': this file system has no locks: let no other command write here")
        if _is_ours(path, file):
            return file
        os.close(file)  # it was that of a command which ended just now


def _refuse_linked(path: Path) -> None:
    """Nothing, if the lock has no other name: it is the one file that is written in place.

    Raises:
        RunError: it is a link, or another name of a file that may be anybody's.
    """
    with suppress(FileNotFoundError):
        if path.is_symlink() or path.lstat().st_nlink > 1:
            raise RunError(
                f"'{path}' is a link, and what it leads to would be written over",
                expected="a file of its own",
                remedy=f"Remove '{path}'.",
            )


def _sign(folder: Path, file: int, command: str) -> None:
    """Writes into the lock who has it, and tells whose it was.

    Raises:
        RunError: it is that of another computer, of which nothing is known here.
    """
    before = _read(file)
    if before and before.get("host") != socket.gethostname():
        raise _refused(folder, f"{_words(before)}; if it is gone, remove '{folder / LOCK}'")
    if before:
        tell_once(f"'{folder}': the lock of a command that is gone is removed: {_words(before)}")
    about = {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command or shlex.join(sys.argv),
    }
    with suppress(OSError):  # on a full disk the lock holds all the same
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, (json.dumps(about) + "\n").encode())


def _is_ours(path: Path, file: int) -> bool:
    """Whether the file that is open is still the one that lies there."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except OSError:
        return False


def _read(file: int) -> dict[str, Any]:
    """Who wrote into the lock; nothing where nobody did."""
    try:
        os.lseek(file, 0, os.SEEK_SET)
        found = json.loads(os.read(file, 65536))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(about: dict[str, Any]) -> str:
    if not about:
        return "another command, or ranks of the run"
    said = [f"{about.get(key)}" for key in ("command", "process", "host", "time")]
    command, process, host, time = (
        f"{s[:_SHOWN]}..." if len(s) > _SHOWN else s for s in map(visible, said)
    )
    return f"{command} (process {process} on {host}, since {time})"


def _refused(folder: Path, holder: str) -> RunError:
    return RunError(
        f"'{folder}' is being written by another command",
        given=holder,
        remedy="Wait until it is done, or choose another --out.",
    )


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, *, shared: bool = False) -> None:
        if shared:  # Windows has no such lock here
            return
        os.lseek(file, _BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error

else:
    import fcntl

    def _lock(file: int, *, shared: bool = False) -> None:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(file, kind | fcntl.LOCK_NB)
