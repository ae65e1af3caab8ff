"""A range of texts as tokens, on disk: the passages one after the other, and what is known of them.

Passages are read where they lie, by place; what is known of them is in memory.
"""

from collections import Counter
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from odograph.corpus.encoded import Encoded
from odograph.corpus.encoded_range import EncodedRange
from odograph.corpus.facts import Facts
from odograph.corpus.stored import Store
from odograph.corpus.text_keys import TextKeys
from odograph.folder.checksums import checksum
from odograph.folder.encoding import FACTS, KEYS, PASSAGES
from odograph.folder.store import fetch
from odograph.folder.writer import write_with
from odograph.run.key_files import write_keys
from odograph.run.range_checks import check_arrays, damaged, file_of, whole_file

#: The arrays with an entry for each passage.
_PASSAGES = {"tokens": "i4", "rows": "i4", "counted": "u2", "text": "u8", "digests": "u8"}


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
        self._content: Any = None

    def data(self, number: int) -> bytes:
        """What `Encoded.to_bytes` gave for a passage; a passage has at least one byte.

        Raises:
            RunError: the file is not what was written, or is gone.
        """
        if self._content is None:
            fetch(self._path.parent, [self._path.name])
            self.check()
            self._content = _mapped(self._path)
        start, end = self._ends[number : number + 2].tolist()
        data: bytes = self._content[start:end].to_pybytes()
        if _digest(data) != int(self._digests[number]):
            raise damaged(self._path, "it is not what was written")
        tokens, shape = int(self._facts.tokens[number]), Encoded.shape_of(data)
        if shape is None or shape[1] != tokens:
            given = "something else" if shape is None else str(shape[1])
            raise damaged(self._path, "a passage does not fit", f"{tokens} tokens", given)
        return data

    def check(self) -> None:
        """Nothing, if the passages fill the file one after the other, which is as long as it was.

        Raises:
            RunError: it is not.
        """
        if self._ends[0] or (np.diff(self._ends) <= 0).any():
            raise damaged(self._path, "its passages do not lie one after the other")
        try:
            if self._path.stat().st_size == int(self._ends[-1]):
                return
        except OSError as error:
            raise damaged(self._path, str(error)) from error
        raise damaged(self._path, "it is not as long as it was")

    def facts(self) -> Facts:
        """What is known of each."""
        return self._facts


def write_range(encoded: EncodedRange, keys: TextKeys, folder: Path, name: str) -> dict[str, Any]:
    """Writes a range that was encoded here; gives what its receipt says of it.

    Args:
        encoded: the range.
        keys: of its texts.
        folder: where ranges lie.
        name: of the files, without ending.

    Raises:
        WriteError: they cannot be written.
    """
    store, known = encoded.passages, encoded.passages.facts()
    assert isinstance(store, Store)  # it was encoded here
    arrays = {field: getattr(known, field) for field in Facts.__dataclass_fields__}
    arrays |= {
        "ends": store.records.ends,
        "digests": np.array([_digest(store.data(n)) for n in range(len(store))], np.uint64),
    }
    facts = save(arrays)
    files = [folder / f"{name}{ending}" for ending in (PASSAGES, FACTS, KEYS)]
    write_with(lambda path: _copy(store, path), files[0])
    write_with(lambda path: path.write_bytes(facts), files[1])
    write_keys(keys, files[2])
    return {
        "tokens": int(known.tokens.sum(dtype=np.int64)),
        "largest": encoded.largest,
        "counts": dict(encoded.counts),
        "met": sorted(encoded.met),
        "files": {file.name: checksum(file) for file in files},
    }


def _mapped(path: Path) -> Any:
    """The bytes of a file, read where they lie; the file itself is not kept open."""
    import pyarrow

    with pyarrow.memory_map(str(path)) as file:
        return file.read_buffer()


def _digest(data: bytes) -> int:
    """What a passage is known by, when it is read again: 64 bits of its BLAKE2b."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def _copy(store: Store, path: Path) -> None:
    with path.open("wb") as file:
        store.records.copy_to(file)


def read_range(folder: Path, receipt: dict[str, Any]) -> EncodedRange:
    """A range that some process has encoded.

    Args:
        folder: where ranges lie.
        receipt: what its receipt says.

    Raises:
        RunError: its files are not what was written.
    """
    facts = whole_file(folder, receipt, FACTS)
    passages = file_of(folder, receipt, PASSAGES)
    try:
        arrays = load_file(facts)
    except SafetensorError as error:
        raise damaged(facts, str(error)) from error
    count = arrays["tokens"].size if "tokens" in arrays else 0
    shapes = {name: (kind, count) for name, kind in _PASSAGES.items()}
    check_arrays(facts, arrays, shapes | {"ends": ("i8", count + 1)})
    known = Facts(**{name: arrays[name] for name in Facts.__dataclass_fields__})
    file = PassageFile(passages, arrays["ends"], arrays["digests"], known)
    if passages.is_file():  # of a store it is fetched when it is read
        file.check()
    counts, met = Counter(receipt["counts"]), frozenset(receipt["met"])
    return EncodedRange(file, counts, receipt["largest"], met)
