"""What tells copies of a passage: a hash of its text, and word trigrams that others share.

Source: Broder 1997, On the resemblance and containment of documents.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.passages import Passage
from odograph.corpus.scripts import is_unspaced
from odograph.corpus.words import find_words

Trigrams = NDArray[np.uint64]

#: Numbers of a min-hash; two passages agree in as large a share of them as their trigrams do.
MIN_HASHES = 16
_TRIGRAM = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """What is kept of a passage to find its copies: equal hashes, and `MIN_HASHES` numbers."""

    hash: str
    min_hash: tuple[int, ...]


@dataclass(slots=True)
class Likenesses:
    """Finds the trigrams of passages; a word is hashed once."""

    _numbers: dict[str, int] = field(default_factory=dict)

    def trigrams(self, passage: Passage) -> Trigrams:
        """Numbers of the word trigrams, each once and in order; of fewer words one number.

        In scripts without spaces between words each character is one. Upper and lower case and
        punctuation make no difference.
        """
        numbers = [self._number(word) for word in _words(passage)]
        rows = max(len(numbers) - _TRIGRAM + 1, 1)
        padded = np.zeros(rows + _TRIGRAM - 1, np.uint64)
        padded[: len(numbers)] = numbers
        found = np.zeros(rows, np.uint64)
        for place in range(_TRIGRAM):
            found = _mixed(found + padded[place : place + rows])
        return np.unique(found)

    def _number(self, word: str) -> int:
        known = self._numbers.get(word)
        if known is None:
            known = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
            self._numbers[word] = known
        return known


def likeness(passage: Passage, trigrams: Trigrams) -> Likeness:
    """The hash and the min-hash of a passage, which has these trigrams."""
    least = _mixed(trigrams[None, :] ^ _SEEDS[:, None]).min(axis=1) >> np.uint64(32)
    return Likeness(copy_hash(passage), tuple(least.tolist()))


def copy_hash(passage: Passage) -> str:
    r"""16 hexadecimal digits, equal where texts are but for upper case and white space.

    >>> copy_hash(Passage("1", "Rain  fell.", "")) == copy_hash(Passage("2", " rain\nfell.", ""))
    True
    """
    text = " ".join(passage.text.lower().split()) if passage.ids is None else repr(passage.ids)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _words(passage: Passage) -> list[str]:
    """The words in lower case, or the token ids; the text itself where it has no word."""
    if passage.ids is not None:
        return [str(token) for token in passage.ids]
    text = passage.text.lower()
    words: list[str] = []
    for start, end in find_words(text):
        words += text[start:end] if is_unspaced(text[start]) else [text[start:end]]
    return words or [" ".join(text.split())]


def _mixed(numbers: Trigrams) -> Trigrams:
    """Numbers without any order: the finaliser of SplitMix64 (Steele et al. 2014)."""
    mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


_SEEDS = _mixed(np.arange(1, MIN_HASHES + 1, dtype=np.uint64))
