"""An ordered series of runs: what is planted along it is found, equal members are refused."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from made_neighbours import made_neighbours, one_hump
from made_runs import made_run
from numpy.random import default_rng
from soundness import assert_sound

import odograph
from odograph.errors import StudyError, UsageError
from odograph.folder.series import Axis, series_of
from odograph.studies import find
from odograph.studies.result import StudyResult

STEPS = (0, 8, 16, 32, 64, 128, 256)
Members = Callable[..., list[Any]]


@pytest.fixture
def members(tmp_path: Path) -> Members:
    """Runs of drawn numbers, called by their steps, with so much of an effect in each."""

    def made(effects: Sequence[float], passages: int = 24, seed: int = 10) -> list[Any]:
        runs = []
        for number, (step, effect) in enumerate(zip(STEPS, effects, strict=False)):
            folder = tmp_path / f"step{step}"
            run = made_run(folder, seed + number, passages=passages, effect=effect)
            run.manifest["model"]["weights_sha256"] = f"{step:064d}"
            runs.append(run)
        return runs

    return made


def compared(runs: Sequence[Any], study: str = "rotation") -> StudyResult:
    series = series_of(runs, Axis())
    compare = find(study).compare_in(series)
    assert compare is not None
    result = compare(series.runs)
    assert_sound(result)
    return result


def test_a_planted_change_is_found_between_its_members(members: Members) -> None:
    trend, change, steepest = compared(members([0, 0, 0, 0, 30, 30, 30])).findings
    assert change.headline.startswith("After training step 32 the rotation of 'her' over all")
    assert change.headline.endswith("larger")
    assert (change.p_adjusted or 1) < 0.05
    assert change.record()["verdict"] == "beyond"
    assert change.interval is not None
    assert change.interval[0] > 0
    assert "a step there describes the members' means better" in change.statement
    assert "members from training step 64 on" in change.statement
    assert (trend.weight, change.weight) == (3, 0)
    assert trend.unit == "degrees a member"
    assert steepest.headline.startswith("In block 2 the rotation of 'her' rises most plainly")
    assert steepest.show == {"run": "step256", "measure": "turned", "layer": 2}


def test_where_members_do_not_differ_nothing_is_shown(members: Members) -> None:
    trend, change, steepest = compared(members([0] * 7)).findings
    assert trend.headline == (
        "No trend of the rotation of 'her' over all blocks along the training step is shown"
    )
    assert change.headline.startswith("No change of the rotation")
    verdicts = [finding.record()["verdict"] for finding in (trend, change, steepest)]
    assert verdicts == ["undecided"] * 3
    assert min(f.p_adjusted or 0 for f in (trend, change, steepest)) > 0.05


def test_members_that_differ_in_no_order_have_no_trend_beyond_their_orders(
    members: Members,
) -> None:
    """Over texts two networks always differ: that alone is no trend."""
    trend = compared(members([0, 25, 2, 24, 5, 20, 26])).findings[0]
    assert (trend.p_adjusted or 1) < 0.05
    assert "that they differ is shown, that it goes by their order is not" in trend.statement
    assert trend.record()["verdict"] == "undecided"


def test_a_short_series_is_shown_and_not_tested(members: Members) -> None:
    result = compared(members([0, 5, 10, 15]))
    (finding,) = result.findings
    assert finding.headline.startswith("At training step 32 the rotation of 'her' over all")
    assert finding.p is None
    assert finding.record()["verdict"] == "describes"
    assert result.notes[-1] == (
        "Trend and change point are tested in a series of 5 members or more; this one has 4: it is "
        "shown, not tested."
    )
    assert [plot.name for plot in result.plots] == ["rotation_series_turned", "rotation_series_map"]


def test_a_series_over_few_texts_has_no_p(members: Members) -> None:
    findings = compared(members([0, 5, 10, 15, 20], passages=5)).findings
    assert all(finding.p is None for finding in findings)


def test_the_members_stand_in_the_order_of_the_axis(members: Members, tmp_path: Path) -> None:
    runs = members([0, 0, 0, 30, 30])
    out = tmp_path / "series"
    made = odograph.compare(runs[::-1], out, study="rotation", axis="training step")
    assert made.manifest["series"] == {"axis": "training step", "values": [0, 8, 16, 32, 64]}
    assert made.manifest["runs"] == [f"../step{step}" for step in STEPS[:5]]
    rows = made.sql("select member, place, mean from tables.rotation_series_members").fetchall()
    assert [row[0] for row in rows] == ["0", "8", "16", "32", "64"]
    assert rows[0][2] < rows[-1][2]
    splits = made.sql("select before, after from tables.rotation_series_splits").fetchall()
    assert splits[0] == ("0", "8")
    assert len(made.sql("select * from tables.rotation_series_depths").fetchall()) == 5
    curve = "select depth, mean from tables.rotation_series_curves where member = '32'"
    one = made.sql(curve).fetchall()
    wanted = (
        runs[3]
        .sql("""
        select layer, avg(rotation) from layers join tokens using (passage, position)
        where role = 'target' and layer > 0 group by layer order by layer""")
        .fetchall()
    )
    assert [row[0] for row in one] == [row[0] for row in wanted]
    assert [row[1] for row in one] == pytest.approx([row[1] for row in wanted], rel=1e-5)
    assert made.figure_names == ["rotation_series_turned", "rotation_series_map"]


def test_a_figure_of_a_series_can_be_drawn_anew(members: Members, tmp_path: Path) -> None:
    runs = members([0, 0, 0, 30, 30])
    made = odograph.compare(runs, tmp_path / "out", study="rotation", axis="training step")
    for run, one in zip(made.compared, runs, strict=True):
        run.manifest["model"] |= one.manifest["model"]
    figure = made.figure("rotation_series_turned")
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == [
        "0",
        "8",
        "16",
        "32",
        "64",
    ]


def test_numbers_on_an_axis_can_be_said(members: Members, tmp_path: Path) -> None:
    axis = {"bits": [16, 8, 6, 4, 2]}
    made = odograph.compare(members([0] * 5), tmp_path / "out", study="rotation", axis=axis)
    assert made.manifest["series"] == {"axis": "bits", "values": [2, 4, 6, 8, 16]}
    assert made.manifest["runs"][0] == "../step64"
    with pytest.raises(UsageError, match="the axis of a series: expected one name"):
        odograph.compare(made.compared, tmp_path / "out", axis={})


def test_members_with_the_same_weights_are_refused_by_name_unless_allowed(
    members: Members, tmp_path: Path
) -> None:
    runs = members([0] * 5)
    runs[3].manifest["model"]["weights_sha256"] = f"{8:064d}"
    out = tmp_path / "out"
    with pytest.raises(StudyError, match=r"same weights: .*\(step8\)', '.*\(step32\)'"):
        odograph.compare(runs, out, axis="training step")
    assert not out.exists()
    odograph.compare(runs, out, study="rotation", axis="training step", allow_same=True)
    assert (out / "findings.json").is_file()


def test_runs_from_before_weights_were_recorded_are_told_by_their_fingerprint(
    members: Members,
) -> None:
    runs = members([0] * 5)
    for run in runs:
        del run.manifest["model"]["weights_sha256"]
        run.manifest["model"]["fingerprint"] = run.folder.name
    series_of(runs, Axis())
    runs[1].manifest["model"]["fingerprint"] = "step0"
    with pytest.raises(StudyError, match="same weights"):
        series_of(runs, Axis())


def test_a_study_of_one_run_looks_at_no_series(members: Members, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the study trajectories looks at no series"):
        odograph.compare(
            members([0] * 5), tmp_path / "out", study="trajectories", axis="training step"
        )


def test_path_length_looks_at_the_share_of_the_path_at_half_of_the_depth(members: Members) -> None:
    result = compared(members([0, 0, 0, 30, 30]), "path-length")
    trend, _, steepest = result.findings
    assert "share of the path covered at half of the depth" in trend.statement
    assert trend.unit == "a member"
    assert {finding.n for finding in result.findings} == {24}
    assert "after block" in steepest.statement.lower()


def test_neighbours_looks_at_the_mean_angle_over_all_states(tmp_path: Path) -> None:
    runs = []
    for number, step in enumerate(STEPS[:5]):
        angles = one_hump(default_rng(number)) + number * 2
        run = made_neighbours(tmp_path / f"step{step}", 5, angles)
        run.manifest["model"]["weights_sha256"] = f"{step:064d}"
        runs.append(run)
    trend, _, steepest = compared(runs, "neighbours").findings
    assert trend.headline.startswith("The mean angle between neighbouring tokens over all states")
    assert "at state" in steepest.statement.lower()


def test_members_with_other_numbers_of_blocks_are_read_at_relative_depths(tmp_path: Path) -> None:
    runs = []
    for number, step in enumerate(STEPS[:5]):
        run = made_run(tmp_path / f"step{step}", number, passages=12, blocks=3 + number)
        run.manifest["model"]["weights_sha256"] = f"{step:064d}"
        runs.append(run)
    result = compared(runs)
    assert "at relative depth" in result.findings[-1].statement.lower()
    table = next(t for t in result.tables if t.name == "rotation_series_depths")
    assert list(table.columns["depth"]) == [0.33, 0.67, 1.0]


def test_one_text_is_described(members: Members) -> None:
    findings = compared(members([0, 5, 10, 15, 20], passages=1)).findings
    assert all(finding.p is None for finding in findings)
    assert findings[0].statement.endswith("Descriptive, one text.")
