"""The rules that every finding and every sentence of a study keeps to, on whatever run."""

import pickle

from record_rules import assert_well_said

from odograph.studies.result import StudyResult
from odograph.studies.soundness import problems


def assert_sound(result: StudyResult) -> None:
    """Nothing missing, no NaN, no word that must not be said, no p without what it stands for.

    Every figure can be drawn, by another process too.
    """
    found = list(problems(result))
    assert found == [], found
    assert_well_said(finding.record() for finding in result.findings)
    for plot in result.plots:
        assert pickle.loads(pickle.dumps(plot.drawing)).figure().axes, plot.name
