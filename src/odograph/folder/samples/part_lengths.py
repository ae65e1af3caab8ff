"""What attention and the MLP add: lengths of both parts and of the whole step, token by token."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from odograph.folder.documents import by_document
from odograph.folder.expressions import OF_ATTENTION, WHOLE, WHOLE_SQUARED
from odograph.folder.histograms import histogram_of
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments
from odograph.folder.selection import Floats, Means, numbers, profile_means, usable, usable_passages
from odograph.folder.token_sets import ALL, PLAIN_TOKENS
from odograph.statistics.correlations.layers import (
    Pair,
)
from odograph.statistics.correlations.sums import Parts


@dataclass(frozen=True, eq=False)
class Lengths:
    """One passage: |a|, |m|, their cosine and |a + m|, [L, tokens] each, and which tokens count.

    `kept` is False at position 0 and at sinks. Tokens with a value that is no number are not there.
    """

    passage: int
    document: int
    attention: Floats
    mlp: Floats
    cosine: Floats
    whole: Floats
    kept: NDArray[np.bool_]

    def parts(self) -> Parts:
        """Both parts and their cosine at the tokens that count."""
        return tuple(v[:, self.kept] for v in (self.attention, self.mlp, self.cosine))  # type: ignore[return-value]

    def pair(self, *, first: bool) -> Pair:
        """Each part beside the whole, [2 L, tokens]: with `first` at all tokens, else at `kept`."""
        chosen = np.ones_like(self.kept) if first else self.kept
        parts = np.concatenate([self.attention, self.mlp])[:, chosen]
        return parts, np.tile(self.whole[:, chosen], (2, 1))


def read_lengths(run: Run, drawn: DrawnDocuments) -> list[Lengths]:
    """Every passage of these documents, in the order of the text; position 0 and sinks are marked.

    The passages of a run of one document are one text.
    """
    found = numbers(
        run.sql(f"""
        select document, passage, position > 0 and not sink as kept,
               attention_step::double as attention, mlp_step::double as mlp,
               update_cosine::double as cosine, {WHOLE} as whole
        from layers join {PLAIN_TOKENS} using (passage, position)
        where layer > 0 and {drawn.where} order by document, passage, position, layer""")
    )
    blocks = run.blocks
    document, passage, kept = (found[n][::blocks] for n in ("document", "passage", "kept"))
    values = np.stack([found[n].reshape(-1, blocks) for n in _VALUES])
    texts = document if len(np.unique(document)) == 1 else passage
    cuts = np.flatnonzero(np.diff(texts)) + 1
    pieces = zip(
        np.split(np.stack([passage, document]), cuts, axis=1),
        np.split(kept.astype(bool), cuts),
        np.split(values, cuts, axis=1),
        strict=True,
    )
    return [
        _lengths((int(names[0, 0]), int(names[1, 0])), own, table) for names, own, table in pieces
    ]


_VALUES = ("attention", "mlp", "cosine", "whole")


def _lengths(names: tuple[int, int], kept: NDArray[np.bool_], table: Floats) -> Lengths:
    """One passage, of a document, out of its table [4, tokens, L]."""
    whole = np.isfinite(table).all(axis=(0, 2))
    attention, mlp, cosine, length = np.swapaxes(table[:, whole], 1, 2)
    return Lengths(*names, attention, mlp, cosine, length, kept[whole])


def pairs_of(passages: Sequence[Lengths], *, first: bool) -> list[Pair]:
    """Parts and whole of every passage."""
    return [passage.pair(first=first) for passage in passages]


def attention_shares(run: Run) -> Means:
    """Attention's share of the squared step in each passage, over documents: [documents, L]."""
    own = profile_means(run, OF_ATTENTION, per="passage")
    whole = profile_means(run, WHOLE_SQUARED, per="passage")
    shared = np.intersect1d(own.units, whole.units)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = own.values[np.isin(own.units, shared)] / whole.values[np.isin(whole.units, shared)]
    return _over_documents(run, Means(shared, values, layers=own.layers))


def _over_documents(run: Run, means: Means) -> Means:
    """The means of passages averaged over documents; a document without a number is left out.

    means: `units` are passages, values [passages, layers].
    """
    found = run.sql(usable_passages(run)).fetchnumpy()
    of = dict(zip(found["passage"].tolist(), found["document"].tolist(), strict=True))
    documents = np.array([of[passage] for passage in means.units.tolist()], np.int64)
    every = len(np.unique(found["document"]))
    if not len(documents):
        return replace(means, excluded=every)
    values = by_document(means.values, means.units, documents)
    whole = np.isfinite(values).all(axis=1)
    units = np.unique(documents)[whole]
    return Means(units, values[whole], every - len(units), means.layers)


def step_values(run: Run, measure: str) -> Floats:
    """A measure of steps at every usable token in the order of the text: [tokens, L]."""
    found = numbers(
        run.sql(f"""
        select {measure}::double as value from layers
        join (select passage, position from {PLAIN_TOKENS} where {usable(run)})
        using (passage, position) where layer > 0 order by passage, position, layer""")
    )
    return found["value"].reshape(-1, run.blocks)


def cosine_counts(run: Run, bins: int) -> tuple[Floats, float]:
    """How many tokens and blocks have an `update_cosine` in each of so many bins, and its mean.

    Of all texts where a histogram of them is kept: 256 may then be divided by `bins`.
    """
    if (kept := histogram_of(run, "update_cosine")) is not None:
        means = "sum(update_cosine) as total, sum(update_cosine_n) as n"
        mean = numbers(run.sql(f"select {means} from sums where tokens = '{ALL}'"))
        counts = kept.within(np.linspace(-1, 1, bins + 1)).astype(np.float64)
        return counts, float(mean["total"][0] / mean["n"][0])
    found = numbers(
        run.sql(f"""
        select floor(value * {bins / 2})::int + {bins // 2} as bin, count(*) as n,
               sum(value) as total
        from (select update_cosine::double as value from layers
              join (select passage, position from {PLAIN_TOKENS} where {usable(run)})
              using (passage, position) where layer > 0)
        where isfinite(value) group by bin order by bin""")
    )
    counts = np.zeros(bins)
    np.add.at(counts, np.clip(found["bin"].astype(int), 0, bins - 1), found["n"])
    n = counts.sum()
    return counts, float(found["total"].sum() / n) if n else math.nan
