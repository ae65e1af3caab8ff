"""A passage as one or several windows of tokens, no longer than a model can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.encoded import OTHER, Encoded, Entries
from odograph.corpus.likeness import Likeness
from odograph.corpus.matching import TokenTags
from odograph.corpus.passages import Passage, text_digest
from odograph.corpus.pieces import Pieces, Vocabulary
from odograph.corpus.roles import Roles, Windows, Words

_Number = TypeVar("_Number", bound=np.generic)
_UNKNOWN = Likeness("", ())


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """A passage with its pieces, words, roles and windows; `tags` where they were asked for.

    `likeness` tells its copies.
    """

    passage: Passage
    pieces: Pieces
    words: Words
    roles: Roles
    windows: Windows
    tags: TokenTags | None = None
    likeness: Likeness = _UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A window to measure: number, names, tokens of its passage, and which of them get rows.

    `base` is the id of its text, `document` what it is no evidence apart from.
    """

    number: int
    name: str
    base: str
    document: str
    first: int
    end: int
    row: NDArray[np.bool_]
    front_row: bool


def divide(
    n: int, front: int, max_positions: int | None, *, window: bool, behind: int = 0
) -> Windows:
    """The windows of a passage of `n` tokens; without `window` it is one, cut where too long.

    In each, `front` tokens stand before those of the passage and `behind` after them.
    """
    room = n if max_positions is None else max_positions - front - behind
    if n <= room or not window:
        return Windows((0, min(n, room)), front)
    return Windows((*range(0, n, room), n), front)


def keep_windows(
    marked: Marked, number: int, *, only_roles: bool, causal: bool = True, front_rows: bool = True
) -> list[Kept]:
    """The windows with a token to measure, numbered from `number` on.

    Tokens in front get rows where those of the text all do and `front_rows` says so. Windows are
    cut after the last such token where the model is causal: nothing after it can then change what
    the model makes of it.
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
            front_row = front_rows and not only_roles
            document = marked.passage.document or base
            kept.append(Kept(place, name, base, document, first, end, row[:length], front_row))
    return kept


def encode_window(
    marked: Marked,
    window: Kept,
    front: Sequence[int],
    vocabulary: Vocabulary,
    behind: Sequence[int] = (),
) -> Encoded:
    """The window as the model reads it, with the tokens in front and behind.

    Those behind are read and get no rows.
    """
    kept = slice(window.first, window.end)
    before, after = len(front), len(behind)
    beyond = () if behind else marked.pieces.token_id[window.end : window.end + 1].tolist()
    nothing = np.zeros(after, np.bool_)
    read = np.concatenate([front, marked.pieces.token_id[kept], behind]).astype(np.int32)
    framed, tagged = partial(_framed, kept, before, after), partial(_tagged, kept, before, after)
    entries = Entries(
        passage=window.number,
        passage_id=window.name,
        token_id=read,
        token=vocabulary,
        start=framed(0, marked.pieces.start),
        end=framed(0, marked.pieces.end),
        word=framed(-1, marked.words.word),
        piece_count=framed(0, marked.words.piece_count),
        role=framed(OTHER, marked.roles.role),
        group=tagged(marked.roles.group),
        occurrence=framed(-1, marked.roles.occurrence),
        next_id=np.concatenate((read[1:], np.array(beyond or [-1], np.int32))),
        row=np.concatenate((np.full(before, window.front_row), window.row, nothing)),
        tag=tagged(marked.tags.tag) if marked.tags else (),
        lemma=tagged(marked.tags.lemma) if marked.tags else (),
        base=window.base,
        text=text_digest(marked.passage, window.base),
        characters=_covered(marked, kept),
        document=window.document,
        hash=marked.likeness.hash,
        min_hash=marked.likeness.min_hash,
        columns=marked.passage.columns,
    )
    return Encoded(entries)


def _tagged(
    kept: slice, before: int, after: int, values: Sequence[str | None]
) -> tuple[str | None, ...]:
    """The values of the tokens kept, and None for those in front and behind."""
    return (*(None,) * before, *values[kept], *(None,) * after)


def _framed(
    kept: slice, before: int, after: int, value: int, values: NDArray[_Number]
) -> NDArray[_Number]:
    """The values of the tokens kept, and `value` for those in front and behind."""
    # As np.pad does, which takes ten times as long on so few numbers.
    own = values[kept]
    whole = np.full(before + len(own) + after, value, values.dtype)
    whole[before : before + len(own)] = own
    return whole


def _covered(marked: Marked, kept: slice) -> str:
    """The part of the passage's text from the first to the last character of these tokens."""
    start, end = marked.pieces.start[kept], marked.pieces.end[kept]
    there = end > start
    if not there.any():
        return ""
    return marked.passage.text[int(start[there].min()) : int(end[there].max())]
