"""A range of texts as tokens: what any process makes of it without knowing the other texts."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from odograph.corpus.options import EncodeOptions
from odograph.corpus.passage_reader import PassageReader
from odograph.corpus.stored import Place, Store
from odograph.corpus.text_keys import GrowingKeys, TextKeys
from odograph.corpus.texts_to_encode import TextsToEncode
from odograph.corpus.word_table import WordTable
from odograph.corpus.words import Target, clean_targets

#: Texts between two words of how far it is.
_SOME = 100
_NO_TRIGRAMS = np.zeros(0, np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class EncodedRange:
    """Consecutive texts as tokens.

    Attributes:
        passages: their passages and windows, numbered from 0, each with the document it says.
        counts: what was left out of them, or flagged.
        largest: the largest token id; -1 without tokens.
        met: the targets that occur in them.
        table: their tagged words, where all texts are encoded at once.
    """

    passages: Place
    counts: Counter[str]
    largest: int
    met: frozenset[str] = frozenset()
    table: WordTable | None = None


class FoundTargets:
    """What is counted of the targets of texts that come one by one.

    Args:
        options: say which are followed, and whether texts without them are read.
    """

    def __init__(self, options: EncodeOptions) -> None:
        self.counts: Counter[str] = Counter()
        self.met: set[str] = set()
        self._names = set(clean_targets(options.targets))
        self._left_out = options.follows and options.select == "targets"

    def add(self, targets: Sequence[Target]) -> None:
        """Counts those of one more text."""
        different = {target.target for target in targets}
        self.met |= different & self._names
        self.counts["targets_met_twice"] += len(different) != len(targets)
        self.counts["passages_without_target"] += self._left_out and not targets


def unheard(_: int) -> None:
    """Where nobody asks how far it is."""


def encode_range(
    texts: TextsToEncode, part: range, advance: Callable[[int], None] = unheard
) -> tuple[EncodedRange, TextKeys]:
    """Some consecutive texts as tokens, and what tells copies among them.

    Args:
        texts: the texts.
        part: which of them.
        advance: hears how many more are begun, some at a time.

    Raises:
        TextError: they cannot be kept in a temporary file.
        UsageError: the tokens around a passage leave it no room.
    """
    store, keys, found = Store(texts.vocabulary), GrowingKeys(), FoundTargets(texts.options)
    reader = PassageReader(texts.options, texts.front, texts.vocabulary, Counter(), store)
    looks_alike = texts.options.draw is None and not texts.options.items
    for done, (passage, targets, pieces) in enumerate(texts.read(part)):
        found.add(targets)
        if done % _SOME == 0:
            advance(min(_SOME, len(part) - done))
        if pieces is not None:
            before = len(store)
            trigrams = reader.read(passage, pieces, targets)
            keys.add(passage, trigrams if looks_alike else _NO_TRIGRAMS, len(store) - before)
    if texts.options.draw is not None:
        reader.draw()
    counts = reader.counts + found.counts
    encoded = EncodedRange(store, counts, reader.largest, frozenset(found.met), reader.table)
    return encoded, keys.keys()
