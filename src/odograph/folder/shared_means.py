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
from odograph.sentences.models_and_twins import TwinsOfOne, TwinsOfTwo, TwinsRead

#: SQL, or what gives that of a run or twin.
Expression = str | Callable[[Run], str]


@dataclass(frozen=True, eq=False)
class TwinMeans:
    """Means of one run's untrained twins, over the documents that all of them have read.

    Attributes:
        values: [twins, documents read, layers], or [twins, documents read].
        read: which of all documents those are, [documents].
    """

    values: Floats
    read: Mask

    @property
    def last(self) -> "TwinMeans":
        """Those of the last layer alone."""
        return replace(self, values=self.values[..., -1])


@dataclass(frozen=True, eq=False)
class SharedMeans:
    """Means over the same places of the same documents, a row a document: every run alike.

    Attributes:
        values: of each run, [documents, layers], or [documents] for what is there once a token.
        twins: of each run's untrained twins; None where none was measured.
        places: how many places the means are over.
        excluded: documents of any run that are not among them.
        tokens: of a single document, the values at its places, [places, layers] of each run.
        names: of the documents, as the first run has them.
        unit: what they are called: "document" where a run has fewer of them than passages.
    """

    values: tuple[Floats, ...]
    twins: tuple[TwinMeans | None, ...]
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
            twins=tuple(None if twins is None else twins.last for twins in self.twins),
            tokens=tuple(tokens[:, -1:] for tokens in self.tokens),
        )

    def twin_values(self, model: int) -> Floats | None:
        """Those of a run's twins, over the documents that they have read; None where in none."""
        twins = self.twins[model]
        return None if twins is None or not twins.read.any() else twins.values

    @property
    def twins_n(self) -> list[int]:
        """How many of the documents each run's twins have read; 0 without twins."""
        return [0 if twins is None else int(twins.read.sum()) for twins in self.twins]

    def twins_read(self, names: Sequence[str]) -> TwinsRead:
        """The same, as notes and captions say it. names: of the runs."""
        every = len(self.values[0])
        counts = {
            name: None if twins is None else (int(twins.read.sum()), every)
            for name, twins in zip(names, self.twins, strict=True)
        }
        return TwinsRead(counts, self.unit)

    def twins_of_one(self, model: int) -> TwinsOfOne | None:
        """One number of a run and of its twins, in the documents that these have read.

        Of means that have a number a document; None without twins.
        """
        twins = self.twins[model]
        return None if twins is None else self._beside(model, twins, twins.read)

    def twins_of_two(self, model: int, reference: int = 0) -> TwinsOfTwo:
        """The same of two runs, of each and in the documents that the twins of both have read."""
        alone = self.twins_of_one(model), self.twins_of_one(reference)
        own, other = self.twins[model], self.twins[reference]
        if own is None or other is None:
            return TwinsOfTwo(alone)
        met = own.read & other.read
        return TwinsOfTwo(
            alone, (self._beside(model, own, met), self._beside(reference, other, met))
        )

    def _beside(self, model: int, twins: TwinMeans, documents: Mask) -> TwinsOfOne:
        """In some of the documents that the twins have read."""
        count, every = int(documents.sum()), several(len(documents), self.unit)
        words = "" if documents.all() else f"{count:,} of {every}"
        if not count:
            return TwinsOfOne(np.nan, np.nan, 0, words)
        of_twins = twins.values[:, documents[twins.read]].mean()
        return TwinsOfOne(
            float(of_twins), float(self.values[model][documents].mean()), count, words
        )


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
    values = [by_document(one[chosen], passages, documents) for one in given]
    count = len(values[0])

    found = SharedMeans(
        values=tuple(values),
        twins=tuple(
            _of_twins(read, twins, own.keys[rows[chosen]], passages, documents)
            for twins, own, rows in zip(shared.twins, shared.read, shared.rows, strict=True)
        ),
        places=int(chosen.sum()),
        excluded=shared.passages - count,
        tokens=tuple(one[chosen] for one in given) if count == 1 else (),
        names=shared.read[0].names_of(documents, shared.rows[0][chosen]),
        unit=shared.unit,
    )
    return found.last if once else found


def _of_twins(
    read: Callable[[TokenRows], Floats],
    twins: Sequence[TokenRows],
    keys: Ints,
    passages: Ints,
    documents: Ints,
) -> TwinMeans | None:
    """The means of a run's twins over the places that all of them have read; None without twins.

    Twins may have read fewer documents than their model.

    keys: of the places, in the model's own rows; their passages and documents.
    """
    if not twins:
        return None
    known = [twin.keys for twin in twins]
    met = np.logical_and.reduce([np.isin(keys, own) for own in known])
    found = [
        by_document(read(twin)[np.searchsorted(own, keys[met])], passages[met], documents[met])
        for twin, own in zip(twins, known, strict=True)
    ]
    return TwinMeans(np.stack(found), np.isin(np.unique(documents), documents[met]))


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
