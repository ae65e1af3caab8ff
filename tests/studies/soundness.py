"""The rules that every finding and every sentence of a study keeps to, on whatever run."""

import pickle

from record_rules import assert_well_said

from odograph.sentences.record import PRIMARY
from odograph.studies.result import StudyResult
from odograph.studies.soundness import problems

#: Studies that ask the same of each of several pairs of groups.
ONE_EACH_PAIR = ("trajectories",)


def assert_sound(result: StudyResult, pairs: int = 1) -> None:
    """Nothing missing, no NaN, no word that must not be said, no p without what it stands for.

    One finding answers the study's question, or one for each of the `pairs` that it asks about.
    Every figure can be drawn, by another process too.
    """
    found = list(problems(result))
    assert found == [], found
    assert_well_said(finding.record() for finding in result.findings)
    primary = [finding.headline for finding in result.findings if finding.weight == PRIMARY]
    assert len(primary) <= pairs or result.study in ONE_EACH_PAIR, primary
    for plot in result.plots:
        assert pickle.loads(pickle.dumps(plot.drawing)).figure().axes, plot.name
