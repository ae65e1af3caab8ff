"""A range of texts as tokens: what any process makes of it without knowing the other texts."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from odograph.corpus.passage_reader import PassageReader
from odograph.corpus.stored import Place, Store
from odograph.corpus.text_keys import GrowingKeys, TextKeys
from odograph.corpus.texts_to_encode import TextsToEncode
from odograph.corpus.word_table import WordTable

_NO_TRIGRAMS = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class EncodedRange:
    """Consecutive texts as tokens.

    Attributes:
        passages: their passages and windows, numbered from 0, each with the document it says.
        counts: what was left out of them, or flagged.
        largest: the largest token id; -1 without tokens.
        table: their tagged words, where all texts are encoded at once.
    """

    passages: Place
    counts: Counter[str]
    largest: int
    table: WordTable | None = None


def encode_range(texts: TextsToEncode, part: range) -> tuple[EncodedRange, TextKeys]:
    """Some consecutive texts as tokens, and what tells copies among them.

    Raises:
        TextError: they cannot be kept in a temporary file.
        UsageError: the tokens around a passage leave it no room.
    """
    store, keys = Store(texts.vocabulary), GrowingKeys()
    reader = PassageReader(texts.options, texts.front, texts.vocabulary, Counter(), store)
    looks_alike = texts.options.draw is None and not texts.options.items
    for number, pieces in zip(part, texts.pieces(part), strict=True):
        before = len(store)
        passage = texts.passages[number]
        trigrams = reader.read(passage, pieces, texts.targets[number])
        keys.add(passage, trigrams if looks_alike else _NO_TRIGRAMS, len(store) - before)
    if texts.options.draw is not None:
        reader.draw()
    found = EncodedRange(store, reader.counts, reader.largest, reader.table)
    return found, keys.keys()
