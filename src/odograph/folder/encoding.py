"""The texts of a run as tokens, while ranks measure it: files of ranges, gone once it is closed."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from odograph.folder.keys import Count, Digest, fault_finder
from odograph.folder.receipts import RECEIPTS, Attempt, DoneKeys, attempts, receipts_of
from odograph.folder.store import names_in, withdraw

ENCODING = "encoding"
PASSAGES, FACTS, KEYS = ".passages", ".safetensors", ".keys"
_PART = r"part-[0-9]{5,}-[0-9a-f]{12}\.(passages|safetensors|keys)"
_RECEIPT = r"part-[0-9]{5,}-[0-9a-f]{8}-[0-9a-f]{12}\.(json|begun)"
#: Also under the temporary names of processes that were killed.
_OWN = {
    place: re.compile(rf"{name}|\.{name}\.[0-9]+\.tmp")
    for place, name in {"": _PART, RECEIPTS: _RECEIPT}.items()
}


class EncodedKeys(DoneKeys):
    """What is read of the receipt of a range of texts, or of the documents of all.

    Attributes:
        ranges: how many there are in all; the documents have this number.
        largest: the largest token id; -1 without tokens.
        counts: what was left out of the texts, or flagged; or what was joined.
        met: targets that occur in them.
        files: names and checksums: of passages, what is known of them, and what tells copies.
    """

    ranges: Count
    largest: Annotated[int, Field(ge=-1)]
    counts: dict[str, Count]
    met: list[str]
    files: dict[Annotated[str, Field(pattern=f"^{_PART}$")], Digest]


_first_fault = fault_finder(EncodedKeys)


def encoded_ranges(folder: Path, key: str) -> dict[int, dict[str, Any]]:
    """Of each range of texts that is encoded under a key the first receipt, in order.

    After the last range comes that of the documents, once copies are joined.

    Args:
        folder: of the run.
        key: under which they count.

    Raises:
        RunError: a receipt is damaged.
    """
    found: dict[int, dict[str, Any]] = {}
    for attempt, receipt in receipts_of(folder / ENCODING, key, _first_fault):
        first = found.setdefault(attempt.index, receipt)
        if receipt["by"]["time"] < first["by"]["time"]:
            found[attempt.index] = receipt
    return dict(sorted(found.items()))


def encoding_progress(folder: Path) -> tuple[int, int, int] | None:
    """How many ranges of the texts are encoded, of how many, and their tokens.

    None before the first is. Of ranks with different options those who were last.

    Raises:
        RunError: a receipt is damaged.
    """
    done = [attempt for attempt in attempts(folder / ENCODING) if attempt.done]
    if not done:
        return None
    last = max(done, key=Attempt.since)
    found = encoded_ranges(folder, last.key)
    ranges = found[last.index]["ranges"]
    encoded = sum(index < ranges for index in found)
    return encoded, ranges, sum(its["tokens"] for its in found.values())


def encoding_files(folder: Path) -> Iterator[Path]:
    """The files that ranks have written of the texts as tokens; nothing that is named otherwise."""
    for place, own in _OWN.items():
        with suppress(NotADirectoryError):
            for name in sorted(names_in(folder / ENCODING, place)):
                if own.fullmatch(name):
                    yield folder / ENCODING / place / name


def remove_encoding(folder: Path) -> None:
    """Removes these files, and their folders where nothing else is in them."""
    place = folder / ENCODING
    for path in encoding_files(folder):
        withdraw(place, path.relative_to(place).as_posix())
    for empty in (place / RECEIPTS, place):
        with suppress(OSError):
            empty.rmdir()
