"""Good passages of sources told from bad ones, as they come, and ids that are unique."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from odograph.corpus.passages import Passage, PlainPassages
from odograph.corpus.rows import Note
from odograph.corpus.sources import PassageError, Source
from odograph.corpus.text_keys import come_twice
from odograph.errors import TextError

#: What comes of a source one by one.
Read: TypeAlias = Passage | PlainPassages | PassageError | Note


class _Ids:
    """The ids of passages that come some at a time: 8 bytes of each."""

    def __init__(self) -> None:
        self._keys = array("q")

    def add(self, names: Sequence[str]) -> None:
        """Takes some more."""
        self._keys.extend(map(hash, names))

    def repeat(self) -> bool:
        """Whether one came twice; of two that only share a hash it is said, too."""
        return come_twice(np.asarray(self._keys))


class Sorting:
    """Good passages told from bad ones, as they come; what is found out about them on the way.

    Args:
        strict: a bad passage is an error.
    """

    def __init__(self, strict: bool) -> None:
        self._strict = strict
        self._source_of: dict[str, str] = {}
        self.bad: list[PassageError] = []
        self.notes: list[str] = []
        self.several: dict[str, None] = {}
        self.ids = _Ids()

    def good(self, source: Source, read: Iterable[Read]) -> Iterator[Passage | PlainPassages]:
        """The good passages of a source.

        Raises:
            TextError: there is none.
            PassageError: one is bad, where that is an error.
        """
        found, bad = 0, list[PassageError]()
        for one in read:
            if isinstance(one, PlainPassages):
                found += len(one)
                self.ids.add(one.ids)
                yield one
            elif isinstance(one, Passage):
                found += 1
                self.ids.add((one.id,))
                self._note(one)
                yield one
            elif isinstance(one, Note):
                self.notes.append(one.text)
            elif self._strict:
                raise one
            else:
                bad.append(one)
        if not found:
            raise _nothing(source, bad)
        self.bad += bad

    def _note(self, passage: Passage) -> None:
        name = passage.document
        if name and self._source_of.setdefault(name, passage.source) != passage.source:
            self.several[name] = None


def _nothing(source: Source, bad: Sequence[PassageError]) -> TextError:
    if not bad:
        return TextError(
            f"{source.name} holds blank lines only", remedy="Give a file that holds text."
        )
    if len(bad) == 1:
        return bad[0]
    return TextError(
        f"{source.name}: none of its {len(bad)} passages can be used",
        given=str(bad[0]).rstrip("."),
    )


def with_unique_ids(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages; the second of one id gets `#2`, the third `#3`."""
    seen: dict[str, int] = {}
    taken: set[str] = set()
    for passage in passages:
        name = passage.id
        while name in taken:
            seen[passage.id] = seen.get(passage.id, 1) + 1
            name = f"{passage.id}#{seen[passage.id]}"
        taken.add(name)
        yield passage if name == passage.id else replace(passage, id=name)
