"""`odograph power`: a small table, or JSON."""

import json

import pytest


def test_power_of_given_numbers_of_pairs(odograph):
    ended = odograph("power", "--test", "single", "--effect", 0.5, "--n", 20, "--n", 34)
    assert ended.code == 0
    lines = [line.split() for line in ended.out.splitlines()]
    rows = [line for line in lines if line and line[0] == "0.5"]
    assert [row[1] for row in rows] == ["20", "34"]
    assert float(rows[0][2]) == pytest.approx(0.56, abs=0.05)
    assert float(rows[1][2]) == pytest.approx(0.81, abs=0.05)
    assert "single: one layer; two-sided, p <= .05" in ended.out


def test_pairs_needed_are_simulated_where_none_are_given(odograph):
    ended = odograph("power", "--effect", 0.8, "--layers", 8, "--json")
    (row,) = json.loads(ended.out)
    assert (row["test"], row["layers"], row["affected"], row["correlation"]) == ("max-t", 8, 2, 0.9)
    assert 15 <= row["n"] <= 30
    assert row["low"] <= row["found"] <= row["high"]
    assert row["found"] == pytest.approx(0.8, abs=0.06)


def test_what_is_out_of_reach_is_said(odograph):
    ended = odograph("power", "--effect", 0.01, "--test", "single")
    assert "> 2000" in ended.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--test", "anova"), "unknown test: expected max-t, cluster, single, got 'anova'"),
        (("--n", 3), "6 to 2000, got 3"),
        (("--affected", 30), "30 of 12 layers"),
        (("--power", 2), "between .05 and 1, got 2"),
    ],
)
def test_wrong_designs_are_refused(odograph, arguments, said):
    ended = odograph("power", "--effect", 0.5, *arguments)
    assert ended.code in (1, 2)
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_power_tells_its_time_where_it_is_more_than_a_moment(odograph, monkeypatch):
    monkeypatch.setattr("odograph.statistics.power._seconds", lambda *_: 0.1)
    monkeypatch.setattr("odograph.statistics.power.RUNS", 60)
    ended = odograph("power", "--n", 20, "--effect", 0.5, "--test", "single", "--layers", 1)
    assert ended.code == 0
    assert ended.err == "odograph: simulating experiments: about 6 seconds\n"
