"""Passages that were read and are not tokens yet: in a temporary file, made anew when asked for."""

import json
from collections.abc import Iterable, Iterator, Sequence
from operator import index
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.passages import Passage, Word
from odograph.corpus.records import Records
from odograph.corpus.words import Target


class StoredTexts(Sequence[Passage]):
    """The passages of texts of any size, in order.

    Args:
        records: what holds them.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def __len__(self) -> int:
        """Number of passages."""
        return len(self._records)

    @overload
    def __getitem__(self, place: int) -> Passage: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Passage, ...]: ...

    def __getitem__(self, place: int | slice) -> Passage | tuple[Passage, ...]:
        """One passage, or some."""
        numbers = range(len(self))[place]
        if isinstance(numbers, int):
            return _passage(self._records[numbers])
        return tuple(self.some(numbers))

    def __iter__(self) -> Iterator[Passage]:
        """The passages, one at a time."""
        return self.some(range(len(self)))

    def some(self, numbers: range) -> Iterator[Passage]:
        """Some of them, one at a time."""
        return (_passage(self._records[number]) for number in numbers)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes that each takes; none is read for that."""
        return np.diff(self._records.ends)


def stored_texts(passages: Iterable[Passage]) -> StoredTexts:
    """Passages that come one by one, kept.

    Raises:
        TextError: the disk is full.
    """
    if isinstance(passages, StoredTexts):
        return passages
    records = Records("the texts")
    for passage in passages:
        records.add(_record(passage))
    return StoredTexts(records)


def _record(passage: Passage) -> bytes:
    """All of a passage, as JSON; what most passages have nothing of comes last, and may lack."""
    p = passage
    plain: list[Any] = [p.id, p.text, p.source, p.document, p.base, p.columns]
    if p.words or p.ids is not None or p.targets is not None or p.companions:
        words = [(w.text, w.start, w.end, w.tag, w.lemma) for w in p.words]
        plain += [words, p.ids, p.spans, _of(p.targets), _of(p.companions)]
    # Half of a surrogate pair, which is told later on, is kept, and numbers of numpy are numbers.
    return json.dumps(plain, ensure_ascii=False, default=index).encode("utf-8", "surrogatepass")


def _of(targets: Sequence[Target] | None) -> list[tuple[str, int, int]] | None:
    return None if targets is None else [(t.target, t.start, t.end) for t in targets]


def _passage(record: bytes) -> Passage:
    """What `_record` was called on."""
    name, text, source, document, base, columns, *rest = json.loads(
        record.decode("utf-8", "surrogatepass")
    )
    kept = tuple(map(tuple, columns))
    if not rest:
        return Passage(name, text, source, base=base, document=document, columns=kept)
    words, ids, spans, targets, companions = rest
    return Passage(
        id=name,
        text=text,
        source=source,
        words=tuple(Word(*each) for each in words),
        ids=None if ids is None else tuple(ids),
        spans=None if spans is None else tuple(map(tuple, spans)),
        targets=None if targets is None else tuple(Target(*each) for each in targets),
        companions=tuple(Target(*each) for each in companions),
        base=base,
        document=document,
        columns=kept,
    )
