"""The table of what the figures of a study show."""

import numpy as np
import pytest
from made_runs import made_run

from odograph.figures.drawing import later
from odograph.figures.marks import Labels
from odograph.figures.profile import Band, Curve, draw_profile
from odograph.figures.profiles import ProfilePanel, draw_profiles
from odograph.studies import find
from odograph.studies.result import Plot
from odograph.studies.tidy import curves_table

LABELS = Labels("title", "layer", "degrees")


def plot(name, drawing):
    return Plot(name, "title", "caption", "null", drawing)


def rows(table):
    return [tuple(row) for row in zip(*table.columns.values(), strict=True)]


def test_each_place_of_each_curve_and_band_is_a_row():
    curve = Curve("her", [1, 2], [3.0, 4.0], [2.0, 3.0], [4.0, 5.0])
    band = Band("twins", [1, 2], [0.0, 1.0], [1.0, 2.0])
    [table] = curves_table(
        "mine", [plot("mine_profile", later(draw_profile, [curve], LABELS, bands=[band]))]
    )
    assert table.name == "mine_curves"
    assert list(table.columns) == ["figure", "panel", "kind", "label", "x", "mean", "low", "high"]
    assert rows(table)[:2] == [
        ("mine_profile", "", "estimate", "her", 1.0, 3.0, 2.0, 4.0),
        ("mine_profile", "", "estimate", "her", 2.0, 4.0, 3.0, 5.0),
    ]
    assert [row[2:4] + row[6:] for row in rows(table)[2:]] == [
        ("null", "twins", 0.0, 1.0),
        ("null", "twins", 1.0, 2.0),
    ]
    assert np.isnan([row[5] for row in rows(table)[2:]]).all()


def test_curves_of_panels_are_told_apart_by_their_titles():
    panels = [ProfilePanel(title, [Curve("r", [1], [0.5])]) for title in ("attention", "MLP")]
    [table] = curves_table("mine", [plot("mine_r", later(draw_profiles, panels, LABELS))])
    assert list(table.columns["panel"]) == ["attention", "MLP"]


def test_figures_without_curves_make_no_table():
    assert curves_table("mine", []) == []


def test_what_the_figure_of_a_run_shows_stands_in_its_table(tmp_path):
    with made_run(tmp_path / "run", 1) as run:
        result = find("rotation").analyse(run)
    [table] = [each for each in result.tables if each.name == "rotation_curves"]
    [profile] = [each for each in result.plots if each.name == "rotation_profile"]
    figure = profile.drawing.figure()
    shown = [row for row in rows(table) if row[0] == profile.name and row[2] == "estimate"]
    lines = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].get_lines()}
    labels = dict.fromkeys(row[3] for row in shown)
    assert len(labels) == 2
    for label in labels:
        assert [row[5] for row in shown if row[3] == label] == pytest.approx(lines[label])
    assert all(low <= mean <= high for *_, mean, low, high in shown)
