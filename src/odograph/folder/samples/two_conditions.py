"""Two conditions of a run held against each other, and the same in its untrained twins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from odograph.folder.samples.conditions import ConditionMeans
from odograph.folder.selection import Floats, Ints
from odograph.statistics.designs.conditions import (
    ConditionTest,
    paired_conditions,
    separate_conditions,
)
from odograph.statistics.designs.seeds import SeedTest, seed_test


@dataclass(frozen=True, eq=False)
class TwoConditions:
    """Two conditions, at one place or at several: what is compared, and how.

    Attributes:
        levels: the two conditions.
        documents: of the first and of the second; the same where they are paired.
        test: of all columns.
        seeds: the same difference against that of the twins; None without twins.
        paired: whether units are compared with themselves.
        comparisons: how many pairs of conditions there are.
        excluded: documents of either that are not compared.
    """

    levels: tuple[str, str]
    documents: tuple[Ints, Ints]
    test: ConditionTest
    seeds: SeedTest | None
    paired: bool
    comparisons: int
    excluded: int

    def seeds_of(self, column: int) -> Floats:
        """What each twin gives in a column; empty without twins."""
        return np.empty(0) if self.seeds is None else self.seeds.twins[:, column]

    def over_words(self, test: ConditionTest) -> "TwoConditions":
        """The same with words as the units; what is held against the twins stays of documents."""
        seeds = None if self.seeds is None else replace(self.seeds, units=0)
        return replace(self, test=test, seeds=seeds)


def compared(
    read: Sequence[Sequence[ConditionMeans]], *, paired: bool, seed: int
) -> list[TwoConditions]:
    """Every two conditions that both have documents, each with each.

    Args:
        read: the means of each condition in the run, then in each untrained twin.
        paired: whether documents are compared with themselves.
        seed: of every draw.
    """
    pairs = [
        (i, k)
        for i, k in combinations(range(len(read[0])), 2)
        if len(read[0][i].documents) and len(read[0][k].documents)
    ]
    how = paired_conditions if paired else separate_conditions
    made = []
    for i, k in pairs:
        first, second = read[0][i], read[0][k]
        documents = _documents(first, second, paired=paired)
        if min(map(len, documents)):
            test = how(first.of(documents[0]), second.of(documents[1]), seed=seed)
            seeds = _against_twins(read, (i, k), documents)
            one = None if seeds is None else seeds.one_of(len(pairs))
            levels = first.level, second.level
            excluded = _left_out(first, second, documents)
            made.append(TwoConditions(levels, documents, test, one, paired, len(pairs), excluded))
    return made


def _documents(first: ConditionMeans, second: ConditionMeans, *, paired: bool) -> tuple[Ints, Ints]:
    """The documents of both conditions: those that have both, or those that have one alone."""
    both = np.intersect1d(first.documents, second.documents)
    if paired:
        return both, both
    return np.setdiff1d(first.documents, both), np.setdiff1d(second.documents, both)


def _left_out(first: ConditionMeans, second: ConditionMeans, used: tuple[Ints, Ints]) -> int:
    """How many documents of two conditions are not compared."""
    every = (each for one in (first, second) for each in (one.documents, one.left_out))
    return len(np.setdiff1d(np.concatenate([*every]), np.concatenate(used)))


def _against_twins(
    read: Sequence[Sequence[ConditionMeans]], which: tuple[int, int], documents: tuple[Ints, Ints]
) -> SeedTest | None:
    """The difference against that of the twins, in the documents that all of them have."""
    if len(read) < 2:
        return None
    sides, every = [], np.empty(0, np.int64)
    for condition, own in zip(which, documents, strict=True):
        shared = own
        for means in read[1:]:
            shared = np.intersect1d(shared, means[condition].documents)
        if not len(shared):
            return None
        sides.append([means[condition].of(shared).mean(axis=0) for means in read])
        every = np.union1d(every, shared)
    model, *twins = np.array(sides[0]) - np.array(sides[1])
    return seed_test(model, np.array(twins), len(every))
