"""What the findings, figures and tables of nouns against adjectives are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.statistics.designs.contrasts import independent_columns
from odograph.studies.nouns_adjectives.compared import Compared, Pairing, compared, paired_off
from odograph.studies.nouns_adjectives.lemmas import (
    COVARIATES,
    MEASURES,
    Lemmas,
    Words,
    check_lemmas,
    group_words,
    read_lemmas,
    read_words,
    two_groups,
)
from odograph.studies.nouns_adjectives.paths import Paths, read_paths
from odograph.studies.selection import Floats


@dataclass(frozen=True, eq=False)
class Balance:
    """One covariate in the two groups: means, and differences in standard deviations.

    `apart` is the standardised difference of all lemmas, `matched` that of the pairs (NaN without
    pairs); the standard deviation is that of all lemmas, pooled over the groups, in both.
    """

    name: str
    first: float
    second: float
    apart: float
    matched: float


@dataclass(frozen=True, eq=False)
class Measured:
    """The lemmas of two groups and what was found of them.

    Attributes:
        groups: their tags.
        comparisons: one for each of `MEASURES`, in that order.
        explored: of a halved run the lemmas of its first half; None of a whole one.
        orders: the same lemmas in random order, once for each.
        paths: of the kept states; None where none were kept, and `without_paths` says why.
    """

    run: Run
    groups: tuple[str, str]
    words: Words
    lemmas: Lemmas
    pairing: Pairing
    comparisons: Sequence[Compared]
    balance: Sequence[Balance]
    explored: Lemmas | None
    orders: Sequence[Lemmas]
    paths: Paths | None
    without_paths: str

    @property
    def names(self) -> tuple[str, str]:
        """The groups as a sentence names them."""
        return group_words(self.groups[0]), group_words(self.groups[1])

    @property
    def sizes(self) -> tuple[int, int]:
        """Lemmas of both groups."""
        return int(self.lemmas.first.sum()), int((~self.lemmas.first).sum())

    @property
    def excluded(self) -> int:
        """Lemmas left out: in both groups, or without a usable word."""
        return len(self.words.shared) + self.lemmas.left_out

    @property
    def adjusted_for(self) -> list[str]:
        """The covariates that say something of their own, in words."""
        used = independent_columns(self.lemmas.covariates)
        return [words for words, kept in zip(COVARIATES.values(), used, strict=True) if kept]

    def compared(self, measure: str) -> Compared:
        """The comparison of that measure."""
        return next(each for each in self.comparisons if each.measure == measure)


def measure(run: Run) -> Measured:
    """Reads the run once.

    Raises:
        StudyError: no two groups of drawn words, or too few lemmas in one.
    """
    groups = two_groups(run)
    words = read_words(run, groups)
    lemmas = check_lemmas(read_lemmas(run, words), groups)
    twins = [read_lemmas(twin, words) for twin in run.untrained]
    orders = [read_lemmas(one, words) for one in run.shuffled]
    half = run.exploration
    pairing = paired_off(lemmas)
    seed = run.seed
    paths, why = _paths(run, groups)
    return Measured(
        run=run,
        groups=groups,
        words=words,
        lemmas=lemmas,
        pairing=pairing,
        comparisons=[compared(lemmas, (twins, orders), pairing, name, seed) for name in MEASURES],
        explored=None if half is None else read_lemmas(half, read_words(half, groups)),
        orders=orders,
        balance=_balance(lemmas, pairing),
        paths=paths,
        without_paths=why,
    )


def _paths(run: Run, groups: tuple[str, str]) -> tuple[Paths | None, str]:
    try:
        return read_paths(run, groups), ""
    except StudyError as error:
        return None, str(error)


def _balance(lemmas: Lemmas, pairing: Pairing) -> list[Balance]:
    found = []
    for index, name in enumerate(COVARIATES):
        column = lemmas.covariates[:, index]
        first, second = column[lemmas.first], column[~lemmas.first]
        spread = float(np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2))
        pairs = column[pairing.first], column[pairing.second]
        found.append(
            Balance(
                name,
                float(first.mean()),
                float(second.mean()),
                _apart(first, second, spread),
                _apart(*pairs, spread) if pairing.count else float("nan"),
            )
        )
    return found


def _apart(first: Floats, second: Floats, spread: float) -> float:
    difference = float(first.mean() - second.mean())
    return difference / spread if spread > 0 else 0.0
