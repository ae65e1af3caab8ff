"""What undoing something in each block costs, read once: a value a document, in model and twins."""

from dataclasses import dataclass, replace

import numpy as np

from odograph.errors import StudyError
from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, columns_of, numbers
from odograph.measures import BLOCK, TURN
from odograph.sentences.record import Finding
from odograph.studies.claim import twin_values
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import twin_null
from odograph.studies.section import Analysis

NATS = "nats a token"
CHANGE_AXIS = "change in loss (nats a token)"
#: Below it an axis of losses is linear: smaller changes are noise of so many tokens.
LINEAR = 0.01
CAUTION = "What is undone is a change that the model never met: it says what later blocks rely on"
#: Whose predictions lead: those of all tokens, or of the targets where these alone are changed.
LEADING = ("all", "targets")


@dataclass(frozen=True, eq=False)
class Worth:
    """What undoing each thing in each block does; windows of one passage are averaged.

    Attributes:
        run: the run that it is of, a twin or the model.
        documents: [n].
        loss: of the intact model, [n].
        change, kl: for each thing undone, [n, L], nats a token.
        excluded: documents with a number that is not finite.
    """

    run: Run
    documents: Ints
    loss: Floats
    change: dict[str, Floats]
    kl: dict[str, Floats]
    excluded: int

    @property
    def blocks(self) -> Ints:
        """The blocks, from 1."""
        return np.arange(1, next(iter(self.change.values())).shape[1] + 1)


def require_ablations(run: Run) -> None:
    """Nothing, if turn and block were undone in the run.

    Raises:
        StudyError: says with which option they are.
    """
    undone = (run.manifest.get("ablations") or {}).get("undone", [])
    missing = [what for what in (TURN, BLOCK) if what not in undone]
    if missing or not columns_of(run, "ablations"):
        raise StudyError(
            "the run does not say what a turn is worth",
            expected="turn and block undone in each block",
            given=f"{', '.join(undone) or 'nothing'} undone",
            remedy="Measure it again with --undo all.",
        )


def worth_of(run: Run, effects: tuple[str, ...] = LEADING) -> Worth:
    """Reads `ablations`, of the predictions named.

    Raises:
        StudyError: no document is left.
    """
    named = ", ".join(f"'{effect}'" for effect in effects)
    found = numbers(
        run.sql(f"""
        select t.document, a.undone, a.block, avg(a.loss::double) as loss,
               avg(a.loss_change::double) as change, avg(a.kl::double) as kl from ablations a
        join (select distinct passage, document from tokens) t using (passage)
        where a.effect_on in ({named}) group by all order by a.undone, t.document, a.block""")
    )
    things, documents = np.unique(found["undone"]), np.unique(found["document"]).astype(np.int64)
    shape = (len(things), len(documents), run.blocks)
    loss, change, kl = (found[name].reshape(shape) for name in ("loss", "change", "kl"))
    whole = np.isfinite(change).all(axis=(0, 2)) & np.isfinite(kl).all(axis=(0, 2))
    if not whole.any():
        raise StudyError(
            "no passage has all its losses",
            expected="a passage with tokens that count",
            remedy="Measure it again with more --tokens.",
        )
    return Worth(
        run,
        documents[whole],
        loss[0, whole, 0],
        {str(what): rows[whole] for what, rows in zip(things, change, strict=True)},
        {str(what): rows[whole] for what, rows in zip(things, kl, strict=True)},
        int((~whole).sum()),
    )


def read_worth(analysis: Analysis) -> Worth:
    """That of the run; for `Analysis.once`."""
    return worth_of(analysis.run)


def read_twins(analysis: Analysis) -> tuple[Worth, ...]:
    """That of its untrained twins, of the documents of the run; for `Analysis.once`."""
    own = analysis.once(read_worth)
    found = [worth_of(twin) for twin in analysis.run.untrained if _asked(twin)]
    return tuple(twin for twin in found if np.array_equal(twin.documents, own.documents))


def _asked(twin: Run) -> bool:
    return bool(columns_of(twin, "ablations"))


def chosen_worth(analysis: Analysis) -> tuple[Worth, bool]:
    """That on which a block is chosen: of the exploration half, and whether there is one."""
    exploration = analysis.run.exploration
    own = analysis.once(read_worth)
    if exploration is None:
        return own, False
    try:
        return worth_of(exploration), True
    except StudyError:  # none of its passages was drawn
        return own, False


def names_of(analysis: Analysis) -> tuple[str, ...]:
    """The documents' names."""
    return document_names(analysis.run, analysis.once(read_worth).documents)


def defaults_of(analysis: Analysis, unit: str = NATS) -> FindingDefaults:
    """What findings share."""
    worth = analysis.once(read_worth)
    return FindingDefaults(
        analysis.study,
        n=len(worth.documents),
        null=twin_null(analysis.run),
        excluded=worth.excluded,
        unit=unit,
        unit_of_inference=analysis.run.unit,
    )


def with_twins(finding: Finding, seeds: Floats) -> Finding:
    """The finding with what each twin gives of its estimate, [twins]."""
    if not len(seeds):
        return finding
    return replace(finding, null_values=twin_values(seeds))


def without_last(values: Floats) -> Floats:
    """The blocks but the last: before a final norm its growth is worth nothing, by arithmetic."""
    return np.asarray(values[:, :-1])
