"""The lemmas of two groups and what is compared of them: as it is, adjusted, and matched.

A lemma with words of both groups belongs to neither and is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from odograph.corpus.sources import only_tables
from odograph.errors import StudyError
from odograph.folder.readings import readings_of
from odograph.folder.run import Run
from odograph.folder.samples.lemmas import (
    MEASURES,
    Lemmas,
    Words,
    read_lemmas,
    read_words,
    with_orders,
)
from odograph.folder.selection import Floats, columns_of
from odograph.sentences.record import Reading
from odograph.sentences.two_groups import COVARIATES, group_words, interval_percent
from odograph.statistics.designs.contrasts import independent_columns, pair_off, stratified_counts
from odograph.statistics.designs.unpaired import IndependentGroups
from odograph.statistics.designs.versions import (
    Compared,
    Pairing,
    Unpaired,
    null_differences,
    order_change,
    percent_of,
)
from odograph.statistics.values import known


def two_groups(run: Run) -> tuple[str, str]:
    """The tags of the two groups that are compared: the first two.

    Raises:
        StudyError: no words were drawn, or of fewer than two groups.
    """
    groups: Sequence[str] = run.manifest["config"].get("groups") or ()
    if len(groups) < 2:
        raise StudyError(
            "the run has no two groups of drawn words",
            expected="two tags in --groups",
            given=", ".join(groups) or "none",
            remedy=_remedy(run),
        )
    if not columns_of(run, "words"):
        raise StudyError("the run has no words", expected="tagged texts", remedy=_remedy(run))
    return groups[0], groups[1]


def _remedy(run: Run) -> str:
    """How the run is to be measured; a row of a table is a passage of its own, whatever is said."""
    if only_tables(run.manifest["config"].get("texts")):
        return "Measure it with --tags column (or spacy:NAME) and --groups NOUN,ADJ."
    return "Measure it with --tags conllu (or spacy:NAME), --groups NOUN,ADJ and --whole."


def check_lemmas(lemmas: Lemmas, groups: tuple[str, str]) -> Lemmas:
    """The lemmas, if both groups have at least two.

    Raises:
        StudyError: a group has fewer.
    """
    counts = (int(lemmas.first.sum()), int((~lemmas.first).sum()))
    for group, count in zip(groups, counts, strict=True):
        if count < 2:
            raise StudyError(
                f"too few {group_words(group)} are left",
                expected="two lemmas or more that are in one group only",
                given=str(count),
                remedy="Give more texts, or draw more with --words.",
            )
    return lemmas


#: A pair's counts (plus 1) may differ by this factor's logarithm, its pieces not at all.
FREQUENCY_CALIPER = 0.25
_PIECES_CALIPER = 0.5


@dataclass(frozen=True, eq=False)
class TwoGroups:
    """The lemmas of two groups and their comparisons.

    Attributes:
        tags: of the groups.
        comparisons: one for each of `MEASURES`, in that order.
        explored: of a halved run the lemmas of its first half; None of a whole one.
        orders: the same lemmas in random order, once for each.
        readings: the unadjusted difference in rotation over all blocks in its other readings.
    """

    run: Run
    tags: tuple[str, str]
    words: Words
    lemmas: Lemmas
    pairing: Pairing
    comparisons: Sequence[Compared]
    explored: Lemmas | None
    orders: Sequence[Lemmas]
    readings: Sequence[Reading]

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


def groups_of(run: Run) -> TwoGroups:
    """Both groups of drawn words, with all that is compared of them.

    Raises:
        StudyError: no two groups of drawn words, or too few lemmas in one.
    """
    groups = two_groups(run)
    words = read_words(run, groups)
    lemmas = check_lemmas(read_lemmas(run, words), groups)
    twins = [read_lemmas(twin, words) for twin in run.untrained]
    orders = [read_lemmas(one, words) for one in run.shuffled]
    half, pairing = run.exploration, paired_off(lemmas)
    return TwoGroups(
        run=run,
        tags=groups,
        words=words,
        lemmas=lemmas,
        pairing=pairing,
        comparisons=[
            compared(lemmas, (twins, orders), pairing, name, run.seed) for name in MEASURES
        ],
        explored=None if half is None else read_lemmas(half, read_words(half, groups)),
        orders=orders,
        readings=_in_readings(run, words, lemmas),
    )


def _in_readings(run: Run, words: Words, lemmas: Lemmas) -> list[Reading]:
    """The plain difference in rotation as each other reading of the angle has it, in %.

    One that lacks lemmas of the raw reading is left out.
    """
    found = []
    for name, column in readings_of(run, "rotation").items():
        read = read_lemmas(run, words, column)
        if not np.array_equal(read.names, lemmas.names):
            continue
        values, counts = read.values["rotation"], stratified_counts(read.first, seed=run.seed)
        groups = IndependentGroups(values, read.first, np.empty((len(values), 0)))
        plain = Unpaired(groups, counts, run.seed).version("unadjusted")
        interval = interval_percent(plain.interval)
        bounds = None if interval is None else (interval.low, interval.high)
        found.append(Reading(name, percent_of(plain.mean), bounds, known(plain.p)))
    return found


def paired_off(lemmas: Lemmas) -> Pairing:
    """Lemmas of like frequency and as many pieces, otherwise as alike as can be."""
    names = list(COVARIATES)
    calipers = np.full(len(names), np.inf)
    calipers[names.index("log_frequency")] = FREQUENCY_CALIPER
    calipers[names.index("pieces")] = _PIECES_CALIPER
    first, second = (np.flatnonzero(mask) for mask in (lemmas.first, ~lemmas.first))
    rows, columns = pair_off(lemmas.covariates[first], lemmas.covariates[second], calipers)
    return Pairing(first[rows], second[columns])


def compared(
    lemmas: Lemmas,
    nulls: tuple[Sequence[Lemmas], Sequence[Lemmas]],
    pairing: Pairing,
    measure: str,
    seed: int,
) -> Compared:
    """All versions of one measure. Resamples of lemmas are the same in all of them.

    nulls: the lemmas in the untrained twins, and in random order.
    """
    values, first = lemmas.values[measure], lemmas.first
    counts = stratified_counts(first, seed=seed)
    nothing = np.empty((len(values), 0))
    plain = Unpaired(IndependentGroups(values, first, nothing), counts, seed)
    adjusted = Unpaired(IndependentGroups(values, first, lemmas.covariates), counts, seed)
    twins, shuffled = (
        null_differences([(one.values[measure], one.first) for one in null], seed) for null in nulls
    )
    return Compared(
        measure=measure,
        plain=plain.version("unadjusted"),
        profile=plain.profile,
        adjusted=adjusted.version("adjusted", plain),
        matched=plain.matched(pairing),
        twins=twins,
        shuffled=shuffled,
        order_change=None
        if shuffled is None
        else order_change(*with_orders(lemmas, nulls[1], measure), seed),
    )


def of_mean(groups: TwoGroups, measure: str) -> Floats:
    """The mean over blocks of every lemma, [lemmas, 1]."""
    return np.asarray(groups.lemmas.values[measure].mean(axis=1)[:, None])
