"""Records in a temporary file that ends with what holds them.

Where the folder for temporary files lies in memory (tmpfs), so does the file: TMPDIR names another.
"""

import errno
import shutil
import tempfile
import weakref
from array import array
from contextlib import suppress
from itertools import accumulate
from tempfile import SpooledTemporaryFile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from odograph.errors import TextError

#: Up to so many bytes records stay in memory.
_IN_MEMORY = 2**22
_NO_SPACE = errno.ENOSPC, errno.EDQUOT


class Records:
    """Bytes by number, one record after the other: in memory is where each ends, 8 bytes.

    The system removes the file when it is closed, even where the process is killed.

    Args:
        what: is in them, for an error.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._ends = array("q", [0])
        self._file: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, _close, self._file)

    def __len__(self) -> int:
        """Number of records."""
        return len(self._ends) - 1

    def add(self, *data: bytes) -> None:
        """Takes some more.

        Raises:
            TextError: the disk is full.
        """
        try:
            self._file.seek(self._ends[-1])
            self._file.write(b"".join(data))
        except OSError as error:
            raise self._full(error) from error
        first = self._ends.pop()
        self._ends.extend(accumulate(map(len, data), initial=first))

    def __getitem__(self, number: int) -> bytes:
        """One of them.

        Raises:
            TextError: the disk is full.
        """
        start, end = self._ends[number], self._ends[number + 1]
        try:
            self._file.seek(start)
            return self._file.read(end - start)
        except OSError as error:  # the last that was written goes to the disk now
            raise self._full(error) from error

    @property
    def ends(self) -> NDArray[np.int64]:
        """Where each begins in the file, and where the last ends; none can be added any more."""
        return np.asarray(self._ends)

    def copy_to(self, file: IO[bytes]) -> None:
        """Writes all of them into a file.

        Raises:
            TextError: the temporary file cannot be read.
        """
        try:
            self._file.seek(0)
        except OSError as error:
            raise self._full(error) from error
        shutil.copyfileobj(self._file, file)

    def _full(self, error: OSError) -> TextError:
        first = "Free space there, or set" if error.errno in _NO_SPACE else "Set"
        folder = tempfile.tempdir or "the folder for temporary files"
        return TextError(
            f"{self._what} cannot be kept in a temporary file",
            given=f"{error.strerror or error} ({folder})",
            remedy=f"{first} TMPDIR to a folder of another disk.",
        )


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # what could not be written is not wanted any more
        file.close()
