"""Which tokens of several runs are laid beside each other: targets, or all of drawn documents."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from odograph.errors import StudyError
from odograph.folder.alignment import Mask, Shared, share_places
from odograph.folder.documents import unit_of_all
from odograph.folder.kept_rows import drawn_words
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
    """The places of all tokens; of large runs in drawn documents, the same in each.

    Raises:
        StudyError: there are texts that all runs have, and none that all have rows of.
    """
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
    """Of each run the same documents, drawn among those that all have rows of.

    `every` of them counts the texts that all runs have.

    A run may have texts that others lack, or rows of some texts alone: a draw in each of them by
    itself would meet those of another by chance. They are taken in the order of the first run.

    Raises:
        StudyError: there are texts that all runs have, and none that all have rows of.
    """
    texts = Texts(runs)
    known = [texts.documents(run) for run in runs]
    every = len(set.intersection(*(set(own.values()) for own in known)))
    ordered = [in_hash_order(run) for run in runs]
    names = [
        np.array([own[document] for document in documents.tolist()], dtype=np.int64)
        for own, (documents, _) in zip(known, ordered, strict=True)
    ]
    shared = names[0][np.isin(names[0], reduce(np.intersect1d, names))]
    if every and not len(shared):
        raise _no_rows_in_common(runs, every)
    tokens = [
        _tokens_of(shared, own, counts) for own, (_, counts) in zip(names, ordered, strict=True)
    ]
    chosen = shared[: min(map(how_many_fit, tokens))]
    unit = unit_of_all(run.unit for run in runs)
    return [
        DrawnDocuments(_where(documents, np.isin(own, chosen)), len(chosen), every, unit)
        for own, (documents, _) in zip(names, ordered, strict=True)
    ]


def _tokens_of(shared: Ints, names: Ints, tokens: Ints) -> Ints:
    """How many tokens each of the shared documents has in a run, of all that it has rows of."""
    order = np.argsort(names)
    return np.asarray(tokens[order][np.searchsorted(names, shared, sorter=order)])


def _no_rows_in_common(runs: Sequence[Run], every: int) -> StudyError:
    return StudyError(
        "there is no text of which all the runs have rows",
        expected=f"rows of the same documents, among the {every:,} texts that all of them have",
        given="; ".join(
            f"{run.folder.name}: {drawn_words(run.manifest) or 'rows of all'}" for run in runs
        ),
        remedy="Measure them again with a larger --sample-passages.",
    )


def _where(documents: Ints, chosen: Mask) -> str:
    """The SQL condition for those that are chosen; none where all are."""
    return "true" if chosen.all() else among(documents[chosen])
