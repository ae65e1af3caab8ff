"""When the prediction of each token settles, read once: in the run, its twins and random order."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, columns_of, numbers
from odograph.studies.defaults import FindingDefaults
from odograph.studies.phrases import twin_null
from odograph.studies.section import Analysis

#: What nobody may forget beside a number of this study.
CAUTION = "A lens is a reading: nothing in the model reads the stream so before its end"
DEGREES = "degrees"
BLOCKS = "blocks"


@dataclass(frozen=True, eq=False)
class Settling:
    """The tokens whose prediction was read at every depth; only whole rows.

    Attributes:
        run: the run that it is of, a twin or the model.
        documents: the numbers of the documents, [units].
        unit: of each token which of them, [tokens].
        passage, position: of each token, [tokens].
        depth: the commitment depth, 0..L, [tokens].
        covariates: log of the position, entropy of the prediction, and, where tokens are named, log
            frequency of the token in the run: [tokens, 2 or 3].
        rotation: [tokens, L], degrees.
        excluded: tokens that were read and have a number that is not finite.
    """

    run: Run
    documents: Ints
    unit: Ints
    passage: Ints
    position: Ints
    depth: Ints
    covariates: Floats
    rotation: Floats
    excluded: int

    @property
    def taken_out(self) -> str:
        """The covariates in a sentence."""
        more = ", the token's frequency" if self.covariates.shape[1] > 2 else ""
        return f"position{more} and the entropy of the prediction"

    def settled(self, block: int) -> NDArray[np.bool_]:
        """Which tokens have settled before a block, 1..L, runs: [tokens]."""
        return np.asarray(self.depth < block)


def require_lens(run: Run) -> None:
    """Nothing, if the prediction was read at every depth.

    Raises:
        StudyError: says with which option it is.
    """
    if not columns_of(run, "lens"):
        raise StudyError(
            "the run does not say when the prediction settles",
            expected="the prediction read at every depth",
            remedy="Measure it again with --lens.",
        )


def settling_of(run: Run) -> Settling:
    """Reads `lens` with the rotation of the same tokens.

    Raises:
        StudyError: no token is left.
    """
    found = numbers(
        run.sql("""
        with named as (select token_id, ln(count(*)) as frequency from tokens group by all),
        last as (select passage, position, max(commitment_depth) as depth,
                        max_by(lens_entropy, layer)::double as entropy from lens group by all)
        select t.document, passage, position, last.depth::double as depth, last.entropy,
               named.frequency, layer, l.rotation::double as rotation
        from last join tokens t using (passage, position) join layers l using (passage, position)
        left join named using (token_id)
        where layer > 0 order by t.document, passage, position, layer""")
    )
    rotation = found.pop("rotation").reshape(-1, run.blocks)
    first = {name: np.asarray(values)[:: run.blocks] for name, values in found.items()}
    covariates = [np.log(np.maximum(first["position"], 1).astype(float)), first["entropy"]]
    if np.isfinite(first["frequency"]).all():
        covariates.append(first["frequency"])
    table = np.column_stack(covariates)
    whole = np.isfinite(rotation).all(axis=1) & np.isfinite(table).all(axis=1)
    whole &= np.isfinite(first["depth"])
    if not whole.any():
        raise StudyError(
            "no token has been read at every depth",
            expected="a token that another follows, with its rotation",
            remedy="Measure it again with more --tokens.",
        )
    documents, unit = np.unique(first["document"][whole].astype(np.int64), return_inverse=True)
    passage, position, depth = (
        first[n][whole].astype(np.int64) for n in ("passage", "position", "depth")
    )
    return Settling(
        run, documents, unit, passage, position, depth, table[whole], rotation[whole],
        int((~whole).sum()),
    )  # fmt: skip


def read_settling(analysis: Analysis) -> Settling:
    """That of the run; for `Analysis.once`."""
    return settling_of(analysis.run)


def read_twins(analysis: Analysis) -> tuple[Settling, ...]:
    """That of its untrained twins, where they were read; for `Analysis.once`."""
    return tuple(settling_of(one) for one in analysis.run.untrained if columns_of(one, "lens"))


def read_shuffled(analysis: Analysis) -> tuple[Settling, ...]:
    """That of the texts in random order, where they were read; for `Analysis.once`."""
    return tuple(settling_of(one) for one in analysis.run.shuffled if columns_of(one, "lens"))


def names_of(analysis: Analysis) -> tuple[str, ...]:
    """The documents' names."""
    return document_names(analysis.run, analysis.once(read_settling).documents)


def defaults_of(analysis: Analysis, unit: str = DEGREES) -> FindingDefaults:
    """What findings share."""
    own = analysis.once(read_settling)
    return FindingDefaults(
        analysis.study,
        n=len(own.documents),
        null=twin_null(analysis.run),
        unit=unit,
        unit_of_inference=analysis.run.unit,
    )


def with_same_documents(found: tuple[Settling, ...]) -> tuple[Settling, ...]:
    """Those that have the documents of the first: all twins read the same of their model's."""
    return tuple(o for o in found if np.array_equal(o.documents, found[0].documents))


def of_each(found: tuple[Settling, ...], values: Callable[[Settling], Floats | None]) -> Floats:
    """Values [units] of each that has the documents of the first and any value, [found, units]."""
    each = [given for o in with_same_documents(found) if (given := values(o)) is not None]
    return np.array(each) if each else np.empty((0, 0))
