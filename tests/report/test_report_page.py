"""The report is one harmless, whole page that holds everything in the folders."""

import base64
import hashlib
import json
import re
import zlib
from pathlib import Path

import pytest
from example_run import HOSTILE, STUDIES, findings, write_run
from pages import Page, page_of

from odograph.report.findings import shown_finding, units
from odograph.report.page import page_value
from odograph.report.room import WHOLE
from odograph.report.write import viewer_file


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("runs") / "gpt2")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, run: Path) -> Page:
    other = write_run(tmp_path_factory.mktemp("runs") / "gpt2-medium", "gpt2-medium", 1)
    return page_of(run, other, out=tmp_path_factory.mktemp("out") / "report.html")


def unpacked(data: str) -> str:
    return zlib.decompress(base64.b64decode(data)).decode("utf-8")


def test_the_page_asks_for_nothing(two: Page) -> None:
    for tag, attributes in two.tags:
        assert tag not in ("link", "iframe", "img", "object", "base", "form"), tag
        assert not {"src", "href", "style"} & set(attributes), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], tag
    assert not re.search(r"url\((?!#)|@import", two.style)
    assert not re.search(r"XMLHttpRequest|eval\(|new Function", two.script)


def test_the_policy_allows_this_script_and_this_style_and_images_of_the_page_only(
    two: Page,
) -> None:
    (policy,) = [a["content"] for t, a in two.tags if t == "meta" and "http-equiv" in a]
    hashes = {
        name: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for name, text in (("script", two.script), ("style", two.style))
    }
    assert policy == (
        "default-src 'none'; img-src data: blob:; "
        f"style-src 'sha256-{hashes['style']}'; script-src 'sha256-{hashes['script']}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def test_strings_from_outside_are_text_and_nothing_else(two: Page) -> None:
    assert HOSTILE not in two.html
    assert [tag for tag, _ in two.tags].count("script") == 2
    assert HOSTILE in two.without_script
    assert HOSTILE in json.dumps(two.data)


def test_every_finding_is_there_with_effect_test_and_p(two: Page) -> None:
    for shown, finding in zip(two.run["findings"], findings("gpt2"), strict=True):
        assert shown["statement"] == finding["statement"]
        assert shown["plain"] == finding["plain"]
        assert finding["test"] in shown["line"]
        assert finding["statement"] in two.without_script
    lines = [" · ".join(finding["line"]) for finding in two.run["findings"]]
    assert "−4.12 degrees [−5.23, −3.01] · n = 54 passages (1 left out)" in lines[0]
    assert "p < .001 · adjusted p = .001 · null: 3 untrained twins" in lines[0]
    assert "p = .012 · null: none shown" in lines[1]
    assert "−.31 r [−.42, −.19] · n = 54 passages (3 left out)" in lines[2]


def test_every_figure_is_there_packed_as_the_file_that_it_is(two: Page, run: Path) -> None:
    for name, study in STUDIES.items():
        (shown,) = [s for s in two.run["studies"] if s["name"] == name]
        for figure, given in zip(shown["figures"], study["figures"], strict=True):
            assert (figure["title"], figure["caption"]) == (given["title"], given["caption"])
            assert figure["null"] == given.get("null", "")
            path = run / "figures" / f"{given['name']}.svg"
            whole, packed = path.read_text(encoding="utf-8"), unpacked(figure["data"])
            assert re.sub('base64,[^"]*', "", packed) == re.sub('base64,[^"]*', "", whole)


def test_the_card_of_a_figure_is_in_its_caption_without_what_stands_elsewhere(two: Page) -> None:
    (study,) = [s for s in two.run["studies"] if s["name"] == "rotation"]
    for figure in study["figures"]:
        said = dict(figure["card"])
        assert said["model"] == "gpt2"
        assert said["unit and n"] == "passage, n = 54"
        assert not {"versions", "test and family", "null"} & set(said)


def test_tables_show_their_first_rows_and_name_the_whole(two: Page) -> None:
    (table,) = two.run["studies"][0]["tables"]
    assert (table["total"], len(table["rows"])) == (132, 60)
    assert table["path"] == "gpt2/tables/rotation_profile.parquet"
    assert "rotation (degrees)" in table["columns"]
    assert any("–" in row for row in table["rows"])
    assert any("·her" in row for row in table["rows"])


def test_self_check_exclusions_limits_and_versions_are_there(two: Page) -> None:
    text = json.dumps(two.data, ensure_ascii=False)
    for part in (
        "not applicable",
        "refused",
        "two runs differ in block 3",
        "first tokens of a passage: in many models an attention sink",
        "her.txt, line 12",
        "A small turn can be vital",
        "does not show that being a target matters",
        "odograph study rotation --model gpt2-medium --texts her.txt --target her --out R",
        "odograph 0.1.0, python 3.11.9, torch 2.6.0, transformers 5.3.0",
        "sha256:77ab",
        "odograph report R",
        "bend: 2",
    ):
        assert part in text


def test_the_same_folders_give_the_same_bytes(run: Path, tmp_path: Path) -> None:
    first, second = (page_of(run, out=tmp_path / f"{n}.html").html for n in "ab")
    assert first == second
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_the_title_is_the_given_one_else_the_runs(run: Path, tmp_path: Path) -> None:
    assert page_of(run, out=tmp_path / "a.html").data["title"] == "odograph report: gpt2"
    named = page_of(run, out=tmp_path / "b.html", title="Her & him")
    assert "<title>Her &amp; him</title>" in named.html


def test_no_absolute_path_gets_into_the_page(run: Path, tmp_path: Path) -> None:
    html = page_of(run, out=tmp_path / "a.html").html
    assert str(tmp_path) not in html
    assert str(run.parent) not in html


def test_findings_of_a_study_that_studies_json_lacks_are_shown(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "gpt2")
    (folder / "studies.json").write_text(json.dumps({}), encoding="utf-8")
    shown = page_of(folder).run["findings"]
    assert [f["statement"] for f in shown] == [f["statement"] for f in findings("gpt2")]


def test_a_figure_for_which_there_is_no_room_is_named_and_the_page_stays_small(
    run: Path, tmp_path: Path
) -> None:
    from odograph.folder.run import open_unfinished

    crowded = page_value([open_unfinished(run)], "c", "", code=WHOLE - 620_000)
    problems = [f["problem"] for s in crowded["runs"][0]["studies"] for f in s["figures"]]
    assert "this page has no room for it: it lies in figures/rotation_map.svg" in problems


def test_script_and_style_are_at_most_200_kb() -> None:
    sizes = [len(viewer_file(name).encode()) for name in ("viewer.js", "viewer.css")]
    assert 10_000 < sum(sizes) <= 200_000


def test_what_a_finding_records_is_shown_and_what_it_lacks_is_made_of_what_it_has() -> None:
    older = {"study": "rotation", "statement": "It turns in block 3 (n = 5). More.", "p": 0.2}
    shown = shown_finding(older)
    assert (shown["headline"], shown["verdict"]) == ("It turns in block 3", "undecided")
    assert shown["show"] == {}
    newer = {
        **older,
        "headline": "Round it goes.",
        "verdict": "like",
        "evidence": ["5 passages", "twins: 1.0"],
        "weight": 2,
        "null_values": [{"name": "twins", "estimate": 1, "low": 0.5, "high": float("nan")}],
        "show": {"measure": "turned", "block": 5, "odd": None},
    }
    shown = shown_finding(newer)
    assert (shown["headline"], shown["verdict"]) == ("Round it goes.", "like")
    assert shown["evidence"] == "5 passages; twins: 1.0"
    assert shown["nulls"] == [{"name": "twins", "estimate": 1.0, "low": 0.5, "high": None}]
    assert shown["show"] == {"measure": "turned", "block": 5}
    untested = {key: older[key] for key in ("study", "statement")}
    assert shown_finding(untested)["verdict"] == "describes"


@pytest.mark.parametrize(
    ("n", "unit", "told"),
    [
        (54, "passage", "n = 54 passages"),
        (1, "passage", "n = 1 passage"),
        (256, "drawn pair", "n = 256 drawn pairs"),
        (118, "pair of lemmas", "n = 118 pairs of lemmas"),
        (25, "passages", "n = 25 passages"),
    ],
)
def test_units_are_counted_in_words(n: int, unit: str, told: str) -> None:
    assert units({"n": n, "unit_of_inference": unit}) == told
