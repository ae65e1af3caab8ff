"""How many layers look different by the independent t-tests of courses, beside the paired tests."""

import numpy as np

from odograph.sentences.english import counted, several
from odograph.statistics.permutation import ALPHA
from odograph.studies.claim import Claim
from odograph.studies.defaults import FindingDefaults
from odograph.studies.groups import Groups

_STUDENT = "the course's independent Student t-test, uncorrected"


def course_tests(defaults: FindingDefaults, groups: Groups) -> Claim | None:
    """The course's independent t-tests beside the paired, corrected ones."""
    profile = groups.profile
    if not np.isfinite(profile.p_student).any():
        return None
    counts = {
        _STUDENT: profile.p_student,
        "Welch's": profile.p_welch,
        "the paired max-T test": profile.p_max_t,
        "the paired t-test with Benjamini-Hochberg": profile.p_bh,
    }
    calls = {name: int((p < ALPHA).sum()) for name, p in counts.items()}
    listed = ", ".join(f"{name} {count}" for name, count in calls.items())
    finding = defaults.finding(
        f"{groups.along.capitalize()}s with p < .05, of {len(profile.layer)}: {listed} "
        f"({counted(profile.n, 'pair')}). The independent tests ignore that both "
        f"words stand in one sentence and that many {groups.along}s are tested; they are shown as "
        "in the course.",
        f"Which test is used changes how many {groups.along}s look different; the paired, "
        "corrected one is the one to rely on.",
        calls["the paired max-T test"] / len(profile.layer),
        unit=f"share of {groups.along}s",
        test="none: descriptive, the counts of four tests",
        family=f"{len(profile.layer)} layers",
        headline=f"The paired test shows a difference in {calls['the paired max-T test']} of "
        f"{several(len(profile.layer), groups.along)}, an unpaired t-test in {calls[_STUDENT]}",
        data=calls,
        null="as each test has it",
    )
    return Claim(finding)
