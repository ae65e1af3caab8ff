"""The members of a series in the page: in the order of their axis, each told by where it stands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from watching import wait_until

import odograph
import odograph.report.page
from odograph.report.findings import shown_finding

Opened = Callable[..., Any]
SHOWN = "document.querySelector('.compare label span').textContent"


def test_the_slider_goes_through_the_members_of_a_series_in_their_order(
    opened: Opened, measured: Callable[..., Any], gpt2_folder: Path, tmp_path: Path
) -> None:
    text = "They gave her a book, and her dog."
    runs = [
        measured(gpt2_folder, [text], out=tmp_path / f"step{step}", logits="none")
        for step in (512, 8, 64)
    ]
    series = odograph.compare(
        runs, tmp_path / "series", study="rotation", axis="training step", allow_same=True
    )
    with opened(series.report()) as page:
        page.wait_for_selector(".words .token")
        assert page.text_content(".compare h2") == "Along the training step"
        assert page.text_content(".compare label span") == "training step 8"
        page.focus(".compare input[type=range]")
        page.keyboard.press("End")
        wait_until(page, f"{SHOWN} === 'training step 512'")
        names = page.locator(".compare svg .label").all_text_contents()
        assert names == ["8", "512"]
        strokes = page.eval_on_selector_all(
            ".compare svg path.line", "lines => lines.map((one) => getComputedStyle(one).stroke)"
        )
        assert len(set(strokes)) == 3


def test_what_compares_the_runs_comes_before_what_weighs_more_in_one_of_them(
    opened: Opened,
    measured: Callable[..., Any],
    gpt2_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [f"They gave her a book, and her dog {k} bones." for k in range(8)]
    runs = [
        measured(gpt2_folder, texts, out=tmp_path / f"step{step}", targets=["her"])
        for step in (8, 64)
    ]
    own = [one["headline"] for run in runs for one in odograph.study("rotation", run).findings]
    series = odograph.compare(
        runs, tmp_path / "series", study="rotation", axis="training step", allow_same=True
    )
    monkeypatch.setattr(odograph.report.page, "shown_finding", weighing_more(own))
    leading = max(series.findings, key=lambda finding: finding["weight"])
    with opened(series.report()) as page:
        page.wait_for_selector(".headline")
        assert leading["headline"] in page.locator(".headline h2").all_text_contents()[0]


def weighing_more(headlines: list[str]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def give(finding: dict[str, Any]) -> dict[str, Any]:
        shown = shown_finding(finding)
        return shown | {"weight": 9} if finding["headline"] in headlines else shown

    return give
