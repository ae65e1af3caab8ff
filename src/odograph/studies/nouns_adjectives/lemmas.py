"""The drawn words of two groups, averaged to one row a lemma: the unit of inference.

A lemma with words of both groups belongs to neither and is left out.
"""

from collections.abc import Sequence

from odograph.errors import StudyError
from odograph.folder.run import Run
from odograph.folder.samples.lemmas import Lemmas
from odograph.folder.selection import columns_of
from odograph.sentences.two_groups import group_words
from odograph.studies.needs import only_tables


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
