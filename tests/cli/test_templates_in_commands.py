"""Templates from the command line: their variants are measured, values they lack are refused."""

import pytest

from odograph import open as open_run


def test_all_variants_are_measured_and_followed(odograph, tmp_path, gpt2_folder):
    values = tmp_path / "jobs.csv"
    values.write_text("job,kind\ncook,a\nking,b\n")
    done = odograph(
        *("measure", "--model", gpt2_folder, "--template", "The {job} gave {her|him} a letter."),
        *("--values", values, "--keep-columns", "kind", "--out", tmp_path / "run", "--quiet"),
    )
    assert done.code == 0, done.err
    with open_run(tmp_path / "run") as run:
        found = run.sql("""
            select distinct job, kind, item, variant, "group" from passages
            join tokens using (passage) where role = 'target' order by all""").fetchall()
    assert found == [
        ("cook", "a", "1.1", "her", "her"),
        ("cook", "a", "1.1", "him", "him"),
        ("king", "b", "1.2", "her", "her"),
        ("king", "b", "1.2", "him", "him"),
    ]


@pytest.mark.parametrize("more", [(), ("--values", "x.csv")])
def test_slots_and_values_go_together(odograph, tmp_path, more):
    template = "{a|b} left." if more else "The {job} left."
    done = odograph("measure", "--template", template, *more, "--out", tmp_path / "run")
    assert done.code == 2
    assert "templates and their values" in done.err
