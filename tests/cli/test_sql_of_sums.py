"""`odograph sql` on a run that keeps sums says of what tables with a row a token are."""

import pytest

import odograph as og

TEXTS = [f"w{n} w{n + 1} w{n + 2} w{n + 3}" for n in range(0, 40, 4)]


@pytest.fixture(scope="module")
def run(gpt2_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("sums") / "run"
    og.measure(gpt2_folder, TEXTS, out=out, keep="sums", sample_passages=3).close()
    return out


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select count(*) from layers", True),
        ("select count(*) from passages join tokens using (passage)", True),
        ("select count(*) from passages, tokens t", True),
        ("select sum(tokens) from histograms where measure = 'rotation'", False),
        ("select count(*) from extremes", False),
    ],
)
def test_what_is_of_drawn_passages_alone_is_said_of_queries_that_read_it(
    odograph, run, query, said
):
    done = odograph("sql", run, query, "--format", "csv")
    assert done.code == 0, done.err
    assert ("tokens and layers hold 3 of 10 passages, drawn by hash" in done.err) == said
    assert ("histograms, joint_histograms, extremes" in done.err) == said


def test_a_comparison_is_asked_too(odograph, run, gpt2_folder, tmp_path):
    og.measure(gpt2_folder, TEXTS, out=tmp_path / "rows").close()
    assert odograph("compare", run, tmp_path / "rows", "--out", tmp_path / "both").code == 0
    done = odograph("sql", tmp_path / "both", "select 1 as one", "--format", "csv")
    assert (done.code, done.out.split()) == (0, ["one", "1"]), done.err
