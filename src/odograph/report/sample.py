"""Which passages and tokens a page holds when it cannot hold all of them."""

import hashlib
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray


def chosen_passages(
    tokens: Mapping[int, int], room: int, *, first: Collection[int] = (), seed: int = 0
) -> list[int]:
    """Numbers of the passages to show, in order of the text: whole ones, as many as there is room.

    Those named in `first` come before all others; these come in the order of a hash of seed and
    number, which no result has a say in. One passage is chosen even where it is longer than all
    the room: who shows it cuts it.

    Args:
        tokens: tokens of each passage.
        room: tokens that fit.
        first: passages that findings point at.
        seed: of the run.
    """
    named = [passage for passage in dict.fromkeys(first) if passage in tokens]
    others = sorted(set(tokens) - set(named), key=lambda passage: _lot(seed, passage))
    chosen: list[int] = []
    for passage in [*named, *others]:
        if tokens[passage] <= room:
            chosen.append(passage)
            room -= tokens[passage]
    if not chosen and tokens:
        chosen = [(named or others)[0]]
    return sorted(chosen)


def hash_drawn(rows: NDArray[np.int64], most: int) -> NDArray[np.intp]:
    """Places of at most so many of the rows, by a hash of each: what they measure has no say.

    The page draws the same ones of the tokens that it holds (viewer/src/cells.ts).
    """
    if len(rows) <= most:
        return np.arange(len(rows))
    mixed = (rows.astype(np.uint64) * np.uint64(0x9E3779B1)) & np.uint64(0xFFFFFFFF)
    return np.sort(np.argpartition(mixed, most)[:most])


def _lot(seed: int, passage: int) -> bytes:
    return hashlib.blake2b(f"{seed} {passage}".encode(), digest_size=8).digest()
