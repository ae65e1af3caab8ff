"""Means of several runs over the places that they share, each beside its untrained twins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from odograph.errors import StudyError
from odograph.folder.alignment import Mask, Shared
from odograph.folder.documents import PASSAGE, by_document
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints
from odograph.folder.token_rows import TokenRows
from odograph.sentences.english import several

#: SQL, or what gives that of a run or twin.
Expression = str | Callable[[Run], str]


@dataclass(frozen=True, eq=False)
class SharedMeans:
    """Means over the same places of the same documents, a row a document: every run alike.

    Attributes:
        values: of each run, [documents, layers], or [documents] for what is there once a token.
        twins: of each run's untrained twins, [twins, documents, layers], over the documents that
            all twins of all runs have read; None without twins.
        beside_twins: which of the documents those are, [documents]; all where no run has twins.
        places: how many places the means are over.
        excluded: documents of any run that are not among them.
        tokens: of a single document, the values at its places, [places, layers] of each run.
        names: of the documents, as the first run has them.
        unit: what they are called: "document" where a run has fewer of them than passages.
    """

    values: tuple[Floats, ...]
    twins: tuple[Floats | None, ...]
    beside_twins: Mask
    places: int
    excluded: int
    tokens: tuple[Floats, ...] = ()
    names: tuple[str, ...] = ()
    unit: str = PASSAGE

    @property
    def last(self) -> "SharedMeans":
        """Those of the last layer alone."""
        return replace(
            self,
            values=tuple(values[:, -1] for values in self.values),
            twins=tuple(None if twins is None else twins[..., -1] for twins in self.twins),
            tokens=tuple(tokens[:, -1:] for tokens in self.tokens),
        )

    @property
    def of_twins(self) -> tuple[float | None, ...]:
        """One mean over all that is there of each run's twins."""
        return tuple(None if twins is None else float(twins.mean()) for twins in self.twins)

    @property
    def read_by_twins(self) -> str:
        """In how many of the documents twins are told, where not in all: "6 of 24 passages"."""
        told, every = int(self.beside_twins.sum()), len(self.beside_twins)
        return "" if told in (0, every) else f"{told:,} of {several(every, self.unit)}"

    def held_against_twins(self, values: Floats) -> float:
        """The mean of values, [documents], over those that twins are told of; NaN for none."""
        alike = values[self.beside_twins]
        return float(alike.mean()) if len(alike) else float("nan")


def shared_means(
    shared: Shared, expression: Expression, where: Mask, from_layer: int | None = None
) -> SharedMeans:
    """The means of an expression over the places that `where` [places] chooses.

    A place without a number in some run counts in none. `from_layer` None: the expression is over
    the columns of `tokens` alone.

    Raises:
        StudyError: no place is left.
    """

    def read(rows: TokenRows) -> Floats:
        own = expression if isinstance(expression, str) else expression(rows.run)
        return rows.values(own)[:, None] if once else rows.layer_values(own, first)

    once, first = from_layer is None, from_layer or 0
    given = [read(own)[rows] for own, rows in zip(shared.read, shared.rows, strict=True)]
    chosen = _chosen(where & shared.usable, given)
    passages, documents = shared.passage[chosen], shared.document[chosen]
    met, rows = _met_by_twins(shared, chosen)
    twins = [
        np.stack([by_document(read(one)[at], passages[met], documents[met]) for one, at in own])
        if own and met.any()
        else None
        for own in rows
    ]
    values = [by_document(one[chosen], passages, documents) for one in given]
    count = len(values[0])
    return SharedMeans(
        values=tuple(one[:, 0] if once else one for one in values),
        twins=tuple(None if t is None else t[..., 0] if once else t for t in twins),
        beside_twins=np.isin(np.unique(documents), documents[met]),
        places=int(chosen.sum()),
        excluded=shared.passages - count,
        tokens=tuple(one[chosen] for one in given) if count == 1 else (),
        names=shared.read[0].names_of(documents, shared.rows[0][chosen]),
        unit=shared.unit,
    )


def _chosen(places: Mask, given: Sequence[Floats]) -> Mask:
    """Those of the places at which every run has its numbers, [places].

    Raises:
        StudyError: none is left.
    """
    for values in given:
        places = places & np.isfinite(values).all(axis=1)
    if not places.any():
        raise StudyError(
            "the runs share no usable token",
            expected="tokens of the same texts that end at the same character",
            remedy="Measure them on the same texts, all tokens of each.",
        )
    return places


def _met_by_twins(shared: Shared, chosen: Mask) -> tuple[Mask, list[list[tuple[TokenRows, Ints]]]]:
    """Which of the chosen places all twins have read, and for each run where they stand there.

    Twins may have read fewer documents than their models, and those of each run others: what is
    told of one model's twins beside another's is of the same documents.
    """
    keys = [own.keys[rows[chosen]] for own, rows in zip(shared.read, shared.rows, strict=True)]
    every = [[(twin, twin.keys) for twin in twins] for twins in shared.twins]
    met = np.ones(int(chosen.sum()), dtype=bool)
    for own, twins in zip(keys, every, strict=True):
        for _, known in twins:
            met &= np.isin(own, known)
    rows = [
        [(twin, np.searchsorted(known, own[met])) for twin, known in twins]
        for own, twins in zip(keys, every, strict=True)
    ]
    return met, rows
