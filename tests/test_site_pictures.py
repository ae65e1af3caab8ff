"""Pictures of the site that no study draws."""

import importlib
import re
from pathlib import Path

import duckdb
import pytest

from docs import pictures
from odograph.studies.registry import BUILT_IN

DOCS = Path(__file__).parents[1] / "docs"


class Tables:
    """What a run offers a picture: its tables by SQL."""

    def __init__(self, **tables):
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


def test_every_study_is_done_on_the_real_model_once(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    real_model = importlib.import_module("real_model")
    studies = [study for *_, names in real_model.RUNS for study in names]
    assert sorted(studies) == sorted(BUILT_IN)
    gallery = (DOCS / "gallery.md").read_text(encoding="utf-8")
    shown = {name.split("/")[-1] for name in re.findall(r"smollm2/([a-z_]+)\.svg", gallery)}
    assert [s for s in BUILT_IN if not any(n.startswith(s.replace("-", "_")) for n in shown)] == []
