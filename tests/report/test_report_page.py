"""The report is one harmless, whole, well-formed page that shows everything in the folders."""

import json
import re
import struct
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from example_run import HOSTILE, STUDIES, findings, write_run

from odograph.report import write_report
from odograph.report.view import _units


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("runs") / "gpt2")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, run: Path) -> str:
    other = write_run(tmp_path_factory.mktemp("runs") / "gpt2-medium", "gpt2-medium", 1)
    return page([run, other], tmp_path_factory.mktemp("out") / "report.html")


def page(folders: list[Path], out: Path, title: str = "") -> str:
    made = write_report(folders, out, command="odograph report gpt2 gpt2-medium", title=title)
    assert made == out
    return out.read_text(encoding="utf-8")


def words(html: str) -> str:
    """The text of the page as a reader sees it."""
    body = ElementTree.fromstring(html).find("body")
    assert body is not None
    for parent in body.iter():
        for child in [c for c in parent if c.tag == "script"]:
            parent.remove(child)
    return re.sub(r"\s+", " ", "".join(body.itertext()))


def test_the_page_is_well_formed_and_starts_with_a_doctype(two: str) -> None:
    assert two.lstrip().startswith("<!DOCTYPE html>")
    assert ElementTree.fromstring(two).tag == "html"


def test_the_page_asks_for_nothing(two: str) -> None:
    for link in re.findall(r"(?:href|src|action|data)\s*=\s*[\"']([^\"']*)", two):
        assert link.startswith(("#", "data:image/png;base64,")), link
    assert not re.search(r"url\((?!#)|@import|<link|<iframe|fetch\(|XMLHttp", two)
    assert "http" not in two


def test_ids_are_unique_and_every_inner_link_has_its_end(two: str) -> None:
    ids = re.findall(r'\sid="([^"]*)"', two)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', two)) <= set(ids)
    assert set(re.findall(r"url\(#([^)]*)\)", two)) <= set(ids)


def test_strings_from_outside_are_escaped(two: str) -> None:
    assert "<script>alert" not in two
    assert two.count("<script") == 1
    assert HOSTILE in words(two)


def test_every_finding_is_there_with_effect_test_and_p(two: str) -> None:
    text = words(two).replace("\u00a0", " ")
    for finding in findings("gpt2"):
        assert finding["statement"] in text
        assert finding["plain"] in text
        assert finding["test"] in text
    assert "−4.12 degrees [−5.23, −3.01] · n = 54 passages (1 left out)" in text
    assert "p < .001 · adjusted p = .001 · null: 3 untrained twins" in text
    assert "p = .012 · null: none shown" in text
    assert "−.31 r [−.42, −.19] · n = 54 passages (3 left out)" in text


def test_a_long_list_shows_the_first_two_of_each_study_and_folds_the_others(
    run: Path, tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "gpt2")
    many = [{**findings("gpt2")[0], "statement": f"Finding number {n}."} for n in range(1, 20)]
    (folder / "findings.json").write_text(json.dumps(many), encoding="utf-8")
    html = page([folder], tmp_path / "report.html")
    folded = html[html.index(">17 more of ") :]
    assert "Finding number 2." in html[: html.index(">17 more of ")]
    assert all(f"Finding number {n}." in folded for n in range(3, 20))
    assert '<ol class="findings" start="3">' in folded
    assert "more of " not in page([run], tmp_path / "short.html")


def test_every_figure_is_there_with_words_for_it(two: str) -> None:
    figures = [figure for study in STUDIES.values() for figure in study["figures"]]
    pictures = re.findall(r'<svg [^>]*role="img"[^>]*>', two)
    assert len(pictures) == 2 * len(figures)
    assert all(re.search(r'aria-label="[^"]{10,}"', picture) for picture in pictures)
    for figure in figures:
        assert f"{figure['title']}." in words(two)
    assert "Null: 3 untrained twins, 5-95 %." in words(two)


def test_tables_show_their_first_rows_and_name_the_whole(two: str) -> None:
    assert "The first 60 of 132 rows. The whole table: gpt2/tables/rotation_profile.parquet" in (
        words(two)
    )
    assert "rotation (degrees)</th>" in two
    table = two.split("Table: Rotation by block and passage")[2].split("</table>")[0]
    assert table.count("<tr>") == 61
    assert "<td>–</td>" in table
    assert "<td>·her</td>" in table


def test_self_check_exclusions_limits_and_versions_are_there(two: str) -> None:
    text = words(two)
    for part in (
        "not applicable",
        "refused",
        "two runs differ in block 3",
        "54 first tokens of a passage: an attention sink, whatever the word",
        "her.txt, line 12: no text",
        "A small turn can be vital",
        "does not show that being a target matters",
        "odograph study rotation --model gpt2-medium --texts her.txt --target her --out R",
        "odograph 0.1.0, python 3.11.9, torch 2.6.0, transformers 5.3.0",
        "sha256:77ab",
        "odograph report gpt2 gpt2-medium",
        "bend: 2",
    ):
        assert part in text


def test_headings_descend_without_a_gap_and_landmarks_are_there(two: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", two)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for landmark in ("<main>", "<nav ", "<header ", "<footer>"):
        assert two.count(landmark) == 1


def luminance(colour: str) -> float:
    digits = colour * 2 if len(colour) == 3 else colour
    parts = [value / 255 for value in struct.unpack("BBB", bytes.fromhex(digits))]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_contrast_in_every_theme(two: str) -> None:
    themes = re.findall(r"--paper:.*?\}", two, re.DOTALL)
    assert len(themes) == 4
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): #([0-9a-f]+)", theme))
        for name in ("ink", "soft", "link", "good", "bad"):
            for ground in ("paper", "wash", "note"):
                pair = sorted([luminance(colours[name]), luminance(colours[ground])])
                assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (name, ground, theme)


def test_the_same_folders_give_the_same_bytes(run: Path, tmp_path: Path) -> None:
    assert page([run], tmp_path / "a.html") == page([run], tmp_path / "b.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html"]


def test_the_title_is_the_given_one_else_the_runs(run: Path, tmp_path: Path) -> None:
    assert "<h1>odograph report: gpt2</h1>" in page([run], tmp_path / "a.html")
    assert "<h1>Her &amp; him</h1>" in page([run], tmp_path / "b.html", title="Her & him")


def test_no_absolute_path_gets_into_the_page(run: Path, tmp_path: Path) -> None:
    assert str(tmp_path) not in page([run], tmp_path / "a.html")
    assert str(run.parent) not in page([run], tmp_path / "a.html")


def test_findings_of_a_study_that_studies_json_lacks_are_shown(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "gpt2")
    (folder / "studies.json").write_text(json.dumps({}), encoding="utf-8")
    text = words(page([folder], tmp_path / "a.html"))
    for finding in findings("gpt2"):
        assert finding["statement"] in text


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
    assert _units({"n": n, "unit_of_inference": unit}) == told
