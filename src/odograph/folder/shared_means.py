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
from odograph.sentences.models import TwinsOfTwo

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

    def mean_in(self, documents: Mask) -> float:
        """One mean over all that is there in some of the documents read; NaN in none."""
        found = self.values[:, documents[self.read]]
        return float(found.mean()) if found.size else float("nan")

    @property
    def mean(self) -> float:
        """The same in all that they have read."""
        return self.mean_in(self.read)


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

    @property
    def read_by_twins(self) -> str:
        """How many of the documents twins have read, where not all: "6 of 24 passages".

        "6 to 12 of 24 passages" where those of one run have read fewer than those of another.
        """
        counts = sorted({int(twins.read.sum()) for twins in self.twins if twins is not None})
        every = len(self.values[0])
        if not counts or counts == [every]:
            return ""
        many = " to ".join(f"{count:,}" for count in dict.fromkeys((counts[0], counts[-1])))
        return f"{many} of {several(every, self.unit)}"

    def twin_values(self, model: int) -> Floats | None:
        """Those of a run's twins, over the documents that they have read; None where in none."""
        twins = self.twins[model]
        return None if twins is None or not twins.read.any() else twins.values

    @property
    def has_twins(self) -> bool:
        """Whether any run has twins, of whatever texts."""
        return any(twins is not None for twins in self.twins)

    @property
    def twins_n(self) -> list[int]:
        """How many of the documents each run's twins have read; 0 without twins."""
        return [0 if twins is None else int(twins.read.sum()) for twins in self.twins]

    def in_how_many(self, read: Mask) -> str:
        """How many of the documents some are, where not all: "6 of 24 passages"."""
        return "" if read.all() else f"{int(read.sum()):,} of {several(len(read), self.unit)}"

    def twins_of_two(self, model: int, reference: int = 0) -> TwinsOfTwo:
        """One number of each of two models' twins, in the documents that these have all read.

        Of means that have a number a document.
        """
        own, other = self.twins[model], self.twins[reference]
        read = np.ones(len(self.values[0]), dtype=bool)
        for twins in filter(None, (own, other)):
            read = read & twins.read
        apart = self.values[model][read] - self.values[reference][read]
        return TwinsOfTwo(
            (
                None if own is None else own.mean_in(read),
                None if other is None else other.mean_in(read),
            ),
            float(apart.mean()) if read.any() else float("nan"),
            self.in_how_many(read),
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
