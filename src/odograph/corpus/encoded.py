"""What a model reads of each passage, and which of its tokens are measured."""

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

ROLES = ("other", "non-target", "target", "companion")
OTHER, NON_TARGET, TARGET, COMPANION = range(len(ROLES))

Ints = NDArray[np.int32]
_Value = TypeVar("_Value", bound=Hashable)
#: Rows of the numbers of a passage; the last two only with tags.
_ID, _START, _END, _WORD, _PIECES, _NEXT, _MARKS, _TAG, _LEMMA = range(9)
#: In `_MARKS`: the bits of the role, that of the row, and from which bit on group and occurrence.
_ROLE, _ROW, _PAIR = 3, 4, 3
_NO_PAIR = (None, -1)
#: Of rows and tokens, before the numbers.
_SHAPE = np.dtype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """One passage, or one window of it, before it is packed: an entry per token.

    Args:
        passage: number of this value in its `Encoding`.
        passage_id: the passage's id; `ID#w2` for its second window.
        token_id: what the model reads, tokens put in front included.
        token: the piece of text each id stands for, such as " her"; or a mapping from ids to it.
        start: first character, in the passage's text.
        end: character after the last; white space at both sides is left out, so that a special
            token or a piece of white space has start = end.
        word: index of the word within the passage; -1 outside words and over two words.
        piece_count: number of pieces of that word; 0 outside words.
        role: index into `ROLES`.
        group: the target, for its tokens and for its non-target; what a companion is marked by.
        occurrence: index of the target's occurrence within the passage, or of the companion's; -1
            without a role.
        next_id: the token that really follows; -1 after the last.
        row: whether the token gets rows.
        tag: tag of the word, None outside words; empty where no tags were asked for. A word with a
            piece that covers other characters too gives its tag to none of them.
        lemma: lemma of the word, as `tag`.
        base: id of the text; windows and variants of one text share it, a drawn word has its own.
        text: `passages.text_digest` of the whole passage, the same in every window of it.
        characters: what the tokens cover of the passage's text, from the first character of the
            first to the last of the last; empty where there is no text, or it is not to be shown.
        document: what the passage is no evidence apart from; see `documents`.
        hash: of the whole passage's text, equal where it is a copy.
        min_hash: of its word trigrams; see `likeness`.
        columns: what else its source says of the passage and is kept.
    """

    passage: int
    passage_id: str
    token_id: Ints
    token: Sequence[str] | Mapping[int, str]
    start: Ints
    end: Ints
    word: Ints
    piece_count: Ints
    role: NDArray[np.int8]
    group: Sequence[str | None]
    occurrence: Ints
    next_id: Ints
    row: NDArray[np.bool_]
    tag: Sequence[str | None] = ()
    lemma: Sequence[str | None] = ()
    base: str = ""
    text: str = ""
    characters: str = ""
    document: str = ""
    hash: str = ""
    min_hash: tuple[int, ...] = ()
    columns: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, init=False)
