"""A passage: one text that a model reads on its own, and the unit of every statistic."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from struct import Struct
from typing import TypeAlias

from odograph.corpus.words import Target
from odograph.errors import TextError

#: The length of a part, before it.
_length = Struct(">Q").pack
_NO_IDS = _length(0)


@dataclass(frozen=True, slots=True)
class Word:
    """A gold word: characters `start` to `end` of its passage, with tag and lemma."""

    text: str
    start: int
    end: int
    tag: str = ""
    lemma: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text with its id and the source it came from.

    Args:
        id: unique within one reading.
        text: what the model reads; "" where `ids` is given without `spans`.
        source: the source as the user named it.
        words: gold words in order and without overlap; empty where nobody marked any.
        ids: the token ids themselves, for a passage that was never text.
        spans: of each id the characters of the text that it covers, where that is known.
        targets: the occurrences to follow, where they are fixed and not to be searched for.
        companions: marked words of a second role, named after their columns or marks.
        base: id of the passage that this one is a variant of; "" where it is none.
        document: the document it is a part of; "" where nothing names one.
        columns: what else its source says of it and is kept: names and values.

    Raises:
        TextError: words that lie outside the text, overlap or are out of order.
    """

    id: str
    text: str
    source: str
    words: tuple[Word, ...] = ()
    ids: tuple[int, ...] | None = None
    spans: tuple[tuple[int, int], ...] | None = None
    targets: tuple[Target, ...] | None = None
    companions: tuple[Target, ...] = ()
    base: str = ""
    document: str = ""
    columns: tuple[tuple[str, str | None], ...] = ()

    def __post_init__(self) -> None:
        free = 0
        for word in self.words:
            if not free <= word.start < word.end <= len(self.text):
                raise TextError(
                    f"passage {self.id!r}, word {word.text!r}",
                    expected=f"characters after {free} within the {len(self.text)} of the text",
                    given=f"{word.start} to {word.end}",
                    remedy="Give the words in the order of the text, without overlap.",
                )
            free = word.end


@dataclass(frozen=True, slots=True)
class PlainPassages:
    """Passages of one source of which nothing is known but id and text: many in one value.

    Args:
        source: the source as the user named it.
        ids: of each.
        texts: of each.
    """

    source: str
    ids: Sequence[str]
    texts: Sequence[str]

    def __len__(self) -> int:
        """Number of passages."""
        return len(self.ids)

    def __iter__(self) -> Iterator[Passage]:
        """The passages, one at a time."""
        return map(Passage, self.ids, self.texts, repeat(self.source))

    def identities(self) -> list[bytes]:
        """`identity` of each."""
        ids, texts = (map(_encoded, parts) for parts in (self.ids, self.texts))
        return [
            _length(len(a)) + a + _length(len(b)) + b + _NO_IDS
            for a, b in zip(ids, texts, strict=True)
        ]


#: Passages as they come of sources.
Passages: TypeAlias = Iterable[Passage | PlainPassages]


def one_by_one(passages: Passages) -> Iterator[Passage]:
    """The same, a passage at a time."""
    for one in passages:
        if isinstance(one, Passage):
            yield one
        else:
            yield from one


def fingerprint(passages: Iterable[Passage], *, tagged: bool = False) -> str:
    """sha256 over ids, texts, token ids, documents, fixed targets and columns that are kept.

    Equal exactly when the same is measured.

    With `tagged` also over the words, their tags and lemmas.

    >>> one, two = Passage("a", "bc", "here"), Passage("ab", "c", "here")
    >>> fingerprint([one]) == fingerprint([two])
    False
    """
    digest = hashlib.sha256()
    for passage in passages:
        digest.update(identity(passage, tagged=tagged))
    return digest.hexdigest()


def identity(passage: Passage, *, tagged: bool = False) -> bytes:
    """What a fingerprint is taken over of a passage: parts with their lengths."""
    words = (
        f"{word.start} {word.end} {word.tag}\t{word.lemma}" for word in passage.words if tagged
    )
    document = (f"document\t{passage.document}",) if passage.document else ()
    parts = passage.id, passage.text, _ids(passage), *document, *_facts(passage), *words
    return b"".join(map(_with_length, parts))


def _with_length(part: str) -> bytes:
    data = _encoded(part)
    return _length(len(data)) + data


def _encoded(part: str) -> bytes:
    # Half of a surrogate pair is told later on.
    return part.encode("utf-8", "surrogatepass")


def _ids(passage: Passage) -> str:
    return "" if passage.ids is None else " ".join(map(str, passage.ids))


def _facts(passage: Passage) -> Iterator[str]:
    """Targets that are fixed, companions and columns, where a passage has any."""
    yield from (f"column\t{name}\t{value}" for name, value in passage.columns)
    for role, found in (("target", passage.targets or ()), ("companion", passage.companions)):
        yield from (f"{role}\t{each.target}\t{each.start}\t{each.end}" for each in found)


def text_digest(passage: Passage, unit: str = "") -> str:
    """What two runs recognise a passage by, whatever its id and its file: 16 hexadecimal digits.

    The start of a sha256 over the text, or over the token ids of what was never text. `unit` is the
    id of what is one unit of the passage: a drawn word (ID@K) has a digest of its own.

    >>> text_digest(Passage("a:1", "Rain.", "a.txt")) == text_digest(Passage("7", "Rain.", "b.csv"))
    True
    """
    parts = passage.text, _ids(passage), unit.removeprefix(passage.base or passage.id)
    return hashlib.sha256(b"".join(map(_with_length, parts))).hexdigest()[:16]
