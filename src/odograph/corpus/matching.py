"""How the pieces of a text meet its tagged words: by characters, exactly or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.passages import Passage, Word
from odograph.corpus.pieces import Pieces
from odograph.corpus.roles import Windows, Words, overlapping

STATUSES = ("whole", "split", "crossed", "uncovered", "cut")
WHOLE, SPLIT, CROSSED, UNCOVERED, CUT = range(len(STATUSES))


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """For each word of a text: its status, number of pieces, and first and last piece (or -1).

    Args:
        status: index into `STATUSES`: one piece, or several, that hold the word's characters and
            no others; a piece that holds others too; characters that no piece holds; or pieces
            that are not read, or not in one window.
        pieces: number of pieces that hold characters of the word.
        first: its first piece in the text; -1 where the word is crossed or uncovered.
        last: its last piece, as `first`.
    """

    status: NDArray[np.int8]
    pieces: NDArray[np.int32]
    first: NDArray[np.int32]
    last: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class TokenTags:
    """For each token the tag and the lemma of its word; None outside words."""

    tag: tuple[str | None, ...]
    lemma: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TaggedText:
    """A text with its pieces, how they meet its words, and the tag of each."""

    passage: Passage
    pieces: Pieces
    words: Words
    matched: Matched
    tags: TokenTags


def tag_pieces(
    passage: Passage, pieces: Pieces, words: Words, windows: Windows | None = None
) -> TaggedText:
    """The text with the tag of each piece; with `windows` words that these divide are cut."""
    matched = _match(pieces, passage, windows)
    return TaggedText(passage, pieces, words, matched, _token_tags(passage.words, matched, words))


def _match(pieces: Pieces, passage: Passage, windows: Windows | None) -> Matched:
    n = len(passage.words)
    found = Matched(
        status=np.zeros(n, np.int8),
        pieces=np.zeros(n, np.int32),
        first=np.full(n, -1, np.int32),
        last=np.full(n, -1, np.int32),
    )
    for at, tokens in enumerate(overlapping(pieces, passage.words)):
        found.pieces[at] = len(tokens)
        status = _status(pieces, tokens, passage.words[at], passage.text)
        if status in (WHOLE, SPLIT):
            found.first[at], found.last[at] = tokens[0], tokens[-1]
            if windows is not None and _is_cut(windows, int(tokens[0]), int(tokens[-1])):
                status = CUT
        found.status[at] = status
    return found


def _status(pieces: Pieces, tokens: NDArray[np.intp], word: Word, text: str) -> int:
    start, end = pieces.start[tokens], pieces.end[tokens]
    if ((start < word.start) | (end > word.end)).any():
        return CROSSED
    at = word.start
    for first, last in sorted(zip(start.tolist(), end.tolist(), strict=True)):
        if text[at:first].strip():
            return UNCOVERED
        at = max(at, last)
    if text[at : word.end].strip():
        return UNCOVERED
    return WHOLE if len(tokens) == 1 else SPLIT


def _is_cut(windows: Windows, first: int, last: int) -> bool:
    return windows.of(last) >= windows.count or windows.of(first) != windows.of(last)


def _token_tags(words: Sequence[Word], matched: Matched, of_token: Words) -> TokenTags:
    """Tag and lemma of each token; a word that is crossed or uncovered gives them to none."""
    if not words:  # the words of the tokens are then those found by characters, without tags
        nothing = (None,) * len(of_token.word)
        return TokenTags(nothing, nothing)
    sure = (matched.first >= 0).tolist()
    tags = [word.tag or None if ok else None for word, ok in zip(words, sure, strict=True)]
    lemmas = [word.lemma or None if ok else None for word, ok in zip(words, sure, strict=True)]
    index = of_token.word.tolist()
    return TokenTags(
        tuple(None if word < 0 else tags[word] for word in index),
        tuple(None if word < 0 else lemmas[word] for word in index),
    )
