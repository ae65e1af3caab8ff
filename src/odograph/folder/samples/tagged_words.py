"""The tagged words of a run: how pieces meet them, and the measures of those with a state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.matching import STATUSES
from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments
from odograph.folder.selection import Floats, numbers, usable
from odograph.folder.token_sets import PLAIN_TOKENS

UNTAGGED = "no tag"


@dataclass(frozen=True, eq=False)
class Counts:
    """The words of each tag, the commonest tag first: arrays [tags].

    `by_status` holds one array for each of `STATUSES`; `measured` counts words with a state.
    """

    tags: Sequence[str]
    words: NDArray[np.int64]
    lemmas: NDArray[np.int64]
    by_status: Mapping[str, NDArray[np.int64]]
    measured: NDArray[np.int64]

    @property
    def total(self) -> int:
        """Words of the texts."""
        return int(self.words.sum())

    @property
    def matched(self) -> NDArray[np.int64]:
        """Words that have pieces of their own."""
        return np.asarray(self.by_status["whole"] + self.by_status["split"])


@dataclass(frozen=True, eq=False)
class Unmatched:
    """A form that was not matched or not measured: how often, and why."""

    text: str
    tag: str
    why: str
    count: int


def word_counts(run: Run) -> Counts:
    """The words of every tag in a run or a half of it.

    Raises:
        StudyError: the texts have no words.
    """
    statuses = ", ".join(f"count(*) filter (where status = '{s}') as {s}" for s in STATUSES)
    found = numbers(
        run.sql(
            f"""select coalesce(tag, '{UNTAGGED}') as tag, count(*) as words,
            count(distinct lower(coalesce(lemma, text))) as lemmas, {statuses},
            count(passage) as measured from words group by all order by words desc, tag"""
        )
    )
    if not len(found["words"]):
        raise StudyError("the texts of the run have no words", expected="tagged words")
    return Counts(
        tags=[str(tag) for tag in found["tag"]],
        words=found["words"],
        lemmas=found["lemmas"],
        by_status={status: found[status] for status in STATUSES},
        measured=found["measured"],
    )


def unmatched_words(run: Run) -> list[Unmatched]:
    """Forms without a state of their own, the commonest first."""
    rows = run.sql(
        f"""select text, coalesce(tag, '{UNTAGGED}') as tag,
        case when status in ('whole', 'split') then coalesce(left_out, 'not asked for')
        else status end as why, count(*) as n
        from words where passage is null group by all order by n desc, text, tag, why"""
    ).fetchall()
    return [Unmatched(*row) for row in rows]


Strings = NDArray[np.str_]


#: Measures of a word: name, and SQL over the steps of its last piece.
MEASURES = {
    "turned": "sum(rotation::double)",
    "relative_step": "exp(avg(ln(relative_step::double)))",
    "heading": "avg(case when isfinite(heading) then heading::double end)",
}


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


@dataclass(frozen=True, eq=False)
class MeasuredWords:
    """Measured words: key of the last piece, tag, and lemma (the form where there is none)."""

    key: NDArray[np.int64]
    tag: NDArray[np.str_]
    lemma: NDArray[np.str_]


def measures_sql() -> str:
    """The measures in SQL."""
    return ", ".join(f"{sql} as {name}" for name, sql in MEASURES.items())


def measured_words(run: Run, drawn: DrawnDocuments) -> MeasuredWords:
    """The words of some documents that have a state, in the order of the text."""
    read = f"passage in (select passage from {PLAIN_TOKENS} where {drawn.where})"
    found = numbers(
        run.sql(
            f"""select passage, position, coalesce(tag, '{UNTAGGED}') as tag,
            lower(coalesce(lemma, text)) as lemma from words where {read}
            order by passage, position"""
        )
    )
    strings = [np.array([str(v) for v in found[name]], dtype=np.str_) for name in ("tag", "lemma")]
    return MeasuredWords(_key(found["passage"], found["position"]), *strings)


def _key(passage: Floats, position: Floats) -> NDArray[np.int64]:
    return np.asarray(passage.astype(np.int64) * 2**32 + position.astype(np.int64))


def word_values(run: Run, words: MeasuredWords, drawn: DrawnDocuments) -> dict[str, Floats]:
    """Each measure at the words' last pieces, NaN where the token may not be used.

    drawn: the documents that the words are of.
    """
    found = numbers(
        run.sql(
            f"""select passage, position, {measures_sql()} from layers
            join {PLAIN_TOKENS} using (passage, position)
            where layer > 0 and {usable(run)} and {drawn.where}
            group by all order by passage, position"""
        )
    )
    keys = _key(found["passage"], found["position"])
    place = np.searchsorted(keys, words.key)
    there = np.isin(words.key, keys)
    values = {}
    for name in MEASURES:
        values[name] = np.full(len(words.key), np.nan)
        values[name][there] = found[name][place[there]]
    return values


def values_in_order(
    run: Run, shuffled: Run, words: MeasuredWords, drawn: DrawnDocuments
) -> dict[str, Floats]:
    """The measures at the tokens that end the words, wherever they stand: name to [words].

    A token is known by its place in the passage's characters. NaN where it may not be used: at
    position 0, or a sink. The pieces of a split word are torn apart; its last one is read.

    Args:
        run: the text as it stands.
        shuffled: the same in random order.
        words: the words.
        drawn: the documents that these are of.
    """
    where = f'"end" > start and {drawn.where}'
    placed = numbers(
        run.sql(f"""select passage * 4294967296 + position as key, passage, start, "end"
        from {PLAIN_TOKENS} where {where}""")
    )
    found = numbers(
        shuffled.sql(
            f"""select passage, start, "end", {measures_sql()} from layers
            join {PLAIN_TOKENS} using (passage, position)
            where layer > 0 and {usable(shuffled)} and {where}
            group by passage, position, start, "end" """
        )
    )
    rows = {place: row for row, place in enumerate(_places(found))}
    keys = placed["key"].astype(np.int64).tolist()
    at = {k: rows.get(place, -1) for k, place in zip(keys, _places(placed), strict=True)}
    row = np.array([at.get(int(k), -1) for k in words.key], dtype=np.int64)
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
