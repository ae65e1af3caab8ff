"""Passages of a corpus of any size: kept in a temporary file, read when they are asked for.

Where the folder for temporary files lies in memory (tmpfs), so does the file: TMPDIR names another.
"""

import errno
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any, overload

from odograph.corpus.encoded import Encoded
from odograph.errors import TextError

#: Up to so many bytes a corpus stays in memory: about 100,000 tokens.
_IN_MEMORY = 2**22
_NO_SPACE = errno.ENOSPC, errno.EDQUOT


class Store:
    """What takes the passages of a corpus one by one, on to a file that ends with it.

    The system removes the file when it is closed, even where the process is killed. In memory are
    12 bytes a passage.

    Args:
        vocabulary: the piece of text of each id, for all passages.
    """

    def __init__(self, vocabulary: Mapping[int, str]) -> None:
        self._vocabulary = vocabulary
        self._ends = array("q", [0])
        self._lengths = array("i")
        self._file: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, _close, self._file)

    def __len__(self) -> int:
        """Number of passages."""
        return len(self._lengths)

    def add(self, passages: Iterable[Encoded]) -> None:
        """Takes some more passages.

        Raises:
            TextError: the disk is full.
        """
        for passage in passages:
            data = passage.to_bytes()
            try:
                self._file.seek(self._ends[-1])
                self._file.write(data)
            except OSError as error:
                raise _full(error) from error
            self._ends.append(self._ends[-1] + len(data))
            self._lengths.append(len(passage))

    def passages(self) -> "Stored":
        """All that were added so far, in order."""
        return Stored(self, range(len(self)))

    def read(self, number: int) -> Encoded:
        """A passage, as it was added.

        Raises:
            TextError: the disk is full.
        """
        start, end = self._ends[number], self._ends[number + 1]
        try:
            self._file.seek(start)
            data = self._file.read(end - start)
        except OSError as error:  # the last that was written goes to the disk now
            raise _full(error) from error
        return Encoded.from_bytes(data, self._vocabulary)

    def length(self, number: int) -> int:
        """Tokens of a passage, which is not read for that."""
        return self._lengths[number]


class Stored(Sequence[Encoded]):
    """Passages of a store, each made anew whenever it is asked for; a slice of them is such, too.

    Args:
        store: what holds them, and maybe others.
        numbers: which, and in what order.
    """

    def __init__(self, store: Store, numbers: range) -> None:
        self._store, self._numbers = store, numbers

    def __len__(self) -> int:
        """Number of passages."""
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> Encoded: ...

    @overload
    def __getitem__(self, place: slice) -> "Stored": ...

    def __getitem__(self, place: int | slice) -> "Encoded | Stored":
        """One passage, or some."""
        if isinstance(place, slice):
            return Stored(self._store, self._numbers[place])
        return self._store.read(self._numbers[place])

    def __iter__(self) -> Iterator[Encoded]:
        """The passages in order."""
        return map(self._store.read, self._numbers)

    def lengths(self) -> Iterator[int]:
        """Tokens of each passage; none is read for that."""
        return map(self._store.length, self._numbers)

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process they are a tuple: the file is here alone."""
        return tuple, (tuple(self),)


def lengths(passages: Sequence[Encoded]) -> list[int]:
    """Tokens of each passage; stored ones are not read for that."""
    return list(passages.lengths() if isinstance(passages, Stored) else map(len, passages))


def _full(error: OSError) -> TextError:
    first = "Free space there, or set" if error.errno in _NO_SPACE else "Set"
    folder = tempfile.tempdir or "the folder for temporary files"
    return TextError(
        "the tokens of the texts cannot be kept in a temporary file",
        given=f"{error.strerror or error} ({folder})",
        remedy=f"{first} TMPDIR to a folder of another disk.",
    )


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what could not be written is not wanted any more
        file.close()
