"""Which tokens of several runs are laid beside each other: targets, or all of drawn documents."""

from collections.abc import Sequence

from odograph.folder.alignment import Shared, share_places
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments, drawn_documents
from odograph.folder.samples.model_curves import targets_alike
from odograph.folder.token_rows import TokenRows
from odograph.folder.token_sets import TARGETS


def places_of_all(runs: Sequence[Run]) -> Shared:
    """The places of all tokens; of large runs in drawn documents, the same in each."""
    drawn = [drawn_documents(run) for run in runs]
    read = [TokenRows(run, own.where) for run, own in zip(runs, drawn, strict=True)]
    return share_places(runs, read, drawn=max(drawn, key=_left_out).counted)


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


def _left_out(drawn: DrawnDocuments) -> int:
    return drawn.left_out