class Encoded:
    """One passage, or one window of it, as the model reads it: what `Entries` has, packed.

    It takes 28 bytes a token (36 with tags). What is asked for is unpacked anew each time;
    token texts are looked up in a vocabulary that passages share.
    """

    passage: int
    passage_id: str
    base: str
    text: str
    characters: str
    document: str
    hash: str
    min_hash: tuple[int, ...]
    columns: tuple[tuple[str, str | None], ...]
    _numbers: Ints
    _texts: Mapping[int, str]
    _pairs: tuple[tuple[str | None, int], ...]
    _names: tuple[str | None, ...]

    def __init__(self, given: Entries) -> None:
        pairs = tuple(zip(given.group, given.occurrence.tolist(), strict=True))
        pair, known_pairs = _packed(pairs, _NO_PAIR)
        names, known_names = _packed((*given.tag, *given.lemma), None)
        marks = given.role | given.row * np.int32(_ROW) | pair << _PAIR
        numbers = [given.token_id, given.start, given.end, given.word]
        numbers += [given.piece_count, given.next_id, marks]
        numbers += np.split(names, 2) if given.tag else []
        texts = given.token
        if not isinstance(texts, Mapping):
            texts = dict(zip(given.token_id.tolist(), texts, strict=True))
        packed = np.stack(numbers, dtype=np.int32)
        document = given.document or given.base or given.passage_id
        own = given.passage_id, given.base, given.text, given.characters, document, given.hash
        plain = given.passage, *own, given.min_hash, given.columns
        self.__setstate__((*plain, packed, texts, known_pairs, known_names))

    def __getstate__(self) -> tuple[Any, ...]:
        """What another process needs of it: of the vocabulary its own tokens."""
        texts = {token: self._texts[token] for token in set(self.token_id.tolist())}
        return (*self._plain(), self._numbers, texts, self._pairs, self._names)

    def _plain(self) -> tuple[Any, ...]:
        """All that is no array, in the order of the slots."""
        names = self.passage_id, self.base, self.text, self.characters, self.document, self.hash
        return self.passage, *names, self.min_hash, self.columns

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for name, value in zip(self.__slots__, state, strict=True):
            object.__setattr__(self, name, value)

    def to_bytes(self) -> bytes:
        """All of it but the vocabulary: the numbers behind their shape, then JSON."""
        named = json.dumps((self._plain(), self._pairs, self._names)).encode()
        return np.array(self._numbers.shape, _SHAPE).tobytes() + self._numbers.tobytes() + named

    @staticmethod
    def shape_of(data: bytes) -> tuple[int, int] | None:
        """Rows of numbers and tokens of what `to_bytes` gave; None where it gave something else."""
        start = 2 * _SHAPE.itemsize
        if len(data) < start:
            return None
        rows, tokens = np.frombuffer(data, _SHAPE, 2).tolist()
        fits = rows in (_TAG, _LEMMA + 1) and 0 < tokens <= (len(data) - start) // (4 * rows)
        return (rows, tokens) if fits else None

    @staticmethod
    def from_bytes(
        data: bytes,
        vocabulary: Mapping[int, str],
        number: int | None = None,
        document: str | None = None,
    ) -> "Encoded":
        """What `to_bytes` was called on, with another number and document where they are given."""
        rows, tokens = np.frombuffer(data, _SHAPE, 2).tolist()
        numbers, end = 2 * _SHAPE.itemsize, 2 * _SHAPE.itemsize + rows * tokens * 4
        packed = np.frombuffer(data[numbers:end], np.int32).reshape(rows, tokens)
        plain, pairs, names = json.loads(data[end:])
        own, *before, its_document, text_hash, min_hash, columns = plain
        known = own if number is None else number, *before, document or its_document, text_hash
        made: Encoded = object.__new__(Encoded)
        rest = packed, vocabulary, _shared(_pairs(pairs)), _shared(tuple(names))
        made.__setstate__((*known, tuple(min_hash), _pairs(columns), *rest))
        return made

    def __len__(self) -> int:
        """Number of tokens."""
        return int(self._numbers.shape[1])

    @property
    def vocabulary(self) -> Mapping[int, str]:
        """The piece of text of each id, of these and maybe of more."""
        return self._texts

    @property
    def token_id(self) -> Ints:
        """What the model reads."""
        return self._row(_ID)

    @property
    def token(self) -> tuple[str, ...]:
        """The piece of text each id stands for."""
        return tuple(map(self._texts.__getitem__, self.token_id.tolist()))

    @property
    def start(self) -> Ints:
        """First character of each."""
        return self._row(_START)

    @property
    def end(self) -> Ints:
        """Character after the last of each."""
        return self._row(_END)

    @property
    def word(self) -> Ints:
        """Index of the word of each; -1 for none."""
        return self._row(_WORD)

    @property
    def piece_count(self) -> Ints:
        """Number of pieces of that word; 0 for none."""
        return self._row(_PIECES)

    @property
    def role(self) -> NDArray[np.int8]:
        """Index into `ROLES`."""
        return (self._row(_MARKS) & _ROLE).astype(np.int8)

    @property
    def group(self) -> tuple[str | None, ...]:
        """The target, for its tokens and for its non-target."""
        return tuple(self._pairs[code][0] for code in (self._row(_MARKS) >> _PAIR).tolist())

    @property
    def occurrence(self) -> Ints:
        """Index of the target's occurrence; -1 without a role."""
        occurrences = np.array([occurrence for _, occurrence in self._pairs], np.int32)
        found: Ints = occurrences[self._row(_MARKS) >> _PAIR]
        return found

    @property
    def next_id(self) -> Ints:
        """The token that really follows; -1 after the last."""
        return self._row(_NEXT)

    @property
    def row(self) -> NDArray[np.bool_]:
        """Whether each token gets rows."""
        return (self._row(_MARKS) & _ROW).astype(np.bool_)

    @property
    def tag(self) -> tuple[str | None, ...]:
        """Tag of the word of each; empty where no tags were asked for."""
        return self._named(_TAG)

    @property
    def lemma(self) -> tuple[str | None, ...]:
        """Lemma of the word of each, as `tag`."""
        return self._named(_LEMMA)

    def _row(self, row: int) -> Ints:
        numbers: Ints = self._numbers[row]
        return numbers

    def _named(self, row: int) -> tuple[str | None, ...]:
        if len(self._numbers) <= row:
            return ()
        return tuple(self._names[code] for code in self._row(row).tolist())

    def changed(self, **changes: Any) -> "Encoded":
        """The same passage with other values for some of its entries."""
        kept = {f.name: getattr(self, f.name) for f in fields(Entries) if f.name not in changes}
        return Encoded(Entries(**(kept | {"token": self._texts} | changes)))


def _pairs(found: Iterable[Iterable[Any]]) -> tuple[tuple[Any, ...], ...]:
    """What JSON gives as lists."""
    return tuple(map(tuple, found))


def _packed(values: Sequence[_Value], first: _Value) -> tuple[Ints, tuple[_Value, ...]]:
    """For each value its place among the different ones, and these; one of them stands first."""
    places = {first: 0}
    codes = [places.setdefault(value, len(places)) for value in values]
    return np.array(codes, np.int32), _shared(tuple(places))


@lru_cache(1024)
def _shared(values: tuple[_Value, ...]) -> tuple[_Value, ...]:
    """One tuple for all passages that have the same one, such as those without a target."""
    return values


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """The passages of a corpus as tokens, with what was left out and what stands in front.

    Args:
        encoded: one value per passage or window; from `encode_passages` they are `stored`.
        exclusions: every key of `exclusions.EXCLUSIONS`, with its count.
        bos: "none", or the tokens or the chat template in front and where they come from.
        words: columns of the `words` table, an entry per tagged word; None without tags.
        largest: the largest token id of all.
    """

    encoded: Sequence[Encoded]
    exclusions: Mapping[str, int]
    bos: str
    words: Mapping[str, Any] | None = None
    largest: int = -1
