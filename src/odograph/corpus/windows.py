"""A passage as one or several windows of tokens, no longer than a model can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import OTHER, Encoded
from odograph.corpus.matching import TokenTags
from odograph.corpus.passages import Passage
from odograph.corpus.pieces import Pieces, Vocabulary
from odograph.corpus.roles import Roles, Windows, Words


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A passage with its pieces, words, roles and windows; `tags` where they were asked for."""

    passage: Passage
    pieces: Pieces
    words: Words
    roles: Roles
    windows: Windows
    tags: TokenTags | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A window to measure: number, names, tokens of its passage, and which of them get rows."""

    number: int
    name: str
    base: str
    first: int
    end: int
    row: NDArray[np.bool_]
    front_row: bool


def divide(n: int, front: int, max_positions: int | None, *, window: bool) -> Windows:
    """The windows of a passage of `n` tokens; without `window` it is one, cut where too long."""
    room = n if max_positions is None else max_positions - front
    if n <= room or not window:
        return Windows((0, min(n, room)), front)
    return Windows((*range(0, n, room), n), front)


def keep_windows(
    marked: Marked, number: int, *, only_roles: bool, causal: bool = True
) -> list[Kept]:
    """The windows with a token to measure, numbered from `number` on.

    They are cut after the last such token where the model is causal: nothing after it can then
    change what the model makes of it.
    """
    kept: list[Kept] = []
    for window, (first, last) in enumerate(pairwise(marked.windows.edges), start=1):
        roles = marked.roles.role[first:last]
        row = roles != OTHER if only_roles else np.ones(len(roles), np.bool_)
        if row.any():
            length = int(np.flatnonzero(row)[-1]) + 1 if causal else len(row)
            name = marked.passage.id if window == 1 else f"{marked.passage.id}#w{window}"
            base = marked.passage.base or marked.passage.id
            end, place = first + length, number + len(kept)
            kept.append(Kept(place, name, base, first, end, row[:length], not only_roles))
    return kept


def encode_window(
    marked: Marked, window: Kept, front: Sequence[int], vocabulary: Vocabulary
) -> Encoded:
    """The window as the model reads it, with the tokens in front."""
    kept = slice(window.first, window.end)
    in_front = len(front)
    beyond = marked.pieces.token_id[window.end : window.end + 1]
    following = beyond if len(beyond) else np.array([-1], np.int32)
    read = np.concatenate((np.array(front, np.int32), marked.pieces.token_id[kept]))

    def tagged(values: tuple[str | None, ...]) -> tuple[str | None, ...]:
        return (None,) * in_front + values[kept]

    def led(value: int, values: NDArray[np.int32]) -> NDArray[np.int32]:
        return np.concatenate((np.full(in_front, value, np.int32), values[kept]))

    return Encoded(
        passage=window.number,
        passage_id=window.name,
        token_id=read,
        token=vocabulary.texts(read.tolist()),
        start=led(0, marked.pieces.start),
        end=led(0, marked.pieces.end),
        word=led(-1, marked.words.word),
        piece_count=led(0, marked.words.piece_count),
        role=np.concatenate((np.full(in_front, OTHER, np.int8), marked.roles.role[kept])),
        group=(None,) * in_front + tuple(marked.roles.group[kept]),
        occurrence=led(-1, marked.roles.occurrence),
        next_id=np.concatenate((read[1:], following)),
        row=np.concatenate((np.full(in_front, window.front_row), window.row)),
        tag=tagged(marked.tags.tag) if marked.tags else (),
        lemma=tagged(marked.tags.lemma) if marked.tags else (),
        base=window.base,
    )
