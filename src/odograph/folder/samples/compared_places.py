"""Which tokens of several runs are laid beside each other: targets, or all of drawn documents."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from odograph.folder.alignment import Mask, Shared, share_places
from odograph.folder.documents import unit_of_all
from odograph.folder.run import Run
from odograph.folder.same_texts import Texts
from odograph.folder.samples.drawn_documents import (
    DrawnDocuments,
    among,
    how_many_fit,
    in_hash_order,
)
from odograph.folder.samples.model_curves import targets_alike
from odograph.folder.selection import Ints
from odograph.folder.token_rows import TokenRows
from odograph.folder.token_sets import TARGETS


def places_of_all(runs: Sequence[Run]) -> Shared:
    """The places of all tokens; of large runs in drawn documents, the same in each."""
    drawn = _drawn_in_all(runs)
    read = [TokenRows(run, own.where) for run, own in zip(runs, drawn, strict=True)]
    return share_places(runs, read, drawn=drawn[0].counted)


def places_of_targets(runs: Sequence[Run]) -> Shared:
    """The places of targets in all documents, where the runs have the same ones and share some.

    Of all tokens elsewhere.

    Raises:
        StudyError: a run holds targets only, and the others do not have the same.
    """
    if targets_alike(runs):
        read = [TokenRows(run.chosen, TARGETS) for run in runs]
        shared = share_places(runs, read, "targets")
        if shared.places:
            return shared
    return places_of_all(runs)


def _drawn_in_all(runs: Sequence[Run]) -> list[DrawnDocuments]:
    """Of each run the same documents, drawn among those that all have rows of: `every` has texts.

    A run may have texts that others lack, or rows of some texts alone: a draw in each of them by
    itself would meet those of another by chance.
    """
    texts = Texts(runs)
    known = [texts.documents(run) for run in runs]
    ordered = [in_hash_order(run) for run in runs]
    names = [
        np.array([own[document] for document in documents.tolist()], dtype=np.int64)
        for own, (documents, _) in zip(known, ordered, strict=True)
    ]
    met = [np.isin(own, reduce(np.intersect1d, names)) for own in names]
    chosen = reduce(
        np.intersect1d,
        [
            own[there][: how_many_fit(tokens[there])]
            for own, there, (_, tokens) in zip(names, met, ordered, strict=True)
        ],
    )
    every = len(set.intersection(*(set(own.values()) for own in known)))
    unit = unit_of_all(run.unit for run in runs)
    return [
        DrawnDocuments(_where(documents, np.isin(own, chosen)), len(chosen), every, unit)
        for own, (documents, _) in zip(names, ordered, strict=True)
    ]


def _where(documents: Ints, chosen: Mask) -> str:
    """The SQL condition for those that are chosen; none where all are."""
    return "true" if chosen.all() else among(documents[chosen])
