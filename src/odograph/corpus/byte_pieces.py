"""Pieces that are single bytes: each given to the character that it is a byte of."""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


def spread_bytes(
    text: str, ids: Sequence[int], spans: NDArray[np.int64], entry: Callable[[int], str]
) -> NDArray[np.int64]:
    """The spans, with runs of byte pieces that share several characters told apart.

    Unigram tokenizers name for each byte the whole stretch that they do not know. Where the bytes
    are those of the stretch, each belongs to one character of it; where a normaliser changed the
    stretch, the spans stay.

    Args:
        text: the text.
        ids: its pieces.
        spans: first character and the one after the last of each piece, [pieces, 2].
        entry: gives the vocabulary entry of an id, such as "<0xE3>".
    """
    shared = (spans[1:] == spans[:-1]).all(axis=1) & (spans[1:, 1] - spans[1:, 0] > 1)
    if not shared.any():
        return spans
    spans = spans.copy()
    edges = np.flatnonzero(np.diff(np.concatenate(([0], shared.astype(np.int8), [0]))))
    for first, last in edges.reshape(-1, 2).tolist():
        start, end = spans[first].tolist()
        codes = [_BYTE.fullmatch(entry(ids[at])) for at in range(first, last + 1)]
        given = bytes(int(code[1], 16) for code in codes if code)
        characters = text[start:end]
        if all(codes) and given == characters.encode():
            lengths = [len(character.encode()) for character in characters]
            places = start + np.repeat(np.arange(len(characters)), lengths)
            spans[first : last + 1] = np.stack((places, places + 1), axis=1)
    return spans
