"""Two curves as wholes, in sentences: whether they differ, and what other tests would say."""

from collections.abc import Mapping

from odograph.sentences.differences import curves_plain, curves_sentence, sides
from odograph.sentences.english import capital, counted, plural, several
from odograph.sentences.evidence import interval_words
from odograph.sentences.numbers import quantity
from odograph.sentences.record import Words
from odograph.statistics.designs.paired import PairedProfile
from odograph.statistics.permutation import ALPHA, both_signs
from odograph.statistics.values import Estimate

#: The tests of a course beside those that are relied on.
STUDENT, PAIRED = (
    "the course's independent Student t-test, uncorrected",
    "the paired max-T test",
)


def curves_words(
    profile: PairedProfile, names: tuple[str, str, str], along: str, mean: Estimate
) -> Words:
    """What the cluster test says of two curves, and their mean difference.

    names: measure, target and control; mean: over all layers.
    """
    said = curves_sentence(profile, *names, along)
    return Words(
        f"{said} Averaged over all {plural(along)} the difference is "
        f"{quantity(mean.value, mean.unit)} ({interval_words(mean.interval, mean.unit)}).",
        curves_plain(profile, *names),
        _curves_headline(profile, names, along),
    )


def _curves_headline(profile: PairedProfile, names: tuple[str, str, str], along: str) -> str:
    """Whether the two curves differ as wholes, and where either is the higher one."""
    measure, target, control = names
    p = min((cluster.p for cluster in profile.clusters), default=1.0)
    if p >= ALPHA:
        return f"The curves of {target} and {control} are not shown to differ"
    if not both_signs(profile.difference, profile.p_max_t):
        return f"The curves of {target} and {control} differ as wholes"
    words, first = (f"larger for {target}", "smaller"), int(profile.layer[0])
    return f"The {measure} is {sides(profile.difference, profile.p_max_t, words, along, first)}"


def no_region(explored: str, along: str) -> str:
    """That no region was chosen in the `explored` units of the first half."""
    return (
        f"In the {explored} of the first half the curves differ in no cluster of {plural(along)}, "
        "so that no region was chosen."
    )


def counts_of_tests(calls: Mapping[str, int], layers: int, along: str, pairs: int) -> Words:
    """In how many layers each test has p < .05; among them `STUDENT` and `PAIRED`."""
    listed, many = ", ".join(f"{name} {count}" for name, count in calls.items()), plural(along)
    return Words(
        f"{capital(many)} with p < .05, of {layers}: {listed} ({counted(pairs, 'pair')}). The "
        "independent tests ignore that both words stand in one sentence and that many "
        f"{many} are tested; they are shown as in the course.",
        f"Which test is used changes how many {many} look different; the paired, corrected one is "
        "the one to rely on.",
        f"The paired test shows a difference in {calls[PAIRED]} of {several(layers, along)}, an "
        f"unpaired t-test in {calls[STUDENT]}",
    )
