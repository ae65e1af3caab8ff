"""Runs that lack something are shown all the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
        ("gpt2_folder", ["مرحبا بالعالم 日本語のテキスト 👩‍👩‍👧 é"], {"untrained": 1}),
    ],
    ids=["without twins and logits", "one token", "one block", "other scripts"],
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


def test_a_run_without_tokens_shows_findings_and_says_why(opened: Opened, tmp_path: Path) -> None:
    from report.example_run import write_run

    folder = write_run(tmp_path / "gpt2")
    report = write_report([folder], tmp_path / "report.html", command="c")
    with opened(report) as page:
        assert page.log == [report.as_uri()]
        assert "no tokens are kept in this folder" in page.text_content("main")
        assert page.locator("#findings li").count() == 3
        assert page.locator(".headline").count() == 3
