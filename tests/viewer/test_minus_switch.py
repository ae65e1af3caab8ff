"""The switch of the page takes away another run as it takes away the untrained twins."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tiny
from watching import wait_until

import odograph
from odograph.report import write_report

Opened = Callable[..., Any]


@pytest.fixture(scope="module")
def report(gpt2_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report about a difference and its two runs."""
    import torch

    folder = tmp_path_factory.mktemp("minus")
    model = tiny.build_gpt2()
    with torch.no_grad():
        model.transformer.h[2].mlp.c_proj.weight *= 2
    tuned = tiny.saved(model, folder / "tuned", begins=False)
    runs = [
        odograph.measure(one, list(tiny.TEXTS), out=folder / name, untrained=2)
        for name, one in (("before", gpt2_folder), ("after", tuned))
    ]
    made = odograph.compare(runs, folder / "d", study="minus")
    path = write_report([made, *runs], folder / "report.html", command="odograph report d")
    for run in (made, *runs):
        run.close()
    return path


def reading(page: Any) -> str:
    return str(page.text_content("#profile .reading"))


def numbers(text: str) -> float:
    """The first number behind the label of all tokens."""
    return float(text.split("all tokens ")[1].split("°")[0].replace("\u2212", "-"))


def pressed(page: Any) -> str:
    return str(page.text_content('.switch [aria-pressed="true"]')).strip()


def test_the_switch_goes_from_the_difference_to_the_run_and_back_at_the_same_place(
    opened: Opened, report: Path
) -> None:
    with opened(report, "#run=d&measure=rotation&block=3") as page:
        page.wait_for_selector(".words .token")
        assert pressed(page).startswith("minus ")
        assert "two seeds of the twin" in reading(page)
        assert page.locator("#path").count() == 0
        apart = numbers(reading(page))
        name = pressed(page)
        page.get_by_role("button", name="value", exact=True).click()
        wait_until(page, "location.hash.includes('run=after')")
        assert "block=3" in page.url
        assert pressed(page) == "value"
        after = numbers(reading(page))
        page.get_by_role("button", name=name, exact=True).click()
        wait_until(page, "location.hash.includes('run=d')")
        assert pressed(page) == name
        page.select_option(
            "header select",
            label=page.evaluate(
                "[...document.querySelectorAll('header select option')]"
                ".find((o) => o.textContent.startsWith('before')).textContent"
            ),
        )
        wait_until(page, "location.hash.includes('run=before')")
        page.locator("#controls input[type=range]").fill("3")
        wait_until(page, "location.hash.includes('block=3')")
        assert after - numbers(reading(page)) == pytest.approx(apart, abs=0.02)
        assert page.log == [report.as_uri()]


def test_a_difference_is_coloured_evenly_to_both_sides_of_nothing(
    opened: Opened, report: Path
) -> None:
    with opened(report, "#run=d&measure=rotation&block=3") as page:
        page.wait_for_selector(".words .token")
        legend = str(page.get_attribute(".legend", "aria-label"))
        low, high = legend.removeprefix("Colours run from ").split(" to ")
        assert low == f"\u2212{high}"
