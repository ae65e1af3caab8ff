"""When the prediction of each token settles, as the lens reads it, with its rotation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers


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


def settling_of(run: Run, rotation: str = "rotation") -> Settling:
    """Reads `lens` with the rotation of the same tokens.

    rotation: the column of `layers` that it is read from.

    Raises:
        StudyError: no token is left.
    """
    found = numbers(
        run.sql(f"""
        with named as (select token_id, ln(tokens) as frequency from token_counts),
        last as (select passage, position, max(commitment_depth) as depth,
                        max_by(lens_entropy, layer)::double as entropy from lens group by all)
        select t.document, passage, position, last.depth::double as depth, last.entropy,
               named.frequency, layer, l.{rotation}::double as rotation
        from last join tokens t using (passage, position) join layers l using (passage, position)
        left join named using (token_id)
        where layer > 0 order by t.document, passage, position, layer""")
    )
    turned = found.pop("rotation").reshape(-1, run.blocks)
    first = {name: np.asarray(values)[:: run.blocks] for name, values in found.items()}
    covariates = [np.log(np.maximum(first["position"], 1).astype(float)), first["entropy"]]
    if np.isfinite(first["frequency"]).all():
        covariates.append(first["frequency"])
    table = np.column_stack(covariates)
    whole = np.isfinite(turned).all(axis=1) & np.isfinite(table).all(axis=1)
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
        run, documents, unit, passage, position, depth, table[whole], turned[whole],
        int((~whole).sum()),
    )  # fmt: skip


def read_passages(run: Run) -> list[int]:
    """The passages in which the prediction was read, in their order."""
    rows = run.sql("select distinct passage from lens order by passage").fetchall()
    return [int(passage) for (passage,) in rows]


def choice_map(run: Run, passage: int, position: Ints) -> tuple[Floats, Floats]:
    """How likely the final choice is at every depth of one passage, and where each token settles.

    Of the tokens at these positions: [tokens, L + 1] and [tokens], NaN where nothing was read.
    """
    read = numbers(
        run.sql(
            "select position, commitment_depth::double as depth, "
            f"exp(choice_logprob::double) as value from lens where passage = {passage} "
            "order by position, layer"
        )
    )
    states = run.blocks + 1
    row = {int(at): n for n, at in enumerate(position)}
    values, edges = np.full((len(row), states), np.nan), np.full(len(row), np.nan)
    for start in range(0, len(read["position"]), states):
        at = row.get(int(read["position"][start]))
        if at is not None:
            values[at], edges[at] = read["value"][start : start + states], read["depth"][start]
    return values, edges
