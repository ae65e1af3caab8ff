"""How far words turn and step: means over the lemmas of each tag, in the model and its nulls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers, usable
from odograph.statistics.intervals import mean_interval
from odograph.statistics.values import Interval
from odograph.studies.parts_of_speech.matching import UNTAGGED, counts_of, word_counts
from odograph.studies.section import Analysis

Strings = NDArray[np.str_]
#: Measures of a word: name, and SQL over the steps of its last piece.
MEASURES = {
    "turned": "sum(rotation::double)",
    "relative_step": "exp(avg(ln(relative_step::double)))",
}


@dataclass(frozen=True, eq=False)
class TagMean:
    """A measure of the words of one tag: mean over lemmas with its interval, and in each twin.

    `left_out` counts lemmas with a state of which no word may be used.
    """

    tag: str
    words: int
    lemmas: int
    mean: float
    interval: Interval | None
    twins: Floats
    left_out: int = 0


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
class TagMeans:
    """The means of every tag.

    Attributes:
        of: for each of `MEASURES`, the tags with a measured word, the commonest first.
        sinks: measured words that statistics leave out.
        orders: each measure in random order; {} without.
        explored: the means of each tag in the exploration half, by measure; None of a whole run.
    """

    of: Mapping[str, Sequence[TagMean]]
    sinks: int
    orders: Mapping[str, Order]
    explored: Mapping[str, Mapping[str, float]] | None

    @property
    def lemmas(self) -> int:
        """Lemmas of all tags, each counted once a tag."""
        return sum(mean.lemmas for mean in self.of["turned"])


@dataclass(frozen=True, eq=False)
class _Words:
    """Measured words: key of the last piece, tag, and lemma (the form where there is none)."""

    key: NDArray[np.int64]
    tag: NDArray[np.str_]
    lemma: NDArray[np.str_]


def means_of(analysis: Analysis) -> TagMeans:
    """Reads the measured words once."""
    run, tags = analysis.run, analysis.once(counts_of).tags
    words = _measured_words(run)
    values = _values(run, words)
    twins = [_values(twin, words) for twin in run.untrained]
    known = np.all([np.isfinite(each[name]) for each in [values, *twins] for name in each], axis=0)
    return TagMeans(
        of={
            name: _means(run, tags, words, known, [v[name] for v in [values, *twins]])
            for name in MEASURES
        },
        sinks=int((~known).sum()),
        orders=_orders(run, tags, words, values),
        explored=None if run.exploration is None else _explored(run.exploration),
    )


def _orders(
    run: Run, tags: Sequence[str], words: _Words, values: Mapping[str, Floats]
) -> dict[str, Order]:
    """Each measure in the random orders of the texts."""
    orders = [values_in_order(run, one, _asked(), words.key) for one in run.shuffled]
    if not orders:
        return {}
    pair = (words.tag, words.lemma)
    found = {
        name: by_lemma(tags, pair, [values[name], *(order[name] for order in orders)])
        for name in MEASURES
    }
    return {name: order for name, order in found.items() if order is not None}


def _explored(half: Run) -> dict[str, dict[str, float]]:
    """The mean of every tag in the exploration half, measure by measure."""
    tags, words = word_counts(half).tags, _measured_words(half)
    values = _values(half, words)
    known = np.all([np.isfinite(each) for each in values.values()], axis=0)
    return {
        name: {mean.tag: mean.mean for mean in _means(half, tags, words, known, [own])}
        for name, own in values.items()
    }


def _asked() -> str:
    """The measures in SQL."""
    return ", ".join(f"{sql} as {name}" for name, sql in MEASURES.items())


def _measured_words(run: Run) -> _Words:
    found = numbers(
        run.sql(
            f"""select passage, position, coalesce(tag, '{UNTAGGED}') as tag,
            lower(coalesce(lemma, text)) as lemma from words where passage is not null
            order by passage, position"""
        )
    )
    strings = [np.array([str(v) for v in found[name]], dtype=np.str_) for name in ("tag", "lemma")]
    return _Words(_key(found["passage"], found["position"]), *strings)


def _key(passage: Floats, position: Floats) -> NDArray[np.int64]:
    return np.asarray(passage.astype(np.int64) * 2**32 + position.astype(np.int64))


def _values(run: Run, words: _Words) -> dict[str, Floats]:
    """Each measure at the words' last pieces, NaN where the token may not be used."""
    found = numbers(
        run.sql(
            f"""select passage, position, {_asked()} from layers
            join tokens using (passage, position) where layer > 0 and {usable(run)}
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


def _means(
    run: Run,
    tags: Sequence[str],
    words: _Words,
    known: NDArray[np.bool_],
    values: Sequence[Floats],
) -> list[TagMean]:
    """One entry for each tag with a usable word: first the model's values, then the twins'."""
    seed = run.seed
    found = []
    for tag in tags:
        own = known & (words.tag == tag)
        if not own.any():
            continue
        _, lemma = np.unique(words.lemma[own], return_inverse=True)
        model, *twins = (np.bincount(lemma, v[own]) / np.bincount(lemma) for v in values)
        found.append(
            TagMean(
                tag,
                int(own.sum()),
                len(model),
                float(model.mean()),
                mean_interval(model, seed=seed),
                np.array([float(twin.mean()) for twin in twins]),
                len(np.unique(words.lemma[words.tag == tag])) - len(model),
            )
        )
    return found


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
