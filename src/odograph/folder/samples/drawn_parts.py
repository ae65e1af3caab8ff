"""What attention and the MLP add at drawn tokens, of which both vectors were kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.folder.documents import by_document
from odograph.folder.run import Run
from odograph.folder.samples.closure import later_sinks
from odograph.folder.selection import Floats, Ints, usable
from odograph.folder.vectors import kept_parts, summed_moments


@dataclass(frozen=True, eq=False)
class Drawn:
    """What attention and the MLP add at drawn tokens: arrays [tokens, L], in the order of the text.

    Attributes:
        passage, document: [tokens] those of each.
        raw: cos(a, m).
        centred: cos(a - mean a, m - mean m), the means those of the layer over all tokens.
        mismatched: cos(a, m') with the m' of another drawn token; NaN for a single token.
        shared: name of the part to [L]: |mean|^2 / mean of |.|^2, the share of a part's squared
            length that is the same at every token.
        mean_cosine: [L] cosine of the two mean updates.
        means_of: which tokens the means are taken over, in words.
    """

    passage: Ints
    document: Ints
    raw: Floats
    centred: Floats
    mismatched: Floats
    shared: dict[str, Floats]
    mean_cosine: Floats
    means_of: str

    @property
    def tokens(self) -> int:
        """How many tokens were drawn and may be used."""
        return len(self.document)

    def by_document(self, values: Floats) -> Floats:
        """Means over the drawn tokens of each document that has any: [documents, L]."""
        whole = np.isfinite(values).all(axis=1)
        if not whole.any():
            return np.empty((0, values.shape[1]))
        return by_document(values[whole], self.passage[whole], self.document[whole])


def drawn_parts(run: Run) -> Drawn | None:
    """The drawn tokens of a run, without sinks; None where fewer than two were kept."""
    read = _read(run)
    if read is None:
        return None
    passage, document, attention, mlp = read
    means, means_of = _means(run, attention, mlp)
    seed = run.seed
    other = _another(len(document), seed)
    return Drawn(
        passage=passage,
        document=document,
        raw=_cosines(attention, mlp),
        centred=_cosines(attention - means["attention"], mlp - means["mlp"]),
        mismatched=_cosines(attention, mlp[other]),
        shared={
            "attention": _shared(means["attention"], attention),
            "mlp": _shared(means["mlp"], mlp),
        },
        mean_cosine=_cosines(means["attention"], means["mlp"]),
        means_of=means_of,
    )


def _read(run: Run) -> tuple[Ints, Ints, Floats, Floats] | None:
    """Passages and documents [k] and both parts' vectors [k, L, width] of usable drawn tokens."""
    parts = {name: list(kept_parts(run, name)) for name in ("attention", "mlp")}
    if not parts["attention"] or not parts["mlp"]:
        return None
    first = parts["attention"]
    passage = np.concatenate([v.passage for v in first])
    position = np.concatenate([v.position for v in first])
    where = list(zip(passage.tolist(), position.tolist(), strict=True))
    documents = _documents(run, where)
    kept = np.array([key in documents for key in where], dtype=bool)
    if kept.sum() < 2:
        return None
    order = np.lexsort((position[kept], passage[kept]))
    document = np.array([documents[k] for k, use in zip(where, kept, strict=True) if use])
    attention, mlp = (
        np.concatenate([v.values for v in parts[name]])[kept][order].astype(np.float64)
        for name in ("attention", "mlp")
    )
    passages = passage[kept][order].astype(np.int64)
    return passages, document[order].astype(np.int64), attention, mlp


def _documents(run: Run, where: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The document of each of these tokens, by passage and position, that may be used."""
    if not where:
        return {}
    listed = ", ".join(map(str, where))
    rows = run.sql(f"""
        select passage, position, document from (values {listed}) as k(passage, position)
        join tokens using (passage, position) where {usable(run)}""").fetchall()
    return {(passage, position): document for passage, position, document in rows}


def _means(run: Run, attention: Floats, mlp: Floats) -> tuple[dict[str, Floats], str]:
    """The mean update of each layer, [L, width] each, and the tokens it is taken over.

    The sums of the run hold sinks behind position 0, of which one alone can outweigh all other
    tokens: where there are any, the means are those of the drawn tokens.
    """
    moments = summed_moments(run)
    if later_sinks(run) or "attention_sum" not in moments:
        own = {"attention": attention.mean(axis=0), "mlp": mlp.mean(axis=0)}
        return own, f"the {len(attention):,} drawn tokens"
    count = float(moments["part_count"].ravel()[0])
    sums = {name: moments[f"{name}_sum"] / count for name in ("attention", "mlp")}
    return sums, f"all {count:,.0f} tokens"


def _another(tokens: int, seed: int) -> NDArray[np.int64]:
    """For each token another one, by a random cycle through all."""
    order = np.random.default_rng([seed, 5]).permutation(tokens)
    other = np.empty(tokens, dtype=np.int64)
    other[order] = np.roll(order, 1)
    return other


def _cosines(first: Floats, second: Floats) -> Floats:
    """Cosines along the last axis; NaN for a zero vector."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    products = np.einsum("...w,...w->...", first, second)
    return np.asarray(products / np.where(lengths > 0, lengths, np.nan))


def _shared(mean: Floats, values: Floats) -> Floats:
    """|mean|^2 / mean of |value|^2 by layer."""
    squares = (values**2).sum(axis=-1).mean(axis=0)
    return np.asarray((mean**2).sum(axis=-1) / np.where(squares > 0, squares, np.nan))
