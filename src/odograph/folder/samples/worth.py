"""What undoing something in each block costs, read once: a value a document."""

from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers
from odograph.measures import TURN

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


def zero_vectors(run: Run) -> int:
    """How often a state was zero, so that nothing could be undone."""
    [(zero,)] = run.sql("select sum(zero_vectors) from ablations").fetchall()
    return int(zero) if zero else 0


@dataclass(frozen=True, eq=False)
class UndoneTurns:
    """One passage whose turns were undone, at the tokens that have all: [L, tokens] each.

    Attributes:
        document: of the passage.
        rotation: degrees.
        loss, kl: what undoing the turn costs, nats.
    """

    document: int
    rotation: Floats
    loss: Floats
    kl: Floats


def undone_turns(run: Run, rotation: str = "rotation") -> list[UndoneTurns]:
    """The rotation of every token beside what undoing it costs, passage by passage.

    rotation: the column of `layers` that it is read from.
    """
    found = numbers(
        run.sql(f"""
        select t.document, t.passage, u.block, l.{rotation}::double as rotation,
               u.loss_change::double as loss, u.kl::double as kl
        from undone_turns u join tokens t using (passage, position)
        join layers l on l.passage = u.passage and l.position = u.position and l.layer = u.block
        order by t.document, u.passage, u.position, u.block""")
    )
    values = np.stack([found[n].reshape(-1, run.blocks) for n in ("rotation", "loss", "kl")])
    document, passage = (found[name][:: run.blocks] for name in ("document", "passage"))
    whole = np.isfinite(values).all(axis=(0, 2))
    return [
        UndoneTurns(
            int(document[passage == one][0]),
            *np.swapaxes(values[:, whole & (passage == one)], 1, 2),
        )
        for one in np.unique(passage)
    ]


def without_last(values: Floats) -> Floats:
    """The blocks but the last: before a final norm its growth is worth nothing, by arithmetic."""
    return np.asarray(values[:, :-1])


def worth_behind(own: Worth) -> Worth | None:
    """The same of the tokens behind those that were changed; None where none counts."""
    try:
        return worth_of(own.run, ("behind",))
    except StudyError:
        return None


def turns_of_both(own: Worth, behind: Worth) -> tuple[Floats, Floats, Ints]:
    """The turn's worth to both, [n, L] each, in the documents that have both."""
    shared = np.intersect1d(own.documents, behind.documents)
    values = [w.change[TURN][np.isin(w.documents, shared)] for w in (own, behind)]
    return values[0], values[1], shared
