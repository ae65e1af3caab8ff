"""The tagged words of a run: how pieces meet them, and how far those turn that were measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.corpus.matching import STATUSES
from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.statistics.intervals import mean_interval
from odograph.statistics.values import Interval
from odograph.studies.parts_of_speech.orders import Order, by_lemma, values_in_order
from odograph.studies.selection import Floats, columns_of, numbers, usable

#: Measures of a word: name, and SQL over the steps of its last piece.
MEASURES = {
    "turned": "sum(rotation::double)",
    "relative_step": "exp(avg(ln(relative_step::double)))",
}
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
    def matched(self) -> NDArray[np.int64]:
        """Words that have pieces of their own."""
        return np.asarray(self.by_status["whole"] + self.by_status["split"])


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
class Unmatched:
    """A form that was not matched or not measured: how often, and why."""

    text: str
    tag: str
    why: str
    count: int


@dataclass(frozen=True, eq=False)
class Measured:
    """What the findings, figures and tables are made of.

    `means` holds, for each of `MEASURES`, the tags with a measured word in the order of `counts`;
    `sinks` counts measured words that statistics leave out. `orders` has each measure in random
    order; {} without. `explored` has the means of each tag in the half of a run to look at, for
    each measure; None of a whole run.
    """

    run: Run
    counts: Counts
    unmatched: Sequence[Unmatched]
    means: Mapping[str, Sequence[TagMean]]
    sinks: int
    orders: Mapping[str, Order]
    explored: Mapping[str, Mapping[str, float]] | None

    @property
    def total(self) -> int:
        """Words of the texts."""
        return int(self.counts.words.sum())


@dataclass(frozen=True, eq=False)
class _Words:
    """Measured words: key of the last piece, tag, and lemma (the form where there is none)."""

    key: NDArray[np.int64]
    tag: NDArray[np.str_]
    lemma: NDArray[np.str_]


def measure(run: Run) -> Measured:
    """Reads the run once.

    Raises:
        StudyError: no word of the texts was tagged.
    """
    if not columns_of(run, "words"):
        raise StudyError(
            "the run has no tagged words",
            expected="a run made with --tags",
            remedy="Measure it with --tags conllu, column or spacy:NAME.",
        )
    counts = _counts(run)
    words = _measured_words(run)
    values = _values(run, words)
    twins = [_values(twin, words) for twin in run.untrained]
    known = np.all([np.isfinite(each[name]) for each in [values, *twins] for name in each], axis=0)
    return Measured(
        run=run,
        counts=counts,
        unmatched=_unmatched(run),
        means={
            name: _means(run, counts.tags, words, known, [v[name] for v in [values, *twins]])
            for name in MEASURES
        },
        sinks=int((~known).sum()),
        orders=_orders(run, counts.tags, words, values),
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
    """The mean of every tag in the half to look at, measure by measure."""
    counts, words = _counts(half), _measured_words(half)
    values = _values(half, words)
    known = np.all([np.isfinite(each) for each in values.values()], axis=0)
    return {
        name: {mean.tag: mean.mean for mean in _means(half, counts.tags, words, known, [own])}
        for name, own in values.items()
    }


def _asked() -> str:
    """The measures in SQL."""
    return ", ".join(f"{sql} as {name}" for name, sql in MEASURES.items())


def _counts(run: Run) -> Counts:
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


def _unmatched(run: Run) -> list[Unmatched]:
    """Forms without a state of their own, the commonest first."""
    rows = run.sql(
        f"""select text, coalesce(tag, '{UNTAGGED}') as tag,
        case when status in ('whole', 'split') then coalesce(left_out, 'not asked for')
        else status end as why, count(*) as n
        from words where passage is null group by all order by n desc, text, tag, why"""
    ).fetchall()
    return [Unmatched(*row) for row in rows]


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
