"""What undoing something in each block costs, read once: a value a document, in model and twins."""

from dataclasses import replace

import numpy as np

from odograph.errors import StudyError
from odograph.figures.losses import NATS
from odograph.folder.document_names import document_names
from odograph.folder.requirements import require_tokens
from odograph.folder.run import Run
from odograph.folder.samples.worth import Worth, worth_of
from odograph.folder.selection import columns_of
from odograph.measures import BLOCK, TURN
from odograph.sentences.undoing import UNDONE_AT_TARGETS
from odograph.studies.defaults import FindingDefaults
from odograph.studies.section import Analysis


def require_ablations(run: Run) -> None:
    """Nothing, if turn and block were undone in the run.

    Raises:
        StudyError: says with which option they are, or that the texts are too short.
    """
    require_tokens(run, "ablations")
    undone = (run.manifest.get("ablations") or {}).get("undone", [])
    missing = [what for what in (TURN, BLOCK) if what not in undone]
    if missing or not columns_of(run, "ablations"):
        raise StudyError(
            "the run does not say what a turn is worth",
            expected="turn and block undone in each block",
            given=f"{', '.join(undone) or 'nothing'} undone",
            remedy="Measure it again with --undo all.",
        )


def read_twins(analysis: Analysis) -> tuple[Worth, ...]:
    """That of its untrained twins, of the documents of the run; for `Analysis.once`."""
    own = analysis.read(worth_of)
    found = [worth_of(twin) for twin in analysis.run.untrained if _asked(twin)]
    return tuple(twin for twin in found if np.array_equal(twin.documents, own.documents))


def _asked(twin: Run) -> bool:
    return bool(columns_of(twin, "ablations"))


def chosen_worth(analysis: Analysis) -> tuple[Worth, bool]:
    """That on which a block is chosen: of the exploration half, and whether there is one."""
    exploration = analysis.run.exploration
    own = analysis.read(worth_of)
    if exploration is None:
        return own, False
    try:
        return worth_of(exploration), True
    except StudyError:  # none of its passages was drawn
        return own, False


def names_of(analysis: Analysis) -> tuple[str, ...]:
    """The documents' names."""
    return document_names(analysis.run, analysis.read(worth_of).documents)


def defaults_of(analysis: Analysis, unit: str = NATS) -> FindingDefaults:
    """What findings share."""
    worth = analysis.read(worth_of)
    shared = analysis.defaults_over(len(worth.documents), excluded=worth.excluded, unit=unit)
    at_targets = analysis.run.manifest["config"]["at"] == "targets"
    return replace(shared, scope=UNDONE_AT_TARGETS if at_targets else "")
