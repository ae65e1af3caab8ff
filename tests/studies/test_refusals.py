"""A study that refuses a run does not stop the others; what was asked for and failed is said."""

import json
from pathlib import Path

import pytest
from made_runs import made_run

from odograph import studies
from odograph.errors import StudyError, UsageError
from odograph.folder.run import Run
from odograph.studies import registry
from odograph.studies.result import StudyResult
from odograph.studies.study import Study

ORDER = (
    *("rotation", "neighbours", "path-length", "decomposition", "contributions"),
    *("trajectories", "parts-of-speech", "nouns-adjectives", "pruning", "ablation"),
    "commitment",
)


def found(study: str) -> StudyResult:
    return StudyResult(study, "Is it?", [], [], [], {"model": "x"}, ["It is."])


def refuse(run: object) -> None:
    raise StudyError("the run has no spans", remedy="Measure it with spans.")


def refuse_both(name: str, question: str, runs: object) -> StudyResult:
    raise StudyError("the run has no spans", remedy="Measure it with spans.")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run, and four studies: the second and the fourth refuse every run."""
    made = {
        name: Study(
            name, "Is it?", requires=refuse if name in "bd" else None, comparison=refuse_both
        )
        for name in "abcd"
    }
    monkeypatch.setattr(registry, "BUILT_IN", tuple(made))
    monkeypatch.setattr("odograph.studies.refusals.find", made.__getitem__)
    return made_run(tmp_path / "run", 1, passages=6)


def written(run: Run) -> list[str]:
    return list(json.loads((run.folder / "studies.json").read_text("utf-8")))


def test_studies_stand_in_their_order_and_each_can_be_found() -> None:
    assert list(registry.BUILT_IN) == [name for name in ORDER if name in registry.BUILT_IN]
    assert [studies.find(name).name for name in registry.BUILT_IN] == list(registry.BUILT_IN)


def test_without_names_those_that_refuse_are_left_out(run: Run) -> None:
    studies.analyse(run)
    assert written(run) == ["a", "c"]
    assert list(studies.attempt(run)[1]) == ["b", "d"]


def test_named_studies_that_refuse_are_all_named_after_the_others_are_done(run: Run) -> None:
    with pytest.raises(StudyError) as raised:
        studies.analyse(run, ["b", "a", "d", "c", "a"])
    assert str(raised.value) == (
        "2 of 4 studies cannot be done. b: the run has no spans. Measure it with spans. "
        "d: the run has no spans. Measure it with spans."
    )
    assert written(run) == ["a", "c"]


def test_a_single_study_that_refuses_speaks_for_itself(run: Run) -> None:
    with pytest.raises(StudyError, match=r"^the run has no spans\. Measure it with spans\.$"):
        studies.analyse(run, ["b"])


def test_a_run_that_serves_no_study_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "BUILT_IN", ("b", "d"))
    with pytest.raises(StudyError, match="2 of 2 studies cannot be done"):
        studies.analyse(run)


def test_an_unknown_name_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    run = made_run(tmp_path / "run", 1, passages=6)
    with pytest.raises(UsageError, match="unknown study"):
        studies.analyse(run, ["rotation", "spin"])
    assert not (run.folder / "studies.json").exists()


def test_a_comparison_goes_on_without_those_that_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {
        "a": Study("a", "Is it?", requires=refuse, comparison=lambda name, _, __: found(name)),
        "b": Study("b", "Is it?", requires=refuse, comparison=refuse_both),
        "c": Study("c", "Is it?", requires=refuse),
    }
    monkeypatch.setattr(registry, "BUILT_IN", tuple(made))
    monkeypatch.setattr("odograph.studies.refusals.find", made.__getitem__)
    runs = [made_run(tmp_path / name, 1, passages=6) for name in ("one", "two")]
    told: list[str] = []
    both = studies.compare(runs, tmp_path / "both", on_refused=lambda name, _: told.append(name))
    assert (told, written(both)) == (["b"], ["a", "minus"])
    with pytest.raises(StudyError, match="1 of 2 studies cannot be done"):
        studies.compare(runs, tmp_path / "named", names=["a", "b"])
    assert not (tmp_path / "named").exists()
