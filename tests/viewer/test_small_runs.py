"""Runs that lack something are shown all the same."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from watching import wait_until

import odograph
from odograph.report import write_report

Opened = Callable[..., Any]
TEXT = "They gave her a book, and her dog."

BARE: dict[str, Any] = {"logits": "none", "untrained": 0}


@pytest.mark.parametrize(
    ("folder", "texts", "options"),
    [
        ("gpt2_folder", [TEXT, TEXT + " Then"], BARE),
        ("gpt2_folder", ["Hello"], {**BARE, "keep_first": True}),
        ("one_block_folder", [TEXT], {"untrained": 1, "logits": "full"}),
        ("gpt2_folder", [f"{TEXT} {n}" for n in "abcdef"], {"untrained": 1, "twin_passages": 1}),
        ("gpt2_folder", ["مرحبا بالعالم 日本語のテキスト 👩‍👩‍👧 é"], {"untrained": 1}),
    ],
    ids=[
        "without twins and logits",
        "one token",
        "one block",
        "twins of one passage",
        "other scripts",
    ],
)
def test_what_is_there_is_shown(
    opened: Opened,
    measured: Callable[..., Any],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    folder: str,
    texts: list[str],
    options: dict[str, Any],
) -> None:
    run = measured(request.getfixturevalue(folder), texts, **options)
    report = write_report([run.folder], tmp_path / "report.html", command="odograph report run")
    with opened(report) as page:
        page.wait_for_selector(".words .token")
        page.wait_for_timeout(200)
        assert page.log == [report.as_uri()]
        rows = run.sql("select count(*) from tokens").fetchall()[0][0]
        assert page.locator(".words .token").count() == rows
        assert "NaN" not in page.text_content("main")
        assert "lowest 2 %" not in page.text_content("main")  # of so few, only the lowest is
        if len(texts) == 1:  # no spread is told of a single passage
            assert "5–95 % of 1" not in page.text_content(".profile .reading")


def test_characters_that_turn_the_order_of_a_text_are_named_and_not_obeyed(
    opened: Opened, measured: Callable[..., Any], gpt2_folder: Path, tmp_path: Path
) -> None:
    run = measured(
        gpt2_folder, ["They gave \u202eher a\u2066 book\u202c, \u200band her dog."], **BARE
    )
    report = write_report([run.folder], tmp_path / "report.html", command="odograph report run")
    with opened(report) as page:
        page.wait_for_selector(".words .token")
        shown = page.evaluate("document.querySelector('main').textContent")
        assert not set("\u202c\u202e\u2066") & set(shown)
        assert "[U+202E]" in page.text_content(".words")
        assert page.locator(".words .thin").count() > 0


def test_a_run_without_tokens_shows_findings_and_says_why(opened: Opened, tmp_path: Path) -> None:
    from report.example_run import write_run

    folder = write_run(tmp_path / "gpt2")
    report = write_report([folder], tmp_path / "report.html", command="c")
    with opened(report) as page:
        assert page.log == [report.as_uri()]
        assert "no tokens are kept in this folder" in page.text_content("main")
        assert page.locator("#findings li").count() == 3
        assert page.locator(".headline").count() == 3


def test_the_value_over_a_headline_is_never_cut_off(opened: Opened, tmp_path: Path) -> None:
    from report.example_run import write_run

    folder = write_run(tmp_path / "gpt2")
    path = folder / "findings.json"
    findings = json.loads(path.read_text("utf-8"))
    for number, finding in enumerate(findings):  # at the right end, in the middle, at the left
        finding.update(unit="blocks", estimate=[29.04, 0.0, -29.04][number % 3], interval=None)
    path.write_text(json.dumps(findings), "utf-8")
    report = write_report([folder], tmp_path / "report.html", command="c")
    with opened(report) as page:
        texts = "[...document.querySelectorAll('.interval .value')]"
        ends = page.evaluate(
            f"{texts}.map((t) => [t.textContent, t.getBBox()])"
            ".map(([text, b]) => [text, b.x, b.x + b.width])"
        )
        assert any("blocks" in text for text, _, _ in ends)
        assert all(left >= 0 and right <= 150 for _, left, right in ends), ends


def test_paths_in_common_axes_are_turned_by_hand_and_a_link_reopens_them(
    opened: Opened, measured: Callable[..., Any], gpt2_folder: Path, tmp_path: Path
) -> None:
    texts = [f"{TEXT} They saw him {n} times near her." for n in range(4)]
    options: dict[str, Any] = {"targets": ["her", "him"], "vectors": 20, "untrained": 1}
    run = measured(gpt2_folder, texts, **options)
    odograph.study("trajectories", run)
    report = write_report([run.folder], tmp_path / "report.html", command="odograph report run")
    with opened(report) as page:
        page.wait_for_selector(".words .token")
        page.click("text=common axes")
        page.wait_for_selector(".turned .way.a")
        assert "tab=axes" in page.evaluate("location.hash")
        held = run.again().sql(
            "select sum(all_words) from tables.trajectories_scree "
            "where view = 'raw' and component <= 3"
        )
        percent = f"{100 * held.fetchall()[0][0]:.0f}"
        assert f"The three axes hold {percent} %" in page.text_content(".path .reading")
        assert page.locator(".turned .way.twin").count() == 1
        before, block = page.get_attribute(".turned .way.a", "d"), page.evaluate(BLOCK)
        page.focus(".turned")
        page.keyboard.press("ArrowRight")
        turned = page.get_attribute(".turned .way.a", "d")
        assert turned != before
        page.locator(".turned svg").drag_to(page.locator(".path h2"))
        assert page.get_attribute(".turned .way.a", "d") != turned
        assert page.evaluate(BLOCK) == block
        link = page.evaluate("location.hash")
    with opened(report, link) as page:
        page.wait_for_selector(".turned .way.a")
        assert [line for line in page.log if "report" not in line] == []


BLOCK = "new URLSearchParams(location.hash.slice(1)).get('block')"


def test_without_kept_axes_there_is_no_second_tab(opened: Opened, report: Path) -> None:
    with opened(report, "#tab=axes") as page:
        page.wait_for_selector(".words .token")
        assert page.locator("text=common axes").count() == 0
        assert "unrolled" in page.text_content(".path h2")
        page.wait_for_selector(".path .way.faint")
        drawn = page.locator(".path .way.faint").count()
        assert f"Grey: {drawn} tokens." in page.text_content(".path")


def test_the_runs_of_a_page_are_gone_through_by_hand_and_by_themselves(
    opened: Opened, measured: Callable[..., Any], gpt2_folder: Path, tmp_path: Path
) -> None:
    runs = [measured(gpt2_folder, [TEXT[k:], TEXT]) for k in range(3)]
    folders = [run.folder for run in runs]
    report = write_report(folders, tmp_path / "report.html", command="odograph report a b c")
    names = [run.name for run in runs]
    with opened(report) as page:
        page.wait_for_selector(".words .token")
        assert page.evaluate(RUN) in (None, names[0])
        page.focus(".compare input[type=range]")
        page.keyboard.press("ArrowRight")
        assert page.evaluate(RUN) == names[1]
        page.click(".compare .play")
        wait_until(page, f"{RUN} === {json.dumps(names[2])}")
        wait_until(page, "document.querySelector('.compare .play').textContent === 'Play'")
    with opened(report, reduced_motion="reduce") as page:
        page.wait_for_selector(".compare input[type=range]")
        assert page.locator(".compare .play").count() == 0


RUN = "new URLSearchParams(location.hash.slice(1)).get('run')"
