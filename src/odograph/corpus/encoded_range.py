"""A range of texts as tokens: what any process makes of it without knowing the other texts."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.likeness import Trigrams
from odograph.corpus.passage_reader import PassageReader
from odograph.corpus.stored import Place, Store
from odograph.corpus.texts_to_encode import TextsToEncode
from odograph.corpus.word_table import WordTable

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class EncodedRange:
    """Consecutive texts as tokens.

    Attributes:
        passages: their passages and windows, numbered from 0, each with the document it says.
        windows: how many came of each text.
        trigrams: word trigrams of the texts, one text after the other, where copies are looked for.
        trigram_ends: where those of each text end.
        counts: what was left out of them, or flagged.
        largest: the largest token id; -1 without tokens.
        table: their tagged words, where all texts are encoded at once.
    """

    passages: Place
    windows: Ints
    trigrams: Trigrams
    trigram_ends: NDArray[np.int64]
    counts: Counter[str]
    largest: int
    table: WordTable | None = None

    def trigrams_of_each(self) -> Sequence[Trigrams]:
        """The trigrams of each text."""
        return np.split(self.trigrams, self.trigram_ends[:-1]) if len(self.trigram_ends) else []


def encode_range(texts: TextsToEncode, part: range) -> EncodedRange:
    """Some consecutive texts as tokens.

    Raises:
        TextError: they cannot be kept in a temporary file.
        UsageError: the tokens around a passage leave it no room.
    """
    store, trigrams, ends, windows = Store(texts.vocabulary), array("Q"), array("q"), array("i")
    reader = PassageReader(texts.options, texts.front, texts.vocabulary, Counter(), store)
    keeps_trigrams = texts.options.draw is None and not texts.options.items
    for number, pieces in zip(part, texts.pieces(part), strict=True):
        before = len(store)
        found = reader.read(texts.passages[number], pieces, texts.targets[number])
        windows.append(len(store) - before)
        if keeps_trigrams:
            trigrams.frombytes(found.tobytes())
            ends.append(len(trigrams))
    if texts.options.draw is not None:
        reader.draw()
    return EncodedRange(
        passages=store,
        windows=np.asarray(windows),
        trigrams=np.asarray(trigrams),
        trigram_ends=np.asarray(ends),
        counts=reader.counts,
        largest=reader.largest,
        table=reader.table,
    )
