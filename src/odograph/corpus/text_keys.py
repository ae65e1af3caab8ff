"""What tells copies among texts: some numbers of each, and the word trigrams of all.

Whoever encodes a range of texts writes these. Copies are joined over all ranges from them alone.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.likeness import Trigrams, copy_hash
from odograph.corpus.passages import Passage

Keys = NDArray[np.uint64]
Ints = NDArray[np.int32]


class Names(Protocol):
    """Strings by number, in memory or on disk."""

    def __getitem__(self, number: int, /) -> str:
        """One of them."""


@dataclass(frozen=True, slots=True, eq=False)
class TextKeys:
    """What tells copies among the texts of a range.

    Attributes:
        unit: 64 bits of what a text shares with others that belong to it by name; 0 for none.
        variant: whether that is the passage that it is a variant of, and no document.
        copy: its hash; see `likeness.copy_hash`.
        name: 64 bits of what it says that its document is called.
        names: these names themselves.
        windows: how many passages came of it.
        trigram: word trigrams of all texts where near-copies are looked for, in order.
        text: the text in which each is, by its number in the range.
    """

    unit: Keys
    variant: NDArray[np.bool_]
    copy: Keys
    name: Keys
    names: Names
    windows: Ints
    trigram: Trigrams
    text: Ints

    def __len__(self) -> int:
        """Number of texts."""
        return len(self.unit)


@dataclass(slots=True)
class GrowingKeys:
    """The keys of texts that come one by one."""

    _unit: Any = field(default_factory=lambda: array("Q"))
    _variant: list[bool] = field(default_factory=list)
    _copy: Any = field(default_factory=lambda: array("Q"))
    _name: Any = field(default_factory=lambda: array("Q"))
    _names: list[str] = field(default_factory=list)
    _windows: Any = field(default_factory=lambda: array("i"))
    _trigram: Any = field(default_factory=lambda: array("Q"))
    _ends: Any = field(default_factory=lambda: array("q", [0]))

    def add(self, passage: Passage, trigrams: Trigrams, windows: int) -> None:
        """Takes one more text, with the trigrams by which near-copies of it are found."""
        name = own_name(passage)
        self._unit.append(_unit(passage))
        self._variant.append(bool(passage.base) and not passage.document)
        self._copy.append(int(copy_hash(passage), 16))
        self._name.append(name_key(name))
        self._names.append(name)
        self._windows.append(windows)
        self._trigram.frombytes(trigrams.tobytes())
        self._ends.append(len(self._trigram))

    def keys(self) -> TextKeys:
        """Those of all texts so far; none can be added any more."""
        trigram = np.asarray(self._trigram)
        order = np.argsort(trigram, kind="stable")
        texts = np.arange(len(self._names), dtype=np.int32)
        return TextKeys(
            unit=np.asarray(self._unit),
            variant=np.array(self._variant, np.bool_),
            copy=np.asarray(self._copy),
            name=np.asarray(self._name),
            names=self._names,
            windows=np.asarray(self._windows),
            trigram=trigram[order],
            text=np.repeat(texts, np.diff(self._ends))[order],
        )


def keys_of(passages: Sequence[Passage], trigrams: Sequence[Trigrams]) -> TextKeys:
    """The keys of texts of which each gives a passage, with the trigrams of each."""
    growing = GrowingKeys()
    for passage, its in zip(passages, trigrams, strict=True):
        growing.add(passage, its, 1)
    return growing.keys()


def own_name(passage: Passage) -> str:
    """What a passage says that its document is called: that, or its own id."""
    return passage.document or passage.base or passage.id


def name_key(name: str) -> int:
    """64 bits of a name."""
    data = name.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def come_twice(keys: NDArray[Any]) -> bool:
    """Whether one of some numbers does."""
    ordered = np.sort(keys)
    return bool((ordered[1:] == ordered[:-1]).any())


def _unit(passage: Passage) -> int:
    """What passages share that belong together by their names alone; 0 where nothing says so."""
    if passage.document:
        return name_key(f"document\t{passage.document}")
    return name_key(f"base\t{passage.base}") if passage.base else 0
