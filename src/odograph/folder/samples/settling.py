"""When the prediction of each token settles, as the lens reads it, with its rotation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.errors import StudyError
from odograph.folder.documents import by_document
from odograph.folder.run import Run
from odograph.folder.selection import Floats, Ints, numbers
from odograph.sentences.settling import CROSSING
from odograph.statistics.intervals import LEVEL
from odograph.statistics.values import Interval


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


def with_same_documents(found: tuple[Settling, ...]) -> tuple[Settling, ...]:
    """Those that have the documents of the first: all twins read the same of their model's."""
    return tuple(o for o in found if np.array_equal(o.documents, found[0].documents))


_HALF = 0.5


def settled_by(found: Settling) -> Floats:
    """The share of tokens with a commitment depth of at most 0..L, [units, L + 1]."""
    settled = found.depth[:, None] <= np.arange(found.run.blocks + 1)
    return by_document(settled.astype(np.float64), found.passage, found.documents[found.unit])


def half_by(share: Floats) -> int:
    """The first depth by which half have settled, of a curve [L + 1]."""
    return int(np.argmax(share >= _HALF - 1e-12))


def halves_of_twins(twins: Floats | None) -> Floats:
    """The same of each twin, [twins, units, L + 1] to [twins]; empty for none."""
    return np.array(
        [half_by(t.mean(axis=0)) for t in (() if twins is None else twins)], dtype=float
    )


def crossing_of_half(low: Floats, high: Floats, half: int) -> Interval | None:
    """Between which depths the curve passes one half; None without intervals of the curve.

    Depths at which all units agree have no interval: there the curve itself stands for it.
    """
    if not np.isfinite(low).any():
        return None
    reached = np.flatnonzero(np.nan_to_num(high, nan=-1.0) >= _HALF)
    sure = np.flatnonzero(np.nan_to_num(low, nan=-1.0) >= _HALF)
    first = min(half, int(reached[0])) if len(reached) else half
    last = max(half, int(sure[0])) if len(sure) else len(low) - 1
    return Interval(float(first), float(last), LEVEL, CROSSING)
