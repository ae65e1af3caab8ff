"""How closely the length of each part goes with that of the whole step, in run and nulls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from odograph.folder.document_names import document_names
from odograph.folder.run import Run
from odograph.folder.samples.drawn_documents import DrawnDocuments, drawn_documents
from odograph.folder.samples.part_lengths import Lengths, pairs_of, read_lengths
from odograph.folder.selection import Floats, Ints
from odograph.sentences.english import counted
from odograph.statistics.correlations.coefficients import SPEARMAN
from odograph.statistics.correlations.layers import (
    Correlations,
    coefficients_in,
    layer_correlations,
)
from odograph.statistics.correlations.sums import COSINES, PAIRS, ShuffledTies, shuffled_ties
from odograph.statistics.designs.one_sample import MeanProfile, mean_profile
from odograph.statistics.designs.seeds import SeedTest, seed_test

#: The rows of every correlation: each layer of attention, then each layer of the MLP.
PARTS = ("attention", "MLP")


@dataclass(frozen=True, eq=False)
class Ties:
    """Correlations of each part's length with that of the whole; rows as in `PARTS`.

    Attributes:
        without, with_first: without position 0 and sinks, and with them.
        cosines, pairs: what is arithmetic: the cosines dealt out anew among the tokens of a
            passage, and the lengths of attention as well.
        beyond: r minus its mean under `cosines`, document by document: [documents, 2 * rows],
            Pearson first; as a mean profile, tested against 0, all rows one family.
        beyond_each: its values.
        differences: r of the MLP minus r of attention, [documents, 2 * L], tested in the same way.
        twins: r of the untrained twins without position 0 and sinks, [twins, shared, 2, rows].
        twins_beyond: the same of `beyond`.
        shared: which documents all twins have read, too, [documents].
        shuffled, shuffled_beyond: the same of both in random order, [orders, documents, 2, rows].
        explored: of a halved run, what `differences` and `beyond` are the means of in the first
            half, where rows are chosen.
        names: of the units.
        drawn: which documents all of it is read in.
    """

    without: Correlations
    with_first: Correlations
    cosines: ShuffledTies
    pairs: ShuffledTies
    beyond: MeanProfile
    beyond_each: Floats
    differences: MeanProfile
    twins: Floats | None
    twins_beyond: Floats | None
    shared: NDArray[np.bool_]
    shuffled: Floats | None
    shuffled_beyond: Floats | None
    explored: tuple[Floats, Floats] | None
    names: tuple[str, ...]
    drawn: DrawnDocuments

    @property
    def blocks(self) -> int:
        """L."""
        return int(self.without.r.shape[1]) // len(PARTS)

    @property
    def layers(self) -> Ints:
        """Blocks 1..L."""
        return np.arange(1, self.blocks + 1)

    @property
    def sample(self) -> str:
        """The passages in a sentence."""
        return counted(self.without.n, self.drawn.unit)

    @property
    def excluded(self) -> int:
        """Documents without a correlation, and those that are not read."""
        return self.without.excluded_documents + self.drawn.left_out

    def rows(self, part: int, method: int = 0) -> slice:
        """The rows of a part; with a method, in flat arrays of both methods."""
        start = (method * len(PARTS) + part) * self.blocks
        return slice(start, start + self.blocks)

    def differences_over_seeds(self) -> SeedTest | None:
        """Spearman's difference in every block against those of the twins; None without twins."""
        if self.twins is None:
            return None
        own = differences_of(self.without.each[self.shared])[:, SPEARMAN * self.blocks :]
        r = np.nanmean(self.twins[:, :, SPEARMAN], axis=1)
        return seed_test(own.mean(axis=0), r[:, self.blocks :] - r[:, : self.blocks], len(own))

    def beyond_over_seeds(self) -> SeedTest | None:
        """What of Spearman's rows is beyond arithmetic against that of the twins, likewise."""
        if self.twins_beyond is None:
            return None
        own = self.beyond_each[self.shared, self.rows(0, SPEARMAN).start :]
        twins = np.nanmean(self.twins_beyond[:, :, SPEARMAN], axis=1)
        return seed_test(own.mean(axis=0), twins, len(own))


