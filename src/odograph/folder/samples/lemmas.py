"""The drawn words of two groups, averaged to one row a lemma: the unit of inference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.folder.run import Run
from odograph.folder.selection import Floats, Means, numbers, profile_means
from odograph.folder.views import quoted_text
from odograph.sentences.two_groups import COVARIATES
from odograph.statistics.designs.contrasts import Mask

#: What is compared: an expression whose logarithm is averaged.
MEASURES = ("step", "rotation")


@dataclass(frozen=True, eq=False)
class Words:
    """The measured words of the two groups: arrays [words].

    Attributes:
        passage: each word's own.
        lemma: in lower case; the form where there is no lemma.
        first: whether of the first group.
        covariates: by name.
        shared: lemmas of words of both groups.
    """

    passage: NDArray[np.int64]
    lemma: NDArray[np.str_]
    first: Mask
    covariates: Mapping[str, Floats]
    shared: frozenset[str]


@dataclass(frozen=True, eq=False)
class Lemmas:
    """The lemmas of the two groups, one row each: arrays [n].

    Attributes:
        names: the first group's lemmas, then the second's.
        first: whether of the first group.
        words: occurrences in the mean.
        covariates: [n, k], in the order of `COVARIATES`.
        values: logarithms of each of `MEASURES`, [n, L].
        left_out: lemmas of which no word could be used.
    """

    names: NDArray[np.str_]
    first: Mask
    words: NDArray[np.int64]
    covariates: Floats
    values: Mapping[str, Floats]
    left_out: int


def read_words(run: Run, groups: tuple[str, str]) -> Words:
    """The drawn words of two tags with what could stand between them.

    A form that has no count (it is not in the file of frequencies) counts as met 0 times.
    """
    tags = ", ".join(map(quoted_text, groups))
    found = numbers(
        run.sql(
            f"""select passage, coalesce(lemma, text) as lemma, tag, length(text) as length, pieces,
            coalesce(frequency, 0) as frequency, position, text_position from words
            where passage is not null and tag in ({tags})
            order by passage"""
        )
    )
    lemma = np.array([str(name).lower() for name in found["lemma"]], dtype=np.str_)
    first = np.asarray(found["tag"] == groups[0], dtype=bool)
    pieces = found["pieces"].astype(np.float64)
    covariates = {
        "text_position": found["text_position"].astype(np.float64),
        "tokens_before": found["position"].astype(np.float64) - pieces + 1,
        "log_length": np.log(found["length"].astype(np.float64)),
        "pieces": pieces,
        "log_frequency": np.log(found["frequency"].astype(np.float64) + 1),
    }
    shared = frozenset(lemma[first].tolist()) & frozenset(lemma[~first].tolist())
    return Words(found["passage"].astype(np.int64), lemma, first, covariates, shared)


def read_lemmas(run: Run, words: Words, rotation: str = "rotation") -> Lemmas:
    """The logarithms of the measures at the words, averaged by lemma; for a run or a twin of it.

    rotation: the column that the rotation is read from, for another reading of it.
    """
    columns = {name: name for name in MEASURES} | {"rotation": rotation}
    means = {
        name: profile_means(run, f"ln({column})", "role = 'target'", per="passage")
        for name, column in columns.items()
    }
    usable = np.isin(words.passage, _common(list(means.values())))
    own = usable & ~np.isin(words.lemma, list(words.shared))
    # The first group's lemmas come before the second's.
    keys = np.char.add(np.where(words.first, "0", "1"), words.lemma)
    names, row = np.unique(keys[own], return_inverse=True)
    counts = np.bincount(row, minlength=len(names))

    def averaged(values: Floats) -> Floats:
        summed = np.zeros((len(names), *values.shape[1:]))
        np.add.at(summed, row, values)
        return np.asarray((summed.T / counts).T)

    covariates = np.column_stack([words.covariates[name] for name in COVARIATES])
    everyone = len(np.unique(words.lemma)) - len(words.shared)
    return Lemmas(
        names=np.array([name[1:] for name in names], dtype=np.str_),
        first=np.array([name[0] == "0" for name in names], dtype=bool),
        words=counts.astype(np.int64),
        covariates=averaged(covariates[own]),
        values={name: averaged(_at(found, words.passage[own])) for name, found in means.items()},
        left_out=everyone - len(names),
    )


def _common(means: Sequence[Means]) -> NDArray[np.int64]:
    units = means[0].units
    for other in means[1:]:
        units = np.intersect1d(units, other.units)
    return np.asarray(units, dtype=np.int64)


def _at(means: Means, passages: NDArray[np.int64]) -> Floats:
    """The rows of these passages, all of which are there."""
    return np.asarray(means.values[np.searchsorted(means.units, passages)])


def with_orders(
    lemmas: Lemmas, orders: Sequence[Lemmas], measure: str
) -> tuple[Floats, Floats, Mask]:
    """Means over blocks of the lemmas that all have: own [n], orders [orders, n], first group."""
    keys = [_keys(each) for each in (lemmas, *orders)]
    common = set(keys[0]).intersection(*map(set, keys[1:]))
    kept = [[row for row, key in enumerate(own) if key in common] for own in keys]
    means = [
        each.values[measure].mean(axis=1)[rows]
        for each, rows in zip((lemmas, *orders), kept, strict=True)
    ]
    return means[0], np.stack(means[1:]), lemmas.first[kept[0]]


def _keys(lemmas: Lemmas) -> list[tuple[bool, str]]:
    return list(zip(lemmas.first.tolist(), lemmas.names.tolist(), strict=True))
