"""What a study found fits one screen: at every width, with every number whole."""

import json
from shutil import copytree

import pytest

from odograph.cli.summary import table_lines
from odograph.errors import RunError
from odograph.folder.glance import Seen
from odograph.folder.run import open_run
from odograph.sentences.numbers import number

SEEN = Seen(
    "degrees",
    "block",
    tuple(str(block) for block in range(1, 31)),
    ("'her'", "token before it", "difference"),
    (
        tuple(80.0 / block for block in range(1, 31)),
        tuple(None if block == 3 else 70.0 / block for block in range(1, 31)),
        tuple(10.0 / block for block in range(1, 31)),
    ),
    (
        (False,) * 30,
        (False,) * 30,
        tuple(block % 7 == 0 for block in range(30)),
    ),
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_table_fits_and_no_number_is_cut(width):
    lines = table_lines(SEEN, width)
    assert all(len(line) <= width for line in lines)
    whole = {number(v) for row in SEEN.values for v in row if v is not None}
    for label, line in zip(SEEN.labels, lines[1:], strict=False):
        cells = line.removeprefix(label).split()
        assert cells, line
        assert all(cell.rstrip("*") in whole for cell in cells)


def test_blocks_that_find_no_room_are_counted_and_the_last_is_there():
    lines = table_lines(SEEN, 60)
    heads = lines[0].split()[2:]
    assert (heads[0], heads[-1]) == ("1", "30")
    assert f"({30 - len(heads)} blocks not shown; the report has all)" in lines


def test_a_mark_is_explained_where_there_is_one():
    assert any(line.endswith("corrected for the number of tests") for line in table_lines(SEEN, 80))
    plain = Seen("", "block", ("1",), ("all",), ((1.0,),), ((False,),))
    assert table_lines(plain, 80) == [" block     1", "all     1.00"]


@pytest.fixture(scope="module")
def studied(tiny_model, texts, tmp_path_factory):
    from odograph.cli import run

    out = tmp_path_factory.mktemp("summary") / "run"
    given = ["--model", tiny_model, "--texts", texts, "--target", "her", "--untrained", 2]
    assert run([str(word) for word in ("study", "rotation", *given, "--out", out, "--quiet")]) == 0
    return out


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_study_takes_at_most_thirty_lines(odograph, studied, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    ended = odograph("analyse", studied, "rotation")
    lines = ended.out.splitlines()
    assert len(lines) <= 30
    paths = ("report", "as text")
    assert all(len(line) <= min(width, 100) for line in lines if not line.startswith(paths))
    assert lines[0].startswith("rotation, ")
    assert sum(line.startswith(("1  ", "2  ", "3  ")) for line in lines) == 3


def test_the_head_says_once_what_is_left_out_and_why(odograph, studied):
    head = odograph("analyse", studied, "rotation").out.partition("\n\n")[0]
    run = open_run(studied)
    [(first,)] = run.sql("select count(*) from tokens where position = 0").fetchall()
    assert f"\nleft out: {first} at position 0" in head
    reasons = run.sql("select reason from tables.rotation_pairs where not used").fetchall()
    told = " ".join(head.split())
    assert all(reason in told for (reason,) in reasons)


def test_targets_of_several_tokens_say_which_of_them_is_measured(odograph, studied, tmp_path):
    assert "several tokens" not in odograph("analyse", studied, "rotation").out
    folder = tmp_path / "run"
    copytree(studied, folder)
    record = json.loads((folder / "manifest.json").read_text("utf-8"))
    record["exclusions"]["target_in_several_pieces"] = 5
    (folder / "manifest.json").write_text(json.dumps(record), "utf-8")
    told = " ".join(odograph("analyse", folder, "rotation").out.split())
    assert "Note: 'her' is several tokens in 5 cases; the last is measured." in told


def test_figures_without_a_name_are_listed_with_their_titles(odograph, studied):
    ended = odograph("figure", studied)
    drawn = [f for section in open_run(studied).sections.values() for f in section["figures"]]
    assert [line.split("  ")[0] for line in ended.out.splitlines()] == [f["name"] for f in drawn]
    assert all(figure["title"] in ended.out for figure in drawn)


def test_show_prints_everything_in_full(odograph, studied):
    told = " ".join(odograph("show", studied).out.split())
    statements = [finding["statement"] for finding in open_run(studied).findings]
    assert [statement for statement in statements if statement not in told] == []
    as_data = odograph("show", studied, "rotation", "--json")
    assert json.loads(as_data.out) == open_run(studied).findings


def test_a_study_that_was_not_done_is_refused_with_the_way_to_it(odograph, studied):
    ended = odograph("show", studied, "pruning")
    assert ended.code == 2
    assert "expected rotation, got pruning. Do the study first: odograph analyse" in ended.err


def test_headlines_are_short_and_have_no_brackets(studied):
    for finding in open_run(studied).findings:
        assert len(finding["headline"].split()) <= 20, finding["headline"]
        assert not set("()[]") & set(finding["headline"]), finding["headline"]


def test_findings_are_a_table_too(odograph, studied):
    query = (
        "select study, headline, estimate, low, high, null_values[1].seeds as seeds from findings"
    )
    rows = json.loads(odograph("sql", studied, query, "--format", "json").out)
    found = open_run(studied).findings
    assert [row["headline"] for row in rows] == [finding["headline"] for finding in found]
    first = next(k for k, finding in enumerate(found) if finding["null_values"])
    assert rows[first]["estimate"] == found[first]["estimate"]
    assert [rows[first]["low"], rows[first]["high"]] == list(found[first]["interval"])
    assert rows[first]["seeds"] == 2


def test_findings_that_were_changed_are_refused_as_a_table_and_hold_up_no_other(studied, tmp_path):
    folder = tmp_path / "run"
    copytree(studied, folder)
    path = folder / "findings.json"
    path.write_text(path.read_text("utf-8").replace("turns", "speeds"), "utf-8")
    run = open_run(folder)
    assert run.sql("select count(*) from layers").fetchall()
    with pytest.raises(RunError, match="not what"):
        run.sql("select * from findings")
