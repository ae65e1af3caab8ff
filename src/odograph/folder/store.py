"""A run in an object store (S3, Google Cloud, Azure): a folder here stands for a place there.

Stores have no renaming, no links and no locks, and ranks need none: the files of a shard have names
of their own, a receipt is written after the files that it lists, and nothing is written over. What
is written here goes there at once; what others have written is fetched when it is read.
"""

import shutil
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from odograph.errors import OdographError, RunError
from odograph.folder.addresses import store_address
from odograph.folder.checksums import place_of
from odograph.folder.writer import replacing

#: Seconds after which whoever else was writing the same name has written it.
_SETTLED = 1.0
#: Seconds for which a listing counts.
_FRESH = 0.5
#: Bytes that are read at once.
_CHUNK = 2**20
#: Files that are fetched side by side.
_AT_ONCE = 16


class Store:
    """The files of a run in an object store, under their names in the run folder.

    Args:
        address: what errors name.
        system: a file system of pyarrow.
        base: the place of the run in it.
    """

    def __init__(self, address: str, system: Any, base: str) -> None:
        self.address = address
        self._system, self._base = system, base.rstrip("/")
        self._listings: dict[str, tuple[float, dict[str, float]]] = {}

    def within(self, place: str) -> "Store":
        """A folder of the run, with names of its own."""
        return Store(f"{self.address}/{place}", self._system, f"{self._base}/{place}")

    def listed(self, place: str) -> dict[str, float]:
        """Names of the files in a folder of the run, with the time when each was written."""
        from pyarrow.fs import FileSelector, FileType

        looked, found = self._listings.get(place, (-_FRESH, {}))
        if time.monotonic() - looked >= _FRESH:
            selector = FileSelector(f"{self._base}/{place}", allow_not_found=True)
            with self._reached():
                infos = self._system.get_file_info(selector)
            found = {i.base_name: i.mtime_ns / 1e9 for i in infos if i.type == FileType.File}
            self._listings[place] = time.monotonic(), found
        return found

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        from pyarrow.fs import FileType

        with self._reached():
            return bool(self._system.get_file_info(self._at(name)).type == FileType.File)

    def fetch(self, name: str, path: Path) -> None:
        """Writes a file of the store here, whole; nothing where there is none.

        Raises:
            WriteError: the disk is full.
        """
        chunks = self._chunks(name)
        try:
            first = next(chunks, b"")
        except FileNotFoundError:
            return
        with replacing(path) as temporary, temporary.open("wb") as file:
            file.write(first)
            file.writelines(chunks)

    def content(self, name: str) -> bytes:
        """What is in a file."""
        return b"".join(self._chunks(name))

    def _chunks(self, name: str) -> Iterator[bytes]:
        """A file bit by bit: what the store answers meanwhile is no fault of the disk here."""
        with self._reached(), self._system.open_input_stream(self._at(name)) as there:
            while chunk := there.read(_CHUNK):
                yield chunk

    def put(self, name: str, path: Path) -> None:
        """Copies a file of this computer there: others see it once it is whole."""
        try:
            with (
                self._reached(),
                path.open("rb") as file,
                self._system.open_output_stream(self._at(name)) as there,
            ):
                shutil.copyfileobj(file, there)
        except BaseException:  # closing, which cannot be avoided, has made a file of the beginning
            with suppress(RunError):
                self.remove(name)
            raise
        self._listings.pop(Path(name).parent.as_posix(), None)

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        with self._reached(), suppress(FileNotFoundError):
            self._system.delete_file(self._at(name))
        self._listings.pop(Path(name).parent.as_posix(), None)

    def _at(self, name: str) -> str:
        return f"{self._base}/{name}"

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """What a store answers, as an error of ours."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _out_of_reach(self.address, error) from error


_stores: dict[Path, Store] = {}


@contextmanager
def mounted(place: Path, into: Path | None = None) -> Iterator[Path]:
    """A folder that stands for a place, which is itself where it is a folder.

    Of a store it is a temporary one, or `into`, with what is not a shard's.

    Raises:
        RunError: the store cannot be reached.
    """
    address = store_address(place)
    if address is None:
        yield place
        return
    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
        with _standing_for(address, into) as folder:
            yield folder
        return
    with TemporaryDirectory(prefix="odograph-", ignore_cleanup_errors=True) as scratch:
        place = Path(scratch).resolve()
        try:
            with _standing_for(address, place) as folder:
                yield folder
        except OdographError as error:  # of what is in the store, or was to be
            raise error.naming(str(place), address) from error


@contextmanager
def _standing_for(address: str, folder: Path) -> Iterator[Path]:
    store = _opened(address)
    for name in store.listed(""):
        _bring_top(store, name, folder)
    _stores[folder.resolve()] = store
    try:
        yield folder
    finally:
        for place in [place for place in _stores if place.is_relative_to(folder.resolve())]:
            del _stores[place]


def _bring_top(store: Store, name: str, folder: Path) -> None:
    """Fetches a file that is no shard's.

    Raises:
        RunError: there is another of that name.
    """
    path = folder / name
    if not path.exists():
        store.fetch(name, path)
    elif path.read_bytes() != store.content(name):
        raise RunError(
            f"'{folder}' holds another run than '{store.address}'",
            given=f"another {name}",
            remedy="Choose another --out.",
        )


def _opened(address: str) -> Store:
    from pyarrow.fs import FileSystem
    from pyarrow.lib import ArrowInvalid

    try:
        system, base = FileSystem.from_uri(address)
    except (OSError, ArrowInvalid, NotImplementedError) as error:
        raise _out_of_reach(address, error) from error
    return Store(address, system, base)


def _out_of_reach(address: str, error: Exception) -> RunError:
    return RunError(
        f"'{address}' cannot be reached: {' '.join(str(error).split())[:300]}",
        expected="a store that this computer may read and write",
        remedy="Check address and credentials (for S3: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
        "AWS_REGION).",
    )


def _store_of(folder: Path) -> Store | None:
    """The store that a folder stands for, or that the folder it lies in stands for."""
    if not _stores:
        return None
    place = folder.resolve()
    if place not in _stores and (above := _stores.get(place.parent)) is not None:
        _stores[place] = above.within(place.name)
    return _stores.get(place)


def names_in(folder: Path, place: str) -> dict[str, float | None]:
    """Names of files in a subfolder of a run, with the time of each where a store says it."""
    store = _store_of(folder)
    if store is not None:
        return dict(store.listed(place))
    try:
        return dict.fromkeys(path.name for path in (folder / place).iterdir())
    except FileNotFoundError:
        return {}


def fetch(folder: Path, names: Iterable[str]) -> None:
    """Brings files of a run here that are not here yet; nothing where a folder is just that."""
    store = _store_of(folder)
    if store is None:
        return
    places = {name: place_of(folder, name) for name in names}
    missing = [name for name, path in places.items() if not path.is_file()]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda name: store.fetch(name, places[name]), missing))


def deliver(folder: Path, names: Iterable[str]) -> None:
    """Takes files to the store that a folder stands for, and away from here."""
    store = _store_of(folder)
    if store is None:
        return
    for name in names:
        store.put(name, folder / name)
        (folder / name).unlink()


def agree(folder: Path, name: str) -> None:
    """Makes a file the one that all have: of several who write it at once the last.

    Where it is there already, it replaces that of this folder.
    """
    store = _store_of(folder)
    if store is None:
        return
    if not store.has(name):
        store.put(name, folder / name)
        time.sleep(_SETTLED)
    store.fetch(name, folder / name)


def withdraw(folder: Path, name: str) -> None:
    """Removes a file of a run, here and in its store."""
    (folder / name).unlink(missing_ok=True)
    if (store := _store_of(folder)) is not None:
        store.remove(name)
