"""Passages that were read and are not tokens yet: in a temporary file, made anew when asked for."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from hashlib import sha256
from operator import index
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.passages import (
    Passage,
    Passages,
    PlainPassages,
    Word,
    fingerprint,
    identity,
)
from odograph.corpus.records import Records
from odograph.corpus.words import Target

#: What JSON begins with, and no length of a part does; and the bytes of such a length.
_JSON, _LENGTH = b"[", 8


class StoredTexts(Sequence[Passage]):
    """The passages of texts of any size, in order.

    Of a passage of which nothing is known but id, text and source the record is its `identity`, and
    the source stands where it changes; of others it is JSON.

    Args:
        passages: that come one by one, or many at a time.

    Raises:
        TextError: the disk is full.
    """

    def __init__(self, passages: Passages) -> None:
        self._records = Records("the texts")
        self._digest = sha256()
        self._sources: list[str] = []
        self._firsts: list[int] = []
        self._layouts: dict[tuple[str, ...], None] = {}
        for one in passages:
            self._add(one if isinstance(one, PlainPassages) or not _is_plain(one) else _alone(one))

    def _add(self, one: Passage | PlainPassages) -> None:
        """Takes some more, and notes what is asked of all."""
        if not self._sources or self._sources[-1] != one.source:
            self._sources.append(one.source)
            self._firsts.append(len(self))
        if isinstance(one, PlainPassages):
            records = identities = one.identities()
        else:
            records, identities = [_record(one)], [identity(one)]
        if records:
            self._records.add(*records)
            self._digest.update(b"".join(identities))
            self._layouts[_layout(one) if isinstance(one, Passage) else ()] = None

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
            return self._passage(numbers)
        return tuple(self.some(numbers))

    def __iter__(self) -> Iterator[Passage]:
        """The passages, one at a time."""
        return self.some(range(len(self)))

    def some(self, numbers: range) -> Iterator[Passage]:
        """Some of them, one at a time."""
        return map(self._passage, numbers)

    def _passage(self, number: int) -> Passage:
        record = self._records[number]
        if record.startswith(_JSON):
            return _passage(record)
        start = _LENGTH + int.from_bytes(record[:_LENGTH], "big")
        name, text = record[_LENGTH:start], record[start + _LENGTH : -_LENGTH]
        source = self._sources[bisect_right(self._firsts, number) - 1]
        return Passage(_text(name), _text(text), source)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Bytes that each takes; none is read for that."""
        return np.diff(self._records.ends)

    @property
    def fingerprint(self) -> str:
        """`passages.fingerprint` of them, without their words; none is read for that."""
        return self._digest.hexdigest()

    @property
    def layouts(self) -> tuple[tuple[str, ...], ...]:
        """See `layouts_of`."""
        return tuple(self._layouts)


def stored_texts(passages: Passages) -> StoredTexts:
    """Passages that come one by one or many at a time, kept.

    Raises:
        TextError: the disk is full.
    """
    return passages if isinstance(passages, StoredTexts) else StoredTexts(passages)


def fingerprint_of(passages: Sequence[Passage], *, tagged: bool) -> str:
    """Their fingerprint; stored ones are not read for that, unless their words are in it."""
    if isinstance(passages, StoredTexts) and not tagged:
        return passages.fingerprint
    return fingerprint(passages, tagged=tagged)


def layouts_of(passages: Sequence[Passage]) -> tuple[tuple[str, ...], ...]:
    """The names of the columns that any of them has, as they are first met."""
    if isinstance(passages, StoredTexts):
        return passages.layouts
    return tuple(dict.fromkeys(map(_layout, passages)))


def _layout(passage: Passage) -> tuple[str, ...]:
    return tuple(name for name, _ in passage.columns)


def _is_plain(passage: Passage) -> bool:
    """Whether nothing is known of it but id, text and source."""
    p = passage
    given = p.ids is not None or p.targets is not None
    return not (given or p.words or p.companions or p.base or p.document or p.columns)


def _alone(passage: Passage) -> PlainPassages:
    return PlainPassages(passage.source, (passage.id,), (passage.text,))


def _record(passage: Passage) -> bytes:
    """All of a passage, as JSON; what most passages have nothing of comes last, and may lack."""
    p = passage
    plain: list[Any] = [p.id, p.text, p.source, p.document, p.base, p.columns]
    if p.words or p.ids is not None or p.targets is not None or p.companions:
        words = [(w.text, w.start, w.end, w.tag, w.lemma) for w in p.words]
        plain += [words, p.ids, p.spans, _of(p.targets), _of(p.companions)]
    # Half of a surrogate pair is kept.
    return _json(plain).encode("utf-8", "surrogatepass")


#: Numbers of numpy are numbers.
_json = json.JSONEncoder(ensure_ascii=False, default=index).encode


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def _of(targets: Sequence[Target] | None) -> list[tuple[str, int, int]] | None:
    return None if targets is None else [(t.target, t.start, t.end) for t in targets]


def _passage(record: bytes) -> Passage:
    """What `_record` was called on."""
    name, text, source, document, base, columns, *rest = json.loads(_text(record))
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
