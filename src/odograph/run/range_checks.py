"""Files of ranges of texts are what a rank has written: nothing else is taken from them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.errors import RunError
from odograph.folder.checksums import checksum
from odograph.folder.store import fetch

_EXPECTED = "the texts as tokens, as a rank has written them"


def file_of(folder: Path, receipt: Mapping[str, Any], ending: str) -> Path:
    """The file of this ending that a receipt names; it may be in a store yet.

    Raises:
        RunError: the receipt names none.
    """
    for name in receipt["files"]:
        if str(name).endswith(ending):
            return folder / str(name)
    part = f"part-{receipt['index']:05d}"
    raise damaged(folder / part, "its receipt is of other files", given=", ".join(receipt["files"]))


def whole_file(folder: Path, receipt: Mapping[str, Any], ending: str) -> Path:
    """The same, here, after its checksum was found right.

    Raises:
        RunError: it is not what was written, or is gone.
    """
    path = file_of(folder, receipt, ending)
    fetch(folder, [path.name])
    if not path.is_file() or checksum(path) != receipt["files"][path.name]:
        raise damaged(path, "it is not what was written")
    return path


def check_arrays(
    path: Path, arrays: Mapping[str, NDArray[Any]], shapes: Mapping[str, tuple[Any, int]]
) -> None:
    """Nothing, if arrays have the kinds and lengths that they should have.

    Args:
        path: of the file that they are of.
        arrays: those that were found.
        shapes: of those that should be there.

    Raises:
        RunError: one has not, or is not there.
    """
    for name, (kind, length) in shapes.items():
        its = arrays.get(name)
        wanted = f"'{name}' with {length:,} numbers ({np.dtype(kind)})"
        if its is None:
            raise damaged(path, "an array is missing", wanted, given=", ".join(sorted(arrays)))
        if its.dtype != kind or its.shape != (length,):
            shape = " x ".join(f"{n:,}" for n in its.shape)
            raise damaged(path, "an array does not fit", wanted, given=f"{shape} ({its.dtype})")


def check_numbers(path: Path, name: str, numbers: NDArray[Any], below: int) -> None:
    """Nothing, if numbers of an array count from 0 and are below this one.

    Raises:
        RunError: one is not.
    """
    wrong = numbers[(numbers < 0) | (numbers >= below)]
    if len(wrong):
        expected = f"'{name}' with numbers from 0 to {below - 1:,}"
        raise damaged(path, "a number does not fit", expected, given=str(wrong[0]))


def damaged(path: Path, reason: str, expected: str = _EXPECTED, given: str = "") -> RunError:
    """The error that a file is not what a rank has written."""
    return RunError(
        f"'{path}' is damaged: {reason}",
        expected=expected,
        given=given,
        remedy=f"Remove '{path.parent}' while no rank is at work, and start the ranks again.",
    )
