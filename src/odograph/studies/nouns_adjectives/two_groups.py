"""The lemmas of two groups and what is compared of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from odograph.folder.run import Run
from odograph.folder.selection import Floats
from odograph.sentences.record import Finding
from odograph.statistics.designs.contrasts import independent_columns
from odograph.statistics.leave_one_out import Without
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
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
from odograph.studies.section import Analysis


@dataclass(frozen=True, eq=False)
class TwoGroups:
    """The lemmas of two groups and their comparisons.

    Attributes:
        tags: of the groups.
        comparisons: one for each of `MEASURES`, in that order.
        explored: of a halved run the lemmas of its first half; None of a whole one.
        orders: the same lemmas in random order, once for each.
    """

    run: Run
    tags: tuple[str, str]
    words: Words
    lemmas: Lemmas
    pairing: Pairing
    comparisons: Sequence[Compared]
    explored: Lemmas | None
    orders: Sequence[Lemmas]

    @property
    def names(self) -> tuple[str, str]:
        """The groups as a sentence names them."""
        return group_words(self.tags[0]), group_words(self.tags[1])

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


def read_groups(analysis: Analysis) -> TwoGroups:
    """Both groups, read once.

    Raises:
        StudyError: no two groups of drawn words, or too few lemmas in one.
    """
    run = analysis.run
    groups = two_groups(run)
    words = read_words(run, groups)
    lemmas = check_lemmas(read_lemmas(run, words), groups)
    twins = [read_lemmas(twin, words) for twin in run.untrained]
    orders = [read_lemmas(one, words) for one in run.shuffled]
    half = run.exploration
    pairing = paired_off(lemmas)
    seed = run.seed
    return TwoGroups(
        run=run,
        tags=groups,
        words=words,
        lemmas=lemmas,
        pairing=pairing,
        comparisons=[compared(lemmas, (twins, orders), pairing, name, seed) for name in MEASURES],
        explored=None if half is None else read_lemmas(half, read_words(half, groups)),
        orders=orders,
    )


#: Two groups of 150 lemmas are usual; a lemma is left out at the price of one sum.
MOST_LEMMAS = 400
NO_LABELS = "no difference: the labels of the lemmas are exchangeable"


def defaults_of(analysis: Analysis) -> FindingDefaults:
    """What all findings of the study share."""
    groups = analysis.once(read_groups)
    return FindingDefaults(
        analysis.study,
        {},
        n=sum(groups.sizes),
        null=NO_LABELS,
        excluded=groups.excluded,
        unit="%",
        unit_of_inference="lemma",
    )


def lemma_claim(groups: TwoGroups, finding: Finding, without: Callable[[], Without]) -> Claim:
    """A claim about lemmas: its test is made again without each of them."""
    return Claim(finding, without, groups.lemmas.names.tolist(), most=MOST_LEMMAS)


def of_mean(groups: TwoGroups, measure: str) -> Floats:
    """The mean over blocks of every lemma, [lemmas, 1]."""
    return np.asarray(groups.lemmas.values[measure].mean(axis=1)[:, None])
