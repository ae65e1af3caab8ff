"""The words of a text where its tokens stand in random order: what of their turning order makes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.studies.selection import Floats, Ints, numbers, usable

Strings = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Order:
    """One measure of the same lemmas, tag by tag one after the other: arrays [n].

    Attributes:
        own: as the text stands.
        orders: in each random order, [orders, n].
        tags: of each row.
    """

    own: Floats
    orders: Floats
    tags: tuple[str, ...]


def values_in_order(run: Run, shuffled: Run, asked: str, key: Ints) -> dict[str, Floats]:
    """The measures at the tokens that end the words, wherever they stand: name to [words].

    A token is known by its place in the passage's characters. NaN where it may not be used: at
    position 0, or a sink. The pieces of a split word are torn apart; its last one is read.

    Args:
        run: the text as it stands.
        shuffled: the same in random order.
        asked: SQL for the measures of a token over its layers, with their names.
        key: passage * 2**32 + position of each word's last piece in `run`.
    """
    placed = numbers(
        run.sql("""select passage * 4294967296 + position as key, passage, start, "end" from tokens
        where "end" > start""")
    )
    found = numbers(
        shuffled.sql(
            f"""select passage, start, "end", {asked} from layers
            join tokens using (passage, position) where layer > 0 and {usable(shuffled)}
            and "end" > start group by passage, position, start, "end" """
        )
    )
    rows = {place: row for row, place in enumerate(_places(found))}
    keys = placed["key"].astype(np.int64).tolist()
    at = {k: rows.get(place, -1) for k, place in zip(keys, _places(placed), strict=True)}
    row = np.array([at.get(int(k), -1) for k in key], dtype=np.int64)
    names = [name for name in found if name not in ("passage", "start", "end")]
    return {name: np.where(row >= 0, np.append(found[name], np.nan)[row], np.nan) for name in names}


def _places(found: dict[str, Floats]) -> list[tuple[int, int, int]]:
    columns = (found[name].astype(np.int64).tolist() for name in ("passage", "start", "end"))
    return list(zip(*columns, strict=True))


def by_lemma(
    tags: Sequence[str], words: tuple[Strings, Strings], values: Sequence[Floats]
) -> Order | None:
    """Means over the lemmas of each tag, of words that have a value in all; None for no word.

    Args:
        tags: in order.
        words: tag and lemma of each word.
        values: of each word, first as the text stands, then in each random order.
    """
    tag, lemma = words
    known = np.isfinite(values).all(axis=0)
    rows, named = [], []
    for one in tags:
        own = known & (tag == one)
        if own.any():
            _, which = np.unique(lemma[own], return_inverse=True)
            means = np.array([np.bincount(which, v[own]) / np.bincount(which) for v in values])
            rows.append(means)
            named += [one] * means.shape[1]
    if not rows:
        return None
    both = np.concatenate(rows, axis=1)
    return Order(both[0], both[1:], tuple(named))
