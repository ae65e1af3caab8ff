"""The table of all tagged words: what they are, how pieces meet them, where they were measured."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from odograph.corpus.matching import CROSSED, CUT, STATUSES, UNCOVERED, TaggedText
from odograph.corpus.passages import Word
from odograph.corpus.windows import Kept


@dataclass(slots=True)
class Entry:
    """A row of the table: the word, how its pieces meet it, where its last one was measured.

    Args:
        text: the text that holds the word.
        number: the word's index in its text.
        status: index into `STATUSES`.
        pieces: number of its pieces.
        first: its first piece in the text; -1 where it is not matched.
        last: its last piece, as `first`.
        front: tokens in front of the text.
        measured: passage and position of its last piece among the tokens that get rows.
        left_out: why a word of a group was not drawn.
    """

    text: TaggedText
    word: Word
    number: int
    status: int
    pieces: int
    first: int
    last: int
    front: int
    measured: tuple[int, int] | None = None
    left_out: str | None = None


@dataclass(slots=True)
class WordTable:
    """The rows of all texts in order."""

    entries: list[Entry] = field(default_factory=list)

    def add(self, text: TaggedText, front: int, kept: Sequence[Kept] = ()) -> None:
        """The words of a text, with their places in the windows kept of it."""
        matched = text.matched
        numbers = zip(
            matched.status.tolist(),
            matched.pieces.tolist(),
            matched.first.tolist(),
            matched.last.tolist(),
            strict=True,
        )
        for at, (word, known) in enumerate(zip(text.passage.words, numbers, strict=True)):
            entry = Entry(text, word, at, *known, front)
            if entry.last >= 0 and entry.status != CUT:
                entry.measured = _place(entry.last, front, kept)
            self.entries.append(entry)

    def counts(self) -> Counter[str]:
        """How many words have no tag, and how many no pieces of their own."""
        status = Counter(entry.status for entry in self.entries)
        return Counter(
            words_untagged=sum(not entry.word.tag for entry in self.entries),
            words_crossed=status[CROSSED],
            words_uncovered=status[UNCOVERED],
            words_cut=status[CUT],
        )

    def columns(self, frequencies: Mapping[str, int]) -> dict[str, Any]:
        """The columns by name; a form that has no frequency is masked."""
        rows = self.entries
        places = [entry.measured or (-1, -1) for entry in rows]
        known = [frequencies.get(entry.word.text.lower(), -1) for entry in rows]
        return {
            "passage": _masked([passage for passage, _ in places], np.int64),
            "text_id": [entry.text.passage.id for entry in rows],
            "word": np.array([entry.number for entry in rows], np.int32),
            "start": np.array([entry.word.start for entry in rows], np.int32),
            "end": np.array([entry.word.end for entry in rows], np.int32),
            "text": [entry.word.text for entry in rows],
            "tag": [entry.word.tag or None for entry in rows],
            "lemma": [entry.word.lemma or None for entry in rows],
            "pieces": np.array([entry.pieces for entry in rows], np.int32),
            "status": [STATUSES[entry.status] for entry in rows],
            "position": _masked([position for _, position in places], np.int32),
            "text_position": _masked(
                [entry.front + entry.last if entry.last >= 0 else -1 for entry in rows], np.int32
            ),
            "frequency": _masked(known, np.int32),
            "left_out": [entry.left_out for entry in rows],
        }


def _place(last: int, front: int, kept: Sequence[Kept]) -> tuple[int, int] | None:
    """Passage and position of a piece of the text, if it gets a row."""
    for window in kept:
        if window.first <= last < window.end and window.row[last - window.first]:
            return window.number, front + last - window.first
    return None


def _masked(values: Sequence[int], kind: Any) -> Any:
    """The values, masked where they are below 0."""
    array = np.array(values, dtype=kind)
    return np.ma.MaskedArray(array, mask=array < 0)
