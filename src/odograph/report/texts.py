"""The text of each passage as a page shows it, and where in it each token stands.

Where the run keeps its texts, they are shown; else the pieces of the tokens are joined, in which a
character that is made of several tokens cannot be read.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.selection import Floats, columns_of

Ints = NDArray[np.int64]
_UNKNOWN_PIECE = "□"


@dataclass(frozen=True)
class ShownText:
    """A passage's text and its tokens' places in it, counted in UTF-16 units as browsers do.

    `pieces` gives by index of a token the piece of those that no character of the text stands for:
    what was put in front, white space. `whole` says whether it is the text itself.
    """

    text: str
    start: Ints
    end: Ints
    pieces: dict[int, str]
    whole: bool


def shown_texts(run: Run, tokens: dict[str, NDArray[Any]]) -> list[ShownText]:
    """One for each passage, in the order of the rows of `tokens`."""
    passages = np.asarray(tokens["passage"], np.int64)
    if not passages.size:
        return []
    texts = _kept_texts(run, np.unique(passages))
    made = []
    for rows in np.split(np.arange(passages.size), np.flatnonzero(np.diff(passages)) + 1):
        pieces = [_UNKNOWN_PIECE if t is None or t != t else str(t) for t in tokens["token"][rows]]
        start, end = (np.asarray(tokens[n][rows], np.int64) for n in ("start", "end"))
        kept = texts.get(int(passages[rows[0]]))
        made.append(_placed(*kept, start, end, pieces) if kept else _joined(pieces))
    return made


def _kept_texts(run: Run, passages: Ints) -> dict[int, tuple[int, str]]:
    """By passage where its text begins, and the text; empty where the run keeps none."""
    if not columns_of(run, "texts"):
        return {}
    listed = ", ".join(str(int(p)) for p in passages)
    rows = run.sql(f'select passage, "start", text from texts where passage in ({listed})')
    return {int(passage): (int(first), str(text)) for passage, first, text in rows.fetchall()}


def _placed(first: int, text: str, start: Ints, end: Ints, pieces: list[str]) -> ShownText:
    """The text, and where each token stands in it; one without characters stands after the last."""
    places = _units(text)
    hidden = end <= start
    begin, close = (places[np.clip(at - first, 0, len(text))] for at in (start, end))
    begin = np.where(hidden, np.maximum.accumulate(np.where(hidden, 0, close)), begin)
    shown = {int(k): pieces[k] for k in np.flatnonzero(hidden)}
    return ShownText(text, begin, np.where(hidden, begin, close), shown, True)


def _joined(pieces: list[str]) -> ShownText:
    """The pieces one after another; a piece's leading space stands between it and the last."""
    lengths = np.array([_units(piece)[-1] for piece in pieces], np.int64)
    spaces = [len(p) - len(p.lstrip()) if p.strip() else 0 for p in pieces]
    end = np.cumsum(lengths)
    return ShownText("".join(pieces), end - lengths + np.array(spaces), end, {}, False)


def _units(text: str) -> Ints:
    """For each character, and for the end, how many UTF-16 units stand before it."""
    codes: Floats | NDArray[Any] = np.frombuffer(
        text.encode("utf-32-le", "surrogatepass"), dtype="<u4"
    )
    return np.concatenate([[0], np.cumsum(1 + (codes > 0xFFFF))]).astype(np.int64)
