"""Passages of a corpus of any size: kept in a temporary file, read when they are asked for."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Protocol, overload

import numpy as np

from odograph.corpus.encoded import Encoded
from odograph.corpus.facts import Documents, Facts, GrowingFacts, Ints, numbered
from odograph.corpus.records import Records


class Place(Protocol):
    """Where passages lie, numbered from 0."""

    def data(self, number: int) -> bytes:
        """What `Encoded.to_bytes` gave for a passage."""

    def facts(self) -> Facts:
        """What is known of each of them."""


class Store:
    """What takes the passages of a corpus one by one, on to a file that ends with it.

    In memory are their facts and where each ends: 26 bytes a passage.

    Args:
        vocabulary: the piece of text of each id, for all passages.
    """

    def __init__(self, vocabulary: Mapping[int, str]) -> None:
        self._vocabulary = vocabulary
        self._records = Records("the tokens of the texts")
        self._facts = GrowingFacts()

    def __len__(self) -> int:
        """Number of passages."""
        return len(self._facts)

    def add(self, passages: Iterable[Encoded]) -> None:
        """Takes some more passages.

        Raises:
            TextError: the disk is full.
        """
        for passage in passages:
            self._records.add(passage.to_bytes())
            self._facts.add(passage)

    def extend(self, passages: Sequence[bytes], facts: Facts) -> None:
        """Takes some more, as `data` and `facts` of another store gave them.

        Raises:
            TextError: the disk is full.
        """
        self._records.add(*passages)
        self._facts.extend(facts)

    def passages(self) -> "Stored":
        """All that were added, in order; none can be added any more."""
        return stored([self], self._vocabulary)

    def data(self, number: int) -> bytes:
        """What `Encoded.to_bytes` gave for a passage.

        Raises:
            TextError: the disk is full.
        """
        return self._records[number]

    def facts(self) -> Facts:
        """What is known of each passage; none can be added any more."""
        return self._facts.facts()

    @property
    def records(self) -> Records:
        """The passages as bytes."""
        return self._records


@dataclass(frozen=True, slots=True, eq=False)
class _Corpus:
    """Passages that lie in several places, numbered through, or with the numbers they have."""

    places: tuple[Place, ...]
    starts: tuple[int, ...]
    vocabulary: Mapping[int, str]
    facts: Facts
    documents: Documents | None = None
    passages: Ints | None = None

    def read(self, number: int) -> Encoded:
        """A passage; as it was added, but for its number and its document."""
        part = bisect_right(self.starts, number) - 1
        data = self.places[part].data(number - self.starts[part])
        document = None
        if self.documents is not None:
            document = self.documents.names.get(int(self.documents.number[number]))
        known = number if self.passages is None else int(self.passages[number])
        return Encoded.from_bytes(data, self.vocabulary, known, document)


def stored(places: Sequence[Place], vocabulary: Mapping[int, str]) -> "Stored":
    """All passages of some places, one after the other; a vocabulary is that of all."""
    facts = [place.facts() for place in places]
    starts = (0, *accumulate(len(its.tokens) for its in facts[:-1]))
    corpus = _Corpus(tuple(places), starts, vocabulary, Facts.joined(facts))
    return Stored(corpus, range(len(corpus.facts.tokens)))


class Stored(Sequence[Encoded]):
    """Passages of a corpus, each made anew whenever it is asked for; a slice of them is such, too.

    Args:
        corpus: what holds them, and maybe others.
        numbers: which, and in what order.
    """

    def __init__(self, corpus: _Corpus, numbers: range) -> None:
        self._corpus, self._numbers = corpus, numbers

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
            return Stored(self._corpus, self._numbers[place])
        return self._corpus.read(self._numbers[place])

    def __iter__(self) -> Iterator[Encoded]:
        """The passages in order."""
        return map(self._corpus.read, self._numbers)

    def in_documents(self, documents: Documents) -> "Stored":
        """The same, where it is known of all passages of the corpus what document they are of."""
        return Stored(replace(self._corpus, documents=documents), self._numbers)

    def numbered_as(self, passages: Sequence[int]) -> "Stored":
        """The same with these numbers, where the passages of the corpus are some of another."""
        numbers = np.array(passages, np.int32)
        return Stored(replace(self._corpus, passages=numbers), self._numbers)

    @property
    def facts(self) -> Facts:
        """What is known of each; none is read for that."""
        return self._corpus.facts[self._slice()]

    @property
    def documents(self) -> Documents | None:
        """The document of each; None where only they themselves say it."""
        its = self._corpus.documents
        return None if its is None else its[self._slice()]

    def _slice(self) -> slice:
        """Their numbers, as arrays are cut."""
        numbers = self._numbers
        stop = None if numbers.stop < 0 else numbers.stop
        return slice(numbers.start, stop, numbers.step)

    def __reduce__(self) -> tuple[Any, ...]:
        """In another process they are a tuple: the file is here alone."""
        return tuple, (tuple(self),)


def facts_of(passages: Sequence[Encoded]) -> Facts:
    """What is known of each passage; stored ones are not read for that."""
    if isinstance(passages, Stored):
        return passages.facts
    growing = GrowingFacts()
    for passage in passages:
        growing.add(passage)
    return growing.facts()


def documents_of(passages: Sequence[Encoded]) -> Documents:
    """The document of each passage; most stored ones are not read for that."""
    known = passages.documents if isinstance(passages, Stored) else None
    return Documents(numbered(p.document for p in passages)) if known is None else known


def count_documents(passages: Sequence[Encoded]) -> int:
    """How many documents passages are of."""
    return int(np.count_nonzero(np.bincount(documents_of(passages).number)))


def count_tokens(passages: Sequence[Encoded]) -> int:
    """Tokens of all passages; stored ones are not read for that."""
    return int(lengths(passages).sum(dtype=np.int64))


def lengths(passages: Sequence[Encoded]) -> Ints:
    """Tokens of each passage; stored ones are not read for that."""
    if isinstance(passages, Stored):
        return passages.facts.tokens
    return np.array(list(map(len, passages)), np.int32)
