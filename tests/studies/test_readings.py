"""Angles read three ways: what survives; without outlier coordinates nothing is said."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_sentences import told_apart
from tiny import HUGE, build_gpt2, build_outlier_gpt2, saved

from odograph.folder.kept_words import chosen_words
from odograph.folder.pilot import read_pilot
from odograph.folder.readings import readings_of
from odograph.folder.run import Run
from odograph.folder.word_states import row_states
from odograph.sentences.readings import Outliers, evidence_against, in_every_reading, survival
from odograph.sentences.record import CONTRADICTED, PRIMARY, SURVIVES, Finding, Reading
from odograph.statistics.shapes.peaks import peaks_of
from odograph.studies import find

OUTLIERS = Outliers((17, 507, 247), 576)
LED = Finding(
    study="rotation",
    statement="It turns more.",
    plain="It turns more.",
    estimate=3.0,
    interval=(2.0, 4.0),
    unit="degrees",
    n=12,
    unit_of_inference="passage",
    excluded=0,
    test="sign-flip permutation",
    family="1",
    null="no difference",
    p=0.01,
    p_adjusted=0.01,
)
DESCRIBED = replace(LED, p=None, p_adjusted=None, test="none: descriptive")
TRIMMED = Reading("trimmed", 2.0, (1.0, 3.0), 0.02, {"peak": 25})
CENTRED = replace(TRIMMED, name="centred")
PEAK = {"peak": 25}
#: The other sign, by an interval that leaves 0 out, of a size that the test there does not show.
NEXT_TO_NOTHING = {"estimate": -6e-6, "interval": (-1e-5, -5e-7), "p_adjusted": 0.07}


def against(led: Finding, places: dict[str, int], *readings: Reading) -> str:
    return evidence_against(led, places, readings, OUTLIERS, "block")


def test_what_is_the_same_in_every_reading_survives_and_weighs_more() -> None:
    assert survival(LED, PEAK, [TRIMMED, CENTRED]) is True
    assert against(LED, PEAK, TRIMMED, CENTRED) == ""
    read = replace(LED, readings=(TRIMMED, CENTRED), survives=True)
    assert read.record()["weight"] == LED.record()["weight"] + SURVIVES
    assert read.record()["readings"][0]["estimate"] == 2.0
    assert "survives" not in LED.record()


@pytest.mark.parametrize(
    ("change", "weight"),
    [
        ({}, PRIMARY + SURVIVES),
        ({"estimate": -2.0, "interval": (-3.0, -1.0)}, CONTRADICTED),
        ({"p_adjusted": 0.2}, CONTRADICTED),
        (NEXT_TO_NOTHING, CONTRADICTED),
        ({"p_adjusted": None}, PRIMARY),
        ({"places": {"peak": 30}}, PRIMARY),
    ],
)
def test_what_a_reading_contradicts_leads_nothing(change: dict[str, Any], weight: float) -> None:
    """Another block, or too few for a test, is no contradiction: it only does not survive."""
    reading = replace(TRIMMED, **change)
    survives = survival(LED, PEAK, [reading])
    read = replace(LED, weight=PRIMARY, readings=(reading,), survives=survives)
    assert read.record()["weight"] == weight
    assert DESCRIBED.record()["weight"] > CONTRADICTED


def test_no_other_finding_overtakes_the_primary_test_by_surviving() -> None:
    survivor = replace(LED, readings=(TRIMMED,), survives=True)
    primary = replace(LED, weight=PRIMARY)
    assert LED.record()["weight"] < survivor.record()["weight"] < primary.record()["weight"]


def test_a_test_that_shows_nothing_has_nothing_to_contradict() -> None:
    shown = replace(LED, weight=PRIMARY, p_adjusted=0.4, interval=(-1.0, 7.0))
    reading = replace(TRIMMED, p_adjusted=0.2)
    found = replace(shown, readings=(reading,), survives=survival(shown, {}, [reading]))
    assert (found.survives, found.record()["weight"]) == (None, PRIMARY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"estimate": -2.0, "interval": (-3.0, -1.0)}, "of the other sign without 3 of 576 coordi"),
        ({"p_adjusted": 0.2}, "not shown without 3 of 576 coordinates"),
        ({"p_adjusted": None}, "not shown without 3 of 576 coordinates"),
        (NEXT_TO_NOTHING, "not shown without 3 of 576 coordinates"),
        (
            {"places": {"peak": 30}},
            "block 25's peak is made by 3 of 576 coordinates: without them block 30",
        ),
    ],
)
def test_what_is_lost_in_a_reading_does_not_survive_and_is_named(
    change: dict[str, Any], said: str
) -> None:
    assert survival(LED, PEAK, [replace(TRIMMED, **change), CENTRED]) is False
    assert against(LED, PEAK, replace(TRIMMED, **change), CENTRED).startswith(said)


def test_a_description_is_contradicted_by_its_sign_alone() -> None:
    assert replace(TRIMMED, p_adjusted=0.2).against(DESCRIBED) == ""
    assert replace(TRIMMED, **NEXT_TO_NOTHING).against(DESCRIBED) == "sign"


def test_a_layer_that_is_another_about_the_mean_state_is_not_made_by_outliers() -> None:
    other = replace(CENTRED, places={"peak": 3})
    assert (
        against(LED, PEAK, TRIMMED, other) == "about the mean state the peak is in block 3, not 25"
    )


def test_what_shows_nothing_has_nothing_to_survive() -> None:
    assert survival(replace(LED, p_adjusted=0.3), PEAK, [TRIMMED]) is None
    assert survival(DESCRIBED, {}, [TRIMMED]) is None
    assert survival(DESCRIBED, PEAK, [TRIMMED]) is True
    assert survival(LED, {}, []) is None


def test_that_curves_differ_has_no_sign() -> None:
    both = replace(LED, estimate=-0.3, interval=(-1.0, 0.3))
    assert survival(both, {}, [TRIMMED]) is True


def test_every_reading_is_told_with_interval_p_and_place() -> None:
    read = [TRIMMED, replace(CENTRED, interval=None)]
    assert in_every_reading(read, "degrees", OUTLIERS, "block") == (
        "The same, without the outlier coordinates (17, 507 and 247 of 576) 2.00 degrees (1.00 to "
        "3.00, p = .020, peak in block 25); about the mean state 2.00 degrees (p = .020, peak in "
        "block 25)."
    )


def test_the_digits_of_a_reading_follow_the_width_of_its_interval() -> None:
    narrow = replace(TRIMMED, estimate=-108.13, interval=(-108.22, -108.04), places={})
    told = in_every_reading([narrow], "degrees", OUTLIERS, "block")
    assert told.endswith(" -108.13 degrees (-108.22 to -108.04, p = .020).")


def test_a_peak_rises_by_a_quarter_of_its_height_over_what_lies_around() -> None:
    curve = np.array([80, 30, 15, 15, 33, 14, 14.5, 14, 36])
    np.testing.assert_array_equal(peaks_of(curve), [0, 4, 8])
    np.testing.assert_array_equal(peaks_of(np.array([80, 20, 15, 16, 15.5, 15])), [0])


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Any], Run]:
    """Measures a tiny model on sentences with "her", with one twin."""
    import odograph

    def give(model: Any) -> Run:
        place = tmp_path_factory.mktemp("read")
        folder = saved(model, place / "model", begins=False)
        return odograph.measure(
            folder,
            told_apart(14),
            out=place / "run",
            targets=["her"],
            untrained=1,
            measures=["neighbour_angle,block_distance"],
        )

    return give


@pytest.fixture(scope="module")
def outlying(studied: Callable[[Any], Run]) -> Run:
    return studied(build_outlier_gpt2())


def test_a_run_with_an_outlier_coordinate_shows_all_readings(outlying: Run) -> None:
    assert list(readings_of(outlying, "rotation")) == ["trimmed", "centred"]
    result = find("rotation").analyse(outlying)
    assert {"rotation_readings", "rotation_outliers"} <= {plot.name for plot in result.plots}
    tables = {table.name: table.columns for table in result.tables}
    assert f"coordinate_{HUGE}" in tables["rotation_outliers"]
    share = tables["rotation_outliers"][f"coordinate_{HUGE}"]
    assert share[1:].max() > 0.25
    np.testing.assert_allclose(share, tables["rotation_outliers"]["together"])
    read = tables["rotation_readings"]
    for name, column in {"rotation": "rotation", "rotation_trimmed": "rotation_trimmed"}.items():
        rows = outlying.sql(
            f"select avg({column}) from layers join tokens using (passage, position) "
            "where role = 'target' and layer > 0 group by layer order by layer"
        ).fetchall()
        np.testing.assert_allclose(read[name], [row[0] for row in rows], rtol=1e-4)
    assert np.all(read["mean_cosine"] > read["mean_cosine_trimmed"])
    level = result.findings[0]
    assert [one.name for one in level.readings] == ["trimmed", "centred"]
    assert level.survives is not None
    trimmed = read["rotation_trimmed"]
    assert level.readings[0].estimate == pytest.approx(trimmed.sum())
    assert level.readings[0].places["peak"] == 1 + int(np.argmax(trimmed))
    assert any("The mean cosine of any two" in note for note in result.notes)
    control = next(f for f in result.findings if "any position and any layer" in f.statement)
    [(wanted,)] = outlying.sql(
        "select avg(angle_trimmed) from pairs p join tokens a using (passage, position) "
        "join tokens b on b.passage = p.other_passage and b.position = p.other_position "
        "where \"null\" = 'any-position-any-layer' and not a.sink and not b.sink "
        "and a.position > 0 and b.position > 0"
    ).fetchall()
    assert [one.name for one in control.readings] == ["trimmed", "centred"]
    assert control.readings[0].estimate == pytest.approx(wanted)
    assert f"{control.readings[0].estimate:.1f} degrees" in control.statement


def test_blocks_are_named_again_without_outlier_coordinates(outlying: Run) -> None:
    result = find("pruning").analyse(outlying)
    tables = {table.name: table.columns for table in result.tables}
    influence = next(f for f in result.findings if f.statement.startswith("Block Influence"))
    trimmed = np.asarray(tables["pruning_blocks"]["influence_trimmed"])
    assert influence.readings[0].places["low"] == 1 + int(np.argmin(trimmed))
    assert influence.readings[0].estimate == pytest.approx(trimmed.min())
    (runs,) = [f for f in result.findings if f.statement.startswith("Of all runs of 1 block")]
    angle = "avg(s.angle_trimmed)"
    least = outlying.sql(
        f"select layer + 1, {angle} / 180 from spans s where blocks = 1 group by layer "
        f"order by {angle} limit 1"
    ).fetchall()
    assert runs.readings[0].places["first block"] == least[0][0]
    assert runs.readings[0].estimate == pytest.approx(least[0][1], rel=1e-5)


def test_groups_of_words_stand_apart_in_every_reading_of_the_unit_view(
    tmp_path: Path, measured: Callable[..., Run]
) -> None:
    folder = saved(build_outlier_gpt2(), tmp_path / "model", begins=False)
    options = {"targets": ["her", "him"], "variants": True, "select": "targets", "vectors": 99}
    run = measured(folder, told_apart(14), **options)
    words, pilot = chosen_words(run), read_pilot(run.folder)
    assert pilot is not None
    raw = row_states(run, words, "raw", 2)
    trimmed = np.delete(raw, pilot.coordinates, axis=1)
    shown = np.delete(row_states(run, words, "unit_trimmed", 2), pilot.coordinates, axis=1)
    np.testing.assert_allclose(shown, trimmed / np.linalg.norm(trimmed, axis=1)[:, None])
    centred = raw - pilot.means[2]
    shown = row_states(run, words, "unit_centred", 2)
    np.testing.assert_allclose(shown, centred / np.linalg.norm(centred, axis=1)[:, None])
    result = find("trajectories").analyse(run)
    assert "trajectories_distances_readings" in {plot.name for plot in result.plots}
    (unit,) = [f for f in result.findings if f.readings]
    table = result.tables[0].columns
    there = np.asarray(table["view"]) == "unit_trimmed"
    assert unit.readings[0].estimate == pytest.approx(np.mean(table["distance"][there]))


def test_without_outlier_coordinates_nothing_is_read_again_and_nothing_said(
    studied: Callable[[Any], Run],
) -> None:
    run = studied(build_gpt2())
    assert readings_of(run, "rotation") == {}
    result = find("rotation").analyse(run)
    assert not any("readings" in plot.name or "outlier" in plot.name for plot in result.plots)
    assert all(finding.survives is None and not finding.readings for finding in result.findings)
    assert not any("outlier" in finding.statement for finding in result.findings)


@pytest.fixture(scope="module")
def plain(studied: Callable[[Any], Run]) -> Run:
    """A model of other depth, without outlier coordinates."""
    return studied(build_gpt2(blocks=3))


@pytest.fixture(scope="module")
def other_outlying(studied: Callable[[Any], Run]) -> Run:
    return studied(build_outlier_gpt2(blocks=3))


@pytest.mark.parametrize("study", ["rotation", "neighbours"])
def test_models_are_compared_in_every_reading(
    study: str, outlying: Run, other_outlying: Run
) -> None:
    compare = find(study).compare
    assert compare is not None
    for finding in compare([outlying, other_outlying]).findings:
        assert [one.name for one in finding.readings] == ["trimmed", "centred"], finding.headline
        assert "The same, without the outlier coordinates (" in finding.statement


def test_models_read_without_outlier_coordinates_differ_by_the_angles_without_them(
    outlying: Run, other_outlying: Run
) -> None:
    compare = find("rotation").compare
    assert compare is not None
    turned = [
        run.sql(
            "select sum(rotation_trimmed) / count(distinct passage) from layers "
            "join tokens using (passage, position) where role = 'target' and layer > 0"
        ).fetchall()[0][0]
        for run in (other_outlying, outlying)
    ]
    total = compare([outlying, other_outlying]).findings[0]
    assert total.readings[0].estimate == pytest.approx(turned[0] - turned[1], rel=1e-5)


def test_a_model_without_outlier_coordinates_is_read_as_it_is(outlying: Run, plain: Run) -> None:
    """Without coordinates trimmed is raw; about a mean state it was not read."""
    compare = find("rotation").compare
    assert compare is not None
    led = compare([outlying, plain]).findings[0]
    assert [one.name for one in led.readings] == ["trimmed"]
    assert f"{HUGE} of 48" in led.statement
    assert ": none)" in led.statement
