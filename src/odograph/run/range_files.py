"""A range of texts as tokens, on disk: the passages one after the other, and what is known of them.

Passages are read where they lie, by place; what is known of them is in memory.
"""

import mmap
from collections import Counter
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from odograph.corpus.encoded_range import EncodedRange
from odograph.corpus.facts import Facts
from odograph.corpus.stored import Store
from odograph.errors import RunError
from odograph.folder.checksums import checksum
from odograph.folder.encoding import FACTS, PASSAGES
from odograph.folder.store import fetch
from odograph.folder.writer import write_with


class PassageFile:
    """Passages of a range that some process has written.

    Args:
        path: of their file.
        ends: where each begins in it, and where the last ends.
        digests: of each, see `_digest`; a rank reads few of the passages and checks these alone.
        facts: what is known of each.
    """

    def __init__(
        self, path: Path, ends: NDArray[np.int64], digests: NDArray[np.uint64], facts: Facts
    ) -> None:
        self._path, self._ends, self._digests, self._facts = path, ends, digests, facts
        self._content: mmap.mmap | None = None

    def data(self, number: int) -> bytes:
        """What `Encoded.to_bytes` gave for a passage; a passage has at least one byte.

        Raises:
            RunError: the file is not what was written, or is gone.
        """
        if self._content is None:
            fetch(self._path.parent, [self._path.name])
            self.check()
            with self._path.open("rb") as file:
                self._content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        data = self._content[int(self._ends[number]) : int(self._ends[number + 1])]
        if _digest(data) != int(self._digests[number]):
            raise _damaged(self._path, "it is not what was written")
        return data

    def check(self) -> None:
        """Nothing, if the file is as long as it was.

        Raises:
            RunError: it is not.
        """
        try:
            if self._path.stat().st_size == int(self._ends[-1]):
                return
        except OSError as error:
            raise _damaged(self._path, str(error)) from error
        raise _damaged(self._path, "it is not as long as it was")

    def facts(self) -> Facts:
        """What is known of each."""
        return self._facts


def write_range(encoded: EncodedRange, folder: Path, name: str) -> dict[str, Any]:
    """Writes a range that was encoded here; gives what its receipt says of it.

    Args:
        encoded: the range.
        folder: where ranges lie.
        name: of the files, without ending.

    Raises:
        WriteError: they cannot be written.
    """
    store, known = encoded.passages, encoded.passages.facts()
    assert isinstance(store, Store)  # it was encoded here
    arrays = {field: getattr(known, field) for field in Facts.__dataclass_fields__}
    arrays |= {
        "ends": store.ends,
        "digests": np.array([_digest(store.data(n)) for n in range(len(store))], np.uint64),
        "windows": encoded.windows,
        "trigrams": encoded.trigrams,
        "trigram_ends": encoded.trigram_ends,
    }
    facts = save(arrays)
    files = [folder / f"{name}{PASSAGES}", folder / f"{name}{FACTS}"]
    write_with(lambda path: _copy(store, path), files[0])
    write_with(lambda path: path.write_bytes(facts), files[1])
    return {
        "tokens": int(known.tokens.sum(dtype=np.int64)),
        "largest": encoded.largest,
        "counts": dict(encoded.counts),
        "files": {file.name: checksum(file) for file in files},
    }


def _digest(data: bytes) -> int:
    """What a passage is known by, when it is read again: 64 bits of its BLAKE2b."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def _copy(store: Store, path: Path) -> None:
    with path.open("wb") as file:
        store.copy_to(file)


def read_range(folder: Path, receipt: dict[str, Any]) -> EncodedRange:
    """A range that some process has encoded.

    Args:
        folder: where ranges lie.
        receipt: what its receipt says.

    Raises:
        RunError: its files are not what was written.
    """
    paths = {Path(name).suffix: folder / name for name in receipt["files"]}
    facts, passages = paths[FACTS], paths[PASSAGES]
    fetch(folder, [facts.name])
    if not facts.is_file() or checksum(facts) != receipt["files"][facts.name]:
        raise _damaged(facts, "it is not what was written")
    try:
        arrays = load_file(facts)
        known = Facts(**{name: arrays[name] for name in Facts.__dataclass_fields__})
        file = PassageFile(passages, arrays["ends"], arrays["digests"], known)
        found = EncodedRange(
            passages=file,
            windows=arrays["windows"],
            trigrams=arrays["trigrams"],
            trigram_ends=arrays["trigram_ends"],
            counts=Counter(receipt["counts"]),
            largest=receipt["largest"],
        )
    except (SafetensorError, KeyError) as error:
        raise _damaged(facts, str(error)) from error
    if passages.is_file():  # of a store it is fetched when it is read
        file.check()
    return found


def _damaged(path: Path, reason: str) -> RunError:
    return RunError(
        f"'{path}' is damaged: {reason}",
        expected="the texts as tokens, as a rank has written them",
        remedy=f"Remove '{path.parent}' while no rank is at work, and start the ranks again.",
    )
