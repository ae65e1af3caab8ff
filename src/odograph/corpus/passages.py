"""A passage: one text that a model reads on its own, and the unit of every statistic."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from odograph.corpus.words import Target
from odograph.errors import TextError


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
        ids = "" if passage.ids is None else " ".join(map(str, passage.ids))
        words = (
            f"{word.start} {word.end} {word.tag}\t{word.lemma}" for word in passage.words if tagged
        )
        document = (f"document\t{passage.document}",) if passage.document else ()
        for part in (passage.id, passage.text, ids, *document, *_facts(passage), *words):
            data = part.encode("utf-8", "surrogatepass")
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


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
    ids = "" if passage.ids is None else " ".join(map(str, passage.ids))
    part = unit.removeprefix(passage.base or passage.id)
    digest = hashlib.sha256()
    for given in (passage.text, ids, part):
        data = given.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16]