def differences_of(each: Floats) -> Floats:
    """R of the MLP minus that of attention from Fisher's z, both methods: [documents, 2 L]."""
    r = np.tanh(each)
    blocks = r.shape[-1] // len(PARTS)
    return np.asarray((r[..., blocks:] - r[..., :blocks]).reshape(len(r), -1))


def beyond_of(found: Correlations, cosines: ShuffledTies) -> Floats:
    """R minus what is arithmetic of it, document by document: [documents, 2 * rows]."""
    arithmetic = found.over_documents(cosines.each)
    return np.asarray((np.tanh(found.each) - arithmetic).reshape(found.n, -1))


def _explored(run: Run) -> tuple[Floats, Floats] | None:
    """Differences and what is beyond arithmetic in the exploration half; None where it has none."""
    passages = read_lengths(run, drawn_documents(run))
    documents = [one.document for one in passages]
    found = layer_correlations(
        pairs_of(passages, first=False), documents, seed=run.seed, test=False
    )
    if not found.n:
        return None
    parts = [passages[k].parts() for k in found.used]
    cosines = shuffled_ties(parts, COSINES, seed=run.seed, weights=found.weights)
    return differences_of(found.each), beyond_of(found, cosines)


def _beside(
    runs: Sequence[Run],
    used: Sequence[Lengths],
    of: Correlations,
    drawn: DrawnDocuments,
    seed: int,
) -> tuple[Floats | None, Floats | None, NDArray[np.bool_]]:
    """Correlations of nulls, what of them is beyond arithmetic, and in which documents.

    Those are the documents that all of them have; None, None where there is none.
    """
    found, shared = [], np.ones(of.n, bool)
    wanted = np.array([one.passage for one in used])
    known = frozenset(wanted.tolist())
    for one_run in runs:
        passages = [one for one in read_lengths(one_run, drawn) if one.passage in known]
        there = np.isin(wanted, [one.passage for one in passages])
        shared[of.owner[~there]] = False
        if not shared.any():
            break
        r = np.array([coefficients_in(*one.pair(first=False)) for one in passages])
        cosines = shuffled_ties([one.parts() for one in passages], COSINES, seed=seed)
        both = np.full((len(used), 2, *r.shape[1:]), np.nan)
        both[there] = np.stack([r, r - cosines.each], axis=1)
        found.append(of.over_documents(both))
    if not found or not shared.any():
        return None, None, shared
    both = np.stack(found)[:, shared]
    return both[:, :, 0], both[:, :, 1], shared


def ties_in(run: Run) -> Ties | None:
    """The correlations of a run and its nulls; None where no passage has any."""
    seed, drawn = run.seed, drawn_documents(run)
    passages = read_lengths(run, drawn)
    documents = [one.document for one in passages]
    without = layer_correlations(pairs_of(passages, first=False), documents, seed=seed)
    if not without.n:
        return None
    used = [passages[i] for i in without.used]
    owners = [one.document for one in used]
    cosines, pairs = (
        shuffled_ties([one.parts() for one in used], kind, seed=seed, weights=without.weights)
        for kind in (COSINES, PAIRS)
    )
    beyond = beyond_of(without, cosines)
    twins, twins_beyond, shared = _beside(run.untrained, used, without, drawn, seed)
    shuffled, shuffled_beyond, _ = _beside(run.shuffled, used, without, drawn, seed)
    return Ties(
        without=without,
        with_first=layer_correlations(pairs_of(used, first=True), owners, seed=seed, test=False),
        cosines=cosines,
        pairs=pairs,
        beyond=mean_profile(beyond, None, seed=seed),
        beyond_each=beyond,
        differences=mean_profile(differences_of(without.each), None, seed=seed),
        twins=twins,
        twins_beyond=twins_beyond,
        shared=shared,
        shuffled=shuffled,
        shuffled_beyond=shuffled_beyond,
        explored=None if run.exploration is None else _explored(run.exploration),
        names=document_names(run, without.documents),
        drawn=drawn,
    )
