"""Pictures of the site that no study draws."""

import duckdb
import numpy as np
import pytest
from safetensors.numpy import save_file

from docs import pictures


class Tables:
    """What a run offers a picture: its tables by SQL, its folder, its manifest."""

    def __init__(self, folder=None, manifest=None, **tables):
        self.folder, self.manifest = folder, manifest
        self.sql = duckdb.connect().sql
        for name, query in tables.items():
            self.sql(f"create table {name} as {query}")

    def table(self, name):
        return self.sql(f"select * from {name}")


@pytest.fixture
def drawn(monkeypatch):
    """The figures in the order in which they were written, by name."""
    figures = {}
    monkeypatch.setattr(
        pictures, "_write", lambda figure, stem: figures.update({stem.name: figure})
    )
    return figures


def lines_of(figure):
    return {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].get_lines()}


def test_each_null_has_a_picture_of_its_own_with_the_target(drawn, tmp_path):
    run = Tables(
        rotation_nulls="""select unnest([2, 1]) as layer, unnest([20., 80.]) as mean_target,
            unnest([9., 40.]) as untrained_seed_1, unnest([11., 30.]) as untrained_seed_2,
            unnest([21., 81.]) as shuffled_seed_1,
            10. as mismatched_step_low, 90. as mismatched_step_high,
            15. as matched_token_low, 25. as matched_token_high"""
    )
    pictures.draw_nulls(run, tmp_path)
    assert sorted(drawn) == ["matched_token", "mismatched_step", "shuffled", "untrained"]
    assert all(lines_of(figure)["'her'"] == [80.0, 20.0] for figure in drawn.values())
    bounds = [list(line.get_ydata()) for line in drawn["untrained"].axes[0].get_lines()]
    assert [30.0, 9.0] in bounds
    assert [40.0, 11.0] in bounds


def test_sinks_stand_over_all_other_tokens(drawn, tmp_path):
    run = Tables(
        sinks="select 'position 0' as place, unnest([1, 2]) as block, unnest([500., 600.]) as norm",
        layers="""select unnest([0, 1, 2, 1, 2]) as layer, unnest([0, 0, 0, 1, 1]) as position,
            unnest([1., 500., 600., 7., 8.]) as norm""",
    )
    pictures.draw_sinks(run, tmp_path)
    lines = lines_of(drawn["sinks"])
    assert lines["position 0"] == [500.0, 600.0]
    assert [7.0, 8.0] in lines.values()


def test_outlier_coordinates_are_drawn_in_per_cent(drawn, tmp_path):
    shares = np.array([[0.25, 0.75], [0.5, 0.5]])
    save_file({"shares": shares, "coordinates": np.array([1])}, tmp_path / "pilot.safetensors")
    run = Tables(tmp_path, {"pilot": {"file": "pilot.safetensors"}})
    pictures.draw_outliers(run, tmp_path)
    assert lines_of(drawn["outliers"])["coordinate 1"] == [75.0, 50.0]
